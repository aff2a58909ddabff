"""Bytes that a printer knows nothing of: in hexadecimal, as many as were captured."""

from __future__ import annotations

from netshell.classic.dump.text import Scope


def show_unknown(scope: Scope, indent: str, at: int, count: int) -> None:
    """Write up to `count` bytes in lines behind `indent`; what was not captured is left out."""
    scope.hexadecimal(indent, at, min(count, scope.left(at)))
