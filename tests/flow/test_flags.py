"""Flags in every spelling, and what combinations of them are."""

from __future__ import annotations

import pytest

from netshell.catalogue import has
from netshell.errors import BadArgument
from netshell.flow.flags import BESIDE, EACH, TOGETHER, ecn, meaning, parse
from netshell.packet.tcp import Flags


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("SYN,ACK", 0x12),
        ("syn-ack", 0x12),
        ("S.", 0x12),
        ("[S.]", 0x12),
        ("SA", 0x12),
        ("PA", 0x18),
        ("0x12", 0x12),
        ("0X1ff", 0x1FF),
        ("0x0", 0),
        ("SEW", 0xC2),
        ("SEC", 0xC2),
        (".", 0x10),
        ("A", 0x10),
        ("FPU", 0x29),
    ],
)
def test_spellings(text: str, value: int) -> None:
    assert parse(text) == Flags(value)


@pytest.mark.parametrize("text", ["", "X", "0x", "0x200", "0x-1", "[]", "SYN,ACKS", "\0", "S A"])
def test_what_is_no_flag_is_refused(text: str) -> None:
    with pytest.raises(BadArgument):
        parse(text)


def test_every_flag_has_words() -> None:
    assert set(EACH) == set(Flags)
    assert all(has(f"flag.each.{flag}") for flag in EACH)


def test_every_value_has_a_meaning_or_none() -> None:
    for value in range(0x200):
        assert not meaning(Flags(value)) or has(f"flag.segment.{meaning(Flags(value))}")
        assert not ecn(Flags(value)) or has(f"flag.ecn.{ecn(Flags(value))}")
    for flags in TOGETHER:
        assert meaning(flags) == TOGETHER[flags]


def test_ecn_and_push_do_not_change_what_a_segment_is() -> None:
    assert meaning(Flags.SYN | Flags.ECE | Flags.CWR) == TOGETHER[Flags.SYN]
    assert meaning(Flags.FIN | Flags.PSH | Flags.ACK) == TOGETHER[Flags.FIN | Flags.ACK]
    assert meaning(Flags.SYN | Flags.FIN | Flags.ACK) == "contradiction"


@pytest.mark.parametrize("text", ["URG", "PSH", "ECE", "CWR", "AE", "PSH,URG", "ECE,CWR,URG"])
def test_what_comes_beside_other_flags_is_no_null_scan(text: str) -> None:
    assert meaning(Flags.parse(text)) == BESIDE
    assert meaning(Flags(0)) == "none"


def test_what_ecn_flags_say_in_a_handshake() -> None:
    assert ecn(Flags.SYN | Flags.ECE | Flags.CWR) == "offered"
    assert ecn(Flags.SYN | Flags.ACK | Flags.ECE) == "agreed"
    assert ecn(Flags.SYN | Flags.ECE | Flags.CWR | Flags.AE) == "accurate"
    assert ecn(Flags.SYN) == ecn(Flags.ACK | Flags.ECE) == ""
