"""Run notebooks as Jupyter does, and keep them with their outputs.

    python execute.py each|one FOLDER NOTEBOOK ...

Writes each with its outputs into FOLDER. "each" gives every notebook a kernel of its own; with
"one" they share it, its namespace emptied in between. The kernels talk over Unix sockets: nothing
else on the machine can reach them.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

CELL_S = 60  # for a cell on a busy machine; none takes a second on a quiet one

SOCKETS = tempfile.TemporaryDirectory(prefix="nb")  # a socket's path is short
NUMBERS = itertools.count()


def main(kernels: str, folder: str, *paths: str) -> None:
    """Run the notebooks, one after the other."""
    if kernels == "each":
        for path in paths:
            keep(client(Path(path)), folder, path)
        return
    first = client(Path(paths[0]))
    with first.setup_kernel(cleanup_kc=True):
        for path in paths:
            again = client(Path(path), km=first.km)
            again.kc = first.kc
            again.nb.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
            for at, cell in enumerate(again.nb.cells):
                again.execute_cell(cell, at)
            del again.nb.cells[0]
            keep(None, folder, path, again.nb)


def client(path: Path, km: Any = None) -> Any:
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


def keep(ready: Any, folder: str, path: str, notebook: Any = None) -> None:
    """Run it, if it was not run yet, and write it."""
    notebook = notebook if ready is None else ready.execute(cleanup_kc=True)
    nbformat.write(notebook, Path(folder) / Path(path).name)


if __name__ == "__main__":
    main(*sys.argv[1:])
