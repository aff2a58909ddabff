"""ifconfig: the interfaces and their counters, as net-tools 2.10 prints them (ifconfig(8)).

Reading only: what would change something is refused with the ip(8) command that does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from netshell import host
from netshell.classic import interface_lines
from netshell.classic.configuring import refusal
from netshell.classic.options import Option, parse
from netshell.classic.outcome import Outcome
from netshell.commands.ifaces import Interfaces
from netshell.errors import NotFound
from netshell.host.interfaces import Interface
from netshell.host.procnet import addresses6

OPTIONS: tuple[Option, ...] = (
    Option(("-a",), "all interfaces, those that are down too"),
    Option(("-s",), "a short list, as netstat -i"),
    Option(("-v",), "be more verbose for some errors"),
    Option(("-V", "--version"), "the version that the text is that of"),
)

_VERSION = "net-tools 2.10 (by netshell)"


def run(arguments: Sequence[str], out: TextIO, err: TextIO) -> Outcome:
    """The interfaces, or one of them; the records are those that were shown.

    >>> run(["lo"], out, err).records       # doctest: +SKIP

    Raises NotFound for an interface that is not there, BadArgument for an attempt to configure.
    """
    given = parse("ifconfig", OPTIONS, arguments, mixed=False)
    if given.count("-V"):
        out.write(f"{_VERSION}\n")
        return Outcome()
    if len(given.rest) > 1:
        raise refusal(given.rest[0], given.rest[1:])
    shown: list[Interface] = []
    for line in _lines(given.rest, given.count("-a") > 0, given.count("-s") > 0, shown):
        out.write(f"{line}\n")
    return Outcome(Interfaces(shown))


def _lines(wanted: list[str], every: bool, short: bool, shown: list[Interface]) -> Iterator[str]:
    found = host.list_interfaces()
    if wanted:
        listed = [_named(found, wanted[0])]
    else:
        listed = [
            each
            for each in interface_lines.with_aliases(found)
            if interface_lines.is_shown(each[0], every)
        ]
    if short:
        yield interface_lines.IFCONFIG_HEAD
    six = [] if short else addresses6()
    for interface, name in listed:
        if short:
            yield interface_lines.short_line(interface, name)
        else:
            yield from interface_lines.long_lines(interface, name, six)
        if interface.name == name or wanted:
            shown.append(interface)


def _named(found: list[Interface], typed: str) -> tuple[Interface, str]:
    name = typed[: interface_lines.NAME_MAX]
    for interface in found:
        if interface.name == name:
            return interface, name
    alias = interface_lines.alias_of(found, name)
    if alias:
        return alias, name
    there = ", ".join(interface.name for interface in found) or "none"
    raise NotFound(
        f"{name}: error fetching interface information",
        why="Device not found",
        next_step=f"there are {there}",
    )
