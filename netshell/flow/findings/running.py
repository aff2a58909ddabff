"""What the findings of every segment rest on, worked out once for all segments.

The values are those of Wireshark's analysis of sequence numbers (its packet-tcp.c), so that the
findings can be compared with it. Each side of a flow has its own state, and a segment is judged by
the state before it:

- *expected*: the highest number sent so far, plus one (SYN and FIN count). A zero window probe
  does not raise it (:mod:`netshell.flow.findings.expected`).
- *last acknowledgment and window*: of the side's previous segment, whatever it was.
- *duplicate acknowledgments*: those since the side's acknowledgment number last changed.

Wireshark goes through the packets one by one. Here, all of it is running maxima and sums over
arrays; only what feeds back into itself is looped over, and only where it occurs: segments that
may be zero window probes, SYNs that come again, and the stretches in which data is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.expected import expectation
from netshell.flow.findings.gaps import over_acknowledged
from netshell.flow.reuse import ACK, FIN, RST, SYN
from netshell.flow.segments import NO_OPTION, UNKNOWN, Segments

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Running:
    """Values of N segments; rows are those of the segments, -1 stands for "no such row"."""

    def __init__(self, segments: Segments) -> None:
        self.segments = segments
        self._found: dict[Any, Rows] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled, or copied: worked out again when it is asked for."""
        return Running, (self.segments,)

    def rows(self, find: Callable[[Running], Rows]) -> Rows:
        """The rows that a finding's function gives, asked for once."""
        if find not in self._found:
            self._found[find] = find(self)
        return self._found[find]

    def marked(self, *finds: Callable[[Running], Rows]) -> Mask:
        """A mask of the rows that any of some findings have."""
        mask = np.zeros(len(self.segments), np.bool_)
        for find in finds:
            mask[self.rows(find)] = True
        return mask

    # --- neighbours ---

    @cached_property
    def start(self) -> Rows:
        """The first row of each row's flow."""
        begin = self.segments.begin
        return np.repeat(begin[:-1], np.diff(begin))

    @cached_property
    def _last(self) -> tuple[Rows, Rows]:
        own = self.segments.from_client
        index = np.arange(len(own))
        client = np.maximum.accumulate(np.where(own, index, -1))
        server = np.maximum.accumulate(np.where(own, -1, index))
        peer = np.where(own, server, client)
        client[1:], server[1:] = client[:-1], server[:-1]
        client[:1] = server[:1] = -1
        previous = np.where(own, client, server)
        previous[previous < self.start] = -1
        peer[peer < self.start] = -1
        return previous, peer

    @property
    def previous(self) -> Rows:
        """The row before, of the same side."""
        return self._last[0]

    @property
    def peer(self) -> Rows:
        """The other side's last row."""
        return self._last[1]

    @cached_property
    def lanes(self) -> tuple[Rows, Rows]:
        """The rows by flow and side, and where each side that sent anything begins among them."""
        own, begin = self.segments.from_client, self.segments.begin
        clients = np.concatenate([[0], np.cumsum(own)])
        before = clients[:-1] - np.repeat(clients[begin[:-1]], np.diff(begin))
        middle = begin[:-1] + clients[begin[1:]] - clients[begin[:-1]]
        index = np.arange(len(own))
        place = np.where(own, self.start + before, np.repeat(middle, np.diff(begin)) + index)
        place -= np.where(own, 0, self.start + before)
        lane = np.empty(len(own), np.intp)
        lane[place] = index
        edges = np.stack([begin[:-1], middle], axis=1)
        sizes = np.diff(np.append(edges.ravel(), len(own)))
        return lane, edges.ravel()[sizes > 0]

    # --- what a segment is ---

    @cached_property
    def plain(self) -> Mask:
        """Neither SYN nor FIN nor RST."""
        found: Mask = (self.segments.flags & (SYN | FIN | RST)) == 0
        return found

    @cached_property
    def pure(self) -> Mask:
        """Plain, and without data."""
        found: Mask = self.plain & (self.segments.length == 0)
        return found

    @cached_property
    def acknowledges(self) -> Mask:
        return (self.segments.flags & ACK) > 0

    @cached_property
    def repeats(self) -> Mask:
        """Pure, at the expected number, with the acknowledgment of the side's segment before."""
        segments = self.segments
        rows = np.flatnonzero(self.pure & (segments.seq == self.expected))
        rows = rows[segments.ack[rows] == segments.ack[self.previous[rows]]]
        mask = np.zeros(len(segments), np.bool_)
        mask[rows] = True
        return mask

    @cached_property
    def same_window(self) -> Mask:
        """Whether the window, as written, is that of the side's segment before."""
        window = self.segments.window
        found: Mask = np.where(self.previous >= 0, window[self.previous], 0) == window
        return found

    # --- the expected number ---

    @cached_property
    def _expectation(self) -> tuple[Ints, Rows, Rows]:
        return expectation(self)

    def _flowing(self, values: Ints) -> Ints:
        """Values of the lanes' order in that of the rows."""
        placed = np.empty_like(values)
        placed[self.lanes[0]] = values
        return placed

    @property
    def expected(self) -> Ints:
        """The number behind the highest that the side has sent before; UNKNOWN before its first."""
        return self._expectation[0]

    @property
    def probes(self) -> Rows:
        """The zero window probes."""
        return self._expectation[1]

    @property
    def put_back(self) -> Rows:
        """The SYNs that came again, and took back the expected number."""
        return self._expectation[2]

    @cached_property
    def raises(self) -> Mask:
        """Whether the segment goes beyond all that its side has sent before."""
        raises: Mask = self.segments.end > self.expected  # UNKNOWN is below every number
        raises[self.probes] = False
        return raises

    @cached_property
    def reached(self) -> Ints:
        """The expected number after the segment."""
        return np.where(self.raises, self.segments.end, self.expected)

    @cached_property
    def top(self) -> Rows:
        """The side's segment that went highest, of those before."""
        lane, begins = self.lanes
        at = np.maximum.accumulate(np.where(self.raises[lane], np.arange(len(lane)), 0))
        at[1:] = at[:-1]
        top = lane[at] if len(lane) else lane
        top[begins] = -1
        return self._flowing(top)

    # --- what was sent again ---

    @cached_property
    def behind(self) -> Rows:
        """Segments with data, SYN or FIN that start below the expected number, in order.

        Not a keep-alive, nor one that starts one below it with more than one byte: it may follow a
        zero window probe, whose byte it sends again.
        """
        segments, expected = self.segments, self.expected
        rows = np.flatnonzero((segments.seq < expected) & (segments.end > segments.seq))
        data, below = segments.length[rows], expected[rows] - segments.seq[rows]
        at_edge = (below == 1) & ((data > 1) | ((data == 1) & self.plain[rows]))
        found: Rows = rows[~at_edge]
        return found

    @cached_property
    def initial_rtt(self) -> Ints:
        """Of each flow that has segments ``behind``: ns from the last SYN to the first ACK after
        it, 0 if they were not seen; and that ACK's row."""
        segments, begin = self.segments, self.segments.begin
        chosen = np.zeros(len(segments.numbers), np.bool_)
        chosen[np.searchsorted(begin, self.behind, "right") - 1] = True
        rows = np.flatnonzero(np.repeat(chosen, np.diff(begin)))
        kind, time = segments.flags[rows] & (SYN | ACK), segments.time_ns[rows]
        index = np.arange(len(rows))
        syn = np.maximum.accumulate(np.where(kind == SYN, index, -1))
        third = np.flatnonzero((kind == ACK) & (syn >= 0))
        syn = syn[third]
        same = (rows[syn] >= self.start[rows[third]]) & (time[third] != time[syn])
        third, syn = third[same][::-1], syn[same][::-1]  # of several, the first one stays
        flow = np.searchsorted(begin, rows[third], "right") - 1
        found = np.zeros((2, len(segments.numbers)), np.int64)
        found[0, flow], found[1, flow] = time[third] - time[syn], rows[third]
        return found

    # --- acknowledgments ---

    @cached_property
    def duplicates(self) -> Mask:
        """The duplicate acknowledgments."""
        from netshell.flow.findings import keep_alive_ack

        mask = self.repeats & self.same_window & (self.segments.window != 0)
        mask[self.rows(keep_alive_ack.find)] = False
        found: Mask = mask
        return found

    @cached_property
    def ack_change(self) -> Rows:
        """The side's last row, up to and with this one, that changed its acknowledgment number."""
        lane, begins = self.lanes
        ack = self.segments.ack[lane]
        changed = np.empty(len(ack), np.bool_)
        changed[1:] = ack[1:] != ack[:-1]
        changed[begins] = True
        at = np.maximum.accumulate(np.where(changed, np.arange(len(ack)), 0))
        return self._flowing(lane[at] if len(lane) else lane)

    @cached_property
    def _duplicates_before(self) -> Ints:
        """Duplicate acknowledgments of either side in all rows before each, and in all."""
        lane, _ = self.lanes
        return self._flowing(np.cumsum(self.duplicates[lane], dtype=np.int64))

    def duplicates_up_to(self, rows: Rows, since: Rows) -> Ints:
        """How many duplicate acknowledgments a side sent behind row ``since``, up to ``rows``.

        Both are rows of that side, in the same flow; -1 for none gives 0.
        """
        counts = self._duplicates_before
        return np.where((rows >= 0) & (since >= 0), counts[rows] - counts[since], 0)

    @cached_property
    def _over(self) -> tuple[Rows, Rows]:
        return over_acknowledged(self)

    @cached_property
    def _over_by_side(self) -> dict[bool, Rows]:
        own = self.segments.from_client[self.over]
        return {True: self.over[own], False: self.over[~own]}

    @property
    def over(self) -> Rows:
        """Segments that acknowledge more than was seen of the other side, first or again."""
        return self._over[0]

    @property
    def unseen(self) -> Rows:
        """Those of them that are the first to say so."""
        return self._over[1]

    def asked(self, rows: Rows) -> tuple[Ints, Mask]:
        """How many duplicate acknowledgments the other side had sent, before each of some rows;
        and where that is not known.

        It is not, and the count starts anew, once the row's side has acknowledged what was not
        seen (``over``): the capture misses segments of the other one.
        """
        peer = self.peer[rows]
        since = self.ack_change[peer]
        blind = np.zeros(len(rows), np.bool_)
        if len(self.over):
            # The last of them, by the same side as the row itself and up to it.
            own = self.segments.from_client[rows]
            for side, known in self._over_by_side.items():
                mine = np.flatnonzero(own == side)
                at = np.searchsorted(known, rows[mine], "right") - 1
                last = np.where(at >= 0, known[at] if len(known) else -1, -1)
                last[last < self.start[rows[mine]]] = -1
                later = (last > since[mine]) & (peer[mine] >= 0)
                blind[mine] = later
                again = np.maximum(self.peer[last], since[mine])
                since[mine] = np.where(later, again, since[mine])
        count = np.where(peer >= 0, self.duplicates_up_to(peer, since), 0)
        return count, blind & (count == 0)

    # --- windows ---

    def window_end(self, rows: Rows) -> Ints:
        """The number up to which the other side takes data, as it last said; UNKNOWN if unknown."""
        segments = self.segments
        peer = self.peer[rows]
        scale = np.where(peer >= 0, segments.offer[peer], -1).astype(np.int64)
        scale[(segments.offer[rows] == NO_OPTION) & (peer >= 0)] = NO_OPTION
        shift = np.where((scale == NO_OPTION) | ((segments.flags[peer] & SYN) > 0), 0, scale)
        end = segments.ack[peer] + (segments.window[peer] << np.maximum(shift, 0))
        return np.where((scale == -1) | (segments.ack[peer] == UNKNOWN), UNKNOWN, end)
