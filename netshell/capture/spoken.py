"""What the conversations of a capture say: read as far as somebody asked, each packet once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from netshell.capture.postponed import postponed
from netshell.protocols.api import Message
from netshell.protocols.messages import Messages
from netshell.protocols.reading_alone import messages_of
from netshell.protocols.readings import Readings

if TYPE_CHECKING:
    from netshell.capture.packets import InMemory
    from netshell.capture.store import Store
    from netshell.protocols.queries import Queries


STEP_S = 0.05
"""What reading is to take in one go, seconds: so long anybody else waits, and Ctrl-C does."""

_LEAST, _FIRST, _MOST = 1 << 8, 1 << 12, 1 << 16  # packets of that


class Spoken:
    """The messages of one capture; live messages wait here for more."""

    def __init__(self, store: Store) -> None:
        self.readings = Readings()
        """What they are read with."""
        self.queries: tuple[Messages, bool, Queries] | None = None
        """The queries among so many messages, nothing masked or all; of a capture that is over."""
        self._store = store
        self._step = _FIRST
        self._kept: tuple[int, bool, bool, Messages] | None = None
        """Of so many packets; whether some wait while it runs, and time alone changes them."""

    def reach(self, source: InMemory) -> Readings:
        """Read what is new: all that is there by now."""
        wanted = source.total
        while not self.advance(source):
            if self.readings.total >= wanted and source.running:
                break
        return self.readings

    def advance(self, source: InMemory) -> bool:
        """Read a part of it; whether that was all. Who else asks waits no longer than for that,
        and Ctrl-C in the midst is heard behind it: what was read stays read."""
        is_final = not source.running  # asked first: then the packets are the last
        until_ns = source.until_ns or 0
        _ = source.flows  # they are counted part by part: that may be interrupted
        with postponed():
            began, size = time.monotonic(), self._step
            is_all = self.readings.reach(source, is_final, until_ns, size)
            took = time.monotonic() - began
        if not is_all:
            fitting = int(size * STEP_S / max(took, 1e-3))
            self._step = min(max(fitting, size // 4, _LEAST), 2 * size, _MOST)
        return is_all

    def messages(self, source: InMemory) -> Messages:
        """All of them, up to now."""
        readings = self.reach(source)
        moment = readings.total, readings.is_final
        kept = self._kept
        running = source.running
        if kept is None or kept[:2] != moment or readings.is_pending or kept[2]:
            found = readings.messages(source.until_ns if running else None)
            made = Messages(found, self._remarks(), live=lambda: Hearing(self, source))
            waits = running and any(message.running_s is not None for message in found)
            kept = self._kept = (*moment, waits, made)
        return kept[3]

    @property
    def known(self) -> Messages:
        """Those that were asked for last, without reading any now."""
        return Messages() if self._kept is None else self._kept[3]

    def of(self, source: InMemory, number: int) -> Messages:
        """Those of one flow: of all, where these are read anyway."""
        if self.readings.total or source.running:
            readings = self.reach(source)
            found = readings.of(number, source.until_ns if source.running else None)
        else:
            found = messages_of(source, number)
        from netshell.protocols.wanted import of_flow

        wanted = (of_flow(number),)
        return Messages(found, self._remarks(), wanted, lambda: Hearing(self, source))

    def _remarks(self) -> list[str]:
        gone = self.readings.let_go
        if not gone:
            return []
        packets = f"{gone:,} packet{'' if gone == 1 else 's'}"
        return [f"{packets} were let go (keep=) before they were read: what they said is not here"]


class Hearing:
    """A capture as live messages see it."""

    def __init__(self, spoken: Spoken, source: InMemory) -> None:
        self._spoken, self._source = spoken, source
        self.is_behind = True

    @property
    def running(self) -> bool:
        return self._source.running

    def since(self, count: int) -> tuple[list[Message], int]:
        self.is_behind = not self._spoken.advance(self._source)
        return self._spoken.readings.since(count)

    def wait(self, seconds: float) -> None:
        wanted = self._spoken.readings.total + 1
        self._spoken._store.wait(wanted, time.monotonic() + seconds)
