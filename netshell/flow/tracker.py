"""The state of both ends of a TCP connection after each of its packets.

The machine is :data:`netshell.flow.state.TRANSITIONS` and nothing else: this module says which of
its events a packet is, for the end that sent it and for the end it reaches. A state stands for the
moment when the packet has reached the other end (as in the figures of RFC 9293 3.5 and 3.6), or is
known not to (:mod:`netshell.flow.arrival`). A RST that is accepted leads to CLOSED from anywhere.

What a capture does not show is assumed, and said to be: ``shown`` is False for

- both ends when the beginning was not captured: they are taken to be ESTABLISHED;
- the end that nothing was captured of, and the one that may be CLOSED as well as LISTEN;
- an end whose last step was the arrival of something that it never had to answer.
"""

from __future__ import annotations

from bisect import bisect_right, insort

import numpy as np

from netshell.flow.arrival import COPY_NS, NEVER, NOTHING, Arrivals, after, before
from netshell.flow.reuse import ACK, FIN, RST, SYN
from netshell.flow.segments import Segments
from netshell.flow.state import TRANSITIONS, State
from netshell.flow.track import Change, End, Track

TIME_WAIT_NS = 60 * 10**9  # Linux: TCP_TIMEWAIT_LEN, fixed in the kernel
LIVED_ON_NS = 10**9  # whoever still sends so long after a RST has not accepted it

WAYS: dict[tuple[State, str], State] = {(way.state, way.event): way.next for way in TRANSITIONS}
NO_EVENT = ""

_HEARS_FIN = (State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2)
_AWAITS_ACK = (State.FIN_WAIT_1, State.CLOSING, State.LAST_ACK)
_PEER_CLOSED = (State.CLOSE_WAIT, State.CLOSING, State.LAST_ACK)
_OPENING = (State.LISTEN, State.SYN_SENT, State.SYN_RECEIVED)


def track(segments: Segments, now_ns: int | None = None) -> Track:
    """Follow one flow; raises nothing.

    ``now_ns`` is when the capture ended, or the time now if it goes on: what did not come by then
    (an answer, a repetition) counts as evidence. It is the capture's last packet's if not given.
    """
    if not len(segments):
        return Track([], [], {}, (0, 0))
    last_ns = end_ns(segments) if now_ns is None else max(now_ns, int(segments.time_ns.max()))
    return _Walk(segments, Arrivals(segments, last_ns)).track()


def end_ns(segments: Segments) -> int:
    """Until when the capture that some segments are of listened: at least to its last packet."""
    source = segments.source
    return max(int(source.flows.last_ns.max()), source.until_ns or 0)


class _Walk:
    """One pass over the segments of a flow that are no copies."""

    def __init__(self, segments: Segments, arrivals: Arrivals) -> None:
        self.segments, self.arrivals = segments, arrivals
        self.flags, self.side = arrivals.flags.tolist(), arrivals.side.tolist()
        self.latest_ns = np.maximum.accumulate(arrivals.time_ns)
        self.due: dict[int, list[int]] = {}  # rows that arrive later than they were captured
        self.remarks: dict[int, str] = {}
        self.fast_open = False
        whole = (self.flags[0] & (SYN | RST)) == SYN
        self.ends = tuple(self._begin(side, whole) for side in (0, 1))
        self.marks = self._marks()

    def _begin(self, side: int, whole: bool) -> End:
        """What an end was before: the first thing it sends tells."""
        if not whole:
            end = End(side, State.ESTABLISHED)
            end.enter(Change(0, end.state, False, NO_EVENT))
            return end
        there = self.arrivals
        sent = min(
            rows[0] for rows in (there.alive[side], there.resets[side], [len(there)]) if rows
        )
        flags = self.flags[sent] if sent < len(there) else 0
        closed = bool(flags & RST) or (flags & (SYN | ACK)) == SYN or side == self._opener()
        end = End(side, State.CLOSED if closed else State.LISTEN, passive=not closed)
        end.enter(Change(0, end.state, flags != 0, NO_EVENT))
        return end

    def _opener(self) -> int:
        """The side that connects."""
        answered = bool(self.flags[0] & ACK)
        first = int(self.side[0])
        return 1 - first if answered else first

    # --- the walk ---

    def track(self) -> Track:
        there, row, count = self.arrivals, 0, len(self.arrivals)
        marks = self.marks
        while row < count:
            sender = self.ends[self.side[row]]
            receiver = self.ends[1 - sender.side]
            self._clocks(row)
            self._sends(sender, receiver, row)
            if self.flags[row] & (SYN | FIN | RST):
                reached = there.reaches(row)
                if reached == NEVER:
                    refused = after(there.resets[receiver.side], row) is not None
                    self._say(row, "" if refused else "the other end shows no sign of it")
                elif reached > row:
                    self.due.setdefault(reached, []).append(row)
                    self._say(row, "reaches the other end only later")
                else:
                    self._arrives(sender, receiver, row, row)
            else:
                self._arrives(sender, receiver, row, row)
            for late in self.due.pop(row, ()):
                by = self.ends[self.side[late]]
                self._arrives(by, self.ends[1 - by.side], late, row)
            row += 1
            if all(end.state not in _OPENING for end in self.ends):
                place = bisect_right(marks, row - 1)
                row = marks[place] if place < len(marks) else count
        client, server = self.ends
        since = client.since_ns, server.since_ns
        return Track(client.changes, server.changes, self.remarks, since)

    def _marks(self) -> list[int]:
        """The rows that can change anything once the connection is open."""
        there = self.arrivals
        marks = {row for rows in (*there.syns, *there.answers, *there.resets) for row in rows}
        marks.update(*there.closings)
        for row in (*there.fins[0], *there.fins[1]):
            shown, reached = there.acknowledged(row), there.reaches(row)
            marks |= {row, reached} | (set() if shown is None else {shown})
        marks.discard(NEVER)
        for side in (0, 1):  # the first behind a FIN may be it that acknowledges
            marks |= {
                found
                for row in there.closings[1 - side]
                if (found := after(there.talks[side], row)) is not None
            }
        return sorted(marks)

    def _clocks(self, row: int) -> None:
        now = int(self.arrivals.time_ns[row])
        for end in self.ends:
            if end.state is State.TIME_WAIT and now - end.since_ns >= TIME_WAIT_NS:
                self._go(end, "2 MSL have passed", row, shown=False)

    def _go(self, end: End, event: str, row: int, shown: bool) -> bool:
        """Take the step that the table has for an event, if it has one."""
        following = WAYS.get((end.state, event))
        if following is None:
            return False
        self._enter(end, following, event, row, shown)
        return True

    def _enter(self, end: End, state: State, event: str, row: int, shown: bool) -> None:
        end.enter(Change(int(self.arrivals.rows[row]), state, shown, event))
        if state is State.TIME_WAIT:
            self._clock(end, row)

    def _clock(self, end: End, row: int) -> None:
        """TIME_WAIT begins: the first packet behind its end is to be looked at."""
        end.since_ns = int(self.arrivals.time_ns[row])
        over = self._first_at(row, end.since_ns + TIME_WAIT_NS)
        if over < len(self.arrivals):
            insort(self.marks, over)

    def _first_at(self, row: int, time_ns: int) -> int:
        """The first row from one on that is not before a time."""
        found = int(np.searchsorted(self.latest_ns, time_ns))
        if found > row:
            return found
        # The clock was as late once, and went back: from here on.
        over = np.flatnonzero(self.arrivals.time_ns[row:] >= time_ns)
        return row + int(over[0]) if len(over) else len(self.arrivals)

    def _say(self, row: int, remark: str) -> None:
        if remark:
            self.remarks.setdefault(int(self.arrivals.rows[row]), remark)

    # --- what sending shows ---

    def _sends(self, end: End, peer: End, row: int) -> None:
        flags, there = self.flags[row], self.arrivals
        if flags & RST:
            self._sends_reset(end, peer, row)
        elif flags & SYN:
            self._sends_syn(end, peer, row, bool(flags & ACK))
        elif flags & ACK:
            acked = int(there.ack[row])
            if end.state in _OPENING:
                self._sends_first(end, peer, row, acked)
            if peer.fin is not None and acked >= peer.fin and end.state in _HEARS_FIN:
                self._go(end, "FIN arrives", row, shown=True)
            if flags & FIN:
                self._sends_fin(end, row)

    def _sends_syn(self, end: End, peer: End, row: int, answer: bool) -> None:
        length = int(self.arrivals.end[row] - self.arrivals.seq[row]) - 1
        if not answer:
            self.fast_open |= length > 0
            if not end.connected:
                self._go(end, "connect()", row, shown=True)
            return
        if end.state in (State.LISTEN, State.SYN_SENT):
            if peer.state is State.CLOSED and len(peer.changes) == 1:
                self._go(peer, "connect()", row, shown=False)
            self._go(end, "SYN arrives", row, shown=True)

    def _sends_first(self, end: End, peer: End, row: int, acked: int) -> None:
        """An acknowledging segment of an end whose handshake is not known to be over."""
        if acked < 1 or (end.state is State.LISTEN and peer.state is not State.SYN_SENT):
            return
        highest = int(self.arrivals.sent[peer.side][row])
        if end.state is not State.SYN_SENT and NOTHING < highest < acked:
            self._say(row, "acknowledges what was never sent: of an earlier connection")
            return
        if end.state is State.LISTEN:
            self._go(end, "SYN arrives", row, shown=True)  # its SYN,ACK was not captured
            self._go(peer, "SYN,ACK arrives", row, shown=False)
        if end.state is State.SYN_SENT:
            if peer.state is State.LISTEN:
                self._go(peer, "SYN arrives", row, shown=False)
            self._go(end, "SYN,ACK arrives", row, shown=True)
        elif not self.fast_open:
            if peer.state is State.SYN_SENT:
                self._go(peer, "SYN,ACK arrives", row, shown=False)
            self._go(end, "ACK of the SYN arrives", row, shown=True)

    def _sends_fin(self, end: End, row: int) -> None:
        behind = int(self.arrivals.end[row])
        if self._go(end, "close()", row, shown=True) or end.fin is None:
            end.fin = behind

    def _sends_reset(self, end: End, peer: End, row: int) -> None:
        number = int(self.arrivals.seq[row])
        if (
            end.state is State.SYN_SENT
            and not self.flags[row] & ACK
            and number > self.arrivals.sent[end.side][row]
        ):
            # RFC 9293 3.5.1: the answer to a SYN,ACK that acknowledges what it never sent.
            self._say(row, "its sender goes on: it answers what is of another connection")
        elif peer.state not in (State.LISTEN, State.SYN_SENT) and not self._fits(end, peer, row):
            self._say(row, "its number is none of this connection: forged, or of an earlier one")
        elif self._lives_on(end, row, COPY_NS):
            self._say(row, "its sender goes on: an answer to a stray segment, or forged")
        elif end.state is not State.CLOSED:
            self._enter(end, State.CLOSED, "RST sent", row, shown=True)

    def _lives_on(self, end: End, row: int, grace_ns: int) -> bool:
        """Whether an end still takes part in the connection behind a RST."""
        alive = self.arrivals.alive[end.side]
        if not alive or alive[-1] <= row:
            return False
        time = self.arrivals.time_ns
        return bool(time[alive[-1]] - time[row] > grace_ns)

    # --- what arriving does ---

    def _arrives(self, sender: End, end: End, row: int, now: int) -> None:
        """What the segment in ``row`` does to ``end``, where it arrives behind row ``now``."""
        flags = self.flags[row]
        if flags & RST:
            if end.state is not State.CLOSED and self._accepts(sender, end, row):
                self._reset(end, now)
        elif flags & SYN:
            self._syn_arrives(end, row, now, bool(flags & ACK))
        else:
            if flags & ACK:
                merged = self._ack_arrives(sender, end, row, now)
                if flags & FIN and not merged:
                    self._fin_arrives(end, row, now)

    def _syn_arrives(self, end: End, row: int, now: int, answer: bool) -> None:
        if not answer:
            self._go(end, "SYN arrives", now, shown=True)
        elif end.state is State.SYN_SENT:
            self._go(end, "SYN,ACK arrives", now, shown=True)
        elif end.state is State.SYN_RECEIVED:
            self._open(end, row, now)

    def _open(self, end: End, row: int, now: int) -> None:
        """What acknowledges a SYN reaches an end in SYN_RECEIVED."""
        there = self.arrivals
        proof = there.talks[end.side]
        if not self._is_taken(end, row, now, there.answers[end.side], proof):
            return
        shown = not self.fast_open and after(proof, row) is not None
        self._go(end, "ACK of the SYN arrives", now, shown)

    def _is_taken(self, end: End, row: int, now: int, again: list[int], proof: list[int]) -> bool:
        """Whether what acknowledges ``again`` has arrived; if it does later, it is due then."""
        arrived = self.arrivals.arrives(row, now, again, end.doubted, proof)
        if arrived == now:
            return True
        if arrived is None:
            self._say(row, "nothing shows that it arrived")
        elif arrived == NEVER:
            self._say(row, "lost or late: what it acknowledges is sent again")
        else:
            self._say(row, "reaches the other end only later")
            self.due.setdefault(arrived, []).append(row)
        end.doubted |= arrived is None or arrived == NEVER
        return False

    def _ack_arrives(self, sender: End, end: End, row: int, now: int) -> bool:
        """True if the FIN in the same segment went with it, as one event."""
        there = self.arrivals
        acked = int(there.ack[row])
        if end.state is State.SYN_RECEIVED and acked >= 1:
            self._open(end, row, now)
        if end.fin is None or acked < end.fin or end.state not in _AWAITS_ACK:
            return False
        if not self._is_taken(end, row, now, there.closings[end.side], []):
            return False
        shown = there.taken(row, end.fin)
        if end.state is State.FIN_WAIT_1 and self.flags[row] & FIN:
            return self._go(end, "FIN and ACK of the FIN arrive", now, shown)
        self._go(end, "ACK of the FIN arrives", now, shown)
        return False

    def _fin_arrives(self, end: End, row: int, now: int) -> None:
        if end.state is State.TIME_WAIT:
            self._clock(end, now)  # RFC 9293 3.10.7.4: it starts anew
        elif end.state in _HEARS_FIN:
            shown = self.arrivals.acknowledged(row) is not None
            self._go(end, "FIN arrives", now, shown)

    # --- resets ---

    def _accepts(self, sender: End, end: End, row: int) -> bool:
        """Whether a RST is one that ``end`` must accept (RFC 9293 3.10.7, RFC 5961 3.2)."""
        there = self.arrivals
        if end.state is State.LISTEN:
            return False
        if end.state is State.SYN_SENT:
            known = 1 <= there.ack[row] <= there.sent[end.side][row]
            return bool(self.flags[row] & ACK) and bool(known)
        if not self._fits(sender, end, row):
            self._say(row, "not accepted: its number is outside of the window")
            return False
        # Inside of the window but not the next number: it draws a challenge ACK (RFC 5961 3.2).
        expected, highest = (
            int(told[row]) for told in (there.acked[end.side], there.sent[sender.side])
        )
        inside = expected != NOTHING and there.seq[row] > max(expected, highest)
        grace = 0 if inside else LIVED_ON_NS
        if self._lives_on(end, row, grace):
            self._say(row, "not accepted: the other end goes on")
            return False
        return True

    def _fits(self, sender: End, end: End, row: int) -> bool:
        """Whether a RST's number is within the window that it is for, as far as that is known."""
        there = self.arrivals
        expected, number = int(there.acked[end.side][row]), int(there.seq[row])
        if expected == NOTHING:
            return True  # no window of it was seen that the number could be outside of
        highest = max(expected, int(there.sent[sender.side][row]))
        lowest = expected - (end.state in _PEER_CLOSED)
        return lowest <= number <= highest + self._window(end, row)

    def _window(self, end: End, row: int) -> int:
        last = before(self.arrivals.alive[end.side], row)
        return 0 if last is None else int(self.segments.scaled[self.arrivals.rows[last]])

    def _reset(self, end: End, row: int) -> None:
        if end.state is State.SYN_RECEIVED and end.passive:
            self._go(end, "RST arrives", row, shown=False)
        else:
            self._enter(end, State.CLOSED, "RST arrives", row, shown=False)


def states_at(track: Track, now_ns: int) -> tuple[State, State]:
    """Both ends' states at a time behind the last packet: Linux's TIME_WAIT lasts 60 s."""
    client, server = (
        State.CLOSED
        if changes[-1].state is State.TIME_WAIT and now_ns - since >= TIME_WAIT_NS
        else changes[-1].state
        for changes, since in zip((track.client, track.server), track.since_ns, strict=True)
    )
    return client, server
