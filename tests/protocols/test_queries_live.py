"""Queries as they come: what is drawn of them, and what of a capture that is over."""

from __future__ import annotations

from pathlib import Path

import pytest
from queried import query

from netshell import read
from netshell.errors import BadArgument
from netshell.protocols.queries_live import LiveQueries, lines
from netshell.protocols.query import Query
from netshell.view import Block, cells, draw

RECORDED = Path(__file__).parent / "postgres" / "recorded"

LONG = query(0, "SELECT a, b, c FROM t WHERE " + " AND ".join(f"c{i} = {i}" for i in range(30)))
REMOTE = query(0, "SELECT 1")
LOCAL = query(0, "SELECT 2", process="python3[77]", application="a long name of one")
SEVERAL = query(0, "SELECT 3", took_s=0.2, together=3)
RUNS = query(0, "SELECT 4", (1, "x"), None, running_s=1.02)


@pytest.mark.parametrize("width", [80, 100, 140, 200])
def test_lines_stand_below_each_other(width: int) -> None:
    drawn = [
        draw(lines(each, has_head=not number), width).split("\n")
        for number, each in enumerate([LONG, REMOTE, LOCAL, RUNS])
    ]
    head, *rows = [line for each in drawn for line in each]
    assert len(rows) == 4
    assert all(cells(line) <= width for line in [head, *rows])
    if width > 80:
        begin = head.index("client")
        assert {row[begin : begin + 15].strip() for row in rows[:3]} == {"10.0.0.7:51234"}
    assert {row.index("SELECT") for row in rows[:3]} == {head.index("statement")}
    assert "running 1.0 s" in rows[3]
    if width == 80:
        assert head.split() == ["time", "took", "rows", "statement"]
        assert rows[0].index("…") - rows[0].index("SELECT") >= 50
        assert rows[0].index(" ") == len("12:34:56")
    else:
        assert "…" not in head
    if width == 200:
        assert rows[2][head.index("process") :].startswith("python3[77]")
        assert rows[2][head.index("application") :].startswith("a lon…of one")


def test_columns_come_with_what_is_in_them() -> None:
    with read(RECORDED / "simple.pcap") as cap:
        live = cap.queries(live=True)

        def head_of(each: Query) -> list[str]:
            live._last = each, each  # type: ignore[assignment]
            blocks: list[Block] = list(live._drawn(each))  # type: ignore[arg-type]
            first = draw(blocks, 200).split("\n")[0]
            return first.split() if first.startswith("time") else []

        plain = ["time", "took", "rows", "client", "statement", "parameters"]
        assert head_of(REMOTE) == plain
        assert head_of(REMOTE) == []
        assert head_of(LOCAL) == [*plain[:4], "process", "application", *plain[4:]]
        assert head_of(REMOTE) == []


def test_of_a_capture_that_is_over_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with read(RECORDED / "simple.pcap") as cap:
        live = cap.queries(live=True)
        assert isinstance(live, LiveQueries)
        assert "the capture is over" in str(live)
        told: list[object] = []
        monkeypatch.setattr("netshell.protocols.live.started", [told.append])
        assert str(cap.queries(live=True)) == str(live) and not told  # nobody waits for more
        with pytest.raises(BadArgument, match="use True or False"):
            cap.queries(live=float("nan"))  # type: ignore[call-overload]
        assert [each.statement for each in live] == [each.statement for each in cap.queries()]
        assert "the capture is over" not in str(live.stop())


def test_several_answered_in_one_go_say_so() -> None:
    assert "200 ms for 3" in draw(lines(SEVERAL), 140)
