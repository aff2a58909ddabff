"""The notebooks, run from top to bottom: in the lab, and where the kernel allows no namespaces.

As an ordinary user, each time: whoever runs the tests becomes one (``as_user.py``).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import as_user
import pytest

from netshell.errors import Unavailable
from netshell.lab.wire import Wire

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EXECUTE = Path(__file__).with_name("execute.py")
NEEDS = "needs netshell[notebook]"
FEW_S = 300  # for all of them on a busy machine


class Shown(NamedTuple):
    """What became of a notebook: each code cell's source with its outputs."""

    cells: list[tuple[str, list[dict[str, Any]]]]

    def html(self, source: str) -> str:
        """The page of the cell that has this in its source."""
        outputs = next(outputs for code, outputs in self.cells if source in code)
        return "".join("".join(one["data"].get("text/html", "")) for one in outputs)

    def text(self, source: str) -> str:
        """The words on it."""
        return words(self.html(source))


def words(page: str) -> str:
    """A page's text, a blank between two pieces."""
    pieces: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            pieces.append(data.replace("\xa0", " "))

    Reader().feed(page)
    return " ".join(" ".join(pieces).split())


def run(kernels: str, folder: Path, *settings: str) -> dict[str, Shown]:
    """The notebooks with their outputs, run as an ordinary user with these settings."""
    pytest.importorskip("nbclient", reason=NEEDS)
    pytest.importorskip("ipykernel", reason=NEEDS)
    command = [str(EXECUTE), kernels, str(folder), *map(str, NOTEBOOKS)]
    code = f"import os, sys; os.execv(sys.executable, [sys.executable, *{command!r}])"
    home = folder / "home"
    home.mkdir()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")
    } | {"HOME": str(home), "PYTHONPATH": str(ROOT), "MPLCONFIGDIR": str(home)}
    done = subprocess.run(
        [sys.executable, as_user.__file__, "user", *settings, code],
        capture_output=True, text=True, timeout=FEW_S, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and not done.stderr, done.stderr
    return {path.stem: shown(folder / path.name) for path in NOTEBOOKS}


def shown(path: Path) -> Shown:
    """A notebook's cells and outputs."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return Shown(
        [
            ("".join(cell["source"]), cell["outputs"])
            for cell in found["cells"]
            if cell["cell_type"] == "code"
        ]
    )


@pytest.fixture(scope="module")
def in_the_lab(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """Each with a kernel of its own, on a wire of its own."""
    from conftest import missing

    try:
        Wire.open().close()
    except Unavailable as error:
        missing(str(error))
    return run("each", tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """All with one kernel, where no namespace may be made."""
    return run("one", tmp_path_factory.mktemp("recorded"), "user.max_user_namespaces=0")


@pytest.fixture(params=["in_the_lab", "recorded"])
def run_of(request: pytest.FixtureRequest) -> Callable[[str], Shown]:
    """A notebook by the beginning of its name, with its outputs."""
    found: dict[str, Shown] = request.getfixturevalue(request.param)
    return lambda number: next(one for name, one in found.items() if name.startswith(number))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_stripped(path: Path) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    assert (found["nbformat"], found["nbformat_minor"]) == (4, 5)
    how = f"jupyter nbconvert --clear-output --inplace notebooks/{path.name}"
    for cell in found["cells"]:
        assert re.fullmatch(r"[\w-]+", cell["id"]), how
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None, how
    names = [cell["id"] for cell in found["cells"]]
    assert len(names) == len(set(names))
    assert set(found["metadata"]) == {"kernelspec", "language_info"}, "no traces of a machine"


@pytest.mark.parametrize("number", [path.stem[:2] for path in NOTEBOOKS])
def test_nothing_goes_wrong(run_of: Callable[[str], Shown], number: str) -> None:
    for code, outputs in run_of(number).cells:
        for output in outputs:
            assert output["output_type"] != "error", (code, output)
            assert output.get("name") != "stderr", (code, output)


def test_where_it_runs_is_said_in_a_line(
    in_the_lab: dict[str, Shown], recorded: dict[str, Shown]
) -> None:
    assert in_the_lab["00-tour"].text("enter(").startswith("In the lab: ")
    assert (
        recorded["00-tour"]
        .text("enter(")
        .startswith("From a recorded capture, 00-tour.pcap, because the kernel refuses a namespace")
    )


def test_the_tour(run_of: Callable[[str], Shown]) -> None:
    tour = run_of("00")
    assert "www.lab. 60" in tour.text("client.dig(") and "<table>" in tour.html("client.dig(")
    assert "10.77.0.2 eth0 10.77.0.1" in tour.text("client.iface_for(")
    ladder = tour.html("flow.ladder()")
    assert ladder.count("<svg ") == 1 and ladder.count('class="sent-line"') >= 5
    told = tour.text("flow.ladder()")
    for piece in ("SYN_SENT", "SYN,ACK", "ESTABLISHED", "FIN,ACK", "TIME_WAIT", "server www.lab"):
        assert piece in told
    assert "GET /missing → 404 Not Found" in tour.text("cap.messages")
    assert "TIME_WAIT 10.77.0.1:" in tour.text("client.conns(")
    assert tour.text("server.conns(").startswith("state local") and "LISTEN" in tour.text(
        "server.conns("
    )
    assert "FIN by client" in tour.text("explain(flow)")
    assert tour.text('check("00.1"').startswith("Your turn")


def test_http_on_the_wire(run_of: Callable[[str], Shown]) -> None:
    http = run_of("07")
    assert http.html("cap.flows").count("<tr>") == 5
    messages = http.text("cap.messages")
    assert messages.count("GET /bytes/20000 → 200 OK, text/plain, 20,000 bytes") == 2
    assert messages.count("404 Not Found") == 2
    assert "Content-Length: 20000" in http.text("follow(")
    assert "FIN,ACK" in http.text("ladder()") and "<svg " in http.html("ladder()")
