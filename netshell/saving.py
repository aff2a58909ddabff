"""Files written whole or not at all: the place that is meant, and what is written there.

A file is made under a name of its own beside the other, and takes its place once it is complete,
with its permissions; through a symbolic link, at the link's end. A device or a pipe is written to
as it is.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from netshell.errors import BadArgument, BadFile, NetshellError, NotFound, NotPermitted

_SHOWN = 60  # characters of a wrong path in an error line


def place_of(given: Any, example: str, what: str = "cannot save") -> Path:
    """The file that somebody means to write; ``~`` is the user's home, ``example`` a right path.

    Raises BadArgument for what is no path, BadFile for a directory's, NotFound for an unknown
    user's home.
    """
    step = f'use a path, "{example}"'
    text = os.fspath(given) if isinstance(given, str | os.PathLike) else given
    if not isinstance(text, str):
        where = f"to a {type(given).__name__}"
        raise BadArgument(what, where=where, why="it is no path", next_step=step)
    if not text:
        raise BadArgument(what, why="the path is empty", next_step=step)
    try:
        known = b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        known = False
    if not known:
        # Not repr(): a lone surrogate could not be printed.
        shown = ascii(text)
        shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
        why = "no file can have such a name"
        raise BadArgument(what, where=f"to {shown}", why=why, next_step=step)
    try:
        place = Path(text).expanduser()
    except RuntimeError:
        user = Path(text).parts[0]
        raise NotFound(
            what,
            where=f"to {text}",
            why=f"there is no user {user[1:]}" if user != "~" else "there is no home directory",
            next_step=f"./{text} is a file of this name",
        ) from None
    if place.name in ("", ".."):
        raise BadFile(what, where=f"to {text}", why="it is a directory", next_step=step)
    return place


@contextlib.contextmanager
def whole(place: Path, kept: str = "") -> Iterator[IO[bytes]]:
    """The file to write to; what is in it at the end is what ``place`` holds.

    ``kept`` says what is not lost if the disk is full. Raises NotPermitted, NotFound, BadFile (the
    place is a directory), NetshellError (the disk is full).
    """
    try:
        with _replacing(place) as file:
            yield file
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise NetshellError(
                "cannot save", where=f"to {place}", why="the disk is full", next_step=kept
            ) from error
        raise refused(place, error) from error


@contextlib.contextmanager
def _replacing(place: Path) -> Iterator[IO[bytes]]:
    if place.exists() and not place.is_file():
        with place.open("wb") as file:
            yield file
        return
    try:
        target = place.resolve()
    except RuntimeError:  # symbolic links in a circle
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
    # A name of its own beside it: a rename cannot cross file systems.
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:_PREFIX]}.", dir=target.parent)
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        made.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        made.replace(target)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


_PREFIX = 40  # characters: the name beside it must not be too long where the name itself is not


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def refused(place: Path, error: OSError, what: str = "cannot save") -> NetshellError:
    """What the system refused, as one line."""
    where = f"to {place}"
    if isinstance(error, PermissionError):
        return NotPermitted(what, where=where, why="permission denied")
    if isinstance(error, FileNotFoundError):
        return NotFound(what, where=where, why="no such directory")
    if isinstance(error, IsADirectoryError):
        return BadFile(what, where=where, why="it is a directory")
    return BadFile(what, where=where, why=(error.strerror or str(error)).lower())
