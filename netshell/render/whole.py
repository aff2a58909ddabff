"""A file written whole or not at all: under another name first, renamed when it is complete."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from netshell.errors import BadFile, NetshellError, NotFound, NotPermitted


@contextlib.contextmanager
def whole(place: Path) -> Iterator[Path]:
    """The path to write to; what is there at the end becomes ``place``.

    Raises NotPermitted, NotFound, BadFile (disk full, the place is a directory).
    """
    made = place.with_name(f".{place.name}.part")
    try:
        try:
            yield made
            made.replace(place)
        except BaseException:
            with contextlib.suppress(OSError):
                made.unlink()
            raise
    except OSError as error:
        raise _explained(place, error) from error


def _explained(place: Path, error: OSError) -> NetshellError:
    what, where = "cannot save", f"to {place}"
    if isinstance(error, PermissionError):
        return NotPermitted(what, where=where, why="permission denied")
    if isinstance(error, FileNotFoundError):
        return NotFound(what, where=where, why="no such directory")
    why = os.strerror(error.errno).lower() if error.errno else str(error)
    return BadFile(what, where=where, why=why)
