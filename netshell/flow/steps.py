"""What two ends sent each other, step by step: one packet a step, or a run of ordinary ones.

:class:`Rows` are a flow's packets as arrays, with the states after each and what was found in them.
:func:`folded` decides which of them stand alone: of a long run of plain data only its ends do. What
is not plain is not folded: flags other than ACK and PSH, a state that changes, a finding (but
mere chat, which is counted beside the run), a remark, a closed window, a silence before it, a
dialogue (:mod:`netshell.flow.folding`); unless it is the same again and again, as window probes.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from netshell.flow.folding import bulk, long_gaps, repeated, turns
from netshell.flow.reuse import ACK, RST
from netshell.flow.segments import UNKNOWN
from netshell.flow.state import State
from netshell.packet.tcp import Flags, flags_text

if TYPE_CHECKING:
    from netshell.flow.findings import Finding
    from netshell.flow.segments import Segments
    from netshell.flow.source import Source
    from netshell.flow.track import Change, Track

EDGE = 2  # rows at each end of a run that stand alone
LEAST = 8  # rows that are worth a fold
PAUSE_NS = 1_000_000_000  # a silence that gets a line of its own
CHAT = "chat"  # the least severity of a finding
NO_FLAGS = -1  # of a row that is no TCP segment

_SEVERAL = 100  # findings of a step that are not made at once
_PLAIN = (Flags.ACK.value, Flags.ACK.value | Flags.PSH.value)


@dataclass(frozen=True, slots=True)
class Step:
    """One packet of a flow, or a run of them that is told as one.

    Numbers of a segment are relative, as Wireshark's; of a run they are None, and the counts say
    what was in it. States are those of both ends from here on (None without TCP).
    """

    packet: int  # number in the capture
    last_packet: int  # of a run; otherwise the same
    time_ns: int
    gap_ns: int | None  # since the packet before, in this flow
    duration_ns: int  # of a run; otherwise 0
    sender: Literal["client", "server", "both"]
    flags: str | None  # of a run: those beside ACK and PSH, if it had to be made of such too
    seq: int | None
    ack: int | None
    window: int | None  # in bytes, where the scale is known; else as written; a RST has none
    client_packets: int
    server_packets: int
    client_bytes: int  # payload
    server_bytes: int
    client_state: State | None
    server_state: State | None
    client_shown: bool  # False where the state is inferred: nothing that the end sent proves it
    server_shown: bool
    findings: Sequence[Finding] = ()
    remark: str = ""

    @property
    def packets(self) -> int:
        """How many packets it is."""
        return self.client_packets + self.server_packets

    @property
    def bytes(self) -> int:
        """Payload, both ways."""
        return self.client_bytes + self.server_bytes


@dataclass(frozen=True)
class Rows:
    """N packets of one flow, in capture order; arrays of length N."""

    packet: NDArray[np.int64]
    time_ns: NDArray[np.int64]
    from_client: NDArray[np.bool_]
    length: NDArray[np.int64]
    flags: NDArray[np.int16]  # NO_FLAGS without TCP
    seq: NDArray[np.int64]
    ack: NDArray[np.int64]  # UNKNOWN without ACK flag
    window: NDArray[np.int64]
    steps: tuple[Sequence[Change], Sequence[Change]] = ((), ())  # of client and server
    findings: Sequence[Finding] = ()  # in the order of their packets
    remarks: Mapping[int, str] = field(default_factory=dict)  # by row
    _found: NDArray[np.int64] = field(init=False, repr=False)  # packets with findings, in order
    _special: NDArray[np.int64] = field(init=False, repr=False)  # with more than chat

    def __post_init__(self) -> None:
        from netshell.flow.findings.finding import FindingRows

        rows = self.findings  # their texts are made one by one, when they are looked at
        if isinstance(rows, FindingRows):
            found = rows.packet
            special = np.array([rule.severity != CHAT for rule in rows.rules], np.bool_)[rows.rule]
        else:
            found = np.array([each.packet for each in rows], np.int64)
            special = np.array([each.severity != CHAT for each in rows], np.bool_)
        object.__setattr__(self, "_found", found)
        object.__setattr__(self, "_special", found[special])

    def __len__(self) -> int:
        return len(self.packet)

    def plain(self, start: int = 0) -> NDArray[np.bool_]:
        """Which rows from ``start`` on are nothing special."""
        flags = self.flags[start:]
        plain: NDArray[np.bool_] = (flags == NO_FLAGS) | np.isin(flags, _PLAIN)
        plain &= (self.window[start:] != 0) | (flags == NO_FLAGS)
        gaps = np.diff(self.time_ns[max(start - 1, 0) :])
        plain[len(plain) - len(gaps) :] &= gaps < PAUSE_NS
        special = [*self.remarks, *(change.row for side in self.steps for change in side)]
        rows = np.array(special, np.int64) - start
        plain[rows[(rows >= 0) & (rows < len(plain))]] = False
        plain[np.isin(self.packet[start:], self._special)] = False
        plain[len(plain) - len(gaps) :] &= ~long_gaps(gaps)
        turn = turns(self.from_client, self.length, self.seq, self.ack, self.flags != NO_FLAGS)
        return bulk(plain, turn[start:], LEAST)

    def again(self) -> NDArray[np.bool_]:
        """Which rows are the same as those before, findings included, again and again."""
        from netshell.flow.findings.finding import FindingRows

        flags = self.flags
        allowed: NDArray[np.bool_] = (flags == NO_FLAGS) | np.isin(flags, _PLAIN)
        for row in (*self.remarks, *(change.row for side in self.steps for change in side)):
            allowed[row] = False
        if isinstance(self.findings, FindingRows):
            bits = np.int64(1) << self.findings.rule.astype(np.int64)
        else:
            names = {kind: at for at, kind in enumerate({each.kind for each in self.findings})}
            bits = np.array([1 << names[each.kind] for each in self.findings], np.int64)
        kinds = np.zeros(len(self), np.int64)
        rows = np.searchsorted(self.packet, self._found)
        there = rows < len(self)
        np.bitwise_or.at(kinds, rows[there], bits[there])
        allowed &= kinds > 0  # what has no findings is plain, or a dialogue
        parts = (kinds, self.length, self.from_client.astype(np.int64), flags.astype(np.int64))
        key = np.unique(np.stack(parts, axis=1), axis=0, return_inverse=True)[1].reshape(-1)
        return repeated(key, allowed, EDGE)

    def step(self, start: int, stop: int) -> Step:
        """The rows from ``start`` to before ``stop`` as one step."""
        last = stop - 1
        is_run = stop - start > 1
        sent = self.from_client[start:stop]
        length = self.length[start:stop]
        by_client, size, of_client = int(sent.sum()), int(length.sum()), int(length[sent].sum())
        flags = int(self.flags[start])
        is_tcp = not is_run and flags != NO_FLAGS
        if is_run and flags != NO_FLAGS:
            flags = int(np.bitwise_or.reduce(self.flags[start:stop])) & ~_PLAIN[-1]
        packet, time_ns = int(self.packet[start]), int(self.time_ns[start])
        sender: Literal["client", "server", "both"] = "both"
        if by_client in (0, stop - start):
            sender = "client" if by_client else "server"
        ack = int(self.ack[start])
        client, server = (self.change(side, last) for side in (0, 1))
        return Step(
            packet=packet,
            last_packet=int(self.packet[last]),
            time_ns=time_ns,
            gap_ns=time_ns - int(self.time_ns[start - 1]) if start else None,
            duration_ns=int(self.time_ns[last]) - time_ns,
            sender=sender,
            flags=flags_text(flags) if is_tcp or (is_run and flags > 0) else None,
            seq=int(self.seq[start]) if is_tcp else None,
            ack=ack if is_tcp and ack != UNKNOWN else None,
            window=int(self.window[start]) if is_tcp and not flags & RST else None,
            client_packets=by_client,
            server_packets=stop - start - by_client,
            client_bytes=of_client,
            server_bytes=size - of_client,
            client_state=None if client is None else client.state,
            server_state=None if server is None else server.state,
            client_shown=client is not None and client.shown,
            server_shown=server is not None and server.shown,
            findings=self._findings(packet, int(self.packet[last])),
            remark="" if is_run else self.remarks.get(start, ""),
        )

    def _findings(self, packet: int, last: int) -> Sequence[Finding]:
        """What was found from one packet to another; of many, each is made when it is looked at."""
        found = self._between(packet, last)
        several = self.findings[found]
        return several if len(several) > _SEVERAL else tuple(several)

    def count_findings(self, packet: int, last: int) -> int:
        """How much was found from one packet to another."""
        found = self._between(packet, last)
        return int(found.stop - found.start)

    def _between(self, packet: int, last: int) -> slice:
        low, high = np.searchsorted(self._found, [packet, last + 1]).tolist()
        return slice(low, high)

    def change(self, side: int, row: int) -> Change | None:
        """What the client (0) or the server (1) is in after a row; None without TCP."""
        steps = self.steps[side]
        place = bisect.bisect_right(steps, row, key=lambda change: change.row)
        return steps[place - 1] if place else None


def of_segments(
    segments: Segments, track: Track | None = None, findings: Sequence[Finding] = ()
) -> Rows:
    """The rows of a TCP flow; findings are in the order of their packets."""
    return Rows(
        segments.packet,
        segments.time_ns,
        segments.from_client,
        segments.length,
        segments.flags,
        segments.seq,
        np.where(segments.flags & ACK > 0, segments.ack, UNKNOWN),
        segments.scaled,
        ((), ()) if track is None else (track.client, track.server),
        findings,
        {} if track is None else track.remarks,
    )


def of_packets(source: Source, number: int) -> Rows:
    """The rows of a flow that is not TCP: who sent how much, when."""
    from netshell.flow.segments import packets_in

    numbers, sent = packets_in(source, number)
    packet, time_ns, length = [], [], []
    for start, columns, _ in source.parts():
        low, high = np.searchsorted(numbers, [start, start + len(columns)])
        if low == high:
            continue
        rows = columns[numbers[low:high] - start]
        packet.append(numbers[low:high])
        time_ns.append(rows.time_ns)
        length.append(np.maximum(rows.payload_len, 0))
    count = sum(map(len, packet))
    nothing = np.zeros(count, np.int64)
    return Rows(
        _joined(packet, np.int64),
        _joined(time_ns, np.int64),
        sent,
        _joined(length, np.int64),
        np.full(count, NO_FLAGS, np.int16),
        nothing,
        nothing,
        nothing,
    )


def _joined(parts: Sequence[Any], dtype: Any) -> Any:
    return np.concatenate([np.zeros(0, dtype), *(part.astype(dtype) for part in parts)])


# --- folding --------------------------------------------------------------------------------


def folded(plain: NDArray[np.bool_], before: int = 0, is_open: bool = False) -> NDArray[np.intp]:
    """The rows that steps begin with, and behind them the end.

    ``before`` plain rows of the first run came earlier; the last run goes on if it ``is_open``, and
    is folded to its end.
    """
    count = len(plain)
    starts = np.ones(count + 1, np.bool_)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], plain, [False]]).astype(np.int8)))
    for first, behind in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        first += max(EDGE - before, 0) if first == 0 else EDGE
        behind -= 0 if is_open and behind == count else EDGE
        if behind - first >= LEAST:
            starts[first + 1 : behind] = False
    return np.flatnonzero(starts)


def folds(rows: Rows) -> NDArray[np.intp]:
    """The rows that a whole flow's steps begin with, and behind them the end."""
    return np.intersect1d(folded(rows.plain()), folded(rows.again()))


class Steps(Sequence[Step]):
    """Steps made when they are looked at; ``starts`` are the rows they begin with, and the end."""

    def __init__(self, rows: Rows, starts: NDArray[np.intp], chosen: range | None = None) -> None:
        self.rows = rows
        self.starts = starts
        self._range = range(len(starts) - 1) if chosen is None else chosen

    def __len__(self) -> int:
        return len(self._range)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> Steps: ...
    def __getitem__(self, index: int | slice) -> Step | Steps:
        if isinstance(index, slice):
            return Steps(self.rows, self.starts, self._range[index])
        at = self._range[index]
        return self.rows.step(int(self.starts[at]), int(self.starts[at + 1]))
