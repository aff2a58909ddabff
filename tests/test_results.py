"""Results: records first, and the same data however they are asked to show themselves."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import numpy as np
import pytest
from IPython.lib.pretty import pretty
from plots import page

import netshell
import netshell.render
from netshell.capture.capture import Capture
from netshell.capture.save import save
from netshell.commands.captures import Captures
from netshell.commands.conns import Sockets
from netshell.commands.ifaces import Interfaces
from netshell.errors import BadArgument, BadIndex
from netshell.flow.flows import Flows
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.flow.talkers import Talkers
from netshell.lookup.answer import DnsRecords
from netshell.results import Records, Result, Single
from netshell.view import Cell, Column


@dataclass(frozen=True)
class Row:
    local: Endpoint
    state: State
    name: str | None


class Rows(Records[Row]):
    heads = (Column("local"), Column("state"), Column("name"))
    empty = "no rows"

    def row(self, record: Row) -> Sequence[Cell]:
        return str(record.local), record.state, record.name or ""


ROWS = Rows(
    (
        Row(Endpoint("::1", 80), State.LISTEN, None),
        Row(Endpoint("192.0.2.1", 9), State.TIME_WAIT, "<b>\x1b[0m"),
    )
)


def test_indexes_iterates_and_slices_as_records() -> None:
    assert ROWS[0].state is State.LISTEN
    assert ROWS[-1].local.port == 9
    assert isinstance(ROWS[:1], Rows)
    assert [row.name for row in ROWS[:1]] == [None]
    assert len(ROWS) == 2


def test_a_row_that_is_not_there_is_said_in_the_results_own_words() -> None:
    with pytest.raises(IndexError, match=r"^no such row: 2 of 2 rows$") as caught:
        ROWS[2]
    assert len(caught.traceback) <= 3  # the caller, [] and what checks: nothing of what is inside
    with pytest.raises(IndexError, match=r"^no such row: 0 of 0 rows$"):
        Rows()[0]
    with pytest.raises(IndexError, match="no such row: -3 of 2"):
        ROWS[-3]
    for wrong in ("name", 1.0, None):
        with pytest.raises(TypeError, match=r"^rows have numbers: take one as"):
            ROWS[wrong]  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True, repr=False)
class Item(Single):
    name: str
    note: str = ""

    def __str__(self) -> str:
        return f"item {self.name}"

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "name", self.name
        yield "note", self.note


def test_a_record_alone_shows_its_facts_and_in_a_list_its_line() -> None:
    item = Item("a\x1b[31m")
    assert repr(item).splitlines() == ["field  value", "name   a\\x1b[31m"]
    assert str(item) == "item a\x1b[31m"
    assert pretty(item) == repr(item)
    assert pretty([item, item]) == "[item a\\x1b[31m, item a\\x1b[31m]"
    assert json.loads(item.json()) == {"name": "a\x1b[31m", "note": ""}
    assert pickle.loads(pickle.dumps(item)) == item


def test_prints_as_a_plain_table() -> None:
    assert str(ROWS).splitlines() == [
        "local        state      name",
        "[::1]:80     LISTEN",
        r"192.0.2.1:9  TIME_WAIT  <b>\x1b[0m",
    ]
    assert repr(ROWS) == str(ROWS)
    assert str(Rows()) == "no rows"


def test_json_has_every_field() -> None:
    assert json.loads(ROWS.json()) == [
        {"local": {"address": "::1", "port": 80}, "state": "LISTEN", "name": None},
        {
            "local": {"address": "192.0.2.1", "port": 9},
            "state": "TIME_WAIT",
            "name": "<b>\x1b[0m",
        },
    ]


def test_json_is_safe_to_print_and_keeps_the_data() -> None:
    name = "\x1b]0;x\x07\x9b31m\u202egpj\u200b\x7f\U000e0041 é 東京"
    text = Rows((Row(Endpoint("::1", 80), State.LISTEN, name),)).json()
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "é 東京" in text
    assert json.loads(text)[0]["name"] == name


def test_html_escapes_what_came_from_outside() -> None:
    page = ROWS._repr_html_()
    assert page is not None
    assert "&lt;b&gt;" in page
    assert "\x1b" not in page
    assert "<b>" not in page


@pytest.mark.parametrize("name", ["pandas", "polars", "pyarrow"])
def test_frames_have_one_column_a_field(name: str) -> None:
    pytest.importorskip(name, reason=f"{name} is not installed (the frames extra)")
    method = {"pandas": "to_pandas", "polars": "to_polars", "pyarrow": "to_arrow"}[name]
    frame = getattr(ROWS, method)()
    names = frame.column_names if name == "pyarrow" else list(frame.columns)
    assert names == ["local_address", "local_port", "state", "name"]
    assert len(frame) == 2


def test_every_result_shows_its_view_at_the_prompt_too() -> None:
    # A dataclass makes a __repr__ of its own unless told otherwise, and IPython prefers that one.
    for module in iter_modules(netshell.__path__):
        if module.ispkg and module.name not in ("shell", "profiles"):
            package = import_module(f"netshell.{module.name}")
            for inner in iter_modules(package.__path__):
                import_module(f"{package.__name__}.{inner.name}")
    waiting: list[Any] = [Result]
    found: set[Any] = set()
    while waiting:
        kinds = waiting.pop().__subclasses__()
        waiting += kinds
        found.update(kinds)
    assert len(found) > 5
    made = [k for k in found if "__dataclass_params__" in vars(k) and k.__dataclass_params__.repr]
    assert made == []


@pytest.mark.parametrize(
    "wrong",
    [slice(None, None, 0), slice(1.5, None), slice("a", "b"), slice(0, np.array([1, 2]))],
    ids=str,
)
def test_a_slice_that_nothing_can_be_taken_with_is_said_in_one_line(
    wrong: slice, tmp_path: Path
) -> None:
    cap = netshell.read(save([chunk for _, _, chunk in page().origin.parts()], tmp_path / "x.pcap"))
    flow = cap.flows[0]
    results: dict[str, Any] = {
        "rows": ROWS,
        "packets": cap,
        "flows": cap.flows,
        "turns": flow.follow(raw=True),
        "bytes": flow.stream("client"),
        "pieces": flow.stream("client").pieces,
        "segments": flow.segments,
        "records": DnsRecords(()),
    }
    for called, rows in results.items():
        with pytest.raises(
            BadIndex, match=rf"^{called} \[.*\]: a slice is of whole numbers"
        ) as caught:
            rows[wrong]
        assert isinstance(caught.value, TypeError) and "\n" not in str(caught.value)


def test_an_array_is_in_no_result() -> None:
    assert np.array([1, 2]) not in ROWS
    assert ROWS[1] in ROWS and ROWS[1] not in ROWS[:1]


def test_what_takes_no_arguments_says_so_in_one_line() -> None:
    with pytest.raises(BadArgument, match=r"^json\(\) takes no arguments; it is called"):
        ROWS.json(5)  # type: ignore[call-arg]
    with pytest.raises(BadArgument, match=r"^to_arrow\(\) takes no arguments"):
        ROWS.to_arrow(path=5)  # type: ignore[call-arg]
    with pytest.raises(BadArgument, match=r"^explain\(\): too many positional arguments"):
        netshell.explain("SYN", "ACK")  # type: ignore[call-arg]
    with pytest.raises(BadArgument, match=r"^explain\(\) takes no 'y'; did you mean|one of 'x'"):
        netshell.explain(y=1)  # type: ignore[call-arg]


def test_columns_are_those_of_a_capture() -> None:
    """One word, one meaning: decoded packets. A table's are its ``heads``."""
    kinds: list[type[Records[Any]]] = [Sockets, Interfaces, Captures, Flows, Talkers, DnsRecords]
    assert all(kind.heads and not hasattr(kind, "columns") for kind in kinds)
    assert hasattr(Capture, "columns")


def test_a_number_too_long_for_a_line_is_no_row() -> None:
    for index in (10**5000, -(10**5000)):
        with pytest.raises(IndexError, match="no such row: a huge number of 2 rows"):
            ROWS[index]
    assert list(ROWS[:: 10**30]) == [ROWS[0]]


@pytest.mark.parametrize("what", ["ladder()", "plot('sequence')", "findings", "follow()"])
def test_print_shows_anything_where_the_output_is_ascii(what: str, tmp_path: Path) -> None:

    path = save([chunk for _, _, chunk in page().origin.parts()], tmp_path / "x.pcap")
    code = f"from netshell import read; print(read({str(path)!r}).flows[0].{what})"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:strict"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.isascii() and b"\\u" not in done.stdout and b"\\x" not in done.stdout
