"""Records as data frames: one column a field, nested records spread as ``outer_inner``.

pandas, polars and pyarrow are the ``frames`` extra; where it is missing, one line names the
command that installs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from netshell.errors import Unavailable
from netshell.render.json import plain


def pandas(result: Any) -> Any:
    """A ``pandas.DataFrame``."""
    return _library("pandas").DataFrame(_columns(result))


def polars(result: Any) -> Any:
    """A ``polars.DataFrame``."""
    return _library("polars").DataFrame(_columns(result), strict=False)


def arrow(result: Any) -> Any:
    """A ``pyarrow.Table``."""
    return _library("pyarrow").table(_columns(result))


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise Unavailable(
            f"cannot make a {name} table",
            why=f"{name} is not installed",
            next_step="pip install 'netshell[frames]'",
        ) from error


def _columns(result: Any) -> dict[str, list[Any]]:
    rows = [_spread(plain(record)) for record in result.records()]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _spread(record: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(record, dict):
        return {prefix or "value": record}
    flat: dict[str, Any] = {}
    for name, value in record.items():
        full = f"{prefix}_{name}" if prefix else name
        if isinstance(value, dict):
            flat |= _spread(value, full)
        elif isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
            flat[full] = str(value)  # a frame's column holds one type: lists of records as text
        else:
            flat[full] = value
    return flat
