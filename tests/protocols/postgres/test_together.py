"""How long each of several statements took that were sent together: as far as that can be known."""

from __future__ import annotations

import dataclasses
import pickle

import pytest
from test_dialogues import (
    BEGUN,
    READY,
    SYNC,
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
)

from netshell.flow.sides import Side
from netshell.protocols.messages import Messages
from netshell.protocols.postgres.decoder import Postgres
from netshell.protocols.postgres.query import Query

MS = 1_000_000


def heard(*timed: tuple[int, tuple[Side, bytes]]) -> list[Query]:
    """The statements of a connection of which each piece comes at a time in ms."""
    decoder = Postgres()
    for side, data in BEGUN:
        decoder.feed(side, data, 0)
    found = [each for ms, (side, data) in timed for each in decoder.feed(side, data, ms * MS)]
    return [each for each in found if isinstance(each, Query)]


def answer(value: bytes) -> bytes:
    return heads(b"x") + row(value) + done(b"SELECT 1")


def test_one_query_of_several_answered_in_one_piece() -> None:
    found = heard(
        (10, client(query(b"select 1 as x; select 2 as y; select pg_sleep(0.2)"))),
        (212, ("server", answer(b"1") + answer(b"2") + answer(b"") + READY)),
    )
    assert [each.duration_s for each in found] == [0.202] * 3
    assert [each.together for each in found] == [3, 3, 3]
    assert [each.first_row_ns for each in found] == [212 * MS] * 3
    assert {each.since_ns for each in found} == {10 * MS}
    for each in found:
        facts = dict(each.facts())
        assert facts["first row after"] == facts["last byte after"] == "202 ms"
        assert facts["first byte after"] == "202 ms"
        assert facts["together"] == "3 statements, answered in one go in that time"


def test_a_pipeline_up_to_one_sync() -> None:
    asked = [parse(b"", sql) + bind(b"", b"") + execute() for sql in (b"a", b"b", b"c")]
    answered = said(b"1") + said(b"2") + row(b"1") + done(b"SELECT 1")
    found = heard(
        (10, client(asked[0])), (11, client(*asked[1:], SYNC)),
        (500, ("server", 3 * answered + READY)),
    )  # fmt: skip
    assert [(each.duration_s, each.together) for each in found] == [(0.49, 3)] * 3
    (slowest,) = slow = Messages(found).slowest(3)
    assert slowest == found[0] and "a → SELECT 1 (3 together)" in str(slow)
    assert len(Messages(found).top(3, by="bytes")) == 3


def test_answers_that_came_at_other_times_have_their_own() -> None:
    """Of what came in one piece with the beginning of the next, nobody knows when it was done."""
    first, second = answer(b"1"), answer(b"2")
    found = heard(
        (10, client(query(b"a; b; c; d"))),
        (20, ("server", first)),
        (30, ("server", second + heads(b"x"))),
        (70, ("server", row(b"3") + done(b"SELECT 1"))),
        (90, ("server", answer(b"4") + READY)),
    )
    assert [each.duration_s for each in found] == [0.01, 0.05, 0.05, 0.02]
    assert [each.together for each in found] == [1, 2, 2, 1]
    assert [each.since_ns // MS for each in found] == [10, 20, 20, 70]


def test_each_with_its_own_sync_has_its_own_time() -> None:
    ask = [parse(b"", sql) + bind(b"", b"") + execute() + SYNC for sql in (b"a", b"b")]
    each = said(b"1") + said(b"2") + done(b"SELECT 0") + READY
    found = heard((10, client(*ask)), (20, ("server", each)), (50, ("server", each)))
    assert [(each.duration_s, each.together) for each in found] == [(0.01, 1), (0.03, 1)]


def test_what_was_skipped_is_not_among_them() -> None:
    found = heard(
        (10, client(query(b"a; b; c"))), (30, ("server", answer(b"1") + error(b"22012") + READY))
    )
    assert [each.duration_s for each in found] == [0.02, 0.02, None]
    assert [each.together for each in found] == [2, 2, 1]


def test_one_that_cannot_be_told_apart_is_one() -> None:
    (found,) = heard(
        (10, client(query(b"create rule r as on insert to t do also (begin atomic; x)"))),
        (30, ("server", done(b"A") + done(b"B") + READY)),
    )
    assert (found.together, found.duration_s) == (1, 0.02)


def test_what_waits_has_it_too() -> None:
    decoder = Postgres()
    for side, data in BEGUN:
        decoder.feed(side, data, 0)
    for sql in (b"a", b"b"):
        decoder.feed("client", parse(b"", sql) + bind(b"", b"") + execute(), 10 * MS)
    decoder.feed("server", 2 * (said(b"1") + said(b"2") + done(b"SELECT 0")), 30 * MS)
    assert [each.duration_s for each in decoder.waiting()] == [0.02, 0.02]


@pytest.mark.parametrize("changed", ["replaced", "pickled"])
def test_it_stays_with_the_message(changed: str) -> None:
    found = heard(
        (10, client(query(b"a; b"))), (30, ("server", answer(b"1") + answer(b"2") + READY))
    )
    for each in found:
        same = (
            dataclasses.replace(each, user="b")
            if changed == "replaced"
            else pickle.loads(pickle.dumps(each))
        )
        assert (same.duration_s, same.together, same.since_ns) == (0.02, 2, 10 * MS)
