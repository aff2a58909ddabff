"""Plots as matplotlib figures, and what is said and shown where matplotlib is missing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from plots import page

import netshell.render  # noqa: F401 - offers the renderers
from netshell.errors import Unavailable

KINDS = ("sequence", "throughput", "rtt", "window")


@pytest.fixture
def matplotlib() -> Any:
    return pytest.importorskip("matplotlib", reason="matplotlib (notebook extra) is not installed")


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_the_series_the_units_and_the_notes(kind: str, matplotlib: Any) -> None:
    plot = page().plot(kind, side="server")
    figure = plot.figure()
    assert isinstance(figure, matplotlib.figure.Figure)
    (axes,) = figure.axes
    assert "10.0.0.2:80 > 10.0.0.1:40000" in axes.get_title("left")
    assert axes.get_xlabel() == "time since the flow's start, ms"
    assert axes.get_ylabel().partition(", ")[2]
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert names == [series.name for series in plot.records() if series.name]
    if kind == "throughput":
        assert legend.get_title().get_text().startswith("bins of 1 ms")


def test_it_can_be_written(tmp_path: Path, matplotlib: Any) -> None:
    page().plot("sequence").figure().savefig(tmp_path / "x.pdf")
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF")


def test_it_stays_out_of_pyplot(matplotlib: Any) -> None:
    page().plot("rtt").figure()
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


def test_a_dark_style_gets_light_ink(matplotlib: Any) -> None:
    with matplotlib.rc_context({"figure.facecolor": "black"}):
        dark = page().plot("sequence").figure().axes[0].get_lines()[0].get_color()
    light = page().plot("sequence").figure().axes[0].get_lines()[0].get_color()
    assert dark != light


def test_notebooks_show_the_figure(matplotlib: Any) -> None:
    plot = page().plot("window")
    image = plot._repr_png_()
    assert image is not None and image.startswith(b"\x89PNG")
    assert plot._repr_html_() is None


def test_without_points_they_show_the_line(matplotlib: Any) -> None:
    plot = page().plot("window").zoom(7, 8)
    assert plot._repr_png_() is None
    assert "nothing happened between" in (plot._repr_html_() or "")
    assert plot.figure().axes[0].texts[0].get_text().startswith("nothing to draw")


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter that has no matplotlib."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)


def test_without_matplotlib_one_line_says_what_to_do(without: None) -> None:
    with pytest.raises(Unavailable) as caught:
        page().plot("rtt").figure()
    assert "pip install 'netshell[notebook]'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_matplotlib_notebooks_show_the_svg(without: None) -> None:
    plot = page().plot("sequence")
    assert plot._repr_png_() is None
    assert (plot._repr_html_() or "").count("<svg") == 1
