"""The tour: each stop makes its call for real; at a terminal Enter goes on, and q ends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import missing
from pty_shell import CTRL_C, ENTER, Shell

from netshell.catalogue import LANGUAGES, entries, text
from netshell.commands.tour import Tour, shortened, tour
from netshell.commands.touring import STOPS
from netshell.errors import NetshellError, Unavailable
from netshell.lab.wire import Wire
from netshell.view import Column, Lines, Note, Table

FIXED = {
    "further", "left", "more.many", "more.one", "next", "over", "pause", "title", "why",
}  # fmt: skip

SHOWS = {
    "dig": "10.77.0.2",
    "iface_for": "eth0",
    "sniff_host": "tcp port 80 and",
    "fetch": "200 OK",
    "conns": "TIME_WAIT",
    "flows": "FIN by client",
    "ladder": "SYN,ACK",
    "follow": "GET / HTTP/1.1",
    "explain": "Handshake: complete",
    "word": "active closer",
    "queries": "SELECT pg_sleep(1)",
    "save": "web.pcapng",
    "classic": "TIME_WAIT",
    "lab": "close_wait",
    "lesson": "handshake",
}
"""What must really be in each stop's result."""


def test_every_stop_happens() -> None:
    with Tour() as begun:
        assert "tour.next()" in str(begun)
        for number, stop in enumerate(STOPS, 1):
            try:
                shown = begun.next()
            except Unavailable as error:
                missing(str(error))
            assert shown.number == number and shown.code == stop.code
            drawn = str(shown)
            assert stop.code in drawn and SHOWS[stop.name] in drawn, drawn
            assert text(f"tour.{stop.name}")[:30] in drawn
            assert drawn.count("\n") < 30
            assert shown._repr_html_()
        assert begun.over and "That was the whole shell." in str(begun)
        with pytest.raises(NetshellError, match="over"):
            begun.next()
    assert set(SHOWS) == {stop.name for stop in STOPS}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_are_those_of_the_stops(lang: str) -> None:
    assert set(entries("tour", lang)) == FIXED | {stop.name for stop in STOPS}


def test_enter_goes_on_and_q_ends_it(wire: Wire, tmp_path: Path) -> None:
    with Shell(tmp_path, "tour", columns=80) as shell:
        for number, keys in ((1, ENTER), (2, "q" + ENTER)):
            shell.shows(f"[{number}/{len(STOPS)}]")
            shell.until(lambda: shell.cursor_line.endswith("q: the end"), "the prompt")
            shell.type(keys)
        shell.shows("The tour ended at stop 2")
        assert shell.end() == 0
        assert "[3/" not in shell.text and "Traceback" not in shell.text


def test_ctrl_c_ends_it(wire: Wire, tmp_path: Path) -> None:
    with Shell(tmp_path, "tour") as shell:
        shell.until(lambda: shell.cursor_line.endswith("q: the end"), "the prompt")
        shell.type(CTRL_C)
        shell.shows("The tour ended at stop 1")
        assert shell.end() == 130
        assert "Traceback" not in shell.text


def test_nothing_begins_before_the_first_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netshell.commands.tour.can_ask", lambda: False)
    begun = tour()
    assert begun.number == 0 and not begun.stopped
    assert "ended at stop 0" in str(begun.stop())


def test_long_results_are_shortened_and_counted() -> None:
    table = Table((Column("a"),), [[str(row)] for row in range(9)])
    blocks = [table, Lines([str(row) for row in range(7)]), Note("x")]
    short = shortened(blocks, 6)
    assert [type(block) for block in short] == [Table, Note, Lines, Note, Note]
    assert isinstance(short[0], Table) and len(short[0].rows) == 6
    assert isinstance(short[1], Note) and short[1].text == "… and 3 more lines"
    assert isinstance(short[3], Note) and short[3].text == "… and 1 more line"
