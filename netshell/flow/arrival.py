"""Which segments of a connection reached the other end, and after which packet.

A capture shows that a segment passed. Whether and when the other end took it shows in what that
end sends afterwards, so this looks ahead:

- A segment arrives right after it was captured, unless the capture shows something else.
- It has not arrived yet when the other end sends something that does not acknowledge it, though
  it acknowledges it later (RFC 9293 3.4: every segment carries all that has arrived): FINs that
  cross are told from a FIN and its answer this way.
- SYN and SYN,ACK are answered at once (RFC 9293 3.10.7): one without an answer, or sent again
  before it came, has not arrived. A FIN is acknowledged within half a second (RFC 9293 3.8.6.3).
- What acknowledges a SYN or a FIN has not arrived if that, or data before it, is sent again.
  After such a loss the next one counts only once something shows it, or once another repetition
  would have been due; if that does not come, the last one crossed the repetition before it.
- An equal segment of the same sender within 2 ms is a copy that the network or the capture made:
  nobody sends again that soon. Copies say nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.flow.reuse import ACK, FIN, RST, SYN
from netshell.flow.segments import Segments

COPY_NS = 2_000_000  # Linux's soonest repetition, a loss probe, waits 2 ms
ACK_DUE_NS = 500_000_000  # RFC 9293 3.8.6.3
NEVER = -1

NOTHING = -(1 << 62)


class Arrivals:
    """The segments of one flow that are no copies, n of them, and when each reaches its end.

    ``rows`` are their places among all segments of the flow. Everything else counts in them.
    """

    def __init__(self, segments: Segments, end_ns: int) -> None:
        self.rows = np.flatnonzero(~copies(segments))
        self.end_ns = end_ns
        self._over: dict[int, bool] = {}
        self.time_ns: NDArray[np.int64] = segments.time_ns[self.rows]
        self.flags: NDArray[np.int16] = segments.flags[self.rows]
        self.seq: NDArray[np.int64] = segments.seq[self.rows]
        self.end: NDArray[np.int64] = segments.end[self.rows]
        self.ack: NDArray[np.int64] = segments.ack[self.rows]
        client = segments.from_client[self.rows]
        self.side = np.where(client, 0, 1).astype(np.int8)
        flags = self.flags
        syn, ack, reset = (flags & SYN) > 0, (flags & ACK) > 0, (flags & RST) > 0
        talk = ack & ~syn & ~reset
        self.syns, self.answers, self.fins, self.resets, self.talks, self.alive = (
            tuple(np.flatnonzero(mask & own).tolist() for own in (client, ~client))
            for mask in (
                syn & ~ack & ~reset,
                syn & ack & ~reset,
                ((flags & FIN) > 0)
                & ack
                & ~syn
                & ~reset,  # RFC 9293 3.10.7.4: without ACK, dropped
                reset,
                talk,
                ~reset,
            )
        )
        """Rows by sender (0 client, 1 server) and kind: SYN, SYN,ACK, FIN, RST, acknowledging
        ones without SYN or RST, and all without RST."""
        carry = np.flatnonzero((self.end > self.seq) & ~syn & ~reset)
        self.closings = tuple(
            carry[(self.side[carry] == side) & (carry >= fins[0])].tolist() if fins else []
            for side, fins in enumerate(self.fins)
        )
        """Each side's FINs, and what else it sends again once it has sent one."""
        # The highest number sent and acknowledged by each side up to each row.
        told = ack & ~reset
        self.sent = tuple(_highest(self.end, own & ~reset) for own in (client, ~client))
        self.acked = tuple(_highest(self.ack, own & told) for own in (client, ~client))
        self._told = tuple(np.flatnonzero(own & told) for own in (client, ~client))

    def __len__(self) -> int:
        return len(self.rows)

    # --- segments that are answered ---

    def reaches(self, row: int) -> int:
        """After which row a SYN, SYN,ACK, FIN or RST has arrived; NEVER."""
        flags, sender = int(self.flags[row]), int(self.side[row])
        if flags & RST:
            return row
        if flags & SYN:
            return self._answer(row, sender) if flags & ACK else self._syn(row, sender)
        return self._fin(row, sender)

    def _syn(self, row: int, sender: int) -> int:
        answer = after(self.answers[1 - sender], row)
        again = after(self.syns[sender], row)
        if answer is None and self.answers[1 - sender] and before(self.syns[sender], row) is None:
            return row  # captured behind its own answer
        if answer is None or (again is not None and again < answer):
            return NEVER
        # The other end's own SYN before the answer: it had not seen this one (simultaneous open).
        crossed = before(self.syns[1 - sender], answer)
        return max(row, row if crossed is None else crossed)

    def _answer(self, row: int, sender: int) -> int:
        following = after(self.alive[1 - sender], row)
        if following in self.syns[1 - sender][:1]:  # the SYN that it answers, captured behind it
            following = after(self.alive[1 - sender], following)
        if following is None or after_before(self.resets[1 - sender], row, following):
            return NEVER
        flags = int(self.flags[following])
        if not flags & SYN:
            return row if flags & ACK else NEVER
        return following if flags & ACK else NEVER

    def _fin(self, row: int, sender: int) -> int:
        if self.acked[1 - sender][row] >= self.end[row]:
            return row  # sent again though it had arrived
        told = self._told[1 - sender]
        shown = self.acknowledged(row)
        last = before(self.fins[sender], len(self) if shown is None else shown)
        if shown is None:
            late = self.end_ns - int(self.time_ns[row]) > ACK_DUE_NS and len(told) > 0
            if late or len(self.fins[sender]) > 1:  # sent again, and still no answer
                return NEVER
            return max(row, int(told[-1])) if len(told) else row
        place = int(np.searchsorted(told, shown)) - 1
        silent = int(told[place]) if place >= 0 else row
        return max(row, silent, row if last is None else last)

    def acknowledged(self, row: int) -> int | None:
        """The other end's first segment that acknowledges all of a segment."""
        acked = self.acked[1 - int(self.side[row])]
        found = max(int(np.searchsorted(acked, self.end[row])), row + 1)
        told = self._told[1 - int(self.side[row])]
        place = int(np.searchsorted(told, found))
        return int(told[place]) if place < len(told) else None

    # --- segments that nobody answers ---

    def arrives(
        self, row: int, now: int, again: list[int], doubted: bool, proof: list[int]
    ) -> int | None:
        """After which row an acknowledgment has arrived at the end that sent ``again``.

        It is in ``row``, and it is the time of row ``now``. ``again`` are the rows of what it
        acknowledges, ``proof`` those that could not be sent without it. NEVER: lost, as what it
        acknowledges is sent again; None: nothing shows it after a loss.
        """
        last = again[-1] if again else NEVER
        if last > now:
            # Silence behind the last repetition: it crossed what had been sent before it.
            final = after(self.talks[int(self.side[row])], row) is None
            return last if final and self._is_over(again) else NEVER
        if not doubted or after(proof, row) is not None or self._is_over(again):
            return now
        return None

    def _is_over(self, again: list[int]) -> bool:
        """Whether another repetition would have come by now: pauses double (RFC 6298 5.5)."""
        if len(again) < 2:
            return True
        if id(again) not in self._over:
            times = self.time_ns[again]
            due = int(times[-1]) + 2 * int(np.diff(times).max()) + ACK_DUE_NS
            self._over[id(again)] = self.end_ns > due
        return self._over[id(again)]

    def taken(self, row: int, number: int) -> bool:
        """Whether the receiver shows that it took ``row``, or a later one that acknowledges
        ``number`` too: by acknowledging what such a segment carries."""
        sender = int(self.side[row])
        mine = self.side[row:] == sender
        new = self.end[row:] > np.maximum(self.seq, self.acked[1 - sender])[row:]
        carry = mine & (self.ack[row:] >= number) & new
        found = np.flatnonzero(carry & ((self.flags[row:] & RST) == 0))
        if not len(found):
            return False
        return bool(self.acked[1 - sender][-1] >= self.end[row + int(found[0])])


def copies(segments: Segments) -> NDArray[np.bool_]:
    """Which segments are copies of one less than 2 ms before: same sender, numbers and flags."""
    count = len(segments)
    copy = np.zeros(count, np.bool_)
    if count < 2:
        return copy
    flags = segments.flags.astype(np.int64) << 1 | segments.from_client
    keys = (segments.seq, segments.length, segments.ack, flags)
    order = np.lexsort((segments.time_ns, *keys))
    same = np.ones(count - 1, np.bool_)
    for key in keys:
        ordered = key[order]
        same &= ordered[1:] == ordered[:-1]
    time = segments.time_ns[order]
    copy[order[1:]] = same & (time[1:] - time[:-1] < COPY_NS)
    return copy


def after(rows: list[int], row: int) -> int | None:
    """The first of some rows behind one."""
    place = bisect_right(rows, row)
    return rows[place] if place < len(rows) else None


def before(rows: list[int], row: int) -> int | None:
    """The last of some rows before one."""
    place = bisect_left(rows, row) - 1
    return rows[place] if place >= 0 else None


def after_before(rows: list[int], low: int, high: int) -> bool:
    """Whether one of some rows is between two others."""
    found = after(rows, low)
    return found is not None and found < high


def _highest(values: NDArray[np.int64], mask: Any) -> NDArray[np.int64]:
    highest: NDArray[np.int64] = np.maximum.accumulate(np.where(mask, values, NOTHING))
    return highest
