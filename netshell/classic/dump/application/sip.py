"""SIP over UDP (RFC 3261 and its extensions): requests and responses as HTTP's."""

from __future__ import annotations

from netshell.classic.dump.application.text_lines import show_lines
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope

METHODS = frozenset(
    [
        "ACK",
        "BYE",
        "CANCEL",
        "INVITE",
        "OPTIONS",
        "REGISTER",
        "INFO",
        "MESSAGE",
        "NOTIFY",
        "PRACK",
        "PUBLISH",
        "REFER",
        "SUBSCRIBE",
        "UPDATE",
        "DO",
        "QAUTH",
        "SPRACK",
    ]
)


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A datagram: its request or response, else the name alone."""
    show_lines(scope, settings, "sip", METHODS)
