"""HTTP/1 (RFC 9112) and its extensions: the methods that begin a request to tcpdump."""

from __future__ import annotations

from netshell.classic.dump.application.text_lines import show_lines
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope

METHODS = frozenset(
    [
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "DELETE",
        "CONNECT",
        "OPTIONS",
        "TRACE",
        "COPY",
        "LOCK",
        "MKCOL",
        "MOVE",
        "PROPFIND",
        "PROPPATCH",
        "SEARCH",
        "UNLOCK",
        "BASELINE-CONTROL",
        "CHECKIN",
        "CHECKOUT",
        "LABEL",
        "MERGE",
        "MKACTIVITY",
        "MKWORKSPACE",
        "REPORT",
        "UNCHECKOUT",
        "UPDATE",
        "VERSION-CONTROL",
        "BCOPY",
        "BDELETE",
        "BMOVE",
        "BPROPFIND",
        "BPROPPATCH",
        "NOTIFY",
        "POLL",
        "SUBSCRIBE",
        "UNSUBSCRIBE",
        "CCM_POST",
        "RPC_CONNECT",
    ]
)
"""HTTP's own, WebDAV's (RFC 4918), DeltaV's (RFC 3253), Exchange's and Configuration Manager's."""


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A segment: its request or response, else the name alone."""
    scope.write(": ")
    show_lines(scope, settings, "http", METHODS)
