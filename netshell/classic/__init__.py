"""The commands people know: netstat, ifconfig, dig, nslookup, tcpdump, one file each.

Their options in, the verbs' records behind, their text out. ``TOOLS`` is the one registry: the
command line, the prompt and its Tab, ``--help`` and the reference all read it. To add a tool:
write ``classic/<tool>.py`` with ``OPTIONS`` and ``run``, add its line here, mirror a test, add a
CHANGELOG line.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

if TYPE_CHECKING:
    from netshell.classic.options import Option
    from netshell.classic.outcome import Outcome


class Tool(NamedTuple):
    """A tool's name, what it does in one line, its module, and what its command line takes."""

    name: str
    does: str
    module: str
    takes: str = "[OPTION ...]"

    def load(self) -> Any:
        """Its module; imported on first use."""
        return import_module(f"netshell.classic.{self.module}")

    @property
    def options(self) -> tuple[Option, ...]:
        """Its table of options."""
        options: tuple[Option, ...] = self.load().OPTIONS
        return options

    def help(self) -> str:
        """What ``--help`` prints, made from the table."""
        from netshell.classic.options import described

        return described(self.name, self.takes, self.does, self.options)

    def run(self, arguments: Sequence[str], out: TextIO, err: TextIO) -> Outcome:
        """Run a command line; ``--help``, or ``-h`` alone, is answered for every tool.

        Raises NetshellError for what cannot be done, BrokenPipeError when ``out``'s reader is gone.
        """
        from netshell.classic.outcome import Outcome

        words = list(arguments)
        before = words[: words.index("--") if "--" in words else None]
        if "--help" in before or words == ["-h"]:  # of some, -h is an option of their own
            out.write(self.help())
            return Outcome()
        outcome: Outcome = self.load().run(words, out, err)
        return outcome


TOOLS: tuple[Tool, ...] = (
    Tool("netstat", "sockets, routes and counters, as net-tools 2.10 prints them",
         "netstat"),
    Tool("ifconfig", "interfaces, as net-tools 2.10 prints them; reading only",
         "ifconfig", "[-a] [-s] [INTERFACE]"),
    Tool("dig", "DNS questions and answers, as BIND's dig 9.18 prints them", "dig",
         "[@SERVER] [OPTION ...] [NAME] [TYPE] [CLASS] [+OPTION ...]  ..."),
    Tool("nslookup", "DNS questions and answers, as BIND's nslookup 9.18 prints them", "nslookup",
         "[-OPTION ...] NAME [SERVER]"),
    Tool("tcpdump", "packets of the wire or a file, as tcpdump 4.99 prints them", "tcpdump",
         "[OPTION ...] [EXPRESSION]"),
)  # fmt: skip
"""Every tool."""


def tool(name: str) -> Tool | None:
    """The tool of this name, None if there is none."""
    return next((each for each in TOOLS if each.name == name), None)
