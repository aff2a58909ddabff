"""Flags by name, and options: well-formed, of other programs, and hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import TCP as SCAPY_TCP

from netshell.errors import BadArgument
from netshell.packet.tcp import Flags, decode_options


@pytest.mark.parametrize(
    ("value", "text", "letters"),
    [
        (0x02, "SYN", "S"),
        (0x12, "SYN,ACK", "S."),
        (0x10, "ACK", "."),
        (0x18, "PSH,ACK", "P."),
        (0x11, "FIN,ACK", "F."),
        (0x14, "RST,ACK", "R."),
        (0x04, "RST", "R"),
        (0x00, "none", "none"),
        (0xC2, "SYN,ECE,CWR", "SEW"),
        (0x29, "FIN,PSH,URG", "FPU"),
        (0x1FF, "SYN,FIN,RST,PSH,ACK,URG,ECE,CWR,AE", "FSRP.UEWe"),
    ],
)
def test_flags_are_named_as_people_and_as_tcpdump_do(value: int, text: str, letters: str) -> None:
    flags = Flags(value)
    assert (str(flags), f"{flags}", flags.letters) == (text, text, letters)
    assert Flags.parse(text) == Flags.parse(letters) == flags


@pytest.mark.parametrize("text", ["SYN,ACK", "syn-ack", "ack|syn", "S.", " Syn + Ack ", "SYN/ACK"])
def test_flags_parse_any_common_spelling(text: str) -> None:
    assert Flags.parse(text) == Flags.SYN | Flags.ACK


@pytest.mark.parametrize("text", ["", "SYM", "SYN,", "X."])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(BadArgument, match="SYN"):
        Flags.parse(text)


@given(st.integers(0, 511))
def test_flags_parse_what_they_print(value: int) -> None:
    assert Flags.parse(str(Flags(value))) == value


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("", ""),
        ("020405b4", "mss 1460"),
        ("0204ffd70402080a0000000100000002010303 07", "mss 65495,sackOK,ts 1 2,nop,wscale 7"),
        ("0101050a00000001000000ff", "nop,nop,sack 1:255"),
        ("05120000000100000002ffffffff00000001", "sack 1:2 4294967295:1"),
        ("220a0102030405060708", "tfo 0102030405060708"),
        ("2202", "tfo"),
        ("1312" + "ab" * 16, "md5 " + "ab" * 16),
        ("1d04ffee", "ao ffee"),
        ("1e0381", "mptcp 81"),
        ("fe0412 34", "kind 254 1234"),
        ("020304", "mss? 04"),
        ("05040102", "sack? 0102"),
        ("01000303", "nop,eol"),
        ("0101030100", "nop,nop,[option kind 3 has length 1]"),
        ("020405b40800", "mss 1460,[option kind 8 has length 0]"),
        ("0305", "[option wscale is longer than the header]"),
        ("01fd", "nop,[option kind 253 is longer than the header]"),
    ],
)
def test_options(data: str, text: str) -> None:
    assert str(decode_options(bytes.fromhex(data))) == text


def test_cut_options_are_called_cut() -> None:
    assert str(decode_options(bytes.fromhex("01080a0000"), cut=True)) == "nop,[option ts cut off]"
    assert decode_options(b"\1", cut=True).remark == "options cut off"


def test_options_are_values_too() -> None:
    options = decode_options(bytes.fromhex("020405b4080a0000000100000002050a0000000300000004"))
    assert [option.value for option in options] == [1460, (1, 2), ((3, 4),)]
    found = options.get(2)
    assert found is not None and found.name == "mss" and options.get(3) is None
    assert options.remark == ""


@given(st.binary(max_size=40), st.booleans())
def test_any_options_are_survived_in_order(data: bytes, cut: bool) -> None:
    options = decode_options(data, cut)
    assert str(options).isprintable()
    spent = sum(1 if option.kind < 2 else 2 + len(option.data) for option in options)
    assert spent <= len(data)


@given(
    st.integers(0, 65535), st.integers(0, 255), st.tuples(st.integers(0, 99), st.integers(0, 99))
)
def test_options_as_scapy_builds_them(mss: int, scale: int, stamps: tuple[int, int]) -> None:
    built = bytes(
        SCAPY_TCP(options=[("MSS", mss), ("WScale", scale), ("Timestamp", stamps), ("SAckOK", b"")])
    )
    options = decode_options(built[20 : (built[12] >> 4) * 4])
    assert [option.value for option in options[:3]] == [mss, scale, stamps]
