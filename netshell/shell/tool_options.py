"""Tab behind a classic command: its options with what they do, and what goes into them.

``netstat -<Tab>`` lists the table, ``netstat -an<Tab>`` what may follow in a cluster. A tool's
table is loaded at the first Tab behind its name; no name is ever asked of the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from netshell.classic import TOOLS, Tool, tool
from netshell.classic.options import Option, is_long
from netshell.shell.plain import is_command_begun
from netshell.shell.values import (
    BY_PARAMETER,
    CAPTURED_INTERFACE,
    FILE,
    FILTER,
    HOST,
    INTERFACE,
    PORT,
    Source,
    fixed,
)
from netshell.shell.words import first_mark, statements

Found = tuple[str, dict[str, str]]
"""The end of the text that is replaced, and what may replace it, with a word about each."""

_TOOL = "|".join(each.name for each in TOOLS)
_BEGUN = re.compile(rf"(?:(?:^|=)\s*%|^sudo\s+|^)(?P<tool>{_TOOL})\s(?P<rest>.*)\Z", re.DOTALL)

_SERVER, _TYPE = BY_PARAMETER["server"], BY_PARAMETER["rdtype"]

VALUES: dict[str, Source] = {
    "INTERFACE": CAPTURED_INTERFACE,
    "IFACE": INTERFACE,
    "FILE": FILE,
    "HOST": HOST,
    "NAME": HOST,
    "ADDRESS": HOST,
    "SERVER": _SERVER,
    "TYPE": _TYPE,
    "PORT": PORT,
    "CLASS": Source("class", fixed("IN", "CH", "HS", "ANY")),
    "FAMILY": Source("family", fixed("inet", "inet6", "unix")),
    "DIRECTION": Source("direction", fixed("in", "out", "inout")),
    "PRECISION": Source("precision", fixed("micro", "nano")),
}
"""What an option's value is, by the name that its table gives it."""

OPERANDS: dict[str, tuple[Source, ...]] = {
    "ifconfig": (INTERFACE,),
    "dig": (HOST, _TYPE),
    "nslookup": (HOST, _SERVER),
    "tcpdump": (FILTER,),
}
"""What a tool's operands are, in order; behind the last one nothing is known."""


def complete_command(text: str, names: Mapping[str, Any]) -> Found | None:
    """What can come at the end of ``text``, None where no classic command is being typed.

    >>> complete_command("tcpdump --co", {})
    ('--co', {'--count': 'only count the packets of a file'})
    """
    head, line = _last_line(text)
    *earlier, line = statements(line)
    begun = _BEGUN.search(line.lstrip() if earlier else line)
    chosen = tool(begun["tool"]) if begun else None
    if begun is None or chosen is None:
        return None
    if "%" not in begun[0] and not is_command_begun(head, begun[0], names):
        return None
    rest = begun["rest"]
    mark = first_mark(rest)
    fragment = re.search(r"\S*\Z", rest)
    typed = fragment[0] if fragment else ""
    if mark < len(rest):
        return _of(FILE, typed.lstrip(">"), names) if rest[mark] == ">" else ("", {})
    before = rest[: len(rest) - len(typed)].split()
    return _word(chosen, rest, before, typed, names)


def _last_line(text: str) -> tuple[str, str]:
    """The lines before the one that is typed, and that one, joined where backslashes join it."""
    joined = text.replace("\\\n", "  ")
    head, newline, line = joined.rpartition("\n")
    return head + newline, line


def _word(
    chosen: Tool, rest: str, before: list[str], typed: str, names: Mapping[str, Any]
) -> Found:
    options = [option for option in chosen.options if not option.refused]
    known = {name: option for option in options for name in option.names}
    if taking := _taking(before[-1:], known):
        return _of(_source(taking), typed, names)
    name, equals, value = typed.partition("=")
    if equals and name in known:
        return _of(_source(known[name]), value, names)
    if typed.startswith("@") and chosen.name == "dig":
        return _of(_SERVER, typed[1:], names)
    if typed[:1] in ("-", "+"):
        attached = _attached(typed, known)
        if attached:
            return _of(_source(attached[0]), attached[1], names)
        return typed, dict(_options(typed, options, known))
    operands = [*_operands(before, known)]
    sources = OPERANDS.get(chosen.name, ())
    source = sources[min(len(operands), len(sources) - 1)] if sources else None
    if source is FILTER:
        return _of(FILTER, " ".join([*operands, typed]), names)
    fragment, found = _of(source, typed, names)
    if not typed and not (operands or found):
        return "", dict(_options("", options, known))
    return fragment, found


def _source(option: Option) -> Source | None:
    name = re.search(r"[A-Z]+", option.value)
    return VALUES.get(name[0]) if name else None


def _of(source: Source | None, typed: str, names: Mapping[str, Any]) -> Found:
    if source is None:
        return "", {}
    return source.fragment(typed), source.matching(typed, names)


def _taking(last: list[str], known: Mapping[str, Option]) -> Option | None:
    """The option that the next word is the value of."""
    for word in last:
        option = known.get(word)
        if option is None and re.match(r"-\w+\Z", word):
            found = _attached(word, known)
            return found[0] if found and not found[1] else None
        # `+time=3` and the like have their values attached, and so have those in brackets
        if option and option.value and not option.may_lack and _is_apart(word):
            return option
    return None


def _is_apart(name: str) -> bool:
    return name.startswith("--") or not is_long(name)


def _attached(typed: str, known: Mapping[str, Option]) -> tuple[Option, str] | None:
    """The option of a cluster that takes a value, and what is typed of that: ``-nien``."""
    if typed.startswith("--") or typed in known or not typed.startswith("-"):
        return None
    for at, letter in enumerate(typed[1:], 2):
        option = known.get(f"-{letter}")
        if option is None:
            return None
        if option.value:
            return option, typed[at:]
    return None


def _options(
    typed: str, options: list[Option], known: Mapping[str, Option]
) -> Iterator[tuple[str, str]]:
    """The options that begin as typed; of each its first such name. Then the letters that fit."""
    for option in options:
        names = [name for name in option.names if name.startswith(typed)]
        for name in names if typed[:2] == "--" else names[:1]:
            needs = option.value and not option.may_lack
            yield f"{name}=" if needs and is_long(name) else name, option.does
    letters = [f"-{letter}" for letter in typed[1:]]
    if letters and typed[0] == "-" and all(letter in known for letter in letters):
        for option in options:
            short = next((name for name in option.names if not is_long(name)), "")
            if short and short not in letters:
                yield f"{typed}{short[1:]}", option.does


def _operands(before: list[str], known: Mapping[str, Option]) -> Iterator[str]:
    """The words that are no option and no option's value."""
    last = ""
    for word in before:
        if not _taking([last], known) and word[:1] not in ("-", "+", "@"):
            yield word
        last = word
