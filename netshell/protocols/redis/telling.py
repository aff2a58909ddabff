"""Secrets in what tells of commands: scripts, MONITOR, errors that repeat what was sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from netshell.packet.payload import Places
from netshell.protocols.masking import in_value, merged
from netshell.protocols.redis.concealing import secret_arguments
from netshell.protocols.redis.inline import words

_CALL = re.compile(
    rb"""redis\s*+\.\s*+p?call\s*+\(((?:[^()'"]|'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+")*+)""",
    re.S,
)
"""A command in Lua, as far as no bracket is in it."""
_LITERAL = re.compile(rb"""'((?:[^'\\]|\\.)*+)'|"((?:[^"\\]|\\.)*+)"|[^,\s'"]++""", re.S)
_REPEATED = re.compile(rb"unknown (?:sub)?command [`'](\w{1,32})'.*?beginning with: ")
_TOLD = re.compile(rb"\d+\.\d+ \[[^\"]{1,80}\] (?=\")")


def in_script(script: bytes) -> Places:
    """Literals in a Lua script that are secret in the commands it calls.

    >>> in_script(b"return redis.call('AUTH', 'hunter2')")
    ((27, 34),)
    """
    found: list[tuple[int, int]] = []
    for call in _CALL.finditer(script):
        said, places = [], []
        for each in _LITERAL.finditer(script, *call.span(1)):
            is_literal = each.lastindex is not None
            said.append((each[each.lastindex or 0] if is_literal else b"\0").decode("latin-1"))
            places.append(each.span(each.lastindex or 0) if is_literal else None)
        hidden = secret_arguments(said[0].upper(), said[1:]) if said else ()
        found += [place for at, _ in hidden if (place := places[at + 1]) is not None]
    return merged([*found, *in_value(script)])


def script_at(command: str, arguments: Sequence[Any]) -> int:
    """Which argument is a script; -1 if none is."""
    if command in ("EVAL", "EVAL_RO"):
        return 0 if arguments else -1
    first = arguments[0].upper() if arguments and isinstance(arguments[0], str) else ""
    return len(arguments) - 1 if command in ("SCRIPT", "FUNCTION") and first == "LOAD" else -1


def in_monitored(line: bytes) -> Places:
    """What is secret in a line of MONITOR, as in the command that it tells of."""
    begun = _TOLD.match(line)
    return () if begun is None else _in_words(line, begun.end(), "")


def in_error(line: bytes) -> Places:
    """What is secret in an error that repeats a command that is not known, or is forbidden."""
    found = _REPEATED.search(line)
    if found is None:
        return in_value(line)
    return _in_words(line, found.end(), found[1].decode("latin-1"))


def _in_words(line: bytes, at: int, name: str) -> Places:
    told = words(line[at:])
    if not told:
        return ()
    said = [word.decode("utf-8", "replace") for word, _, _ in told]
    places = [(at + begin, at + end) for _, begin, end in told]
    if name:
        said.insert(0, name)
        places.insert(0, (at, at))
    hidden = [places[which + 1] for which, _ in secret_arguments(said[0].upper(), said[1:])]
    return merged([*hidden, *in_value(line)])
