"""Run notebooks as Jupyter does, and keep them with their outputs.

    python execute.py each|one FOLDER NOTEBOOK ...

Writes each with its outputs into FOLDER. "each" gives every notebook a kernel of its own; with
"one" they share it. The kernels talk over Unix sockets: nothing
else on the machine can reach them.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

CELL_S = 300  # for a cell on a busy machine; none takes a second on a quiet one

SOCKETS = tempfile.TemporaryDirectory(prefix="nb")  # a socket's path is short
NUMBERS = itertools.count()


def main(kernels: str, folder: str, *paths: str) -> None:
    """Run the notebooks."""
    places = [Path(path) for path in paths]
    if kernels == "each":
        asyncio.run(each(Path(folder), places))
    else:
        one(Path(folder), places)


async def each(folder: Path, paths: Sequence[Path]) -> None:
    """Every one with its own kernel, two at a time: they wait more than they work."""
    room = asyncio.Semaphore(2)

    async def run(path: Path) -> None:
        async with room:
            nbformat.write(await client(path).async_execute(cleanup_kc=True), folder / path.name)

    await asyncio.gather(*map(run, paths))


def one(folder: Path, paths: Sequence[Path]) -> None:
    """All with the same kernel, its namespace emptied in between."""
    first = client(paths[0])
    with first.setup_kernel(cleanup_kc=True):
        for path in paths:
            again = client(path, km=first.km)
            again.kc = first.kc
            again.nb.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
            for at, cell in enumerate(again.nb.cells):
                again.execute_cell(cell, at)
            del again.nb.cells[0]
            nbformat.write(again.nb, folder / path.name)


def client(path: Path, km: Any = None) -> NotebookClient:
    """What runs a notebook beside its own files."""
    notebook = nbformat.read(path, as_version=4)
    return NotebookClient(
        notebook,
        km=km or AsyncKernelManager(transport="ipc", ip=f"{SOCKETS.name}/{next(NUMBERS)}"),
        timeout=CELL_S,
        startup_timeout=CELL_S,
        allow_errors=True,
        resources={"metadata": {"path": str(path.parent)}},
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
