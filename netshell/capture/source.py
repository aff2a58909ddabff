"""What a live capture drains: the contract of ring.py (Linux) and pcapdev.py (libpcap)."""

from __future__ import annotations

import math
import select
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from netshell.capture.block import Piece, owned
from netshell.errors import NetshellError

Program = Sequence[tuple[int, int, int, int]]
"""A classic BPF program: (code, jt, jf, k) an instruction, as in linux/filter.h."""


_WINDOWS_WAIT_S = 0.02
_LONGEST_POLL_S = 86_400.0  # poll(2) takes no more than 24 days


class Counted(NamedTuple):
    """What one interface counted since the capture began."""

    received: int  # packets that passed the filter, those dropped by the kernel included
    dropped: int  # by the kernel, for want of room in the buffer
    dropped_by_interface: int  # by the network card, before the kernel saw them


Own = Callable[[Piece], Piece]
"""Makes packets the capture's own: a block's bytes are the kernel's, until this has returned."""


class Counters(NamedTuple):
    """Packets lost since the capture began."""

    dropped: int  # by the kernel, on all interfaces
    dropped_by_interface: int  # by the network cards
    each: Sequence[Counted] = ()  # the same by interface, as ``Source.names`` has them

    @classmethod
    def of(cls, each: Sequence[Counted]) -> Counters:
        """The sums of what interfaces counted."""
        lost = sum(one.dropped for one in each)
        return cls(lost, sum(one.dropped_by_interface for one in each), tuple(each))


class Costs(NamedTuple):
    """What a capture has done and used since it began."""

    seconds: float
    cpu_s: float  # of the threads that capture and write
    written: int  # packets
    unwritten: int
    began_ns: int = 0  # since the epoch


class Source:
    """Somewhere that frames come from, as one of Scapy's sockets.

    ``names`` are the interfaces; ``notes`` grow by what the user should know; ``problem`` is set
    when no more frames will come. ``drain`` and ``finish`` are called by the capture's thread
    only, ``counters`` and ``close`` by any.
    """

    names: tuple[str, ...]
    links: tuple[int, ...] = ()  # LINKTYPE_ number of the frames of each interface
    is_any = False  # asked for every interface: one that comes up later is worth a note
    notes: list[str]
    problem: NetshellError | None
    own: Own = staticmethod(owned)  # what each piece goes through before it is handed out
    deadline: float | None = None  # time.monotonic() at which the capture is to end

    def filenos(self) -> Sequence[int]:
        """What to poll."""
        raise NotImplementedError

    def drain(self) -> Sequence[Piece]:
        """The frames that have come since, without waiting."""
        raise NotImplementedError

    def finish(self) -> Sequence[Piece]:
        """Let no more frames in; all that had come until now and were not drained yet."""
        raise NotImplementedError

    def counters(self) -> Counters:
        """What was lost so far; after ``close``, what was lost in all."""
        raise NotImplementedError

    def close(self) -> None:
        """Give everything back to the system; a second time does nothing."""
        raise NotImplementedError

    def abandon(self) -> None:
        """Let go of it in a forked child; the parent's capture does not notice."""

    def time_left(self) -> float | None:
        """Seconds until the capture is to end, 0 once they are over; None: no such time."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def rest_s(self) -> float:
        """Seconds for which it need not be polled: it was just drained, and has room.

        Packets come by the thousand then; looking at each handful costs more than taking it.
        """
        return 0.0

    def wait_s(self) -> float | None:
        """Seconds after which to drain even if nothing became readable; None: no need."""
        return self.time_left()


def wait_readable(sockets: Iterable[Any], remain: float | None = None) -> list[Any]:
    """``SuperSocket.select`` through poll(2), as select(2) refuses descriptors from 1024 on.

    A source that has waited long enough counts as ready, with packets or without.
    """
    if not hasattr(select, "poll"):  # Windows: look at every source each time
        time.sleep(_WINDOWS_WAIT_S)
        return [source for source in sockets if isinstance(source, Source)]
    poller = select.poll()
    owners: dict[int, Any] = {}
    due: dict[Any, float] = {}
    now = time.monotonic()
    for waited in sockets:
        if isinstance(waited, Source):
            numbers = waited.filenos()
            wait = waited.wait_s()
            if rest := waited.rest_s():
                numbers, wait = (), rest if wait is None else min(rest, wait)
            if wait is not None:
                due[waited] = now + wait
        else:
            numbers = (waited.fileno(),)
        for number in numbers:
            poller.register(number, select.POLLIN)  # POLLERR and POLLHUP come unasked
            owners[number] = waited
    until = min([*due.values(), *([] if remain is None else [now + remain])], default=None)
    wait = None if until is None else min(max(0.0, until - now), _LONGEST_POLL_S)
    events = poller.poll(None if wait is None else math.ceil(wait * 1000))
    ready = dict.fromkeys(owners[number] for number, _ in events)
    now = time.monotonic()
    ready.update(dict.fromkeys(source for source, when in due.items() if when <= now))
    return list(ready)
