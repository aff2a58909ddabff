"""``netshell lab [scenario]``: the list of scenarios, or one of them played from end to end.

At a terminal each step waits for Enter; into a pipe they follow one another. The exit status is 0
if every step that was played happened; Ctrl-C and the end of the input end the play, and with it
both hosts.
"""

from __future__ import annotations

import sys
from typing import Any

from netshell.catalogue import text
from netshell.commands.lab import lab, opening
from netshell.errors import BadArgument
from netshell.lab.scenarios import load
from netshell.render import terminal
from netshell.view import Lines, Note, Span

USAGE = """\
usage: netshell lab [SCENARIO | shell]

What TCP, DNS and HTTP do between two hosts of your own, step by step.

  netshell lab             lists the scenarios
  netshell lab handshake   plays one: Enter goes on, Ctrl-C ends
  netshell lab shell       a prompt on such a wire, to try anything"""


def show(argv: list[str]) -> int:
    """List the scenarios, or play the one that is named; the exit status.

    Raises BadArgument for more than one, NotFound for one there is not, Unavailable where the
    kernel allows no namespaces, NetshellError for a step that did not happen.
    """
    if len(argv) > 1:
        raise BadArgument(
            "netshell lab", why=f"takes one scenario, not {len(argv)}", next_step="name one of them"
        )
    if argv in (["-h"], ["--help"]):
        _write(USAGE)
        return 0
    if not argv:
        _write(terminal.screen(lab))
        _write(terminal.blocks([Note(text("scenario.shell"))]))
        return 0
    _write(terminal.blocks(opening(load(argv[0]))))  # there is something to read meanwhile
    with lab.run(argv[0]) as play:
        _play(play, waits=sys.stdin.isatty() and sys.stdout.isatty())
    return 0


def _play(play: Any, *, waits: bool) -> None:
    while not play.over:
        if waits and not _enter(len(play.scenes) + 1, len(play.scenario.steps)):
            _write(terminal.blocks([Note(text("scenario.stopped"))]))
            return
        _write("")
        _write(terminal.screen(play.step()))
    _write("")
    done = text("scenario.happened", steps=len(play.scenario.steps))
    _write(terminal.blocks([Lines([[Span(done, "good")]])]))


def _enter(number: int, steps: int) -> bool:
    """Wait for Enter; False at the end of the input."""
    said = text("scenario.pause", number=number, steps=steps)
    sys.stdout.write("\n" + terminal.blocks([Note(said)]) + " ")
    sys.stdout.flush()
    return sys.stdin.readline() != ""


def _write(shown: str) -> None:
    sys.stdout.write(shown + "\n")
    sys.stdout.flush()
