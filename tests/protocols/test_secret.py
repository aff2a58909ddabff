"""Secret values that a server repeats."""

from __future__ import annotations

import pytest

from netshell.protocols.secret import (
    MASK,
    Masked,
    hide_values,
    places_of_values,
    revealed,
    values_of,
)
from netshell.protocols.sql_secrets import masked_sql


def test_the_values_of_a_masked_statement() -> None:
    sql = b"alter role a password 'first-one'; alter role b password 'second'"
    text, _ = masked_sql(sql)
    assert values_of(text) == ("first-one", "second")
    assert values_of("select 1", 5, None, b"x") == ()
    assert values_of("select $1", Masked(MASK, "hunter2"), (Masked(MASK, "in a row"), 3)) == (
        "hunter2",
        "in a row",
    )


def test_a_value_as_it_is_written_and_as_it_is() -> None:
    text, _ = masked_sql(b"alter role a password 'it''s-mine'")
    assert values_of(text) == ("it''s-mine", "it's-mine")


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("near 'BY 'hunter2-xyz'' at line 1", "hunter2-xyz", "near 'BY '***'' at line 1"),
        ("twice hunter2-xyz hunter2-xyz", "hunter2-xyz", "twice *** ***"),
        ("near 'BY 'hunter2-x' at line 1", "hunter2-xyz", "near 'BY '***' at line 1"),
        ("near 'BY 'hunt' at line 1", "hunter2-xyz", "near 'BY '***' at line 1"),
        ("a role is no table", "a", "a role is no table"),
        ("near 'a' at line 1", "a", "near '***' at line 1"),
        ("testing the test", "test", "testing the ***"),
        ("nothing of it", "hunter2", "nothing of it"),
    ],
)
def test_what_repeats_a_value(text: str, value: str, shown: str) -> None:
    hidden = hide_values(text, [value])
    assert hidden == shown
    assert revealed(hidden) == text
    assert isinstance(hidden, Masked) == (shown != text)


def test_several_values_and_a_text_masked_before() -> None:
    text = Masked("*** and hunter2", "one and hunter2")
    hidden = hide_values(text, ["hunter2", "none of it"])
    assert hidden == "*** and ***"
    assert revealed(hidden) == "one and hunter2"


def test_places_in_bytes() -> None:
    data = "é 'hünter2-xyz'".encode()
    ((begin, end),) = places_of_values(data, ["hünter2-xyz"])
    assert data[begin:end].decode() == "hünter2-xyz"
    assert places_of_values(data, []) == ()


def test_many_beginnings_take_linear_time() -> None:
    assert hide_values("aaaa" * 50_000, ["a" * 100_000 + "b"]) != ""
