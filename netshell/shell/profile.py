"""Profiles: named set-ups of the shell, put together from several places, key by key.

From the weakest to the strongest: what is built in; the profile that ships with netshell
(``profiles/<name>/profile.toml`` in the source); the user's ``netshell.toml``, for all profiles,
and their ``profiles/<name>/profile.toml``, both in ``~/.config/netshell``; ``--set`` of the command
line. A profile may have a ``startup.py``, which runs before the first prompt; the user's takes the
place of the one that ships. Nothing is parsed where the user has no files and named no profile.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from netshell.errors import BadFile, NetshellError, NotFound
from netshell.settings import KEYS, Profile, Startup, use
from netshell.shell.folders import config_folder

if TYPE_CHECKING:
    from netshell.shell.profile_file import Given

ENVIRONMENT = "NETSHELL_PROFILE"
"""The variable that names the profile where the command line does not."""

GENERAL = "netshell.toml"
"""The user's file for all profiles."""


def start(name: str | None = None, settings: Sequence[str] = ()) -> Profile:
    """Load a profile, let it hold from now on, and return it; raises what :func:`load` does."""
    profile = load(name, settings)
    use(profile)
    if profile.lang or "netshell.catalogue.languages" in sys.modules:
        from netshell.catalogue.languages import speak

        speak(profile.lang or None)
    return profile


def load(name: str | None = None, settings: Sequence[str] = ()) -> Profile:
    """A profile: of this name, else of NETSHELL_PROFILE, else of netshell.toml, else the default.

    ``settings`` are those of the command line, as KEY=VALUE.

    Raises NotFound for a profile that is not there, naming the nearest, BadFile for a file that
    cannot be used (file, line, what would do), NotPermitted for one that others may write, and
    BadArgument for a setting.
    """
    general = config_folder() / GENERAL
    given = _read_general(general)
    name, chosen_by = _chosen(name, given)
    if name == Profile().name and not settings and not general.parent.is_dir():
        return Profile(origins={"profile": chosen_by} if chosen_by else {})  # nothing to look into
    folders = available()
    if name not in folders:
        raise _unknown(name, chosen_by, folders)
    profile = Profile() if name == Profile().name else Profile(name=name, title="")
    origins = {"profile": chosen_by} if chosen_by else {}
    values: dict[str, Any] = {}
    columns: dict[str, tuple[str, ...]] = {}

    def take(found: Iterable[Given], where: str) -> None:
        for key, value, line in found:
            if key.field == "name":
                continue
            if key.field == "columns":
                columns[key.name.partition(".")[2]] = value
            else:
                values[key.field] = value
            origins[key.name] = f"{where}, line {line}" if line else where

    for folder in folders[name]:
        is_shipped = folder.parent == _shipped()
        if not is_shipped:
            take(given, _called(general))  # netshell.toml stands between the two
            given = []
        elif name == Profile().name:
            continue  # a test holds its file to Profile(); no parser on the way to the prompt
        file = folder / "profile.toml"
        if file.is_file():
            take(_read(file), _called(file))
    take(given, _called(general))
    if settings:
        from netshell.shell.profile_file import read_setting

        take([read_setting(each) for each in settings], "--set")
    startup, remarks = _startup(folders[name])
    return profile._replace(
        **values,
        columns=MappingProxyType(columns),
        origins=MappingProxyType(origins),
        startup=startup,
        remarks=remarks,
    )


def available() -> dict[str, list[Path]]:
    """The folders of all profiles by name: the one that ships, then the user's own."""
    found: dict[str, list[Path]] = {}
    for place in (_shipped(), config_folder() / "profiles"):
        try:
            folders = sorted(place.iterdir())
        except OSError:
            continue  # no profiles there, or none this user may see
        for each in folders:
            if any((each / name).is_file() for name in ("profile.toml", "startup.py")):
                found.setdefault(each.name, []).append(each)
    return found


@cache
def _shipped() -> Path:
    try:
        return Path(str(import_module("netshell.profiles").__file__)).parent
    except ModuleNotFoundError:  # run from the source, where the folder stands beside the package
        return Path(__file__).parents[2] / "profiles"


def _chosen(name: str | None, given: Sequence[Given]) -> tuple[str, str]:
    """The profile's name and who chose it; nobody, for the default one."""
    if name is not None:
        return name, "--profile"
    if named := os.environ.get(ENVIRONMENT):
        return named, f"{ENVIRONMENT} in the environment"
    for key, value, line in given:
        if key.field == "name":
            return value, f"{_called(config_folder() / GENERAL)}, line {line}"
    return Profile().name, ""


def _unknown(name: str, chosen_by: str, folders: Mapping[str, object]) -> NotFound:
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), folders, 1, 0.6)
    hint = f"did you mean {near[0]}? " if near else ""
    return NotFound(
        "no such profile",
        where=repr(name),
        why="" if chosen_by == "--profile" else f"named by {chosen_by}",
        next_step=f"{hint}there are {', '.join(sorted(folders))}",
    )


# --- files ----------------------------------------------------------------------------------


def _read_general(path: Path) -> list[Given]:
    if not path.is_file():
        return []
    from netshell.shell.profile_file import CHOSEN, read_settings

    return read_settings(_text(path), str(path), (CHOSEN, *KEYS))


def _read(path: Path) -> list[Given]:
    from netshell.shell.profile_file import read_settings

    return read_settings(_text(path), str(path))


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadFile("cannot read the profile", where=str(path), why=str(error)) from error


def _bytes(path: Path) -> bytes:
    if path.is_relative_to(_shipped()):
        return path.read_bytes()  # as trustworthy as the program beside it
    from netshell.shell.profile_trust import read_own

    return read_own(path, config_folder())


def _startup(folders: Sequence[Path]) -> tuple[Startup | None, tuple[str, ...]]:
    """The last folder's startup.py; or why it is not run."""
    for folder in reversed(folders):
        file = folder / "startup.py"
        if file.is_file():
            try:
                return Startup(str(file), _bytes(file)), ()
            except NetshellError as error:
                return None, (f"{error}; the shell starts without it",)
    return None, ()


def _called(path: Path) -> str:
    """A file's path as people write it."""
    if path.is_relative_to(_shipped()):
        return f"profiles/{path.relative_to(_shipped())}"
    home = os.environ.get("HOME", "")
    if len(home) > 1 and path.is_relative_to(home):
        return f"~/{path.relative_to(home)}"
    return str(path)
