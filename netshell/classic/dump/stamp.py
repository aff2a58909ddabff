"""Times as tcpdump prints them before each packet: -t to -ttttt, micro- or nanoseconds.

Local times are the system's, with its summer times; a second's text is made once.
"""

from __future__ import annotations

import time
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from netshell.classic.capturing.cells import Cells

_SECOND = 1_000_000_000
_UNKNOWN = "[Error converting time]"
_KEPT = 4096  # seconds whose texts are kept


class Mode(IntEnum):
    """What is printed, by how many -t were given."""

    CLOCK = 0
    NONE = 1
    UNIX = 2
    SINCE_BEFORE = 3
    DATE = 4
    SINCE_FIRST = 5


class Stamps:
    """The times of one run's packets, which are told in their order.

    >>> stamps = Stamps(Mode.SINCE_BEFORE)
    >>> stamps.text(5_000_000_000), stamps.text(5_000_250_000)
    (' 00:00:00.000000 ', ' 00:00:00.000250 ')
    """

    def __init__(self, mode: Mode = Mode.CLOCK, nanoseconds: bool = False) -> None:
        self.mode = mode
        self.nanoseconds = nanoseconds
        self.digits = 9 if nanoseconds else 6
        self.unit_ns = 1 if nanoseconds else 1000
        self.before: int | None = None
        """The time that differences are told from, in units: the packet before, or the first."""
        self._texts: dict[int, str] = {}

    def text(self, time_ns: int) -> str:
        """A packet's time with the blank behind it; empty where none is to be printed."""
        if self.mode is Mode.NONE:
            return ""
        now = time_ns // self.unit_ns
        sign = ""
        if self.mode in (Mode.SINCE_BEFORE, Mode.SINCE_FIRST):
            then = now if not self.before else self.before
            if not self.before or self.mode is Mode.SINCE_BEFORE:
                self.before = now
            sign = "-" if now < then else " "
            now = abs(now - then)
        seconds, part = divmod(now, _SECOND // self.unit_ns)
        if not 0 <= seconds < 1 << 31:
            return f"{sign}{_UNKNOWN} "
        return f"{sign}{self.second(seconds)}.{part:0{self.digits}d} "

    def cells(self, time_ns: NDArray[np.int64]) -> Cells | None:
        """The same for many packets at once; None where some time has no text.

        Nothing is remembered then: they are to be asked for one by one.
        """
        import numpy as np

        from netshell.classic.capturing.cells import join, mapped, padded, same, words

        now = time_ns // self.unit_ns
        sign: list[Cells] = []
        if self.mode is Mode.NONE or not len(now):
            return np.empty((len(now), 0), np.uint8)
        then = now
        if self.mode in (Mode.SINCE_BEFORE, Mode.SINCE_FIRST):
            if (now == 0).any():
                return None
            then = np.full(len(now), self.before or now[0])
            if self.mode is Mode.SINCE_BEFORE:
                then[1:] = now[:-1]
            sign = [words([b" ", b"-"], (now < then).astype(np.intp))]
            since = np.abs(now - then)
        else:
            since = now
        seconds = since // (_SECOND // self.unit_ns)
        if ((seconds < 0) | (seconds >= 1 << 31)).any():
            return None
        if sign and (not self.before or self.mode is Mode.SINCE_BEFORE):
            self.before = int(now[-1] if self.mode is Mode.SINCE_BEFORE else now[0])
        part = since - seconds * (_SECOND // self.unit_ns)
        return join([
            *sign, mapped(seconds, self.second), same(b".", len(now)),
            padded(part, self.digits), same(b" ", len(now)),
        ])  # fmt: skip

    def second(self, seconds: int) -> str:
        """The text of a whole second, or of so many of them where differences are printed."""
        known = self._texts.get(seconds)
        if known is None:
            if len(self._texts) >= _KEPT:
                self._texts.clear()
            known = self._texts[seconds] = self._second(seconds)
        return known

    def _second(self, seconds: int) -> str:
        if self.mode is Mode.UNIX:
            return str(seconds)
        if self.mode in (Mode.SINCE_BEFORE, Mode.SINCE_FIRST):
            return time.strftime("%H:%M:%S", time.gmtime(seconds))
        form = "%Y-%m-%d %H:%M:%S" if self.mode is Mode.DATE else "%H:%M:%S"
        return time.strftime(form, time.localtime(seconds))
