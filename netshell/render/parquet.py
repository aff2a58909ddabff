"""Results as Parquet files, written stretch by stretch, so that any size of result fits."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from netshell.errors import BadFile, NetshellError, NotFound, NotPermitted
from netshell.render.frames import batches, needed


def write(result: Any, path: str | os.PathLike[str]) -> Path:
    """Write the file, whole or not at all, and return its path.

    Raises NotPermitted, NotFound, NetshellError (disk full), Unavailable without pyarrow.
    """
    needed("pyarrow")
    parquet = needed("pyarrow.parquet")
    place = Path(path).expanduser()
    made = place.with_name(f".{place.name}.part")
    try:
        try:
            reader = batches(result)
            with parquet.ParquetWriter(made, reader.schema, compression="zstd") as writer:
                for batch in reader:
                    writer.write_batch(batch)
            made.replace(place)
        except BaseException:
            with contextlib.suppress(OSError):
                made.unlink()
            raise
    except OSError as error:
        raise _explained(place, error) from error
    return place


def _explained(place: Path, error: OSError) -> NetshellError:
    what, where = "cannot save", f"to {place}"
    if isinstance(error, PermissionError):
        return NotPermitted(what, where=where, why="permission denied")
    if isinstance(error, FileNotFoundError):
        return NotFound(what, where=where, why="no such directory")
    why = os.strerror(error.errno).lower() if error.errno else str(error)
    return BadFile(what, where=where, why=why)
