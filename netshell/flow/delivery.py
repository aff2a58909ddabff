"""A flow's bytes in the order both applications got them, as they come: what decoders are fed with.

:class:`Delivery` is given the flow's segments again and again while a capture runs, and gives out
what has become readable: bytes whose predecessors are all there, each stretch with its packet.
Given once, with ``final``, it gives everything. Only segments that still wait for others are
looked at again (``wants``), so feeding costs what is new.

A gap is told, and what stands behind it given, when waiting is over: the peer has acknowledged the
bytes and ``patience_ns`` of the capture's time passed (packets of several queues may be captured in
the wrong order), or the packet was cut; in a capture without the peer's packets after WITHOUT_PEER
times as long; with ``final``, or MOST segments waiting, at once. What fills a gap after that comes
too late: it is not given.

The bytes are those of :mod:`netshell.flow.stream`, apart from late ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.flow.payloads import Payloads
from netshell.flow.reassembly import BEHIND, CUT, FAR, RESET, Assembly, Known, Sent, assemble
from netshell.flow.reuse import FIN
from netshell.flow.segments import Segments
from netshell.flow.sides import SIDES, Side, way, window
from netshell.flow.stretches import REASONS

PATIENCE_NS = 100_000_000
WITHOUT_PEER = 30
MOST = 1 << 16
"""Segments of one side that wait for what lacks before them."""


class Start(NamedTuple):
    """Where a side's stream goes on, when what is before was given out already."""

    begin: int  # the absolute sequence number of the next byte; of the FIN, once it was there
    packet: int  # the number of the first packet to look at
    is_acked: bool  # whether the peer has acknowledged anything
    is_ended: bool  # whether the FIN was there


class Heard(NamedTuple):
    """Bytes that an application could read, or the bytes that lack there (``lacking``)."""

    side: Side  # who sent them
    data: bytes
    time_ns: int  # when they could be read
    packet: int  # that they came in; of a gap, the one that showed it
    lacking: int = 0
    reason: str = ""  # why they lack: one of netshell.flow.stretches.REASONS
    shown: int = -1  # the packet with which they could be read: one that came late, it may be


class _Ready(NamedTuple):
    """K things to be given out, by one side: pieces and gaps (which have no segment: -1)."""

    row: NDArray[np.intp]  # of the segments
    skip: NDArray[np.int64]
    length: NDArray[np.int64]
    shown: NDArray[np.intp]  # the row that made it readable
    reason: NDArray[np.int8]  # -1 for bytes


class Delivery:
    """Both sides of one flow.

    >>> delivery = Delivery()                                          # doctest: +SKIP
    >>> for heard in delivery.feed(flow.segments, final=not cap.running):
    ...     decoder.feed(heard.side, heard.data, heard.time_ns)        # doctest: +SKIP
    """

    def __init__(
        self,
        patience_ns: int = PATIENCE_NS,
        starts: tuple[Start | None, Start | None] = (None, None),
    ) -> None:
        self._halves = tuple(
            _Half(side, patience_ns, start) for side, start in zip(SIDES, starts, strict=True)
        )

    @property
    def wants(self) -> int:
        """The number of the first packet that :meth:`feed` still has to be given."""
        return min(half.wants for half in self._halves)

    @property
    def waits(self) -> bool:
        """Whether it knows of bytes that lack, or stand behind such, and has not told yet."""
        return any(half.waits for half in self._halves)

    def start(self, side: Side, packet: int) -> Start | None:
        """Where a side goes on; None if nothing is known of it. ``packet``: see there."""
        return self._halves[SIDES.index(side)].start(packet)

    def feed(self, segments: Segments, final: bool = False, now_ns: int = 0) -> Iterator[Heard]:
        """What has become readable, in order of time. ``segments`` are the flow's, all or from
        packet ``wants`` on; those known by now are passed over. ``final``: no more will come.
        ``now_ns``: the capture's time, where it may be later than that of the last segment."""
        first = int(np.searchsorted(segments.packet, self.wants))
        first = min(first, max(len(segments) - 1, 0))  # a gap is shown by the last, if by none
        part = segments[first:] if first else segments
        payloads = Payloads(part.source.parts(), part.packet, part.length)
        ready = [half.feed(part, payloads, final, now_ns) for half in self._halves]
        return _in_order(ready, part, payloads)


def _in_order(ready: Sequence[_Ready], segments: Segments, payloads: Payloads) -> Iterator[Heard]:
    """What both sides have, in the order it became readable."""
    shown = np.concatenate([each.shown for each in ready])
    order = np.argsort(shown, kind="stable")
    shown = shown[order]
    row = np.concatenate([each.row for each in ready])[order]
    skip = np.concatenate([each.skip for each in ready])[order]
    length = np.concatenate([each.length for each in ready])[order]
    reason = np.concatenate([each.reason for each in ready])[order]
    side = np.repeat(np.arange(len(ready)), [len(each.row) for each in ready])[order]
    octets = payloads.pieces(np.maximum(row, 0), skip, np.where(row < 0, 0, length))
    each = zip(
        octets,
        side.tolist(),
        segments.time_ns[shown].tolist(),
        segments.packet[np.where(row < 0, shown, row)].tolist(),
        np.where(row < 0, length, 0).tolist(),
        reason.tolist(),
        segments.packet[shown].tolist(),
        strict=True,
    )
    for data, which, time_ns, packet, lacking, why, by in each:
        yield Heard(SIDES[which], bytes(data), time_ns, packet, lacking, REASONS.get(why, ""), by)


class _Half:
    """One side: what was given out ends at ``known.begin``."""

    def __init__(self, side: Side, patience_ns: int, start: Start | None = None) -> None:
        self.side = side
        self.wants = 0
        self.waits = False
        self._patience_ns = patience_ns
        self._known = Known()
        if start is not None:
            self.wants, begin = start.packet, start.begin
            self._known = Known(
                begin, True, begin if start.is_ended else None, begin if start.is_acked else None,
                top=begin + start.is_ended, data_top=begin,
            )  # fmt: skip
        self._acks: deque[tuple[int, int]] = deque()  # when a number was acknowledged
        self._settled: int | None = None  # what was acknowledged long enough ago

    def start(self, packet: int) -> Start | None:
        known = self._known
        if known.begin is None:
            return None
        is_ended = known.fin is not None and known.begin >= known.fin
        return Start(known.begin, packet, known.acked is not None, is_ended)

    def feed(self, segments: Segments, payloads: Payloads, final: bool, now_ns: int = 0) -> _Ready:
        told = way(segments, payloads.captured, self.side)
        base = int(segments.base[0, SIDES.index(self.side)]) if len(segments.base) else 0
        now = max(int(segments.time_ns.max()) if len(segments) else 0, now_ns)
        new = segments.packet[told.rows] >= self.wants
        rows, sent = told.rows[new], told.sent.taken(new)
        # Absolute numbers, near those known: what a flow's numbers count from may become known
        # only later, and its first segments be let go.
        shift, known = base, self._known
        anchors = [*sent.start[:1].tolist(), *([told.known.acked] if told.known.acked else [])]
        if known.begin is not None and anchors:
            shift += round((known.begin - anchors[0] - shift) / (1 << 32)) << 32
        sent = sent._replace(start=sent.start + shift)
        known = _joined(known, told.known, shift)
        self._settle(known.acked, now)
        if known.begin is None and not len(rows):
            return _nothing()
        made = assemble(sent, known)
        if made.has_jumps:
            known = known._replace(window=max(known.window, window(segments, self.side)))
            made = assemble(sent, known)
        sent = sent._replace(start=made.start)
        until = made.end if final or len(rows) >= MOST else self._until(made, segments, rows, now)
        ready = _taken(made, until, sent, rows, len(segments) - 1)
        self._known = made.known._replace(begin=until)
        stop = sent.start + sent.length
        waiting = (stop > until) & (sent.length > 0)
        for hopeless in (BEHIND, FAR, RESET):
            waiting &= made.fate != hopeless
        # An empty one may be all that shows that bytes before it lack.
        waiting |= (stop > until) & (sent.length == 0) & (stop <= made.end)
        first = np.flatnonzero(waiting)[:1].tolist()
        self.waits = bool(first) or until < made.end
        seen = int(segments.packet[-1]) + 1 if len(segments) else self.wants
        self.wants = int(segments.packet[rows[first[0]]]) if first and not final else seen
        if first:
            self._known = _rewound(self._known, sent, first[0], known)
        return ready

    def _settle(self, acked: int | None, now: int) -> None:
        if acked is not None and (not self._acks or acked > self._acks[-1][1]):
            self._acks.append((now, acked))
        while self._acks and self._acks[0][0] <= now - self._patience_ns:
            self._settled = self._acks.popleft()[1]

    def _until(self, made: Assembly, segments: Segments, rows: NDArray[np.intp], now: int) -> int:
        """The number up to which there is nothing to wait for."""
        gaps = made.gaps
        over = gaps.reason == CUT
        if self._settled is not None:
            over |= gaps.end <= self._settled
        if made.known.acked is None:  # nobody will say what arrived
            behind = np.searchsorted(made.pieces.start, gaps.start)
            late = np.append(segments.time_ns[rows[made.pieces.who]], now)[behind]
            over |= late <= now - WITHOUT_PEER * self._patience_ns
        waiting = gaps.start[~over]
        return int(waiting[0]) if len(waiting) else made.end


def _joined(known: Known, told: Known, shift: int) -> Known:
    """What was known, with what new segments tell."""
    acked = [] if told.acked is None else [told.acked + shift]
    acked += [] if known.acked is None else [known.acked]
    begin, begins = known.begin, known.begins
    if begin is None and told.begin is not None:
        begin, begins = told.begin + shift, told.begins
    since = None if told.since is None else told.since + shift
    return known._replace(
        begin=begin, begins=begins, acked=max(acked) if acked else None, since=since
    )


def _rewound(known: Known, sent: Sent, row: int, before: Known) -> Known:
    """The same as it was before a segment that will be looked at again."""
    stop = sent.start[:row] + sent.length[:row]
    used = stop + ((sent.flags[:row] & FIN) > 0)
    top = used[used <= known.top].max(initial=before.top)
    data = stop[(sent.length[:row] > 0) & (stop <= known.data_top)].max(initial=before.data_top)
    return known._replace(top=int(top), data_top=int(data))


def _taken(made: Assembly, until: int, sent: Sent, rows: NDArray[np.intp], newest: int) -> _Ready:
    """The pieces and gaps before a number, in their order."""
    pieces = made.pieces.taken(made.pieces.end <= until)
    gaps = made.gaps
    told = np.flatnonzero(gaps.end <= until)
    who = rows[pieces.who]
    shown = np.maximum.accumulate(who)
    before = np.searchsorted(pieces.start, gaps.start[told])
    showing = np.append(shown, newest)[before]
    start = np.concatenate([pieces.start, gaps.start[told]])
    order = np.argsort(start, kind="stable")
    count = len(told)
    return _Ready(
        np.concatenate([who, np.full(count, -1)])[order],
        np.concatenate([pieces.start - sent.start[pieces.who], np.zeros(count, np.int64)])[order],
        np.concatenate([pieces.end - pieces.start, gaps.end[told] - gaps.start[told]])[order],
        np.concatenate([shown, showing])[order],
        np.concatenate([np.full(len(who), -1, np.int8), gaps.reason[told]])[order],
    )


def _nothing() -> _Ready:
    empty = np.zeros(0, np.int64)
    return _Ready(empty, empty, empty, empty, empty.astype(np.int8))
