"""whois (RFC 3912): a question's line and the answer's."""

from __future__ import annotations

from netshell.classic.dump.application.text_lines import show_lines
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A segment: all that is text in it."""
    scope.write(": ")
    show_lines(scope, settings, "whois")
