"""Scopes: nothing is read behind the end, whatever is asked."""

from __future__ import annotations

import pytest

from netshell.classic.dump.text import Page, Scope, Truncated, bits, escaped, named

OCTETS = bytes(range(1, 13))


def scope(end: int = 10, length: int = 40) -> Scope:
    return Scope(OCTETS, 2, end, length, Page())


@pytest.mark.parametrize(
    ("getter", "width"), [("u8", 1), ("u16", 2), ("u24", 3), ("u32", 4), ("u48", 6), ("u64", 8)]
)
def test_getters_end_where_the_capture_does(getter: str, width: int) -> None:
    whole = scope()
    last = 8 - width
    expected = int.from_bytes(OCTETS[10 - width : 10], "big")
    assert getattr(whole, getter)(last) == expected
    with pytest.raises(Truncated):
        getattr(whole, getter)(last + 1)


def test_what_is_declared_does_not_let_more_be_read() -> None:
    part = scope().sub(4, 100)
    assert (part.length, part.left(), part.has(0, 4), part.has(0, 5)) == (100, 4, True, False)
    shorter = scope().cut(0, 3)
    assert (shorter.left(), shorter.rest(), shorter.left(9)) == (3, b"\3\4\5", 0)
    with pytest.raises(Truncated):
        shorter.u32(0)


def test_negative_counts_are_no_way_out() -> None:
    assert not scope().has(0, -1)
    with pytest.raises(Truncated):
        scope().octets(0, -1)
    with pytest.raises(Truncated):
        scope().need(0, -1)


def test_text_from_the_wire_is_printable() -> None:
    assert escaped(bytes(range(256))).isprintable()
    assert escaped(b"\x1b[2J\x9b") == "^[[2JM-^["


def test_a_string_ends_at_its_zero_byte() -> None:
    page = Page()
    Scope(b"ab\0cd", 0, 5, 5, page).string(0, 5)
    assert page.parts == ["ab"]
    with pytest.raises(Truncated):
        Scope(b"ab", 0, 2, 5, page).string(0, 5)


def test_names_of_numbers_and_bits() -> None:
    assert named({}, 7, "unknown (0x%02x)") == "unknown (0x07)"
    assert bits({1: "a", 4: "c"}, 5, "none", "|") == "a|c"
    assert bits({1: "a"}, 2, "%08x") == "00000002"


def test_a_dump_says_that_it_is_short() -> None:
    page = Page()
    with pytest.raises(Truncated):
        Scope(b"abc", 0, 3, 9, page).dump()
    assert page.parts == ["\n\t0x0000:  6162 63                                  abc"]
