"""A result's bytes as a file: what one side of a connection sent, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from netshell.saving import place_of, whole


def write(result: Any, path: str | os.PathLike[str]) -> Path:
    """Write what ``result.blocks()`` gives, whole or not at all, and return the file's path.

    Raises BadArgument (no path), NotPermitted, NotFound, BadFile (the place is a directory),
    NetshellError (disk full).
    """
    place = place_of(path, "stream.bin")
    with whole(place) as file:
        file.writelines(result.blocks())
    return place
