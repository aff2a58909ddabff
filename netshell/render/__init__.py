"""Renderers: each draws every view block, or turns records into a data frame.

``RENDERERS`` is the one registry. Importing this package offers them to ``netshell.results``, each
loaded on first use, so that drawing a terminal table never costs the import of a notebook's.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from netshell.errors import NetshellError
from netshell.results import RENDER

RENDERERS: tuple[tuple[str, str, str], ...] = (
    # name, module, function
    ("screen", "terminal", "screen"),
    ("html", "html", "page"),
    ("svg", "svg", "page"),
    ("figure", "figure", "figure"),
    ("json", "json", "text"),
    ("pandas", "frames", "pandas"),
    ("polars", "frames", "polars"),
    ("arrow", "frames", "arrow"),
    ("parquet", "parquet", "write"),
    ("sql", "sql", "ask"),
    ("octets", "octets", "write"),
)


def _offer(name: str, module: str, function: str) -> None:
    def render(result: Any, *arguments: Any) -> Any:
        return getattr(import_module(f"netshell.render.{module}"), function)(result, *arguments)

    RENDER[name] = render


for _entry in RENDERERS:
    _offer(*_entry)


def _one_line(error: NetshellError) -> list[str]:
    from netshell.render import terminal

    return [terminal.error(error)]


# IPython's hook for exceptions that know how they are to be shown, instead of a traceback: it
# serves cells, %run, awaited code and Jupyter alike, with and without netshell's shell.
NetshellError._render_traceback_ = _one_line  # type: ignore[attr-defined]
