"""Which files are meant: a path, a pattern (``*.pcap``), "-" for standard input, or several."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path

from netshell.capture.windows import STDIN
from netshell.errors import BadArgument, NotFound, NotPermitted

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def places(path: Paths) -> list[str]:
    """The files, in the order given; those of a pattern by name. ``~`` is the user's home.

    A file whose name looks like a pattern is that file. Raises NotFound for a pattern that nothing
    matches, NotPermitted where that cannot be seen, BadArgument for no path at all, or standard
    input twice.
    """
    given = [path] if isinstance(path, str | os.PathLike) else path
    found: list[str] = []
    try:
        if hasattr(given, "read"):  # an open file gives its lines
            raise TypeError
        for each in given:
            if not isinstance(each, str | os.PathLike):
                raise TypeError
            found += _matching(os.fsdecode(each))
    except TypeError:
        raise BadArgument(
            "cannot read",
            where=f"a {type(path).__name__}",
            next_step="give a path, or several: text",
        ) from None
    if not found:
        raise BadArgument("cannot read", why="no path was given")
    if found.count(STDIN) > 1:
        raise BadArgument("cannot read", where="standard input", why="it is named twice")
    return found


def _matching(path: str) -> list[str]:
    if path == STDIN:
        return [path]
    try:
        place = str(Path(path).expanduser())
    except RuntimeError:  # no such user
        place = path
    if not glob.has_magic(place) or os.path.lexists(place):
        return [_as_file(place)]
    found = glob.glob(place, recursive=True)  # noqa: PTH207  Path.glob knows no absolute pattern
    matches = sorted(_as_file(each) for each in found if not Path(each).is_dir())
    if not matches:
        if closed := _closed(place):
            why = f"permission denied: this user may not list {closed}"
            raise NotPermitted("cannot read", where=place, why=why)
        raise NotFound("cannot read", where=place, why="no file has such a name")
    return matches


def _closed(pattern: str) -> str:
    """The directory of a pattern that this user may not list, so that nothing matches; or ""."""
    parts = Path(pattern).parts
    plain = list(takewhile(lambda part: not glob.has_magic(part), parts))
    for place in (Path(*plain[:end]) for end in range(1, len(plain) + 1)):
        try:
            place.stat()
        except PermissionError:
            return str(place.parent)
        except OSError:
            return ""
    here = Path(*plain)
    return "" if os.access(here, os.R_OK | os.X_OK) else str(here)


def _as_file(place: str) -> str:
    """A file's path: one that is named "-" is not standard input."""
    return os.path.join(".", place) if place == STDIN else place  # noqa: PTH118  Path drops "./"


def title(found: list[str]) -> str:
    """The files in a few words, for a line about them."""
    if len(found) == 1:
        return "standard input" if found[0] == STDIN else found[0]
    return f"{len(found)} files, {found[0]} to {found[-1]}"
