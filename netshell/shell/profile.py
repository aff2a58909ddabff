"""Profiles: named set-ups of the shell, one folder each.

A folder holds ``profile.toml`` and, if it likes, ``startup.py``, which runs in the shell before the
first prompt. Two places are looked in: the user's (``~/.config/netshell/profiles``), then those
that ship with netshell (``profiles/`` in the source).
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from netshell.errors import BadFile, NotFound
from netshell.shell.folders import config_folder

PAYLOADS = ("none", "ascii", "hex")
COLORS = ("neutral", "linux", "lightbg", "nocolor")
"""IPython's themes that every version has: for any background, a dark one, a light one, none."""


class Profile(NamedTuple):
    """What a profile decides; the defaults are those of ``profiles/default``."""

    name: str = "default"
    title: str = "Everyday work"
    payload: str = "none"
    """How payloads are printed beside live packets: one of PAYLOADS."""
    explain: bool = False
    """Whether each live packet gets a sentence on what its flags mean."""
    lines_per_s: int = 160
    """Lines printed of live captures each second at most; 0 prints none."""
    colors: str = "neutral"
    """IPython's theme: one of COLORS."""
    rows: int = 500
    """Rows of a table shown at the prompt."""
    tips: tuple[str, ...] = ("conns?  explains a verb, Tab completes it, and exit leaves",)
    """Lines below the banner."""
    startup: Path | None = None
    """Python run in the shell before the first prompt."""


KEYS: dict[tuple[str, str], tuple[str, type]] = {
    ("", "title"): ("title", str),
    ("packets", "payload"): ("payload", str),
    ("packets", "explain"): ("explain", bool),
    ("packets", "lines_per_second"): ("lines_per_s", int),
    ("screen", "colors"): ("colors", str),
    ("screen", "rows"): ("rows", int),
    ("banner", "tips"): ("tips", list),
}
"""What may stand in a profile.toml: section and key, and the field and type it becomes."""


def load(name: str) -> Profile:
    """The profile of this name.

    Raises NotFound, naming those there are, and BadFile for a profile.toml that cannot be used.
    """
    folders = available()
    folder = folders.get(name)
    if folder is None:
        raise NotFound(
            "no such profile", where=repr(name), next_step=f"use one of {', '.join(folders)}"
        )
    if name == Profile().name and folder.parent == _shipped():
        return Profile()  # a test holds the file to this; no parser on the way to the prompt
    profile = _read(folder / "profile.toml")._replace(name=name)
    startup = folder / "startup.py"
    return profile._replace(startup=startup) if startup.is_file() else profile


def available() -> dict[str, Path]:
    """The folders of all profiles by name; the user's own take the place of those shipped."""
    found: dict[str, Path] = {}
    for place in (_shipped(), config_folder() / "profiles"):
        try:
            folders = sorted(place.iterdir())
        except OSError:
            continue  # no profiles there, or none this user may see
        found |= {each.name: each for each in folders if (each / "profile.toml").is_file()}
    return found


def _shipped() -> Path:
    return Path(str(import_module("netshell.profiles").__file__)).parent


def _read(path: Path) -> Profile:
    import tomllib

    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile("cannot read the profile", where=str(path), why=str(error)) from error
    except tomllib.TOMLDecodeError as error:
        raise _unusable(path, str(error), _line(str(error))) from error
    except RecursionError:
        raise _unusable(path, "it is nested too deeply", 0) from None
    fields: dict[str, Any] = {}
    for section, key, value in _entries(data):
        entry = KEYS.get((section, key))
        if entry is None:
            known = ", ".join(".".join(filter(None, each)) for each in KEYS)
            shown = f"{section}.{key}".lstrip(".")
            raise _unusable(path, f"unknown key {shown}", _where(path, key), f"known: {known}")
        field, kind = entry
        fields[field] = _checked(path, key, value, kind)
    for key, choices in (("payload", PAYLOADS), ("colors", COLORS)):
        if fields.get(key, choices[0]) not in choices:
            why = f"{key} is {fields[key]!r}"
            raise _unusable(path, why, _where(path, key), f"use {', '.join(choices)}")
    return Profile(title="")._replace(**fields)


def _entries(data: dict[str, Any]) -> list[tuple[str, str, Any]]:
    found: list[tuple[str, str, Any]] = []
    for key, value in data.items():
        if isinstance(value, dict):
            found += [(key, inner, each) for inner, each in value.items()]
        else:
            found.append(("", key, value))
    return found


def _checked(path: Path, key: str, value: Any, kind: Any) -> Any:
    # type(), not isinstance(): to TOML true is no number.
    if type(value) is not kind or (kind is int and value < 0):
        wanted = {str: "text", bool: "true or false", int: "a number from 0", list: "a list"}[kind]
        raise _unusable(path, f"{key} is {value!r}", _where(path, key), f"it takes {wanted}")
    return tuple(map(str, value)) if kind is list else value


def _unusable(path: Path, why: str, line: int, next_step: str = "") -> BadFile:
    where = f"{path}, line {line}" if line else str(path)
    return BadFile("cannot use the profile", where=where, why=why, next_step=next_step)


def _line(message: str) -> int:
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else 0


def _where(path: Path, key: str) -> int:
    """The line that a key stands on; the parser does not keep it."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return 0
