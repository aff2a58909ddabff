"""One packet of Redis in a few words, and where its secrets are."""

from __future__ import annotations

import re
from typing import Any

from netshell.protocols.api import Peek
from netshell.protocols.masking import in_value, merged
from netshell.protocols.redis.commands import COMMANDS
from netshell.protocols.redis.concealing import (
    LEAST,
    SENSITIVE,
    concealed,
    masked,
    places_in,
    secret_arguments,
)
from netshell.protocols.redis.inline import words
from netshell.protocols.redis.values import LONGEST, quoted, text

_MOST = 64
"""Strings of a packet that are looked at."""

_OF_MODULES = re.compile(r"[A-Za-z]{2,16}\.[A-Za-z_.]{2,32}")
_SECRET_SETTINGS = (b"pass", b"pwd", b"masterauth", b"token", b"secret", b"apikey", b"api_key")


def peeked(data: bytes, on_port: bool) -> Peek | None:
    """A command as far as it is in the packet; on Redis's ports a reply, too."""
    first = data[:1]
    if first == b"*":
        said, places, is_whole = _strings(data)
        if said is None:
            return None
        word = said[0] if said and isinstance(said[0], str) else ""
        if word.upper() in COMMANDS or _OF_MODULES.fullmatch(word):
            return _command(said, places, is_whole)
        hidden = _settings(data, said, places)
        return Peek(_array(data), hidden) if on_port or hidden else None
    if not on_port or not first:
        return None
    line, end, _ = data.partition(b"\r\n")
    if not end or len(line) > 4096:
        return None
    if first in (b"+", b"-", b":", b",", b"#", b"("):
        value = line[1:].decode("utf-8", "backslashreplace")[:200]
        return Peek(f"Redis {'error ' if first == b'-' else ''}{value}")
    if first == b"$":
        size = line[1:]
        if size == b"-1":
            return Peek("Redis (nil)")
        if not size.isdigit() or len(size) > 12:
            return None
        begin = len(line) + 2
        shown = concealed(text(data[begin : begin + int(size)], int(size)))
        return Peek(f"Redis {quoted(shown)}", in_value(data))
    if first in (b"%", b"~", b">", b"_") and (line[1:].isdigit() or line == b"_"):
        said, places, _ = _strings(data)
        word = f" {said[0]}" if first == b">" and said else ""
        return Peek(f"Redis {_NAMES[first]}{word}", _settings(data, said or [], places))
    found = words(line)
    if found and found[0][0].decode("latin-1").upper() in COMMANDS:
        said = [text(word) for word, _, _ in found[:_MOST]]
        return _command(said, [(begin, stop) for _, begin, stop in found], True)
    return None


_NAMES = {b"%": "map", b"~": "set", b">": "push", b"_": "(nil)"}


def _array(data: bytes) -> str:
    count = data[1 : data.find(b"\r")]
    return "Redis (nil)" if count == b"-1" else f"Redis array of {count.decode('latin-1')}"


def _command(said: list[Any], places: list[tuple[int, int]], is_whole: bool) -> Peek:
    name = str(said[0]).upper()
    hidden: list[tuple[int, int]] = []
    if name in SENSITIVE:
        for at, shown in secret_arguments(name, said[1:]):
            said[at + 1] = masked(said[at + 1], shown)
            hidden.append(places[at + 1])
    for at, each in enumerate(said):
        if len(each) >= LEAST and (new := concealed(each)) is not each:
            said[at] = new
            hidden += places_in(each, *places[at])
    shown_words = [name]
    for each in said[1:6]:
        plain = isinstance(each, str) and 0 < len(each) <= LONGEST and each.isprintable()
        shown_words.append(each if plain and " " not in each else quoted(each))
    more = "" if is_whole and len(said) <= 6 else " …"
    return Peek(f"Redis {' '.join(shown_words)}{more}", tuple(sorted(hidden)))


def _strings(data: bytes) -> tuple[list[Any] | None, list[tuple[int, int]], bool]:
    """The strings of an array, or map, of such, as far as they are there: what they are, where,
    and whether that is all. None where the bytes are none."""
    said: list[Any] = []
    places: list[tuple[int, int]] = []
    at = data.find(b"\r\n")
    if at < 0 or not (data[1:at].isdigit() or data[1:at] == b"-1") or at > 14:
        return None, places, False
    count = int(data[1:at]) * (2 if data[:1] == b"%" else 1)
    at += 2
    while at < len(data) and len(said) < min(count, _MOST):
        end = data.find(b"\r\n", at, at + 16)
        if data[at] != 0x24 or end < 0 or not data[at + 1 : end].isdigit():
            return said, places, False
        size = int(data[at + 1 : end])
        at = end + 2
        octets = data[at : min(at + size, at + 4096)]
        said.append(text(octets, size))
        places.append((at, min(at + size, len(data))))
        at += size + 2
    return said, places, len(said) == count and at <= len(data)


def _settings(
    data: bytes, said: list[Any], places: list[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Where the passwords are among settings that CONFIG GET answers."""
    inside = in_value(data)
    low = data.lower()
    if not any(each in low for each in _SECRET_SETTINGS):
        return inside
    found = secret_arguments("CONFIG", ["SET", *said])
    return merged([*inside, *(places[at - 1] for at, _ in found if at - 1 < len(places))])
