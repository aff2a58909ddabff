"""A file of settings: its values by key, each checked, and the line that each stands on.

One line says what is wrong with a file: where, the key, what it takes, and the nearest key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from netshell.commands import VERBS
from netshell.errors import BadArgument, BadFile, brief
from netshell.settings import KEYS, SNAPLEN, Key

KEEP = re.compile(r"\s*\d+(?:_\d+)*(?:\.\d+)?\s*(?i:[kmgt]i?b|b)\s*|\s*\d+(?:_\d+)*\s+packets?\s*")
"""What ``keep=`` of sniff() takes as text: checked without loading what captures."""

CHOSEN = Key("profile", "name", str, "the profile that is used")
"""What the user's netshell.toml may have beside :data:`KEYS`."""


class Given(NamedTuple):
    """A value that a file gives, and where it stands in it."""

    key: Key
    value: Any
    line: int


def read_settings(text: str, where: str, keys: Sequence[Key] = KEYS) -> list[Given]:
    """What a file's text gives; ``where`` is what the file is called in errors.

    Raises BadFile for what is no TOML (line and column), an unknown key (line, nearest key) and a
    value that its key does not take (line, what it takes).
    """
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, column, why = _place(str(error), text)
        raise BadFile(
            "cannot use the profile", where=f"{where}, line {line}, column {column}", why=why
        ) from error
    except RecursionError:
        raise BadFile(
            "cannot use the profile", where=where, why="it is nested too deeply"
        ) from None
    lines: dict[str, int] = {}
    for name, line in _lines(text):
        lines.setdefault(name, line)  # a section is where it begins
    known = {key.name: key for key in keys}
    sections = {name.partition(".")[0] for name in known if "." in name}
    found = []
    for name, value in _entries(data, sections):
        line = lines.get(name, 0)
        place = f"{where}, line {line}" if line else where
        try:
            found.append(Given(*_checked(name, value, known), line))
        except BadArgument as error:
            raise BadFile(
                "cannot use the profile", where=place, why=error.what, next_step=error.next_step
            ) from None
    return found


def read_setting(text: str) -> Given:
    """``KEY=VALUE`` of the command line; the value is TOML's, or text without its quotes.

    Raises BadArgument.
    """
    import tomllib

    name, equals, written = (part.strip() for part in text.partition("="))
    if not equals or not name:
        raise BadArgument(f"--set {brief(text)}", next_step='write it as screen.colors="light"')
    try:
        value = tomllib.loads(f"x = {written}")["x"]
    except (tomllib.TOMLDecodeError, RecursionError):
        value = written
    known = {key.name: key for key in KEYS}
    if name in known and known[name].kind is str and not isinstance(value, int | str):
        value = written
    return Given(*_checked(name, value, known), 0)


# --- keys and values ------------------------------------------------------------------------


def _checked(name: str, value: Any, known: dict[str, Key]) -> tuple[Key, Any]:
    key = known.get(name)
    if key is None:
        raise BadArgument(f"unknown key {name}", next_step=_nearest_key(name, known))
    if key.kind is list:
        return key, _words(key, value)
    # type(), not isinstance(): to TOML true is no number.
    fits = type(value) is key.kind or (key.name == "capture.keep" and type(value) is int)
    least, most = (1, SNAPLEN) if key.name == "capture.snaplen" else (0, 10**18)
    if not fits or (type(value) is int and not least <= value <= most):
        raise BadArgument(f"{name} is {_written(value)}", next_step=f"it takes {_takes(key)}")
    if key.choices and value not in key.choices:
        raise _no_choice(name, value, key.choices)
    if key.name == "capture.keep" and isinstance(value, str) and value:
        if not KEEP.fullmatch(value):
            raise BadArgument(f"{name} is {_written(value)}", next_step=f"it takes {_takes(key)}")
        value = value.strip()
    return key, value


def _words(key: Key, value: Any) -> tuple[str, ...]:
    if type(value) is not list or not all(type(each) is str for each in value):
        raise BadArgument(f"{key.name} is {_written(value)}", next_step=f"it takes {_takes(key)}")
    choices = key.choices or (
        tuple(verb.name for verb in VERBS) if key.name == "banner.verbs" else ()
    )
    for each in value:
        if choices and each not in choices:
            raise _no_choice(key.name, each, choices)
    return tuple(value)


def _no_choice(name: str, value: str, choices: Sequence[str]) -> BadArgument:
    near = get_close_matches(value.lower(), [each for each in choices if each], 1, 0.6)
    hint = f"did you mean {near[0]}? " if near else ""
    listed = ", ".join(each or '""' for each in choices)
    return BadArgument(f"{name} has {_written(value)}", next_step=f"{hint}there are {listed}")


def _takes(key: Key) -> str:
    if key.name == "capture.keep":
        return 'a number of packets, or memory as text, "200 MB"'
    if key.name == "capture.snaplen":
        return f"a number from 1 to {SNAPLEN}"
    takes = {str: "text", bool: "true or false", int: "a number from 0", list: "a list of texts"}
    return takes[key.kind]


def _written(value: Any) -> str:
    """A value as TOML has it, cut short."""
    return str(value).lower() if isinstance(value, bool) else brief(value)


def _nearest_key(name: str, known: Iterable[str]) -> str:
    names = list(known)
    if section := [each for each in names if each.startswith(f"{name}.")]:
        return f"{name} is a section: write [{name}], and below it {section[0][len(name) + 1 :]} ="
    last = name.rpartition(".")[2]
    near = (
        [each for each in names if each.rpartition(".")[2] == last][:1]
        or get_close_matches(name, names, 1, 0.6)
        or [
            each
            for part in get_close_matches(last, [each.rpartition(".")[2] for each in names], 1, 0.6)
            for each in names
            if each.rpartition(".")[2] == part
        ][:1]
    )
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"


def _entries(data: dict[str, Any], sections: set[str]) -> Iterator[tuple[str, Any]]:
    """Every value with its dotted name; a table is a section only where one is known."""
    for name, value in data.items():
        if isinstance(value, dict) and (value or name not in sections):
            if name in sections:
                yield from ((f"{name}.{inner}", each) for inner, each in value.items())
            else:
                yield (f"{name}.{next(iter(value))}" if value else name), value
        elif not isinstance(value, dict):
            yield name, value


# --- places ---------------------------------------------------------------------------------


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """The line that each key stands on, by its dotted name: the parser does not keep it.

    A statement ends where it, under its section's head, can be parsed by itself.
    """
    import tomllib

    head, begun, start = "", "", 1
    for number, line in enumerate(text.split("\n"), 1):
        if not begun:
            start = number
        begun += f"{line}\n"
        try:
            data = tomllib.loads(head + begun)
        except tomllib.TOMLDecodeError:
            continue
        if re.match(r"\s*\[", begun):
            head = begun
        yield from ((name, start) for name in _names(data, ""))
        begun = ""


def _names(data: dict[str, Any], before: str) -> Iterator[str]:
    for name, value in data.items():
        yield f"{before}{name}"
        if isinstance(value, dict):
            yield from _names(value, f"{before}{name}.")


_AT = re.compile(r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)\s*\Z")


def _place(message: str, text: str) -> tuple[int, int, str]:
    """Line and column of a parser's complaint, and the complaint without them."""
    found = _AT.search(message)
    if found is not None and found["line"]:
        return int(found["line"]), int(found["column"]), message[: found.start()]
    why = message[: found.start()] if found is not None else message
    return text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1, why
