"""RTSP (RFC 2326): requests and responses as HTTP's."""

from __future__ import annotations

from netshell.classic.dump.application.text_lines import show_lines
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope

METHODS = frozenset(
    [
        "ANNOUNCE",
        "DESCRIBE",
        "GET_PARAMETER",
        "OPTIONS",
        "PAUSE",
        "PLAY",
        "RECORD",
        "REDIRECT",
        "SETUP",
        "SET_PARAMETER",
        "TEARDOWN",
    ]
)


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A segment: its request or response, else the name alone."""
    scope.write(": ")
    show_lines(scope, settings, "rtsp", METHODS)
