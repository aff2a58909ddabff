"""What is asked and answered in one piece each: the same as message by message, and read late."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence

import pytest
from test_dialogues import (
    BEGUN,
    READY,
    SYNC,
    Turn,
    bind,
    client,
    done,
    error,
    execute,
    heads,
    parse,
    query,
    row,
    said,
    server,
)

from netshell.protocols.api import Message
from netshell.protocols.postgres.decoder import Postgres
from netshell.protocols.postgres.query import Query

PARSED, BOUND = said(b"1"), said(b"2")
DESCRIBE = said(b"D", b"P\0")
ONE = parse(b"", b"SELECT $1", 25), bind(b"", b"", b"x")

PLAIN: dict[str, list[Turn]] = {
    "a query": [
        client(query(b"SELECT 1")), server(heads(b"a"), row(b"1"), done(b"SELECT 1"), READY),
    ],
    "without rows": [client(query(b"BEGIN")), server(done(b"BEGIN"), said(b"Z", b"T"))],
    "more rows than are kept": [
        client(query(b"SELECT i")),
        server(heads(b"i"), *[row(b"%d" % at) for at in range(9)], done(b"SELECT 9"), READY),
    ],
    "a long row": [
        client(query(b"SELECT i")),
        server(heads(b"i"), row(b"1"), row(b"x" * 5000), row(b""), done(b"SELECT 3"), READY),
    ],
    "a secret": [
        client(query(b"ALTER ROLE ann PASSWORD 'hunter2'")), server(done(b"ALTER ROLE"), READY),
    ],
    "prepared, described": [
        client(*ONE, DESCRIBE, execute(), SYNC),
        server(PARSED, BOUND, heads(b"a"), row(b"x"), done(b"SELECT 1"), READY),
    ],
    "not described": [
        client(*ONE, execute(), SYNC), server(PARSED, BOUND, done(b"INSERT 0 1"), READY),
    ],
    "no data": [
        client(*ONE, DESCRIBE, execute(), SYNC),
        server(PARSED, BOUND, said(b"n"), done(b"INSERT 0 1"), READY),
    ],
}  # fmt: skip

NAMED: list[Turn] = [
    client(parse(b"s", b"SELECT $1", 25), said(b"D", b"Ss\0"), SYNC),
    server(PARSED, said(b"t", b"\0\1\0\0\0\x19"), heads(b"a"), READY),
]

OTHERWISE: dict[str, list[Turn]] = {
    "an error": [client(query(b"SELEC")), server(error(), READY)],
    "an error while it is executed": [
        client(*ONE, execute(), SYNC), server(PARSED, BOUND, error(), READY),
    ],
    "a notice": [
        client(query(b"DO ''")), server(said(b"N", b"SNOTICE\0Mhm\0\0"), done(b"DO"), READY),
    ],
    "two statements": [
        client(query(b"SELECT 1; SELECT 2")),
        server(heads(b"a"), row(b"1"), done(b"SELECT 1"),
               heads(b"b"), row(b"2"), done(b"SELECT 1"), READY),
    ],
    "an empty query": [client(query(b"")), server(said(b"I"), READY)],
    "its answer in two": [
        client(query(b"SELECT 1")),
        server(heads(b"a"), row(b"1")), server(done(b"SELECT 1"), READY),
    ],
    "asked again before the answer": [
        client(query(b"SELECT 1")), client(query(b"SELECT 2")),
        server(heads(b"a"), row(b"1"), done(b"SELECT 1"), READY),
        server(heads(b"a"), row(b"2"), done(b"SELECT 1"), READY),
    ],
    "PREPARE and EXECUTE": [
        client(query(b"PREPARE q AS SELECT 1")), server(done(b"PREPARE"), READY),
        client(query(b"EXECUTE q")), server(heads(b"a"), row(b"1"), done(b"SELECT 1"), READY),
    ],
    "the unnamed statement again": [
        *PLAIN["prepared, described"],
        client(bind(b"", b"", b"y"), execute(), SYNC),
        server(BOUND, row(b"y"), done(b"SELECT 1"), READY),
    ],
    "the unnamed portal again": [
        *PLAIN["prepared, described"],
        client(execute(), SYNC), server(row(b"z"), done(b"SELECT 1"), READY),
    ],
    "refused, then the one before": [
        *PLAIN["prepared, described"],
        client(parse(b"", b"SELEC"), bind(b"", b""), execute(), SYNC), server(error(), READY),
        client(bind(b"", b"", b"y"), execute(), SYNC),
        server(BOUND, row(b"y"), done(b"SELECT 1"), READY),
    ],
    "a name prepared before": [
        *NAMED,
        client(bind(b"", b"s", b"y"), execute(), SYNC),
        server(BOUND, row(b"y"), done(b"SELECT 1"), READY),
    ],
    "nothing but the end of another": [client(query(b"SELECT 1")), server(READY)],
}  # fmt: skip


def told(turns: Sequence[Turn], is_whole: bool) -> list[Message]:
    """The messages of a connection, its pieces whole, or byte by byte."""
    decoder = Postgres(True)
    found: list[Message] = []
    for at, (side, data) in enumerate([*BEGUN, *turns]):
        size = len(data) if is_whole else 1
        for place in range(0, len(data), size):
            found += decoder.feed(side, data[place : place + size], 1000 * at)
    found += decoder.waiting()
    assert not decoder.why_stopped
    return found


@pytest.mark.parametrize("name", [*PLAIN, *OTHERWISE])
def test_it_is_the_same_as_message_by_message(name: str) -> None:
    turns = PLAIN.get(name) or OTHERWISE[name]
    assert told(turns, True) == told(turns, False)
    twice = [*turns, *turns]  # what one leaves behind does not change the next
    assert told(twice, True) == told(twice, False)


@pytest.mark.parametrize("name", PLAIN)
def test_it_stays_as_it_came_until_somebody_looks(name: str) -> None:
    (found,) = [each for each in told(PLAIN[name], True) if isinstance(each, Query)]
    (other,) = [each for each in told(PLAIN[name], False) if isinstance(each, Query)]
    assert found._plain is not None and other._plain is None
    for field in ("time_ns", "kind", "statement", "parts", "error", "code", "batch_ns", "user"):
        assert getattr(found, field) == getattr(other, field), field
    assert found._exchange is None
    assert found.tag == other.tag and found._exchange is not None


@pytest.mark.parametrize("name", PLAIN)
def test_it_can_be_copied(name: str) -> None:
    (found,) = [each for each in told(PLAIN[name], True) if isinstance(each, Query)]
    assert pickle.loads(pickle.dumps(found)) == copy.copy(found) == found


def test_what_waits_is_told_and_answered_all_the_same() -> None:
    decoder = Postgres(True)
    for side, data in BEGUN:
        decoder.feed(side, data, 0)
    asked, answer = PLAIN["prepared, described"]
    assert decoder.feed(*asked, 10) == ()
    (waiting,) = decoder.waiting()
    assert isinstance(waiting, Query)
    assert (waiting.statement, waiting.lacking) == ("SELECT $1", "no answer")
    (found,) = decoder.feed(*answer, 20)
    assert isinstance(found, Query)
    assert (found.tag, found.parameters, found.lacking) == ("SELECT 1", ("x",), "")
