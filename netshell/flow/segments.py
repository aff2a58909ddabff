"""TCP segments of a capture as arrays, sorted by flow: what everything that reads TCP works on.

:class:`Segments` has one row per TCP segment whose header is whole as far as it goes: flows in the
order of their numbers, each flow's segments in capture order. Sequence numbers are relative, as
Wireshark shows them (a SYN is 0, the first byte of data 1; of a connection under way, the first
segment seen is 1), but go on past 2^32: modulo 2^32 they are Wireshark's.

Both directions share one numbering: the numbers that a side sends and those that the other side
acknowledges are one series in capture order, and each value is read as the one nearest to the
value before it (RFC 9293 section 3.4). Segments of later fragments are not here, nor such whose
header is malformed. Where the address pair of a packet comes from a tunnel, so does its segment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.flow.index import in_order
from netshell.flow.reuse import ACK, FIN, SYN
from netshell.flow.source import Held, Source, Stretch, counted, holding
from netshell.flow.table import FlowColumns, packets_of
from netshell.packet.chunk import Chunk
from netshell.packet.columns import BITS
from netshell.packet.table import Columns
from netshell.packet.tcp import Options, decode_options

UNKNOWN = -(1 << 62)
"""The ``ack`` of a segment without ACK flag."""

NO_OPTION, MAX_SHIFT = -2, 14  # the column window_scale; RFC 7323 section 2.3
_TCP = 6
_FEW = 1 << 16  # flows whose numbers sort fastest


class Segments:
    """N TCP segments of F flows; all arrays have length N where nothing else is said.

    >>> segments = cap.flows[0].segments                               # doctest: +SKIP
    >>> segments.seq[segments.from_client], segments.payload(3)        # doctest: +SKIP

    A slice (of rows) and :meth:`of` give the same arrays, shared.
    """

    packet: NDArray[np.int64]  # number in the capture
    flow: NDArray[np.int32]  # number of the flow
    from_client: NDArray[np.bool_]
    time_ns: NDArray[np.int64]
    flags: NDArray[np.int16]  # nine bits, as in the column tcp_flags
    seq: NDArray[np.int64]  # relative; may be negative before a known start
    ack: NDArray[np.int64]  # in the numbering of the other side's seq; UNKNOWN without ACK flag
    window: NDArray[np.int64]  # as written, 0 where it was cut off
    scaled: NDArray[np.int64]  # in bytes: shifted by the sender's scale, once both SYNs were seen
    scale_known: NDArray[np.bool_]  # whether both SYNs were seen by then
    shift: NDArray[np.int8]  # the sender's scale; 0 for SYNs and without scaling, -1 unknown
    length: NDArray[np.int64]  # payload, bytes on the wire
    offer: NDArray[np.int8]  # the scale that the sender offered by then; -2 none used, -1 unknown
    ttl: NDArray[np.int16]

    numbers: NDArray[np.intp]  # F: the flows' numbers
    begin: NDArray[np.intp]  # F + 1: rows of the i-th flow are begin[i]:begin[i + 1]
    base: NDArray[np.int64]  # F x 2: the absolute number that is 0 for client, server; -1 unknown
    reused: NDArray[np.bool_]  # F: whether an earlier flow had the same ends

    def __init__(
        self,
        source: Source,
        numbers: NDArray[np.intp],
        begin: NDArray[np.intp],
        base: NDArray[np.int64],
        reused: NDArray[np.bool_],
        load: Callable[[str], Any],
    ) -> None:
        """``load`` gives an array by its name, the first time it is asked for."""
        self.source = source
        self.numbers = numbers
        self.begin = begin
        self.base = base
        self.reused = reused
        self._load = load
        self._parts: Sequence[Stretch] | None = None

    def __len__(self) -> int:
        return int(self.begin[-1] - self.begin[0])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in _NAMES:
            raise AttributeError(name)
        array = self._load(name)
        setattr(self, name, array)
        return array

    @property
    def end(self) -> NDArray[np.int64]:
        """The number behind the segment's last: SYN and FIN count as one each."""
        end: NDArray[np.int64] = self.seq + self.length
        end += (self.flags & SYN) > 0
        end += (self.flags & FIN) > 0
        return end

    def __getitem__(self, rows: slice) -> Segments:
        """Some rows, in their order; flows of which none is left have none."""
        start, stop, step = rows.indices(len(self))
        if step != 1:
            raise ValueError("segments are sliced without a step")
        stop = max(start, stop)
        begin = np.clip(self.begin, start, stop) - start
        return self._part(slice(None), begin, rows)

    def of(self, number: int) -> Segments:
        """The segments of one flow, by its number; none if it is not in here."""
        at = int(np.searchsorted(self.numbers, number))
        if at == len(self.numbers) or self.numbers[at] != number:
            return self._part(slice(0, 0), np.zeros(1, np.intp), slice(0, 0))
        rows = slice(int(self.begin[at]), int(self.begin[at + 1]))
        begin = np.array([0, rows.stop - rows.start], np.intp)
        return self._part(slice(at, at + 1), begin, rows)

    def _part(self, flows: slice, begin: NDArray[np.intp], rows: slice) -> Segments:
        return Segments(
            self.source,
            self.numbers[flows],
            begin,
            self.base[flows],
            self.reused[flows],
            lambda name: getattr(self, name)[rows],
        )

    # --- what is not in the arrays ---

    def payload(self, row: int) -> memoryview:
        """The payload that was captured of one segment; shorter than ``length`` if it was cut."""
        columns, chunk, at = self._place(row)
        start = columns.at("payload_offset", at)
        captured = int(chunk.captured_len[at])
        first = int(chunk.offset[at]) + min(start, captured)
        last = int(chunk.offset[at]) + min(start + int(self.length[row]), captured)
        return memoryview(chunk.data[first:last])  # type: ignore[arg-type]

    def options(self, row: int) -> Options:
        """The TCP options of one segment."""
        columns, chunk, at = self._place(row)
        stop = columns.at("payload_offset", at)
        start = stop - columns.at("data_offset", at) + 20
        return decode_options(chunk.frame(at)[start:stop], stop > int(chunk.captured_len[at]))

    def _place(self, row: int) -> tuple[Columns, Chunk, int]:
        if self._parts is None:
            parts = self.source.parts()
            self._parts = parts if isinstance(parts, Sequence) else tuple(parts)
        number = int(self.packet[row])
        start, columns, chunk = self._parts[holding(self._parts, number)]
        return columns, chunk, number - start


_NAMES = frozenset(
    name for name in Segments.__annotations__ if name not in ("numbers", "begin", "base", "reused")
)


def segments_of(source: Source, flows: FlowColumns, only: int | None = None) -> Segments:
    """The TCP segments of a source, or of its flow number ``only``; raises nothing.

    ``flows`` is the source's flow table, ``begin`` and ``base`` of the result have a row for each
    of its flows (one row with ``only``).
    """
    if only is None:
        return _all(source, flows)
    return _Built(*_one(source, flows, only), flows, np.array([only], np.intp)).segments()


def packets_in(source: Source, only: int) -> NDArray[np.intp]:
    """The numbers of one flow's packets."""
    flows, members = source.flows, source.members()
    found = [
        packets_of(columns, start, flows, only)
        if members is None
        else np.flatnonzero(members.stretch(start, len(chunk))[0] == only) + start
        for start, columns, chunk in source.parts()
    ]
    return np.concatenate(found) if found else np.zeros(0, np.intp)


def _all(source: Source, flows: FlowColumns) -> Segments:
    members = source.members()
    parts = tuple(source.parts())
    if members is None:
        flows, members = counted(parts)
    picked = []
    for start, columns, chunk in parts:
        flow, side = members.stretch(start, len(chunk))
        rows = np.flatnonzero(_usable(columns) & (flow >= 0) & (flow < len(flows)))
        picked.append((start, columns, rows, flow[rows], side[rows]))
    return _Built(source, picked, flows, np.arange(len(flows))).segments()


def _one(source: Source, flows: FlowColumns, only: int) -> tuple[Source, list[Any]]:
    """One flow's packets, and a source that has them at hand."""
    members = source.members()
    picked: list[Any] = []
    kept: list[Stretch] = []
    for start, columns, chunk in source.parts():
        if members is not None:
            flow = members.stretch(start, len(chunk))[0]
            rows = np.flatnonzero(flow == only)
        else:
            rows = packets_of(columns, start, flows, only) - start
        if not source.lasting and len(rows):
            columns, chunk = columns[rows].load(), _copied(chunk[rows])
            # Numbered with gaps: each run of neighbours is a stretch.
            cuts = [0, *(np.flatnonzero(np.diff(rows) > 1) + 1).tolist(), len(rows)]
            for a, b in pairwise(cuts):
                kept.append((start + int(rows[a]), columns[a:b], chunk[a:b]))
                picked.append(_own(*kept[-1][:2], np.arange(b - a), flows, only))
        else:
            picked.append(_own(start, columns, rows, flows, only))
    return (source if source.lasting else Held(kept, flows)), picked


def _own(start: int, columns: Columns, rows: Any, flows: FlowColumns, only: int) -> Any:
    """The usable ones of a flow's packets, with flow and side."""
    few = columns[rows]
    usable = _usable(few)
    rows, few = rows[usable], few[usable]
    by_client = (few.sport == flows.client_port[only]) & (few.src == flows.client[only]).all(axis=1)
    side = np.where(by_client, flows.client_side[only], 1 - flows.client_side[only])
    return start, columns, rows, np.full(len(rows), only, np.int32), side.astype(np.int8)


def _usable(columns: Columns) -> Any:
    """Which packets have a TCP header with flags and numbers, and a place for the payload."""
    group = columns.group("flow")
    both = BITS["seq"] | BITS["ack"] | BITS["sport"]
    usable = (group["tcp_flags"] >= 0) & (group["payload_len"] >= 0) & (group["proto"] == _TCP)
    return usable & (group["mask"] & both == both)


class _Built:
    """Segments in the making: the rows picked of each stretch, and the order they go in."""

    def __init__(
        self,
        source: Source,
        picked: Sequence[tuple[int, Columns, Any, Any, Any]],
        flows: FlowColumns,
        numbers: NDArray[np.intp],
    ) -> None:
        self.source, self.picked, self.numbers = source, picked, numbers
        flow = _joined([each[3] for each in picked], np.int32)
        self.order = _sorted(flow, len(flows))
        self.flow = flow if self.order is None else flow[self.order]
        self.begin = np.searchsorted(self.flow, np.append(numbers, numbers[-1:] + 1))
        self.base = np.stack([flows.base_out[numbers], flows.base_back[numbers]], axis=1)
        self.client = flows.client_side[numbers]
        again = flows.end[flows.end >= 0]  # each the first packet of a flow on ports used before
        self.reused = np.isin(flows.first[numbers], again)
        self.made: dict[str, Any] = {"flow": self.flow}

    def segments(self) -> Segments:
        begin = self.begin if len(self.numbers) else np.zeros(1, np.intp)
        return Segments(self.source, self.numbers, begin, self.base, self.reused, self.load)

    def load(self, name: str) -> Any:
        if name not in self.made:
            self.made.update({name: getattr(self, f"_{name}")()})
        return self.made[name]

    def each(self, values: Any) -> Any:
        """A value of each flow, repeated for its segments."""
        return np.repeat(values, np.diff(self.begin)) if len(self.numbers) else values[:0]

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
        sent, told = self.kept("flow", "seq"), self.kept("flow", "ack")
        client, has_ack = self.load("from_client"), (self.load("flags") & ACK) > 0
        everywhere = bool(has_ack.all())
        made = []
        for which, own in ((0, client), (1, ~client)):
            value = np.where(own, sent, told) - self.each(self.base[:, which].astype(np.uint32))
            near = value.view(np.int32)
            if everywhere:
                made.append(_unwrapped(near, self.begin))
                continue
            rows = np.flatnonzero(own | has_ack)
            series = np.full(len(near), UNKNOWN, np.int64)
            begin = np.searchsorted(rows, self.begin)
            series[rows] = _unwrapped(near[rows], begin)
            made.append(series)
        self.made["seq"] = np.where(client, made[0], made[1])
        self.made["ack"] = ack = np.where(client, made[1], made[0])
        ack[~has_ack] = UNKNOWN

    def _scales(self) -> tuple[Any, Any, Any]:
        """What either side of each flow offered (2 x F), since which row; the SYNs."""
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
        return np.minimum(offered, MAX_SHIFT), since, syns

    def _shift(self) -> Any:
        """The scale in effect at each segment, as netshell.flow.baseline has it."""
        offered, since, syns = self.load("scales")
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
        """The scale that each segment's sender offered: its own SYN is enough."""
        offered, since, _ = self.load("scales")
        none = np.where(offered == NO_OPTION, since, len(self.flow)).min(axis=0, initial=1 << 62)
        found = self._since(offered, since)
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


def _copied(chunk: Chunk) -> Chunk:
    """The frames with bytes of their own."""
    size = chunk.captured_len.astype(np.int64)
    offset = np.cumsum(size) - size
    at = np.repeat(chunk.offset - offset, size) + np.arange(int(size.sum()))
    return Chunk(
        chunk.data[at], offset, chunk.captured_len.copy(), chunk.wire_len.copy(),
        chunk.time_ns.copy(), chunk.iface.copy(), chunk.direction.copy(), chunk.link.copy(),
    )  # fmt: skip
