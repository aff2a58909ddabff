"""One packet of Redis in a few words, and where its secrets are."""

from __future__ import annotations

import re
from typing import Any

from netshell.packet.payload import Places
from netshell.protocols.api import Peek
from netshell.protocols.masking import in_value, mask, merged, moved
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
from netshell.protocols.redis.telling import in_error, in_monitored, in_script, script_at
from netshell.protocols.redis.values import LONGEST, quoted, text
from netshell.protocols.secret_names import names_secret

_MOST = 64
"""Strings of a packet that are looked at."""

_OF_MODULES = re.compile(r"[A-Za-z]{2,16}\.[A-Za-z_.]{2,32}")
_SECRET_SETTINGS = (
    b"pass", b"pw", b"auth", b"token", b"secret", b"key", b"jwt", b"otp", b"pin", b"cred", b"sess",
)  # fmt: skip
_AS_SIGNS = "backslashreplace"


def peeked(data: bytes, on_port: bool) -> Peek | None:
    """A command as far as it is in the packet; on Redis's ports a reply, too."""
    first = data[:1]
    if first == b"*":
        said, places, is_whole = _strings(data)
        if said is None:
            return None
        word = said[0] if said and isinstance(said[0], str) else ""
        if word.upper() in COMMANDS or _OF_MODULES.fullmatch(word):
            told = _command(said, places, is_whole)
            more = _behind(data, places[-1][1] + 2) if is_whole else ()
            return told._replace(secrets=(*told.secrets, *more)) if more else told
        hidden = _settings(data)
        return Peek(_array(data), hidden) if on_port or hidden else None
    if not on_port or not first:
        return None
    line, end, _ = data.partition(b"\r\n")
    if not end or len(line) > 4096:
        return None
    if first in (b"+", b"-", b":", b",", b"#", b"("):
        inside = in_error(line) if first == b"-" else moved(in_monitored(line[1:]), 1)
        value = mask(line, inside)[1:201] if inside else line[1:].decode(errors=_AS_SIGNS)[:200]
        return Peek(f"Redis {'error ' if first == b'-' else ''}{value}", inside)
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
        return Peek(f"Redis {_NAMES[first]}{word}", _settings(data))
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
    script = script_at(name, said[1:]) + 1 if name in SENSITIVE else 0
    if script and isinstance(said[script], str):
        octets = said[script].encode("utf-8", "surrogatepass")
        if inside := in_script(octets):
            said[script] = mask(octets, inside)
            hidden += moved(inside, places[script][0])
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


def _behind(data: bytes, at: int) -> list[tuple[int, int]]:
    """What is secret in the commands that follow in the packet."""
    found: list[tuple[int, int]] = []
    for _ in range(_MOST):
        if data[at : at + 1] != b"*":
            break
        rest = data[at:]
        said, places, is_whole = _strings(rest)
        if not said or not isinstance(said[0], str):
            break
        found += moved(_command(said, places, is_whole).secrets, at)
        if not is_whole:
            break
        at += places[-1][1] + 2
    return found


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


def _settings(data: bytes) -> Places:
    """Where the passwords are among settings, fields and commands that a server tells of."""
    inside = in_value(data)
    low = data.lower()
    if not any(each in low for each in _SECRET_SETTINGS):
        return inside
    found = [*inside]
    for name in _NAMED.finditer(data):
        is_login = name[1].upper() == b"AUTH"
        value = _BEGUN.match(data, name.end())
        if value is None or not (is_login or names_secret(name[1].rpartition(b":")[2])):
            continue
        end = min(value.end() + int(value[1]), len(data))
        found.append((value.end(), end))
        value = _BEGUN.match(data, end + 2) if is_login else None
        if value is not None:  # it was a user's name, before the password
            found.append((value.end(), min(value.end() + int(value[1]), len(data))))
    return merged(found)


_NAMED = re.compile(rb"\$\d{1,3}\r\n([\w.:-]{2,128})\r\n")
_BEGUN = re.compile(rb"\$(\d{1,9})\r\n")
