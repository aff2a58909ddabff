"""A result's bytes as a file: what one side of a connection sent, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from netshell.render.whole import whole


def write(result: Any, path: str | os.PathLike[str]) -> Path:
    """Write what ``result.blocks()`` gives, whole or not at all, and return the file's path.

    Raises NotPermitted, NotFound, BadFile (disk full, the place is a directory).
    """
    place = Path(path).expanduser()
    with whole(place) as made, made.open("wb") as file:
        file.writelines(result.blocks())
    return place
