"""How one side of a conversation in HTTP is walked through: step by step, as the bytes come.

A step takes what it can of what is there, and says how far it came. What a head means for the
body is decided by the walk's owner, which knows the other side, too: the length of an answer
depends on what was asked.

Invariant: bytes are kept only while a line or a head is not whole, or while the owner has the
walk hold; each is looked at a bounded number of times. So the time is linear in the bytes, however
they are cut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from netshell.flow.sides import Side
from netshell.protocols.api import Part
from netshell.protocols.http1.framing import Framing
from netshell.protocols.http1.half import Half
from netshell.protocols.inbox import Inbox

Bytes = bytes | bytearray
Step = Callable[[Any, Bytes, int], int]
"""Given what is there and an offset in it, the offset it came to, or -1 without more bytes."""


class Owner(NamedTuple):
    """Who decides what a side's heads mean, and is told what is complete."""

    begun: Callable[[Half, Framing | None], Framing]
    """A head is there, and what its field says of the body, if that has been read: how it ends."""
    ended: Callable[[Half], None]
    """A message is whole, or nothing more of it will come."""
    stopped: Callable[[str], None]
    """Why this side is not read any further."""


class Walk:
    """One side, and where it is."""

    def __init__(self, side: Side, at: int, owner: Owner, step: Step) -> None:
        self.side: Side = side
        self.half: Half | None = None
        """What is being read: from its head on, until it is whole."""
        self.inbox = Inbox(side, at)
        """What is kept: nothing, unless something is not whole."""
        self._begun, self._ended, self._stopped = owner
        self._step: Step = step
        self._left = 0  # bytes of a body, or of a chunk
        self._seen = 0  # bytes of the inbox that were searched for an end in vain
        self._now: int | None = None  # when all that is looked at came; None: the inbox knows
        self._latest = 0
        self._reason = ""  # why it reads no further

    def feed(self, data: bytes, time_ns: int) -> None:
        """Further bytes."""
        self._latest = time_ns
        inbox = self.inbox
        if inbox.data:
            inbox.add(data, time_ns)
            self.go_on()
            return
        self._now = time_ns
        at, end = 0, len(data)
        while at < end:
            came = self._step(self, data, at)
            if came < 0:
                break
            at = came
        self._now = None
        inbox.at += at
        if at < end:
            inbox.add(data[at:] if at else data, time_ns)
        if self._reason:
            self._stopped(self._reason)

    def go_on(self) -> None:
        """Read what was kept."""
        inbox = self.inbox
        data = inbox.data
        while data:
            came = self._step(self, data, 0)
            if came < 0:
                break
            if came:
                inbox.skip(came)
        if self._reason:
            self._stopped(self._reason)

    def stop(self, reason: str) -> int:
        """Read no further."""
        self._step = Walk.over
        self._reason = reason
        return -1

    def over(self, data: Bytes, at: int) -> int:
        """What follows is not for this one."""
        return -1

    # --- times and places ---

    def _time(self, offset: int) -> int:
        """When the byte at an offset of what is looked at came."""
        return self._now if self._now is not None else self.inbox.time_ns(offset)

    def _reached(self, half: Half, at: int) -> int:
        """A message goes on up to an offset, from 1 on."""
        half.end = self.inbox.at + at
        half.end_ns = self._now if self._now is not None else self.inbox.time_ns(at - 1)
        return at

    def _end(self, half: Half, at: int) -> int:
        """The same, and it is whole."""
        half.end = self.inbox.at + at
        half.end_ns = self._now if self._now is not None else self.inbox.time_ns(at - 1)
        self._finish(half)
        return at

    def _finish(self, half: Half) -> None:
        raise NotImplementedError

    def so_far(self, half: Half) -> Part:
        """Where a message is that is not whole."""
        if self._step is Walk.over or not self.inbox.data:
            return half.part
        end = self.inbox.at + len(self.inbox)
        return Part(self.side, half.begin, end, half.time_ns, max(half.end_ns, self._latest))
