"""Pictures of a flow over time, for the terminal, for pages and for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from netshell.errors import BadArgument, Unavailable, brief
from netshell.flow.curves import PICTURES, TIME, Picture, Told, farther
from netshell.flow.given import as_text
from netshell.flow.sides import Side, checked
from netshell.flow.thinning import Curve, within
from netshell.results import RENDER, Result, rendered
from netshell.view import Block, Note, Plot, Series

if TYPE_CHECKING:
    from netshell.flow.flow import Flow
    from netshell.flow.segments import Segments


class FlowPlot(Result):
    """One picture of a flow: of what one side sent, and of what the other said about it.

    >>> flow.plot("sequence")                                          # doctest: +SKIP
    >>> flow.plot("rtt", side="client").save("rtt.svg")                # doctest: +SKIP
    >>> flow.plot("window").figure().savefig("window.png")             # doctest: +SKIP

    ``curves`` has every point as arrays: x in seconds since the flow's start, y in bytes, bytes a
    second or seconds. What is drawn is thinned to what a screen can show.
    """

    def __init__(
        self,
        flow: Flow,
        kind: str,
        side: Side,
        curves: Sequence[Curve],
        notes: Sequence[str] = (),
        empty: str = "",
    ) -> None:
        self.flow, self.kind, self.side = flow, kind, side
        self.curves = tuple(curves)
        self._notes = tuple(notes)
        self._empty = empty

    def zoom(self, start_s: float, end_s: float) -> FlowPlot:
        """The same between two times, seconds since the flow's start; a finer throughput.

        >>> flow.plot("sequence").zoom(0.2, 0.25)                      # doctest: +SKIP

        Raises BadArgument for times that are none, or not in this order.
        """
        return plot_of(self.flow, self.kind, self.side, _checked((start_s, end_s)))

    def view(self) -> Sequence[Block]:
        picture = PICTURES[self.kind]
        series = _told(self.curves)
        sender, other = self.flow.client, self.flow.server
        if self.side == "server":
            sender, other = other, sender
        plot = Plot(
            TIME,
            picture.axis,
            series,
            title=f"{picture.name}, flow {self.flow.number}: {self.side} {sender} > {other}",
            empty=self._empty,
        )
        return (plot, *(map(Note, self._notes) if series else ()))

    def records(self) -> Sequence[Series]:
        """What is drawn."""
        return _told(self.curves)

    def text(self, width: int = 0, ascii: bool = False) -> str:
        """The picture as plain text of that width (0: 100 cells), in braille dots or ASCII.

        >>> print(flow.plot("sequence").text(80, ascii=True))          # doctest: +SKIP

        Raises BadArgument for what is no such width.
        """
        return as_text(self.view(), width, ascii)

    def svg(self) -> str:
        """The picture as an SVG document that stands for itself."""
        return str(rendered("svg", self))

    def save(self, path: Any) -> Any:
        """Write the picture as an SVG file, whole or not at all, and return its path.

        >>> flow.plot("sequence").save("flow.svg")                     # doctest: +SKIP

        Raises BadArgument (a name of another kind, "flow.png"), NotPermitted, NotFound, BadFile.
        """
        return rendered("svg", self, path)

    def figure(self) -> Any:
        """A ``matplotlib.figure.Figure``, in the colours of your style sheet's background.

        >>> flow.plot("rtt").figure().savefig("rtt.pdf")               # doctest: +SKIP

        Raises Unavailable without matplotlib (the ``notebook`` extra).
        """
        return rendered("figure", self)

    # Notebooks take HTML before PNG: there is the one where matplotlib is, else the other.

    def _repr_html_(self) -> str | None:
        return super()._repr_html_() if self._figure() is None else None

    def _repr_png_(self) -> bytes | None:
        figure = self._figure()
        if figure is None:
            return None
        image = BytesIO()
        figure.savefig(image, format="png")
        return image.getvalue()

    def _figure(self) -> Any:
        """The figure; None without points or without matplotlib."""
        if "figure" not in RENDER or not self.curves:
            return None
        try:
            return self.figure()
        except Unavailable:
            return None


def plot_of(
    flow: Flow, kind: object, side: object = None, between: tuple[float, float] | None = None
) -> FlowPlot:
    """A picture of a flow as it is now. Raises BadArgument for a kind or a side there is not, or
    no TCP, and Unavailable for a flow made by hand."""
    picture = PICTURES.get(kind) if isinstance(kind, str) else None
    if picture is None or not isinstance(kind, str):
        raise BadArgument(f"plot {brief(kind)}", next_step=f"one of {_QUOTED}")
    wanted = None if side is None else checked(side)
    if flow.proto != "tcp":
        raise BadArgument(
            f"{flow.proto or 'this flow'} has no plot",
            why="only TCP has sequence numbers, windows and acknowledgments",
            next_step="flow.ladder() draws its packets, flow.follow() tells what they say",
        )
    segments = flow.segments
    sides: list[Side] = [wanted] if wanted is not None else _sides(segments, picture)
    for whose in sides:
        told = Told(segments, flow.start_ns, whose, between, [])
        curves, empty = _drawn(told, picture)
        if not empty:
            break
    return FlowPlot(flow, kind, whose, curves, told.notes, empty)


def _sides(segments: Segments, picture: Picture) -> list[Side]:
    """Whose data is drawn unless somebody says; the second where there is nothing of the first."""
    sent = int(segments.length[segments.from_client].sum())
    most: Side = "client" if 2 * sent > int(segments.length.sum()) else "server"
    far = farther(segments) if picture is PICTURES["rtt"] else None
    if far is None:
        return [most]
    # Near an end, that end's own acknowledgments come at once: they say nothing of the network.
    return [far, "server" if far == "client" else "client"]


def _drawn(told: Told, picture: Picture) -> tuple[list[Curve], str]:
    """The curves; or none where there is nothing to see over time, and why."""
    if not len(told.data):
        whose = f"of the {told.side} " if told.segments.length.any() else ""
        return [], f"nothing to draw: no data {whose}was captured"
    curves = list(picture.curves(told))
    if told.between is not None:
        curves = [within(curve, *told.between) for curve in curves]
    curves = [curve for curve in curves if len(curve.x)]
    x = np.concatenate([curve.x for curve in curves]) if curves else np.zeros(1)
    if float(x.min()) < float(x.max()):
        return curves, ""
    if told.between is not None:
        return [], "nothing to draw: nothing happened between these times"
    if not curves and picture is PICTURES["rtt"]:
        return [], "nothing to draw: no data was acknowledged where the time can be told"
    return [], "nothing to draw over time: it has one moment only"


def _checked(between: tuple[float, float]) -> tuple[float, float]:
    try:
        start, end = (float(each) for each in between)
    except (TypeError, ValueError):
        start, end = 1.0, 0.0
    if not (np.isfinite([start, end]).all() and start < end):
        raise BadArgument(
            f"zoom between {brief(between[0], 20)} and {brief(between[1], 20)}",
            why="these are no two times, the first before the second",
            next_step="give seconds since the flow's start: .zoom(0.2, 0.5)",
        )
    return start, end


def _told(curves: Sequence[Curve]) -> tuple[Series, ...]:
    return tuple(curve.series() for curve in curves)


_QUOTED = ", ".join(f'"{kind}"' for kind in PICTURES)
