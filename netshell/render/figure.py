"""Plots as matplotlib figures: for notebooks, and for every format that matplotlib writes.

matplotlib is in the ``notebook`` extra; where it is missing, one line names the command that
installs it. Figures are made without pyplot: they are nobody's current figure, and need no closing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from netshell.errors import Unavailable
from netshell.extras import install
from netshell.render.svg import DARK, LIGHT
from netshell.view import Note, Plot, Series, clean
from netshell.view.text import wrap
from netshell.view.ticks import has_points, horizontal, vertical

_SIZE = (10, 5.6)  # inches
_TICKS = 8
_LINE = 130  # characters of a note
_MARKERS = {"R": "x", "X": "P", "Z": "s", "S": "^", "F": "v"}


def figure(result: Any) -> Any:
    """A ``matplotlib.figure.Figure`` of a result's plot. Raises Unavailable without matplotlib."""
    library = _needed("matplotlib.figure")
    blocks = result.view()
    plot = next(block for block in blocks if isinstance(block, Plot))
    made = library.Figure(figsize=_SIZE, layout="constrained")
    colours = _colours(made)
    axes = made.add_subplot()
    axes.set_title(clean(plot.title), loc="left", parse_math=False)
    if not has_points(plot):
        axes.set_axis_off()
        axes.text(0, 0.9, clean(plot.empty), parse_math=False)
        return made
    for series in plot.series:
        _draw(axes, series, colours[series.style or "text"])
    for axis, scale, limits in (
        (axes.xaxis, horizontal(plot, _TICKS), axes.set_xlim),
        (axes.yaxis, vertical(plot, _TICKS), axes.set_ylim),
    ):
        axis.set_ticks(scale.ticks, labels=scale.labels)
        axis.set_label_text(clean(scale.label))
        rim = (scale.high - scale.low) / 100
        limits(scale.low - rim, scale.high + rim)
    axes.grid(color=colours["rail"], alpha=0.35, linewidth=0.6)
    axes.set_axisbelow(True)
    notes = [line for block in blocks if isinstance(block, Note)
             for line in wrap(clean(block.text), _LINE)]  # fmt: skip
    made.legend(
        loc="outside lower left", ncols=3, frameon=False,
        title="\n".join(notes) or None, alignment="left", title_fontsize="small",
    )  # fmt: skip
    return made


def _draw(axes: Any, series: Series, colour: str) -> None:
    name = clean(series.name) or "_"  # an underscore: not in the legend
    if series.kind == "bars":
        form = "dotted" if series.is_dashed else "solid"
        axes.vlines(series.x, series.low, series.y, colour, form, label=name, linewidth=1.2)
    elif series.kind == "steps":
        dashes = "--" if series.is_dashed else "-"
        axes.step(series.x, series.y, dashes, where="post", color=colour, label=name, linewidth=1.2)
    elif series.kind == "dots":
        axes.plot(series.x, series.y, ".", color=colour, label=name, markersize=4)
    else:
        marker = _MARKERS.get(series.mark, "D")
        hollow = {} if marker == "x" else {"markerfacecolor": "none"}
        axes.plot(
            series.x,
            series.y,
            marker,
            color=colour,
            label=name,
            markersize=6,
            linestyle="",
            **hollow,
        )


def _colours(made: Any) -> dict[str, str]:
    """Those of pictures, for the figure's background: a style sheet may have made it dark."""
    red, green, blue = import_module("matplotlib.colors").to_rgb(made.get_facecolor())
    return DARK if red + green + blue < 1.5 else LIGHT


def _needed(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise Unavailable(
            "cannot make a figure",
            why="matplotlib is not installed",
            next_step=f'{install("netshell[notebook]")}; .save("x.svg") needs nothing',
        ) from error
