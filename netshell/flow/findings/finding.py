"""Findings as users hold them: records made when they are looked at, over arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from netshell.errors import BadArgument, brief
from netshell.flow.called import checked_call
from netshell.flow.findings.handshakes import talks_to_itself
from netshell.flow.findings.rule import SEVERITIES, Rule
from netshell.flow.findings.running import Running
from netshell.flow.segments import Segments
from netshell.results import Data, Records, Single
from netshell.view import Block, Cell, Column, Note, Table

_ITSELF = " (Both ends have one address and port: no packet tells its side, so this is a guess.)"
SHOWN = 40  # findings a list shows of itself when it has more


@dataclass(frozen=True, repr=False)
class Finding(Single):
    """What is remarkable about one packet: a hint, not a verdict.

    ``kind`` is the name of tshark's field ``tcp.analysis.<kind>``, or one of our own; ``packet``
    the packet's number in the capture from 0, ``flow`` that of its flow.
    """

    kind: str
    packet: int
    severity: str  # "chat", "note", "warn" or "error"
    text: str
    flow: int
    among: InitVar[FindingRows | None] = None  # those it was taken from

    def __post_init__(self, among: FindingRows | None) -> None:
        object.__setattr__(self, "_among", among)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_among": None}

    @property
    def alike(self) -> Findings | None:
        """All of its kind in its flow, this one too; None if it was made by hand."""
        among: FindingRows | None = self.__dict__["_among"]
        return None if among is None else Findings(among.all_of(self.kind, self.flow))

    def __str__(self) -> str:
        return f"packet {self.packet}, {self.kind}: {self.text}"

    def facts(self) -> Iterable[tuple[str, str]]:
        yield "finding", f"{self.kind} ({self.severity})"
        yield "packet", str(self.packet)
        yield "flow", str(self.flow)
        yield "text", self.text


class FindingRows(Sequence[Finding]):
    """N findings as arrays: the rule and the segment's row of each; texts are made when asked."""

    def __init__(
        self,
        rules: Sequence[Rule],
        running: Running,
        rule: NDArray[np.int8],
        row: NDArray[np.intp],
    ) -> None:
        self.rules, self.running, self.rule, self.row = rules, running, rule, row

    @property
    def packet(self) -> NDArray[np.int64]:
        """The packets' numbers."""
        return self.running.segments.packet[self.row]

    @property
    def flow(self) -> NDArray[np.int32]:
        """The flows' numbers."""
        return self.running.segments.flow[self.row]

    def __len__(self) -> int:
        return len(self.row)

    def __iter__(self) -> Iterator[Finding]:
        return map(self._finding, range(len(self.row)))

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> FindingRows: ...
    def __getitem__(self, index: int | slice) -> Finding | FindingRows:
        if isinstance(index, slice):
            return self.taken(index)
        return self._finding(index)

    def taken(self, which: Any) -> FindingRows:
        """Those that a slice, mask or index array selects."""
        return FindingRows(self.rules, self.running, self.rule[which], self.row[which])

    def all_of(self, kind: str, flow: int) -> FindingRows:
        """All findings of a kind in a flow, whichever were taken for this."""
        rule = [each.kind for each in self.rules].index(kind)
        row = self.running.rows(self.rules[rule].find)
        row = row[self.running.segments.flow[row] == flow]
        row = row[np.argsort(self.running.segments.packet[row], kind="stable")]
        return FindingRows(self.rules, self.running, np.full(len(row), rule, np.int8), row)

    def text(self, rule: Rule, row: int) -> str:
        """The sentence of a rule at a row; of a host that talks to its own port, with a remark."""
        said = rule.text(self.running, row)
        return said + _ITSELF if talks_to_itself(self.running, row) else said

    def _finding(self, at: int) -> Finding:
        row, rule = int(self.row[at]), self.rules[self.rule[at]]
        segments = self.running.segments
        return Finding(
            kind=rule.kind,
            packet=int(segments.packet[row]),
            severity=rule.severity,
            text=self.text(rule, row),
            flow=int(segments.flow[row]),
            among=self,
        )


class Findings(Records[Finding]):
    """What is remarkable about a capture's TCP segments, in the order of their packets.

    >>> cap.findings                                                   # doctest: +SKIP
    >>> cap.findings.counts                                            # doctest: +SKIP
    >>> cap.findings.where(kind="retransmission", flow=3)              # doctest: +SKIP
    """

    heads = (
        Column("packet", "right", keep=1),
        Column("flow", "right", keep=3),
        Column("severity", keep=2),
        Column("finding"),
        Column("text", shrink=True, least=50, wrap=True),
    )
    empty = "no findings"
    called = "findings"
    is_brief = True
    table_name = "findings"

    def row(self, record: Finding) -> Sequence[Cell]:
        return (str(record.packet), str(record.flow), record.severity, record.kind, record.text)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many there are of each kind, the most frequent first."""
        rows = self._table
        found = np.bincount(rows.rule, minlength=len(rows.rules)).tolist()
        kinds = [(rule.kind, n) for rule, n in zip(rows.rules, found, strict=True) if n]
        return dict(sorted(kinds, key=lambda each: -each[1]))

    def __init__(self, rows: Sequence[Finding] = (), folds: bool = True) -> None:
        super().__init__(rows)
        self._folds = folds  # a slice shows each of them

    def with_rows(self, rows: Sequence[Finding]) -> Findings:
        return Findings(rows, folds=False)

    def view(self) -> Sequence[Block]:
        if self._folds and isinstance(self._rows, FindingRows):
            from netshell.flow.findings.summary import summary

            if blocks_of := summary(self._rows, SHOWN, self.heads):
                return (*self._counted(), *blocks_of, *self.notes())
        shown = [self.row(record) for record in self._rows[:SHOWN]]
        blocks = self._counted()
        blocks.append(Table(self.heads, shown, empty=self.empty))
        if len(self) > SHOWN:
            left = len(self) - SHOWN
            blocks.append(Note(f"… {left:,} findings left out; [a:b] and .where() choose"))
        return (*blocks, *self.notes())

    def _counted(self) -> list[Block]:
        """How many there are of each kind, where not all of them are shown one by one."""
        if len(self) <= SHOWN or not isinstance(self._rows, FindingRows):
            return []
        severity = {rule.kind: rule.severity for rule in self._rows.rules}
        counted = [(f"{n:,}", severity[kind], kind) for kind, n in self.counts.items()]
        return [Table(_COUNTS, counted)]

    @checked_call
    def where(
        self,
        kind: str | None = None,
        flow: int | None = None,
        severity: str | None = None,
        packet: int | None = None,
    ) -> Findings:
        """Those of a kind, a flow, a severity or a packet.

        >>> cap.findings.where(severity="warn")                        # doctest: +SKIP

        Raises BadArgument for a kind or severity that does not exist, a flow that is none of
        theirs, and for what is no number.
        """
        rows = self._table
        mask = np.ones(len(rows), np.bool_)
        if kind is not None:
            kinds = [rule.kind for rule in rows.rules]
            if not isinstance(kind, str) or kind not in kinds:
                raise BadArgument(f"finding {brief(kind)}", next_step=f"one of {', '.join(kinds)}")
            mask &= rows.rule == kinds.index(kind)
        if severity is not None:
            if not isinstance(severity, str) or severity not in SEVERITIES:
                raise BadArgument(
                    f"severity {brief(severity)}", next_step=f"one of {', '.join(SEVERITIES)}"
                )
            meant = [rule.severity == severity for rule in rows.rules]
            mask &= np.array(meant, np.bool_)[rows.rule]
        segments = rows.running.segments
        if flow is not None:
            if _number("flow", flow) not in segments.numbers:
                raise BadArgument(f"there is no flow {flow} here", next_step=_seen(segments))
            mask &= rows.flow == flow
        if packet is not None:
            mask &= rows.packet == _number("packet", packet)
        return Findings(rows.taken(np.flatnonzero(mask)))

    def data(self) -> Iterator[Mapping[str, Data]] | None:
        rows = self._rows
        return iter([_fields(rows)]) if isinstance(rows, FindingRows) else None

    @property
    def running(self) -> Running:
        """What they were worked out from. Raises BadArgument for findings picked by hand."""
        return self._table.running

    @property
    def segments(self) -> Segments:
        """The segments they were found among. Raises BadArgument for findings picked by hand."""
        return self._table.running.segments

    @property
    def _table(self) -> FindingRows:
        """The rows as arrays; findings picked by hand have none."""
        if not isinstance(self._rows, FindingRows):
            raise BadArgument(
                "these findings have no table", next_step="use the capture's .findings"
            )
        return self._rows


_COUNTS = (Column("count", "right"), Column("severity"), Column("finding"))


def _fields(rows: FindingRows) -> dict[str, Data]:
    """The fields of :class:`Finding` as arrays."""
    texts = [str(rows.text(rows.rules[rule], row)) for rule, row in _pairs(rows)]
    return {
        "kind": Data(rows.rule.astype(np.int32), texts=[rule.kind for rule in rows.rules]),
        "packet": Data(rows.packet),
        "severity": Data(rows.rule.astype(np.int32), texts=[rule.severity for rule in rows.rules]),
        "text": Data(np.arange(len(rows), dtype=np.int32), texts=texts),
        "flow": Data(rows.flow),
    }


def _pairs(rows: FindingRows) -> Iterator[tuple[int, int]]:
    return zip(rows.rule.tolist(), rows.row.tolist(), strict=True)


def _number(what: str, given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or given < 0:
        raise BadArgument(f"{what} {brief(given)}", next_step="use its number, 0 or more")
    return int(given)


def _seen(segments: Segments) -> str:
    """Which flows these findings can be of."""
    numbers = segments.numbers
    if not len(numbers):
        return "no flow was captured"
    if len(numbers) == 1:
        return f"these are of flow {numbers[0]}"
    return f"they are numbered from {numbers[0]} to {numbers[-1]}"
