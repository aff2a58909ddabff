"""Recorded captures of a real server's connections (test_wire.py writes them anew): what is read,
in whatever pieces it comes, and beside tshark."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from feeding import cuts, heard, of_capture, read
from postgres_server import RECORDED
from tshark_fields import pgsql_queries

import netshell
from netshell.flow.delivery import Heard
from netshell.protocols.api import Message
from netshell.protocols.postgres.decoder import Postgres
from netshell.protocols.postgres.query import Query
from netshell.protocols.postgres.steps import Startup, Step

ALL = sorted(path.name for path in RECORDED.glob("*.pcap"))
PLAIN = [name for name in ALL if name != "tls.pcap"]


def pieces(name: str, flow: int = 0) -> list[Heard]:
    return heard(netshell.read(RECORDED / name).flows[flow])


def postgres(given: Iterable[Heard], begun: bool = True) -> list[Message]:
    return read(given, (5432,), begun, [Postgres])


GOLDEN = {
    "simple.pcap": [
        "StartupMessage 3.0 user=ann database=postgres application_name=trial",
        "CREATE TEMP TABLE t (i int, s text) → CREATE TABLE",
        "INSERT INTO t VALUES (1, 'one'), (2, NULL) → INSERT 0 2",
        "SELECT i, s FROM t ORDER BY i → SELECT 2",
        "Terminate",
    ],
    "several.pcap": [
        "StartupMessage 3.0 user=ann database=postgres",
        "SELECT 1 AS a → SELECT 1",
        "SELECT 'x;y' AS b, 2 → SELECT 1",
        "VALUES (1), (2) → SELECT 2",
        "SELECT 1 → SELECT 1",
        "SELECT 1/0 → 22012 division by zero",
        "SELECT 3 [skipped: an error came before it]",
        'SELECT 1; SELEC 2; SELECT 3 → 42601 syntax error at or near "SELEC"',
        "Query",
        "DO $$ BEGIN RAISE NOTICE 'one; two'; RAISE WARNING 'three'; END $$ → DO",
        "Terminate",
    ],
    "errors.pcap": [
        "StartupMessage 3.0 user=ann database=postgres",
        "BEGIN → BEGIN",
        "CREATE TEMP TABLE u (name text PRIMARY KEY) → CREATE TABLE",
        "INSERT INTO u VALUES ($1) → INSERT 0 1",
        'INSERT INTO u VALUES ($1) → 23505 duplicate key value violates unique constraint "u_pkey"',
        "SELECT 1 → 25P02 current transaction is aborted, commands ignored until end of "
        "transaction block",
        "ROLLBACK → ROLLBACK",
        "BEGIN → BEGIN",
        'SELECT $1 FROM nowhere → 42P01 relation "nowhere" does not exist',
        "COMMIT → ROLLBACK",
        "Terminate",
    ],
}


@pytest.mark.parametrize("name", GOLDEN)
def test_what_was_said(name: str) -> None:
    start, *found = of_capture(netshell.read(RECORDED / name))
    assert isinstance(start, Startup) and start.answered.startswith("PostgreSQL 15")
    told = [start.asked, *(str(each).removeprefix("postgres ") for each in found)]
    assert told == GOLDEN[name]


def test_what_is_shown_of_a_statement() -> None:
    found = of_capture(netshell.read(RECORDED / "simple.pcap"))
    select = next(each for each in found if each.asked.startswith("SELECT"))
    assert list(select.said("client")) == ["SELECT i, s FROM t ORDER BY i"]
    assert list(select.said("server")) == ["SELECT 2", "i | s", "1 | one", "2 | NULL"]
    found = of_capture(netshell.read(RECORDED / "errors.pcap"))
    twice = next(each for each in found if each.problem.startswith("23505"))
    assert list(twice.said("client")) == ["INSERT INTO u VALUES ($1)", "$1 = ann"]
    said = list(twice.said("server"))
    assert said[0] == twice.problem
    assert said[1] == "detail: Key (name)=(ann) already exists."
    assert said[-2:] == ["table: u", "constraint: u_pkey"]


def test_the_facts_of_a_statement() -> None:
    found = of_capture(netshell.read(RECORDED / "errors.pcap"))
    twice = next(each for each in found if each.problem.startswith("23505"))
    facts = dict(twice.facts())
    assert facts["detail"] == "Key (name)=(ann) already exists."
    assert (facts["constraint"], facts["parameters"]) == ("u_pkey", "$1 = ann")
    assert (facts["user"], facts["transaction"]) == ("ann, database postgres", "failed")
    found = of_capture(netshell.read(RECORDED / "simple.pcap"))
    facts = dict(next(each for each in found if each.asked.startswith("SELECT")).facts())
    assert (facts["columns"], facts["rows"], facts["application"]) == ("i, s", "2", "trial")
    assert facts["first row after"].endswith(" ms")


@pytest.mark.parametrize("name", ALL)
def test_the_same_bytes_in_other_pieces_are_the_same_messages(name: str) -> None:
    for flow in netshell.read(RECORDED / name).flows:
        whole = heard(flow)
        wanted = read(whole, (5432,))
        assert len(wanted) > 1
        for cut in cuts(whole):
            assert read(cut, (5432,)) == wanted


@pytest.mark.parametrize("name", [name for name in PLAIN if name != "pipeline.pcap"])
def test_from_the_midst(name: str) -> None:
    """Without the start: whole statements from any place on are those of the whole capture."""
    given = pieces(name)
    wanted = {each.parts: each for each in postgres(given) if isinstance(each, Query)}
    for first in range(1, len(given)):
        for each in postgres(given[first:], begun=False):
            if isinstance(each, Query) and not each.lacking and not each.parameters:
                sizes = [part.end - part.begin for part in each.parts]
                assert sizes in [[p.end - p.begin for p in parts] for parts in wanted]


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("begun", [True, False])
def test_a_piece_lacks(name: str, begun: bool) -> None:
    """What is told without a note is what was said; the gap is noted, or took a whole message."""
    given = pieces(name)
    said = [str(each) for each in postgres(given)]
    for lost, piece in enumerate(given):
        holed = list(given)
        holed[lost] = Heard(piece.side, b"", piece.time_ns, piece.packet, len(piece.data), "lost")
        found = read(holed, (5432,), begun, [Postgres])
        for each in found:
            is_noted = each.lacking or each.protocol == "raw" or each.kind == "NoticeResponse"
            assert is_noted or str(each) in said, str(each)
        if begun:
            noted = any(each.lacking or each.protocol == "raw" for each in found)
            assert noted or len(found) < len(said)
        if name != "copy.pcap" and lost % 3 == 0:
            assert postgres_again(holed, begun) == found


def postgres_again(holed: list[Heard], begun: bool) -> list[Message]:
    """The same byte by byte."""
    cut = [
        piece._replace(data=piece.data[at : at + 1])
        for piece in holed
        for at in range(len(piece.data) or 1)
    ]
    return read(cut, (5432,), begun, [Postgres])


@pytest.mark.parametrize("name", PLAIN)
def test_tshark_reads_the_same_statements(name: str, peer: Callable[[str], Path]) -> None:
    capture = netshell.read(RECORDED / name)
    wanted = pgsql_queries(peer("tshark"), RECORDED / name, capture.flows[0].server.port or 0)
    texts: list[tuple[int, str]] = []
    names: set[str] = set()
    for each in of_capture(capture):
        if isinstance(each, Step | Query) and each.kind in ("Query", "Parse", "Execute"):
            if each.name and each.name in names:
                continue  # prepared by now
            names.add(each.name)
            texts.append((each.time_ns, each.statement))
    found = [text for _, text in sorted(texts, key=lambda each: each[0])]
    if name == "several.pcap":  # those of one Query
        found = ["; ".join(found[:3]), "; ".join(found[3:6]), *found[6:]]
        wanted = [each.replace(" -- it's ; no end\\n", "").rstrip(";") for each in wanted]
    assert [each for each in found if each] == [each for each in wanted if each]
