"""The interfaces that a pcapng file describes, and the times of their packets.

A time is a number of ticks of an interface's clock: units of a power of ten or of two, and an
offset in seconds. They become nanoseconds in integers, exactly; what 64 bits do not hold on the
way (odd clocks, times after 2116) is worked out one by one.

Format: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ , sections 3.5 and 4.2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netshell.packet.framing import MAX_FRAME
from netshell.packet.options import Option, options, text

IF_NAME, IF_TSRESOL, IF_TSOFFSET = 2, 9, 14
MOST = 1 << 16
"""Interfaces that a file may have: ``Chunk.iface`` numbers them in 16 bits."""

_SECOND = 1_000_000_000
_LAST_NS = 2**63 - 1
_HALF = 2**62 - 1  # two of them add up without overflow
_ALL = 2**64 - 1

_TABLE = np.dtype([
    ("link", np.uint16), ("snaplen", np.int64),  # as believed: never 0 or over MAX_FRAME
    ("shift", np.uint64), ("times", np.uint64), ("over", np.uint64), ("offset", np.int64),
    ("most", np.uint64), ("odd", np.bool_),
])  # fmt: skip
_CLOCK = ["shift", "times", "over", "offset", "most", "odd"]


@dataclass(slots=True)
class Clock:
    """How an interface counts time: in units of ``2 ** -power`` or ``10 ** -power`` seconds."""

    binary: bool = False
    power: int = 6
    offset_s: int = 0

    @classmethod
    def of(cls, found: Iterable[Option], order: str) -> Clock:
        """The clock that an interface's options tell."""
        clock = cls()
        for code, value in found:
            if code == IF_TSRESOL and len(value) == 1:
                clock.binary, clock.power = value[0] >= 0x80, value[0] & 0x7F
            elif code == IF_TSOFFSET and len(value) == 8:
                (clock.offset_s,) = struct.unpack(order + "q", value)
        return clock

    def nanoseconds(self, ticks: int) -> int:
        """The time, rounded down, or the nearest that 64 bits hold."""
        return min(max(self.exactly(ticks), -_LAST_NS), _LAST_NS)

    def exactly(self, ticks: int) -> int:
        """The time in nanoseconds, rounded down, however large."""
        ns = ticks * _SECOND
        ns = ns >> self.power if self.binary else ns // 10**self.power
        return ns + self.offset_s * _SECOND

    def row(self) -> tuple[int, int, int, int, int, bool]:
        """The clock for arrays of ticks: shift, times, over, offset, most and odd.

        The time is ``(ticks >> shift) * times // over``, the same of the bits shifted out, and the
        offset: for as many ticks as ``most``, and for none if the clock is ``odd``.
        """
        offset = self.offset_s * _SECOND
        odd = abs(offset) > _HALF or (self.binary and self.power > 34)
        shift, times, over, most = 0, 1, 1, _ALL
        if self.binary:
            shift, times = self.power, _SECOND
            most = min((_HALF << shift) // _SECOND, _ALL)
        elif self.power <= 9:
            times = 10 ** (9 - self.power)
            most = _HALF // times
        elif self.power <= 28:
            over = 10 ** (self.power - 9)
        else:  # no number of ticks is a nanosecond
            times = 0
        return (0, 0, 1, 0, 0, True) if odd else (shift, times, over, offset, most, False)


class Interfaces:
    """The interfaces described up to now, numbered over all sections."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.table = np.empty(0, _TABLE)
        self._clocks: list[Clock] = []
        self._new: list[tuple[int, ...]] = []
        self._alike = True  # one clock for all
        self.beyond = 0  # packets whose times 64 bits do not hold

    def add(self, body: bytes, order: str) -> str | None:
        """Add the one that a block's body describes, or say why that is none.

        It is in the table after :meth:`settle`.
        """
        if len(body) < 8:
            return "an interface description is too short"
        if len(self.names) >= MOST:
            return "more than 65,536 interfaces"
        link, _, snaplen = struct.unpack_from(order + "HHI", body)
        found = list(options(body, 8, order))
        clock = Clock.of(found, order)
        names = [text(value) for code, value in found if code == IF_NAME]
        self.names.append(names[-1] if names else "")
        self._clocks.append(clock)
        self._new.append((link, min(snaplen or MAX_FRAME, MAX_FRAME), *clock.row()))
        return None

    def settle(self) -> None:
        """Put those that were added into the table."""
        if self._new:
            added = self._clocks[len(self.table) :]
            self._alike = self._alike and all(clock == self._clocks[0] for clock in added)
            self.table = np.append(self.table, np.array(self._new, _TABLE))
            self._new = []

    def nanoseconds(self, which: NDArray[np.int64], ticks: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The times of packets, by the numbers of their interfaces and the ticks of these."""
        if not len(ticks):
            return np.empty(0, np.int64)
        used = self.table[:1] if self._alike else self.table[which]
        shift, times, over, offset, most, odd = (used[name] for name in _CLOCK)
        ns = (ticks >> shift) * times if shift.any() else ticks * times
        if (over != 1).any():
            ns //= over
        if shift.any():
            ns += (ticks & ((np.uint64(1) << shift) - np.uint64(1))) * times >> shift
        out: NDArray[np.int64] = ns.view(np.int64)
        if offset.any():
            out += offset
        beyond = odd | (ticks > most)
        if beyond.any():
            for row in np.flatnonzero(beyond).tolist():
                ns = self._clocks[int(which[row])].exactly(int(ticks[row]))
                out[row] = nearest = min(max(ns, -_LAST_NS), _LAST_NS)
                self.beyond += ns != nearest
        return out
