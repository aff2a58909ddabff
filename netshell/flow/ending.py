"""How connections ended: vector work over all of them at once, a short phrase for each.

    FIN by client                      both closed, the client first (FIN by both at once)
    FIN by client, server still open   half-closed: the server acknowledged it, and may go on
    FIN by client, unacknowledged      nothing shows that it arrived
    FIN by client, server not captured
    RST by server: refused             its only answer to the SYN
    RST by client: handshake cut off   sent instead of the handshake's last segment
    RST by server: aborted             of its own accord: it carries an acknowledgment
    RST by server: after its close     it had sent its FIN, and data still came
    RST by server: unknown there       an answer to a segment, no connection knows it
    no answer                          SYNs, and nothing else
    handshake unfinished               the SYN,ACK was not acknowledged
    timeout: server silent             the client's last data was sent three times or more
    still open

Which RST is an answer and which the program's doing shows in its form (RFC 9293 3.10.7.1): the
answer to a segment takes its number from that segment and acknowledges nothing, while a kernel
whose program aborts (close() with data unread, linger 0, a closed listener) sends one with the
connection's own numbers, ACK included, behind its own FIN (half-close) too. A RST counts only
where it is one that the other end must accept, and where neither end goes on for more than a
second behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.flow.arrival import COPY_NS
from netshell.flow.reuse import ACK, FIN, RST, SYN, first_in, last_in
from netshell.flow.segments import UNKNOWN, Segments
from netshell.flow.tracker import LIVED_ON_NS

NONE = -1
"""No such row, no such side."""

NOT_TCP, OPEN, NO_ANSWER, UNFINISHED, REFUSED, CUT_OFF, ABORTED, AFTER_CLOSE, STRAY = range(9)
CLOSED, AT_ONCE, HALF, UNACKNOWLEDGED, ONE_SIDED, SILENT = range(9, 15)

_PHRASES = {
    NOT_TCP: "",
    OPEN: "still open",
    NO_ANSWER: "no answer",
    UNFINISHED: "handshake unfinished",
    REFUSED: "RST by {by}: refused",
    CUT_OFF: "RST by {by}: handshake cut off",
    ABORTED: "RST by {by}: aborted",
    AFTER_CLOSE: "RST by {by}: after its close",
    STRAY: "RST by {by}: unknown there",
    CLOSED: "FIN by {by}",
    AT_ONCE: "FIN by both at once",
    HALF: "FIN by {by}, {other} still open",
    UNACKNOWLEDGED: "FIN by {by}, unacknowledged",
    ONE_SIDED: "FIN by {by}, {other} not captured",
    SILENT: "timeout: {other} silent",
}
SIDES = ("client", "server")
PHRASES: tuple[str, ...] = tuple(
    text.format(by=SIDES[by], other=SIDES[1 - by]) for text in _PHRASES.values() for by in (0, 1)
)
"""Every phrase, by ``2 * kind + side`` (the first of each pair where the side says nothing)."""

_REPEATED = 3
_REACH = 1 << 37  # relative numbers beyond are taken for this, so that flows stay apart


@dataclass(slots=True, eq=False)
class Endings:
    """How each of F flows ended; rows are those of the segments given, NONE where there is none."""

    kind: NDArray[np.int8]
    by: NDArray[np.int8]  # 0 client, 1 server: who closed first, sent the RST, or got no answer
    fin: NDArray[np.intp]  # F x 2: the first FIN of client and server
    reset: NDArray[np.intp]  # the RST that ended it
    acked: NDArray[np.intp]  # F x 2: the first segment that acknowledges that FIN

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def codes(self) -> NDArray[np.int16]:
        """Places in :data:`PHRASES`."""
        return (2 * self.kind + np.maximum(self.by, 0)).astype(np.int16)

    def phrase(self, flow: int) -> str:
        """How one of them ended, by its place here."""
        return PHRASES[int(self.codes[flow])]


def endings(segments: Segments) -> Endings:
    """How every flow of these segments ended: one row for each of ``segments.numbers``.

    >>> endings(segments).phrase(0)                                    # doctest: +SKIP
    'FIN by client'

    Flows without TCP segments are NOT_TCP. Raises nothing.
    """
    return _Work(segments).done()


class _Work:
    """What is asked of each segment, and of each flow, once."""

    def __init__(self, segments: Segments) -> None:
        self.segments = segments
        self.begin, self.end = segments.begin[:-1], segments.begin[1:]
        self.any = self.end > self.begin
        flags = segments.flags
        client = segments.from_client
        self.sides = (client, ~client)
        self.syn, self.rst = (flags & SYN) > 0, (flags & RST) > 0
        self.has_ack = (flags & ACK) > 0
        self.is_fin = ((flags & FIN) > 0) & self.has_ack & ~self.syn & ~self.rst
        self.alive = ~self.rst
        self.behind = segments.end
        self.flow = np.repeat(np.arange(len(self.begin)), self.end - self.begin)

    def first(self, mask: Any, since: Any = None) -> Any:
        return first_in(mask, self.begin if since is None else since, self.end)

    def each_side(self, mask: Any) -> Any:
        """F x 2: the first row that is marked, of client and server."""
        return np.stack([self.first(mask & own) for own in self.sides], axis=1)

    def last_of(self, mask: Any) -> Any:
        return np.stack([last_in(mask & own, self.begin, self.end) for own in self.sides], axis=1)

    def done(self) -> Endings:
        count = len(self.begin)
        if not len(self.flow):
            nothing = np.full((count, 2), NONE, np.intp)
            none = np.full(count, NONE, np.int8)
            return Endings(none * 0, none, nothing, nothing[:, 0], nothing)
        fin = self.each_side(self.is_fin)
        acked = np.stack([self._acknowledged(fin[:, side], side) for side in (0, 1)], axis=1)
        kind = np.where(self.any, OPEN, NOT_TCP)
        by = np.full(count, NONE)
        self._beginnings(kind, by)
        self._silences(kind, by)
        self._fins(kind, by, fin, acked)
        reset = self._resets(kind, by, fin, acked)
        return Endings(kind.astype(np.int8), by.astype(np.int8), fin, reset, acked)

    def _acknowledged(self, fin: Any, side: int) -> Any:
        """The other side's first segment that acknowledges a FIN, where there is one."""
        found = np.full(len(fin), NONE, np.intp)
        closed = np.flatnonzero(fin >= 0)
        rows, of = self.rows(fin[closed] + 1, self.end[closed])
        told = (self.sides[1 - side] & self.has_ack & self.alive)[rows]
        good = told & (self.segments.ack[rows] >= self.behind[fin[closed]][of])
        rows, of = rows[good][::-1], closed[of[good][::-1]]
        found[of] = rows  # of several, the first one stays: it is written last
        return found

    def rows(self, start: Any, stop: Any) -> tuple[Any, Any]:
        """All rows of some ranges, and which range each one is of."""
        count = stop - start
        of = np.repeat(np.arange(len(count)), count)
        return np.arange(len(of)) + np.repeat(start - (np.cumsum(count) - count), count), of

    def _beginnings(self, kind: Any, by: Any) -> None:
        """Handshakes that did not come to their end."""
        opens = np.zeros(len(kind), np.bool_)
        opens[self.any] = (self.syn & self.alive)[self.begin[self.any]]
        talks = self.first(self.alive & ~self.syn)
        unfinished = opens & (talks < 0)
        kind[unfinished] = UNFINISHED
        answered = self.first(self.alive & self.syn & self.has_ack) >= 0
        sent = self.each_side(self.alive) >= 0
        alone = unfinished & ~answered & (sent.sum(axis=1) == 1)
        kind[alone] = NO_ANSWER
        by[alone] = np.argmax(sent[alone], axis=1)

    def _silences(self, kind: Any, by: Any) -> None:
        """Data that was sent again and again at the end, with nothing from the other side."""
        last = self.last_of(self.alive)
        who, heard = np.argmax(last, axis=1), np.min(last, axis=1)
        alone = heard < 0  # of one direction: then nothing but repetitions must have come
        heard = np.where(alone, self.begin - 1, heard)
        few = np.flatnonzero((kind == OPEN) & self.any & (self.end - heard > _REPEATED))
        rows, of = self.rows(self.begin[few], self.end[few])
        sender = self.segments.from_client[rows] == (who[few] == 0)[of]
        rows, of = rows[sender & self.alive[rows]], of[sender & self.alive[rows]]
        seq = self.segments.seq[rows]
        reach = np.full(len(few), UNKNOWN)
        np.maximum.at(reach, of, seq + self.segments.length[rows])
        # Data, or an empty segment before the next number: a keep-alive or window probe.
        asking = (rows > heard[few][of]) & ~self.syn[rows] & ~self.is_fin[rows] & (seq < reach[of])
        rows, of, seq = rows[asking], of[asking], seq[asking]
        lowest = np.full(len(few), np.iinfo(np.int64).max)
        np.minimum.at(lowest, of, seq)
        # More than that, or single bytes: keep-alives of a capture of one direction.
        other = (seq != lowest[of]) | (self.segments.length[rows] <= 1)
        others = np.bincount(of[other], minlength=len(few))
        of, time = of[seq == lowest[of]], self.segments.time_ns[rows[seq == lowest[of]]]
        copy = np.zeros(len(of), np.bool_)
        copy[1:] = (np.diff(of) == 0) & (np.diff(time) < COPY_NS)
        repeated = np.bincount(of[~copy], minlength=len(few)) >= _REPEATED
        silent = few[repeated & ~(alone[few] & (others > 0))]
        kind[silent], by[silent] = SILENT, who[silent]

    def _fins(self, kind: Any, by: Any, fin: Any, acked: Any) -> None:
        ack, end = self.segments.ack, self.behind
        sent = fin >= 0
        both, either = sent.all(axis=1), sent.any(axis=1)
        saw = np.zeros((len(kind), 2), np.bool_)  # whether a side's FIN acknowledges the other's
        for side in (0, 1):
            mine, others = fin[both, side], fin[both, 1 - side]
            saw[both, side] = ack[mine] >= end[others]
        earlier = np.where(fin[:, 0] < fin[:, 1], 0, 1)
        first = np.where(saw[:, 0] == saw[:, 1], earlier, np.where(saw[:, 1], 0, 1))
        crossed = both & ~saw.any(axis=1)
        kind[both], by[both] = CLOSED, first[both]
        kind[crossed], by[crossed] = AT_ONCE, NONE
        one = either & ~both
        who = np.argmax(sent, axis=1)
        places = np.arange(len(kind))
        first_seen = np.stack([self.first(own) for own in self.sides], axis=1)
        other, answered = first_seen[places, 1 - who], acked[places, who] >= 0
        by[one] = who[one]
        kind[one] = np.where(answered, HALF, np.where(other < 0, ONE_SIDED, UNACKNOWLEDGED))[one]

    # --- resets ---

    def _resets(self, kind: Any, by: Any, fin: Any, acked: Any) -> Any:
        reset = self.first(self._accepted())
        rows = np.flatnonzero(reset >= 0)
        at = reset[rows]
        who = np.where(self.segments.from_client[at], 0, 1)
        own, peer = fin[rows, who], fin[rows, 1 - who]
        over = (acked[rows] >= 0).all(axis=1) & (acked[rows] < at[:, None]).all(axis=1)
        opens = self._opens(rows)
        # What each side sent before the RST.
        spoke = [self.first(mask & self.sides[side])[rows]
                 for mask in (self.alive, self.alive & ~self.syn) for side in (0, 1)]  # fmt: skip
        before = [(each >= 0) & (each < at) for each in spoke]
        sent = np.where(who == 0, before[0], before[1])
        talked = before[2] | before[3]
        found = np.where(self.has_ack[at], ABORTED, STRAY)
        found = np.where((own >= 0) & (own < at) & ~self.has_ack[at], AFTER_CLOSE, found)
        found = np.where(opens & ~talked, np.where(sent, CUT_OFF, REFUSED), found)
        # A FIN that was sent behind the RST, or none: it is the RST that ended it.
        ended = ~over | (np.maximum(own, peer) > at)
        kind[rows[ended]], by[rows[ended]] = found[ended], who[ended]
        reset[rows[~ended]] = NONE
        return reset

    def _accepted(self) -> Any:
        """Which RSTs end their connection, as far as the capture tells."""
        accepted = self.rst.copy()
        rows = np.flatnonzero(accepted)
        if not len(rows):
            return accepted
        segments, flow = self.segments, self.flow[rows]
        who = np.where(segments.from_client[rows], 0, 1)
        last = self.last_of(self.alive)[flow]
        time = segments.time_ns
        good = np.ones(len(rows), np.bool_)
        goes_on = np.zeros(len(rows), np.bool_)
        for side in (0, 1):
            later = last[:, side] > rows
            waits = time[last[:, side]] - time[rows]
            good &= ~later | (waits <= np.where(who == side, COPY_NS, LIVED_ON_NS))
            goes_on |= later & (who != side)
        expected, highest, asked = self._numbers(rows, who)
        number = segments.seq[rows]
        known = expected > UNKNOWN
        inside = (number >= expected - 1) & (number <= np.maximum(expected, highest))
        beyond = np.flatnonzero(known & ~inside & (number > expected) & ~goes_on & good)
        if len(beyond):
            inside[beyond] = self._in_window(rows[beyond], who[beyond], number[beyond],
                                             np.maximum(expected, highest)[beyond])  # fmt: skip
        # Whoever has acknowledged nothing yet takes only a RST that acknowledges its SYN.
        opener = segments.from_client[rows] == segments.from_client[self.begin[flow]]
        ack = segments.ack[rows]
        answers = self.has_ack[rows] & (ack >= 1) & (ack <= asked)
        inside = np.where(known, inside, answers | ~self._opens(flow) | opener)
        accepted[rows] = good & inside
        return accepted

    def _opens(self, flow: Any) -> Any:
        return (self.syn & self.alive)[self.begin[flow]]

    def _numbers(self, rows: Any, who: Any) -> tuple[Any, Any, Any]:
        """What the receiver of each RST had acknowledged by then, what its sender had sent, and the
        receiver itself; UNKNOWN."""
        segments = self.segments
        touched = np.zeros(len(self.begin), np.bool_)
        touched[self.flow[rows]] = True
        near = np.flatnonzero(touched[self.flow])
        shift = (np.cumsum(touched) - 1)[self.flow[near]] * (4 * _REACH)
        at = np.searchsorted(near, rows)
        results = []
        for values, mask in ((segments.ack, self.has_ack & self.alive), (self.behind, self.alive)):
            sides = []
            for own in self.sides:
                told = np.clip(values[near], -_REACH, _REACH)
                told = np.where((mask & own)[near], told, -2 * _REACH) + shift
                highest = np.maximum.accumulate(told)[at] - shift[at]
                sides.append(np.where(highest <= -2 * _REACH, UNKNOWN, highest))
            results.append(sides)
        (by_client, by_server), (of_client, of_server) = results
        of_sender = np.where(who == 0, of_client, of_server)
        of_receiver = np.where(who == 0, of_server, of_client)
        return np.where(who == 0, by_server, by_client), of_sender, of_receiver

    def _in_window(self, rows: Any, who: Any, number: Any, highest: Any) -> Any:
        """Whether numbers are within the window that the receiver last offered."""
        windows = np.zeros(len(rows), np.int64)
        for side in (0, 1):
            mine = np.flatnonzero(self.alive & self.sides[side])
            place = np.searchsorted(mine, rows) - 1
            found = mine[np.maximum(place, 0)] if len(mine) else np.zeros(len(rows), np.intp)
            there = (place >= 0) & (who != side) & (self.flow[found] == self.flow[rows])
            windows[there] = self.segments.scaled[found[there]]
        return number <= highest + windows
