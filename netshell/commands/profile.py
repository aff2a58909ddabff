"""``profile``: the settings that are in force, and where each of them is from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from netshell import catalogue
from netshell.results import Records
from netshell.settings import BUILT_IN, KEYS, Profile, in_force, is_chosen
from netshell.view import Block, Cell, Column, Note, Span


@dataclass(frozen=True, slots=True)
class Setting:
    """A key, its value, and where that is from: "built-in", a file and its line, the environment's
    variable, or the command line's option."""

    key: str
    value: Any
    origin: str
    about: str


class Settings(Records[Setting]):
    """The settings in force, each with its origin."""

    heads = (
        Column("setting"),
        Column("value", shrink=True, least=12, wrap=True),
        Column("from", shrink=True, least=16, wrap=True),
        Column("what it does", keep=1, shrink=True, least=20, wrap=True),
    )
    called = "settings"

    def __init__(self, rows: Sequence[Setting] = (), remarks: Sequence[str] = ()) -> None:
        super().__init__(rows)
        self.remarks = tuple(remarks)

    def row(self, record: Setting) -> Sequence[Cell]:
        style = "" if record.origin == BUILT_IN else "key"
        return (
            Span(record.key, style),  # type: ignore[arg-type]
            _written(record),
            Span(record.origin, "quiet" if record.origin == BUILT_IN else ""),
            Span(record.about, "quiet"),
        )

    def notes(self) -> Sequence[Block]:
        return [Note(text) for text in self.remarks]

    def with_rows(self, rows: Sequence[Setting]) -> Settings:
        return Settings(rows, self.remarks)


def profile() -> Settings:
    """What is in force: each setting, its value, and where that is from.

    >>> profile()
    >>> [each for each in profile() if each.origin != "built-in"]

    A value is built in, or from the profile that ships with netshell, from
    the user's own files (netshell.toml for all profiles, for one of them
    profiles/<name>/profile.toml), from the environment or from the command
    line; the last of these wins, key by key. Files are told with the line.
    In a program that imports netshell all is built in: no files are read.
    """
    now = in_force()
    rows = [Setting("profile", now.name, now.origins.get("profile", BUILT_IN), "its name")]
    for key in KEYS:
        value, origin = now.value(key), now.origins.get(key.name, BUILT_IN)
        value, origin = _of_environment(key.name, value, origin)
        rows.append(Setting(key.name, value, origin, key.about))
    return Settings(rows, _remarks(now))


def _of_environment(key: str, value: Any, origin: str) -> tuple[Any, str]:
    """What the environment makes of a value."""
    if key == "lang":
        spoken = catalogue.language()
        if value:
            return spoken, origin if spoken == value else "standard output, which has no Korean"
        for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
            if os.environ.get(name):
                return spoken, f"{name} in the environment"
        return spoken, BUILT_IN
    if key == "screen.colors":
        if os.environ.get("NO_COLOR"):
            return "none", "NO_COLOR in the environment"
        if os.environ.get("TERM") == "dumb":
            return "none", "TERM in the environment"
    return value, origin


def _remarks(now: Profile) -> list[str]:
    said = list(now.remarks)
    if now.startup is not None:
        said.append(f"{now.startup.path} runs before the first prompt")
    if not is_chosen():
        said.append("nothing was read: this program only imports netshell")
    return said


def _written(record: Setting) -> str:
    """A value in a cell; what stands for "none given" is said in words."""
    if isinstance(record.value, tuple):
        listed = " | " if record.key == "banner.tips" else ", "
        empty = "those that say something" if record.key.startswith("columns.") else ""
        return listed.join(record.value) or empty
    if record.value == "":
        return _WITHOUT.get(record.key, "")
    if isinstance(record.value, bool):
        return "yes" if record.value else "no"
    return f"{record.value:,}" if isinstance(record.value, int) else str(record.value)


_WITHOUT = {
    "capture.interface": "the default route's",
    "capture.filter": "every packet",
    "capture.keep": "all",
}
