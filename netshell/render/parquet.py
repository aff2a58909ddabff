"""Results as Parquet files, written stretch by stretch, so that any size of result fits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

from netshell.render.frames import batches, needed
from netshell.saving import place_of, whole


def write(result: Any, path: str | os.PathLike[str]) -> Path:
    """Write the file, whole or not at all, and return its path.

    Raises BadArgument (no path), NotPermitted, NotFound, NetshellError (disk full), Unavailable
    without pyarrow.
    """
    needed("pyarrow")
    parquet = needed("pyarrow.parquet")
    place = place_of(path, "packets.parquet")
    with whole(place) as file:
        reader = batches(result)
        target = _Counted(file)
        with parquet.ParquetWriter(target, reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(batch)
    return place


class _Counted:
    """A file that only goes on: pyarrow asks where it is, which a pipe does not know."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = 0

    def write(self, data: Any) -> int:
        self._file.write(data)
        self._size += len(data)
        return len(data)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """Whoever opened the file closes it."""
