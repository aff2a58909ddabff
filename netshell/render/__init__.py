"""Renderers: each draws every view block, or turns records into a data frame.

``RENDERERS`` is the one registry. Importing this package offers them to ``netshell.results``, each
loaded on first use, so that drawing a terminal table never costs the import of a notebook's.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from netshell.errors import NetshellError
from netshell.results import RENDER
from netshell.view import clean

RENDERERS: tuple[tuple[str, str, str], ...] = (
    # name, module, function
    ("screen", "terminal", "screen"),
    ("html", "html", "page"),
    ("json", "json", "text"),
    ("pandas", "frames", "pandas"),
    ("polars", "frames", "polars"),
    ("arrow", "frames", "arrow"),
    ("parquet", "parquet", "write"),
    ("sql", "sql", "ask"),
)


def _offer(name: str, module: str, function: str) -> None:
    def render(result: Any, *arguments: Any) -> Any:
        return getattr(import_module(f"netshell.render.{module}"), function)(result, *arguments)

    RENDER[name] = render


for _entry in RENDERERS:
    _offer(*_entry)


def _line(error: NetshellError) -> list[str]:
    return [clean(str(error))]


# What IPython and Jupyter ask an exception for: its line instead of a traceback.
NetshellError._render_traceback_ = _line  # type: ignore[attr-defined]
