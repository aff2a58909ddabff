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

from netshell.errors import BadIndex, brief
from netshell.flow.fragments import Fragments
from netshell.flow.gathering import NO_OPTION, UNKNOWN, Gathering, Picked
from netshell.flow.source import Held, Source, Stretch, counted, holding
from netshell.flow.table import FlowColumns, packets_of
from netshell.packet.chunk import Chunk
from netshell.packet.columns import BITS
from netshell.packet.table import Columns
from netshell.packet.tcp import Options, decode_options
from netshell.results import stretch

_TCP = 6


__all__ = ["NO_OPTION", "UNKNOWN", "Segments", "packets_in", "segments_of"]


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
    end: NDArray[np.int64]  # the number behind the last: SYN and FIN count as one each
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

    def __repr__(self) -> str:
        size, flows = len(self), len(self.numbers)
        arrays = ", ".join(name for name in Segments.__annotations__ if name in _NAMES)
        return (
            f"{size:,} TCP segment{'s' * (size != 1)} of {flows:,} flow{'s' * (flows != 1)}, "
            f"as arrays: {arrays}; payload(row), options(row)"
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in _NAMES:
            raise AttributeError(name)
        array = self._load(name)
        setattr(self, name, array)
        return array

    def __getitem__(self, rows: slice) -> Segments:
        """Some rows, in their order; flows of which none is left have none. Raises BadIndex."""
        if not isinstance(rows, slice):
            raise BadIndex(
                "segments are arrays",
                why=f"take a value as .seq[0], some rows as [0:5], not [{brief(rows)}]",
            )
        start, stop, step = stretch(rows, "segments").indices(len(self))
        if step != 1:
            raise BadIndex("segments are sliced without a step", next_step="take some as [10:20]")
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

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled, or copied: every array, and the packets of this moment."""
        arrays = {name: getattr(self, name) for name in sorted(_NAMES)}
        given = self.source, self.numbers, self.begin, self.base, self.reused
        return _restored, (*given, arrays)

    # --- what is not in the arrays ---

    def payload(self, row: int) -> memoryview:
        """The payload that was captured of one segment; shorter than ``length`` if it was cut."""
        columns, chunk, at = self._place(row)
        start = columns.at("payload_offset", at)
        captured = int(chunk.captured_len[at])
        first = int(chunk.offset[at]) + min(start, captured)
        last = int(chunk.offset[at]) + min(start + int(self.length[row]), captured)
        return memoryview(chunk.data[first:last])  # type: ignore[arg-type]

    def field(self, name: str, row: int) -> int:
        """One segment's value of a column (netshell.packet.schema), -1 if its frame has none."""
        columns, _, at = self._place(row)
        return columns.at(name, at)

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


def segments_of(
    source: Source, flows: FlowColumns, only: int | NDArray[np.intp] | None = None
) -> Segments:
    """The TCP segments of a source, or of some flows of it; raises nothing.

    ``flows`` is the source's flow table, ``only`` the number of a flow, or those of several,
    ascending. ``begin`` and ``base`` of the result have a row for each of these flows.
    """
    if only is None:
        return _some(source, flows, np.arange(len(flows)))
    if isinstance(only, np.ndarray):
        return _some(source, flows, only)
    source, picked = _one(source, flows, only)
    return _assembled(source, Gathering(picked, flows, np.array([only], np.intp)))


def _restored(
    source: Source, numbers: Any, begin: Any, base: Any, reused: Any, arrays: dict[str, Any]
) -> Segments:
    """Segments out of their pickle."""
    return Segments(source, numbers, begin, base, reused, arrays.__getitem__)


def _assembled(source: Source, made: Gathering) -> Segments:
    return Segments(source, made.numbers, made.begin, made.base, made.reused, made.load)


def packets_in(source: Source, only: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The numbers of one flow's packets, and which of them the client sent."""
    flows, members = source.flows, source.members()
    numbers, sent = [np.zeros(0, np.intp)], [np.zeros(0, np.bool_)]
    fragments = Fragments()
    for start, columns, chunk in source.parts():
        if start + len(chunk) <= flows.first[only]:
            continue
        if members is None:
            found, by_client = packets_of(columns, start, flows, only, fragments)
        else:
            flow, side = members.stretch(start, len(chunk))
            rows = np.flatnonzero(flow == only)
            found, by_client = rows + start, side[rows] == flows.client_side[only]
        numbers.append(found)
        sent.append(by_client)
    return np.concatenate(numbers), np.concatenate(sent)


def _some(source: Source, flows: FlowColumns, numbers: NDArray[np.intp]) -> Segments:
    members = source.members()
    parts = tuple(source.parts())
    if members is None:
        flows, members = counted(parts)
    wanted = np.zeros(len(flows) + 1, np.bool_)  # the last one for no flow, -1 or beyond
    wanted[numbers] = True
    picked = []
    for start, columns, chunk in parts:
        flow, side = members.stretch(start, len(chunk))
        known = wanted[np.minimum(flow, len(flows))]
        rows = np.flatnonzero(known & _usable(columns)) if known.any() else np.zeros(0, np.intp)
        picked.append((start, columns, rows, flow[rows], side[rows]))
    return _assembled(source, Gathering(picked, flows, numbers))


def _one(source: Source, flows: FlowColumns, only: int) -> tuple[Source, list[Picked]]:
    """One flow's packets, and a source that has them at hand."""
    members = source.members()
    picked: list[Picked] = []
    kept: list[Stretch] = []
    fragments = Fragments()
    left = int(flows.packets[only])
    for start, columns, chunk in source.parts():
        if start + len(chunk) <= flows.first[only]:
            continue
        if members is not None:
            flow = members.stretch(start, len(chunk))[0]
            rows = np.flatnonzero(flow == only)
        else:
            rows = packets_of(columns, start, flows, only, fragments)[0] - start
        if not len(rows):
            continue
        left -= len(rows)
        if not source.lasting:
            columns, chunk = columns[rows].load(), _copied(chunk[rows])
            # Numbered with gaps: each run of neighbours is a stretch.
            cuts = [0, *(np.flatnonzero(np.diff(rows) > 1) + 1).tolist(), len(rows)]
            for a, b in pairwise(cuts):
                kept.append((start + int(rows[a]), columns[a:b], chunk[a:b]))
                picked.append(_own(*kept[-1][:2], np.arange(b - a), flows, only))
        else:
            picked.append(_own(start, columns, rows, flows, only))
            if left <= 0:
                break  # behind its last packet
    return (source if source.lasting else Held(kept, flows)), picked


def _own(start: int, columns: Columns, rows: Any, flows: FlowColumns, only: int) -> Picked:
    """The usable ones of a flow's packets, with flow and side."""
    few = columns[rows]
    usable = _usable(few)
    rows, few = rows[usable], few[usable]
    by_client = (few.sport == flows.client_port[only]) & (few.src == flows.client[only]).all(axis=1)
    side = np.where(by_client, flows.client_side[only], 1 - flows.client_side[only])
    same = flows.client_port[only] == flows.server_port[only]
    if same and (flows.client[only] == flows.server[only]).all():
        side = np.zeros(len(rows))  # of a host that talks to its own port, as the table has it
    return start, columns, rows, np.full(len(rows), only, np.int32), side.astype(np.int8)


def _usable(columns: Columns) -> Any:
    """Which packets have a TCP header with flags and numbers, and a place for the payload."""
    group = columns.group("flow")
    both = BITS["seq"] | BITS["ack"] | BITS["sport"]
    usable = (group["tcp_flags"] >= 0) & (group["payload_len"] >= 0) & (group["proto"] == _TCP)
    return usable & (group["mask"] & both == both)


def _copied(chunk: Chunk) -> Chunk:
    """The frames with bytes of their own."""
    size = chunk.captured_len.astype(np.int64)
    offset = np.cumsum(size) - size
    at = np.repeat(chunk.offset - offset, size) + np.arange(int(size.sum()))
    return Chunk(
        chunk.data[at], offset, chunk.captured_len.copy(), chunk.wire_len.copy(),
        chunk.time_ns.copy(), chunk.iface.copy(), chunk.direction.copy(), chunk.link.copy(),
    )  # fmt: skip
