"""``netshell tour``: five minutes through the whole shell. The exit status is 130 after Ctrl-C."""

from __future__ import annotations

import sys

from netshell.commands.tour import Tour, walk
from netshell.errors import BadArgument
from netshell.render import terminal

INTERRUPTED = 130


def main(argv: list[str]) -> int:
    """Walk it, each line of the standard input for a step; the exit status.

    Raises BadArgument for arguments, Unavailable where the kernel allows no namespaces.
    """
    if argv:
        raise BadArgument("netshell tour", why=f"takes no {argv[0]!r}", next_step="run it alone")
    begun = Tour()
    interrupted = walk(begun)
    sys.stdout.write(terminal.blocks(begun.ends()) + "\n")
    return INTERRUPTED if interrupted else 0
