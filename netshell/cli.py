"""The command line: what ``netshell`` does with its arguments, and the exit status.

Statuses: 0; 1 for what could not be done (one line on standard error) or a script's own error
(its traceback); 2 for a wrong call; 130 after Ctrl-C; 141 when the reader of the output has gone
away; a script's ``sys.exit`` as it says; a classic command's as the tool's (dig: 9). Everything is
imported when it is needed: ``--help`` and ``-c`` pay for no shell.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from textwrap import TextWrapper

from netshell import classic
from netshell._version import VERSION
from netshell.commands import VERBS
from netshell.errors import NetshellError

SUBCOMMANDS: tuple[tuple[str, str], ...] = (
    ("demo", "the whole walk on a private wire, from a name to its packets"),
    ("lab", "what TCP does between two hosts, step by step; `lab shell`: try it"),
    ("lesson", "lessons about TCP and what is above it: predict, see it happen, compare"),
    ("tour", "five minutes through the whole shell, on a private wire"),
    ("install-kernel", "a kernel for notebooks, with the verbs and a profile in it"),
)
_WITH_OPTIONS = ("install-kernel", "lab", "lesson")
"""Those that explain their options themselves."""

USAGE = """\
usage: netshell [--profile NAME] [-c CODE | SCRIPT | - | COMMAND] [ARG ...]
"""

HELP = f"""\
{USAGE}
A network troubleshooting shell: sockets, names, routes and packets at one
Python prompt. Without arguments it opens the prompt.

  -c CODE          run CODE with the verbs loaded; the last value is shown
  SCRIPT           run a Python script with the verbs loaded (-: from stdin)
  --profile NAME   default, teach, web, sql, dns, incident, or one of your own
  --set KEY=VALUE  one setting, as `profile()` lists them: screen.colors=light
  --version        print the version
  -h, --help       print this

commands:
{{commands}}

the commands you know, with their own options (`netshell COMMAND --help`):
{{tools}}

verbs, at the prompt, in CODE and in a SCRIPT:
{{verbs}}

examples:
  netshell
  netshell -c 'conns(port=443)'
  netshell -c 'iface_for("example.org")'
  netshell tcpdump -nn -r web.pcap port 80
  netshell script.py --its-own option
"""


def main(argv: list[str] | None = None) -> int:
    """Run the command line; the exit status. ``SystemExit`` of user code passes through."""
    _settle_streams()
    try:
        return _dispatch(list(sys.argv[1:] if argv is None else argv))
    except NetshellError as error:
        from netshell.shell.script import FAILED, complain

        complain(str(error))
        return FAILED
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        from netshell.shell.script import PIPE_CLOSED, close_quietly

        close_quietly()
        return PIPE_CLOSED
    except OSError as error:  # the output's: a full disk, a device that is gone
        from netshell.shell.script import FAILED, close_quietly, complain

        complain(f"cannot write the output: {error.strerror or error}")
        close_quietly()
        return FAILED


def _settle_streams() -> None:
    """Streams that can be used: closed ones lead nowhere, none refuses a character."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # `netshell >&-`
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _dispatch(arguments: list[str]) -> int:
    profile: str | None = None
    settings: list[str] = []
    while arguments:
        word, *rest = arguments
        name, equals, value = word.partition("=")
        if word in ("-h", "--help"):
            return _print(_help())
        if word in ("-V", "--version"):
            return _print(f"netshell {VERSION}")
        if name == "--profile":
            if not equals and not rest:
                return _wrong("--profile needs a name")
            profile = value if equals else rest.pop(0)
        elif name == "--set":
            if not equals and not rest:
                return _wrong("--set needs KEY=VALUE")
            settings.append(value if equals else rest.pop(0))
        elif word == "-c":
            if not rest:
                return _wrong("-c needs the code to run")
            _start(profile, settings)
            return _run_code(rest[0], rest[1:])
        elif word.startswith("-") and word != "-":
            return _wrong(f"unknown option {word}")
        elif word in dict(SUBCOMMANDS):
            if rest and rest[0] in ("-h", "--help") and word not in _WITH_OPTIONS:
                return _print(f"usage: netshell {word}\n\n{dict(SUBCOMMANDS)[word]}")
            _start(profile, settings)
            return _subcommand(word)(rest)
        elif tool := classic.tool(word):  # a script of that name is ./dig
            _start(profile, settings)
            return _run_tool(tool, rest)
        else:
            _start(profile, settings)
            return _run_script(word, rest)
        arguments = rest
    _start(profile, settings)
    if sys.stdin is not None and not sys.stdin.isatty():
        return _run_script("-", [])  # as python does with `echo ... | python`
    from netshell.shell.start import run

    return run()


def _start(profile: str | None, settings: list[str]) -> None:
    """Let a profile hold; one that cannot be used is refused even where it would change nothing."""
    from netshell.shell.profile import start

    start(profile, settings)


def _subcommand(name: str) -> Callable[..., int]:
    main: Callable[..., int] = import_module(f"netshell.shell.{name.replace('-', '_')}").main
    return main


def _run_tool(tool: classic.Tool, arguments: list[str]) -> int:
    outcome = tool.run(arguments, sys.stdout, sys.stderr)
    sys.stdout.flush()  # a reader that has gone away shows itself here
    return outcome.status


def _run_code(code: str, arguments: list[str]) -> int:
    from netshell.shell.script import run_code

    return run_code(code, arguments)


def _run_script(name: str, arguments: list[str]) -> int:
    from netshell.shell.script import run_script

    return run_script(name, arguments)


def _help() -> str:
    return HELP.format(
        commands=_listed(SUBCOMMANDS),
        tools=_listed([(tool.name, tool.does) for tool in classic.TOOLS]),
        verbs=_listed([(verb.name, verb.does) for verb in VERBS]),
    ).rstrip()


def _listed(entries: Iterable[tuple[str, str]]) -> str:
    wide = max(len(verb.name) for verb in VERBS) + 2
    return "\n".join(
        TextWrapper(79, f"  {name:<{wide}}", " " * (wide + 2)).fill(does) for name, does in entries
    )


def _print(text: str) -> int:
    print(text, flush=True)
    return 0


def _wrong(why: str) -> int:
    print(f"{USAGE}netshell: {why}; `netshell --help` explains", file=sys.stderr)
    return 2
