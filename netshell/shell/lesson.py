"""``netshell lesson [name]``: the list of lessons, or one of them, asked here.

Answers are lines of the standard input, be it a terminal or a pipe. The exit status is 0, whatever
the answers were; 130 after Ctrl-C. Both hosts end with it.
"""

from __future__ import annotations

import sys

from netshell.commands.lesson import listed
from netshell.commands.lessons import load
from netshell.commands.teaching import asking
from netshell.commands.teaching.progress import Progress
from netshell.commands.teaching.taking import Lesson
from netshell.errors import BadArgument
from netshell.render import terminal

INTERRUPTED = 130
USAGE = """\
usage: netshell lesson [NAME] [--anew]

Predict what comes, see two real kernels do it, compare.

  netshell lesson                    lists the lessons, and how far each was taken
  netshell lesson handshake          asks, or goes on where it was left
  netshell lesson handshake --anew   begins again
"""


def main(argv: list[str]) -> int:
    """List the lessons, or ask the one that is named; the exit status.

    Raises BadArgument for more than one, NotFound for one there is not, Unavailable where the
    kernel allows no namespaces.
    """
    if argv and argv[0] in ("-h", "--help"):
        sys.stdout.write(USAGE)
        return 0
    names = [word for word in argv if word != "--anew"]
    if len(names) > 1:
        raise BadArgument(
            "netshell lesson", why=f"takes one lesson, not {len(names)}", next_step="name one"
        )
    if not names:
        sys.stdout.write(terminal.screen(listed()) + "\n")
        return 0
    with Lesson(load(names[0]), Progress(), anew="--anew" in argv) as taken:
        interrupted = asking.ask(taken)
        sys.stdout.write(terminal.blocks(taken.asks(at_prompt=False)) + "\n")
    return INTERRUPTED if interrupted else 0
