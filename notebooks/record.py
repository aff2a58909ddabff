"""Record the notebooks' captures anew: ``python record.py [NOTEBOOK ...]``, on Linux.

Runs each notebook that uses the lab there, and keeps what passed on the client's interface.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent


def main(*names: str) -> None:
    """Record these notebooks, or all that use the lab."""
    os.environ["NETSHELL_NOTEBOOKS_RECORD"] = "1"
    for path in sorted(HERE.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        uses = any(
            word in cell.source for cell in notebook.cells for word in ("enter(", "perform(")
        )
        if uses and (not names or path.stem in names):
            NotebookClient(notebook, resources={"metadata": {"path": str(HERE)}}).execute()
            print(f"recorded {path.stem}")  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
