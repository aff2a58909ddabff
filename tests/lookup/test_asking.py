"""Questions as bytes, as dnspython reads them."""

from __future__ import annotations

import dns.edns
import dns.flags
import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.errors import BadArgument
from netshell.lookup.asking import Asking, name_labels, name_wire
from netshell.lookup.wire import AD, CD, RD, name_text


def test_a_question_is_what_was_asked_for() -> None:
    asking = Asking(
        "www.example.test", 15, id=7, bits=RD | AD | CD, dnssec=True, udp_size=4096,
        options=((3, b""), (65001, b"abc")),
    )  # fmt: skip
    read = dns.message.from_wire(asking.wire())
    assert str(read.question[0]) == "www.example.test. IN MX"
    assert dns.flags.to_text(read.flags) == "RD AD CD"
    assert (read.id, read.edns, read.payload) == (7, 0, 4096)
    assert read.ednsflags == dns.flags.DO
    assert [(option.otype, option.to_wire()) for option in read.options] == [
        (3, b""), (65001, b"abc"),
    ]  # fmt: skip


def test_edns_is_left_out_with_all_of_it() -> None:
    read = dns.message.from_wire(Asking("a", 1, edns=None, dnssec=True).wire())
    assert read.edns == -1


def test_padding_fills_to_a_multiple() -> None:
    asking = Asking("www.example.test", 1, options=((3, b""),), padding=128)
    assert len(asking.wire()) == 128
    assert len(asking.wire(padded=False)) < 60
    dns.message.from_wire(asking.wire())


def test_a_question_may_have_none() -> None:
    assert dns.message.from_wire(Asking("a", 1, header_only=True).wire()).question == []


def test_an_ixfr_says_what_it_has() -> None:
    read = dns.message.from_wire(Asking("example.test", 251, serial=42).wire())
    assert read.authority[0][0].serial == 42


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a..b", "empty label"),
        (".a", "empty label"),
        ("..", "empty label"),
        ("a" * 64, "label too long"),
        ("\\256", "bad escape"),
        ("\\1", "bad escape"),
        ("a\\", "unexpected end of input"),
        ("", "unexpected end of input"),
        (".".join(["a" * 60] * 5), "ran out of space"),
    ],
)
def test_what_is_no_name_is_refused_in_binds_words(name: str, why: str) -> None:
    with pytest.raises(BadArgument, match=why):
        name_wire(name)


def test_names_beyond_ascii_are_encoded() -> None:
    assert name_labels("straße.test") == [b"xn--strae-oqa", b"test"]


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=6))
def test_names_are_read_as_they_are_written(labels: list[bytes]) -> None:
    assert name_labels(name_text(labels)) == labels
