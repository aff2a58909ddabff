"""Results as Parquet files, written stretch by stretch, so that any size of result fits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from netshell.render.frames import batches, needed
from netshell.render.whole import whole


def write(result: Any, path: str | os.PathLike[str]) -> Path:
    """Write the file, whole or not at all, and return its path.

    Raises NotPermitted, NotFound, NetshellError (disk full), Unavailable without pyarrow.
    """
    needed("pyarrow")
    parquet = needed("pyarrow.parquet")
    place = Path(path).expanduser()
    with whole(place) as made:
        reader = batches(result)
        with parquet.ParquetWriter(made, reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(batch)
    return place
