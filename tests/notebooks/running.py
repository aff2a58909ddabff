"""The notebooks with their outputs: run as an ordinary user, whoever runs the tests."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import as_user
import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
CAPTURES = FOLDER / "captures"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EXECUTE = Path(__file__).with_name("execute.py")
FEW_S = 1800  # for all of them on a busy machine

_NEEDS = {"09": ("polars", "pyarrow", "duckdb")}
"""What a notebook needs beside nbclient and ipykernel."""


class Shown(NamedTuple):
    """What became of a notebook: each code cell's source with its outputs."""

    cells: list[tuple[str, list[dict[str, Any]]]]

    def outputs(self) -> list[dict[str, Any]]:
        """Those of all cells."""
        return [output for _, outputs in self.cells for output in outputs]

    def html(self, source: str) -> str:
        """The page of the first cell that has this in its source."""
        found = [outputs for code, outputs in self.cells if source in code]
        assert found, f"no cell has {source}"
        return pages(found[0])

    def text(self, source: str) -> str:
        """The words on it."""
        return words(self.html(source))


def pages(outputs: Sequence[dict[str, Any]]) -> str:
    """The HTML of outputs, one behind the other."""
    return "".join("".join(one.get("data", {}).get("text/html", "")) for one in outputs)


def words(page: str) -> str:
    """A page's text, one blank between two pieces; styles and what only a reader hears are not."""
    pieces: list[str] = []

    class Reader(HTMLParser):
        kind = ""

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.kind = tag

        def handle_endtag(self, tag: str) -> None:
            self.kind = ""

        def handle_data(self, data: str) -> None:
            if self.kind not in ("style", "title", "desc"):
                pieces.append(data.replace("\xa0", " "))

    Reader().feed(page)
    return " ".join(" ".join(pieces).split())


def can_run(path: Path) -> bool:
    """Whether what this notebook needs is installed."""
    return all(importlib.util.find_spec(name) for name in _NEEDS.get(path.stem[:2], ()))


def run(
    kernels: str,
    folder: Path,
    *settings: str,
    notebooks: Sequence[Path] = NOTEBOOKS,
    captures: Path = CAPTURES,
) -> dict[str, Shown]:
    """These notebooks by the first two letters of their names, run with kernel settings.

    Those are left out of which something is not installed. Skips without the extra.
    """
    for needed in ("nbclient", "ipykernel"):
        pytest.importorskip(needed, reason="needs netshell[notebook]")
    wanted = [path for path in notebooks if can_run(path)]
    command = [str(EXECUTE), kernels, str(folder), *map(str, wanted)]
    code = f"import os, sys; os.execv(sys.executable, [sys.executable, *{command!r}])"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "IPYTHON"))
    } | {
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "MPLCONFIGDIR": str(folder),
        "NETSHELL_NOTEBOOK_CAPTURES": str(captures),
        "LC_ALL": "C.UTF-8",
    }
    if importlib.util.find_spec("matplotlib"):  # else it says in a cell that it looks for fonts
        looking = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(looking, env=environment, capture_output=True, timeout=FEW_S, check=True)
    done = subprocess.run(
        [sys.executable, as_user.__file__, "user", *settings, code],
        capture_output=True, text=True, timeout=FEW_S, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and not done.stderr, done.stderr
    return {path.stem[:2]: _shown(folder / path.name) for path in wanted}


def _shown(path: Path) -> Shown:
    found = json.loads(path.read_text(encoding="utf-8"))
    return Shown(
        [
            ("".join(cell["source"]), cell["outputs"])
            for cell in found["cells"]
            if cell["cell_type"] == "code"
        ]
    )
