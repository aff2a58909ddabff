"""BEEP (RFC 3080): a frame by its first word."""

from __future__ import annotations

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope

_KEYS = {key + b" ": key.decode() for key in (b"RPY", b"ERR", b"ANS", b"NUL", b"SEQ")}
_KEYS |= {b"MSG\0": "MSG", b"END\0": "END"}
"""tcpdump compares these two with the zero that ends its own text."""


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A segment."""
    scope.enter("beep")
    start = scope.rest(0, 4) if scope.length >= 4 else b""
    scope.write(f" BEEP {_KEYS.get(start, '(payload or undecoded)')}")
