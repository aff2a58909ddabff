"""Columns of packets as the arrays of segments: gathered, sorted by flow, numbers made relative.

Every array is made when it is asked for. :mod:`netshell.flow.segments` says what each holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.flow.index import in_order
from netshell.flow.reuse import ACK, FIN, RST, SYN
from netshell.flow.table import FlowColumns
from netshell.packet.columns import BITS
from netshell.packet.table import Columns

UNKNOWN = -(1 << 62)
"""The ``ack`` of a segment without ACK flag."""

NO_OPTION, MAX_SHIFT = -2, 14  # the column window_scale; RFC 7323 section 2.3

Picked = tuple[int, Columns, Any, Any, Any]
"""Of a stretch of packets: its first one's number, its columns, and rows with flow and side."""

_FEW = 1 << 16  # flows whose numbers sort fastest


class Gathering:
    """Segments in the making: the rows picked of each stretch, and the order they go in."""

    def __init__(
        self,
        picked: Sequence[Picked],
        flows: FlowColumns,
        numbers: NDArray[np.intp],
    ) -> None:
        self.picked, self.numbers = picked, numbers
        flow = _joined([each[3] for each in picked], np.int32)
        self.order = _sorted(flow, len(flows))
        self.flow = flow if self.order is None else flow[self.order]
        edges = np.append(numbers, numbers[-1:] + 1) if len(numbers) else np.zeros(1)
        self.begin = np.searchsorted(self.flow, edges)
        self.base = np.stack([flows.base_out[numbers], flows.base_back[numbers]], axis=1)
        self.client = flows.client_side[numbers]
        again = flows.end[flows.end >= 0]  # each the first packet of a flow on ports used before
        self.reused = np.isin(flows.first[numbers], again)
        self.made: dict[str, Any] = {"flow": self.flow}
        self._settle()

    def _settle(self) -> None:
        """Count from the SYN,ACK that was acknowledged, where a side sent several of them.

        Two servers may answer one SYN, and the table of flows, as Wireshark, has the last one's
        number. Where more than one was acknowledged, or none, that stays.
        """
        flags = self.load("flags")
        answers = np.flatnonzero((flags & (SYN | ACK | RST)) == (SYN | ACK))
        if len(answers) < 2:
            return
        client = self.load("from_client")
        flow = np.searchsorted(self.begin, answers, "right") - 1
        lane = 2 * flow + ~client[answers]
        found, count = np.unique(lane, return_counts=True)
        again = np.isin(lane, found[count > 1])
        if not again.any():
            return
        answers, lane = answers[again], lane[again]
        seq, ack = self.kept("flow", "seq"), self.kept("flow", "ack")
        numbers = seq[answers].astype(np.uint32)
        for which in np.unique(lane).tolist():
            mine = lane == which
            told = np.unique(numbers[mine])
            if len(told) < 2:
                continue
            of, side = divmod(which, 2)
            rows = np.arange(int(answers[mine][0]), int(self.begin[of + 1]))
            talks = (client[rows] == (side == 1)) & ((flags[rows] & (SYN | ACK | RST)) == ACK)
            acked = ack[rows[talks]].astype(np.uint32) - np.uint32(1)
            known = told[np.isin(told, acked)]
            if len(known) == 1:
                self.base[of, side] = int(known[0])

    def load(self, name: str) -> Any:
        """An array by its name."""
        if name not in self.made:
            self.made.update({name: getattr(self, f"_{name}")()})
        return self.made[name]

    def each(self, values: Any) -> Any:
        """A value of each flow, repeated for its segments."""
        return np.repeat(values, np.diff(self.begin))

    def kept(self, group: str, name: str, missing: int | None = None) -> Any:
        """A column as it is kept, in the order of the segments."""
        pieces = []
        for _, columns, rows, _, _ in self.picked:
            have = columns.group(group)
            values = have[name][rows]
            if missing is not None:
                values = np.where(have["mask"][rows] & BITS[name] > 0, values, missing)
            pieces.append(values)
        joined = _joined(pieces, np.int64)
        return joined if self.order is None else joined[self.order]

    def _packet(self) -> Any:
        joined = _joined([rows + start for start, _, rows, _, _ in self.picked], np.int64)
        return joined if self.order is None else joined[self.order]

    def _from_client(self) -> Any:
        side = _joined([side for *_, side in self.picked], np.int8)
        return (side if self.order is None else side[self.order]) == self.each(self.client)

    def _time_ns(self) -> Any:
        return self.kept("frame", "time_ns")

    def _flags(self) -> Any:
        return self.kept("flow", "tcp_flags")

    def _length(self) -> Any:
        return self.kept("flow", "payload_len").astype(np.int64)

    def _end(self) -> Any:
        flags = self.load("flags")
        end = self.load("seq") + self.load("length")
        end += (flags & SYN) > 0
        end += (flags & FIN) > 0
        return end

    def _ttl(self) -> Any:
        return self.kept("detail", "ttl")

    def _window(self) -> Any:
        return self.kept("detail", "window").astype(np.int64)

    def _seq(self) -> Any:
        self._number()
        return self.made["seq"]

    def _ack(self) -> Any:
        self._number()
        return self.made["ack"]

    def _number(self) -> None:
        """Both relative numbers: one series for the bytes of each side."""
        client, has_ack = self.load("from_client"), (self.load("flags") & ACK) > 0
        first, second = (self.each(self.base[:, which].astype(np.uint32)) for which in (0, 1))
        seq = (self.kept("flow", "seq") - np.where(client, first, second)).view(np.int32)
        ack = (self.kept("flow", "ack") - np.where(client, second, first)).view(np.int32)
        self.made["seq"] = seq.astype(np.int64)
        self.made["ack"] = np.where(has_ack, ack.astype(np.int64), UNKNOWN)
        # A number can only be nearer to the one before it, plus or minus 2^32, if one is far off.
        far = np.flatnonzero(_is_far(seq) | (_is_far(ack) & has_ack))
        if len(far):
            self._unwrap(np.searchsorted(self.begin, far, "right") - 1, seq, ack, has_ack)

    def _unwrap(self, flows: Any, seq: Any, ack: Any, has_ack: Any) -> None:
        """Number the segments of some flows one by one."""
        chosen = np.zeros(len(self.numbers), np.bool_)
        chosen[flows] = True
        rows = np.flatnonzero(self.each(chosen))
        begin = np.concatenate([[0], np.cumsum(np.diff(self.begin)[chosen])])
        client, has_ack = self.load("from_client")[rows], has_ack[rows]
        for own in (client, ~client):
            some = np.flatnonzero(own | has_ack)
            near = np.where(own, seq[rows], ack[rows])[some]
            value = _unwrapped(near, np.searchsorted(some, begin))
            mine = own[some]
            self.made["seq"][rows[some[mine]]] = value[mine]
            self.made["ack"][rows[some[~mine]]] = value[~mine]

    def _scales(self) -> tuple[Any, Any, Any, Any]:
        """What either side of each flow offered (2 x F), since which row; all SYNs and offers."""
        syns = np.flatnonzero((self.load("flags") & SYN) > 0)
        offers = self._offers(syns)
        flow, own = self.begin.searchsorted(syns, "right") - 1, self.load("from_client")[syns]
        count = len(self.numbers)
        offered = np.full((2, count), -1, np.int64)
        since = np.full((2, count), len(self.flow), np.int64)
        for which in (0, 1):
            mine = np.flatnonzero(own == (which == 0))[::-1]
            offered[which, flow[mine]] = offers[mine]  # of several, the first one stays
            since[which, flow[mine]] = syns[mine]
        return np.minimum(offered, MAX_SHIFT), since, syns, np.minimum(offers, MAX_SHIFT)

    def _shift(self) -> Any:
        """The scale in effect at each segment, as netshell.flow.baseline has it."""
        offered, since, syns, _ = self.load("scales")
        none = (offered == NO_OPTION).any(axis=0)
        both = (offered >= 0).all(axis=0)
        shift = np.where(both, offered, np.where(none, 0, -1))
        # One SYN without the option settles it; with the option in one, the other's is needed.
        told = np.where(offered == NO_OPTION, since, len(self.flow)).min(axis=0, initial=1 << 62)
        known = np.where(none, told, since.max(axis=0))
        found = self._since(shift, np.stack([known, known]))
        found[syns] = 0
        return found

    def _offer(self) -> Any:
        """The scale that each segment's sender offered last: its own SYN is enough."""
        offered, since, syns, offers = self.load("scales")
        none = np.where(offered == NO_OPTION, since, len(self.flow)).min(axis=0, initial=1 << 62)
        found = self._since(offered, since)
        syns, offers = syns[offers >= 0], offers[offers >= 0]
        if (offers != found[syns]).any():  # another one later: a SYN,ACK of another connection
            client = self.load("from_client")
            for side in (True, False):
                own, mine = client[syns] == side, np.flatnonzero(client == side)
                last = np.searchsorted(syns[own], mine, "right") - 1
                starts = np.repeat(self.begin[:-1], np.diff(self.begin))[mine]
                known = (last >= 0) & (syns[own][last] >= starts) if own.any() else last >= 0
                found[mine[known]] = offers[own][last[known]]
        unused = np.flatnonzero(none < len(self.flow))
        if len(unused):
            found[np.arange(len(found)) >= self.each(none)] = NO_OPTION
        return found

    def _since(self, values: Any, rows: Any) -> Any:
        """For each segment, its sender's of 2 x F values from a row on, -1 before."""
        client, index = self.load("from_client"), np.arange(len(self.flow), dtype=np.int32)
        values, rows = values.astype(np.int8), rows.astype(np.int32)
        value = np.where(client, self.each(values[0]), self.each(values[1]))
        since = np.where(client, self.each(rows[0]), self.each(rows[1]))
        return np.where(index >= since, value, np.int8(-1))

    def _offers(self, syns: Any) -> Any:
        """The scale that some segments offer."""
        places = syns if self.order is None else self.order[syns]
        counts = np.cumsum([0, *(len(rows) for _, _, rows, _, _ in self.picked)])
        found = np.full(len(syns), -1, np.int64)
        part = np.searchsorted(counts, places, "right") - 1
        for which in np.unique(part).tolist():
            _, columns, rows, _, _ = self.picked[which]
            mine = part == which
            of = columns.group("detail")["window_scale"]
            found[mine] = of[rows[places[mine] - counts[which]]]
        return found

    def _scaled(self) -> Any:
        return self.load("window") << np.maximum(self.load("shift"), 0).astype(np.int64)

    def _scale_known(self) -> Any:
        return self.load("shift") >= 0


def _joined(pieces: Sequence[Any], dtype: Any) -> Any:
    if not pieces:
        return np.zeros(0, dtype)
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def _sorted(flow: NDArray[np.int32], flows: int) -> NDArray[np.intp] | None:
    """The order that puts each flow's rows together; None where they are."""
    if not len(flow) or (flow[1:] >= flow[:-1]).all():
        return None
    if flows <= _FEW:
        return np.argsort(flow.astype(np.uint16), kind="stable")
    return in_order(flow, np.arange(len(flow)))


def _is_far(near: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which numbers are 2^30 from 0, or more."""
    far: NDArray[np.bool_] = (near + np.int32(1 << 30)).view(np.uint32) > (1 << 31) - 1
    return far


def _unwrapped(near: NDArray[np.int32], begin: NDArray[np.intp]) -> NDArray[np.int64]:
    """Numbers modulo 2^32 as those nearest to the ones before them, flow by flow."""
    value = near.astype(np.int64)
    steps = np.diff(value, prepend=value[:1])
    turned = np.flatnonzero((steps >= 1 << 31) | (steps < -(1 << 31)))
    if not len(turned):
        return value
    starts = begin[:-1][begin[:-1] < begin[1:]]
    turns = np.zeros(len(value), np.int64)
    turns[turned] = np.where(steps[turned] < 0, 1, -1)
    turns[starts] = 0  # the first of a flow stands alone
    sums = np.cumsum(turns)
    value += (sums - np.repeat(sums[starts], np.diff(np.append(starts, len(value))))) << 32
    return value
