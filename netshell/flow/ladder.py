"""A flow as a ladder: its two ends as columns, an arrow a packet, states at the sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from netshell.flow.given import as_text, yes_or_no
from netshell.flow.rungs import COLUMNS, INFERRED, Drawn, left_out
from netshell.flow.state import State
from netshell.flow.steps import Rows, Step, Steps, folds, of_packets, of_segments
from netshell.results import Records, rendered
from netshell.view import Block, End, Ladder, Note, Rung

if TYPE_CHECKING:
    from netshell.flow.flow import Flow

FIRST, LAST = 200, 50  # rungs that a ladder shows of itself when it has more


class FlowLadder(Records[Step]):
    """What the ends of a flow sent each other, from top to bottom.

    >>> cap.flows[0].ladder()
    >>> cap.flows[0].ladder(fold=False)[100:200]
    >>> cap.flows[0].ladder().save("handshake.svg")

    Iterates and indexes as :class:`Step`; a slice is a ladder again. A long one shows its first
    and last rungs; :meth:`all` shows every one.
    """

    called = "steps"
    is_brief = True

    def __init__(self, flow: Flow, steps: Sequence[Step], limit: bool = True) -> None:
        super().__init__(steps)
        self.flow = flow
        self._limit = limit

    def with_rows(self, rows: Sequence[Step]) -> FlowLadder:
        return FlowLadder(self.flow, rows, self._limit)

    def all(self) -> FlowLadder:
        """The same ladder, which shows every rung it has."""
        return FlowLadder(self.flow, self._rows, limit=False)

    def view(self) -> Sequence[Block]:
        drawn = Drawn(self.flow.start_ns)
        count, rows = len(self._rows), self._rows
        notes: list[str] = []
        if not self._limit or count <= FIRST + LAST + 1:
            rungs = [drawn.rung(step) for step in rows]
        else:
            rungs = [drawn.rung(step) for step in rows[:FIRST]]
            rungs.append(left_out(rows[FIRST : count - LAST]))
            drawn.skip(rows[count - LAST - 1])
            rungs += [drawn.rung(step) for step in rows[count - LAST :]]
            notes.append(
                f"{count - FIRST - LAST:,} of {count:,} rungs left out: "
                f"[{FIRST}:{count - LAST}] are those, .all() shows every one"
            )
        if isinstance(rows, Steps):
            notes += _said(self.flow, rows.rows, drawn.has_inferred)
        return (picture(self.flow, rungs), *map(Note, notes))

    def text(self, width: int = 0, ascii: bool = False) -> str:
        """The ladder as plain text of that width (0: as wide as needed), in Unicode or ASCII.

        >>> print(cap.flows[0].ladder().text(100, ascii=True))

        Raises BadArgument for what is no such width.
        """
        return as_text(self.view(), width, ascii)

    def svg(self) -> str:
        """The ladder as a picture that stands for itself: an SVG document.

        A long one is shortened as on a screen, and says so; ``.all().svg()`` draws every rung.

        >>> cap.flows[0].ladder().svg()
        """
        return str(rendered("svg", self))

    def save(self, path: Any) -> Any:
        """Write the picture as an SVG file, whole or not at all, and return its path.

        What a long one leaves out is said in it; ``.all().save(...)`` draws every rung.

        >>> cap.flows[0].ladder().save("handshake.svg")

        Raises BadArgument (a name of another kind, "x.png"), NotPermitted, NotFound, BadFile.
        """
        return rendered("svg", self, path)

    def __iter__(self) -> Iterator[Step]:
        return iter(self._rows)


def ladder_of(flow: Flow, fold: bool = True) -> FlowLadder:
    """The ladder of a flow's packets up to now. Raises Unavailable for a flow made by hand."""
    rows = rows_of(flow)
    starts = folds(rows) if yes_or_no(fold, "fold") else np.arange(len(rows) + 1)
    return FlowLadder(flow, Steps(rows, starts))


def rows_of(flow: Flow) -> Rows:
    """A flow's packets of this moment, with states and findings."""
    source = flow.origin
    if flow.client_flags is None:
        return of_packets(source, flow.number)
    from netshell.flow.findings import find
    from netshell.flow.tracker import track

    segments = flow.segments
    return of_segments(segments, track(segments), find(segments).records())


def picture(flow: Flow, rungs: Sequence[Rung] = (), title: str = "") -> Ladder:
    """A flow's ladder with these rungs."""
    client, server = (
        End(role, str(end) if end.port else end.address, name)
        for role, end, name in (
            ("client", flow.client, _name(flow.origin.hosts, flow.client.address)),
            ("server", flow.server, flow.name),
        )
    )
    return Ladder(
        client,
        server,
        COLUMNS,
        rungs,
        title=title or f"flow {flow.number}: {flow}",
        empty="none of its packets are held",
        has_states=flow.client_flags is not None,
    )


def _name(names: Mapping[str, Sequence[str]], address: str) -> str:
    return next(iter(names.get(address, ())), "")


def _said(flow: Flow, rows: Rows, has_inferred: bool) -> Iterator[str]:
    """What is to be said of what no packet shows."""
    if (missing := flow.packets - len(rows)) > 0:
        yield f"{missing:,} of its packets not drawn: fragments, cut, or let go"
    begun = [steps[0] for steps in rows.steps if steps]
    if begun and all(change.state is State.ESTABLISHED for change in begun):
        yield "the beginning was not captured: both ends are taken to be ESTABLISHED"
    elif has_inferred:
        yield INFERRED
