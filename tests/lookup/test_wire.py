"""Messages as they came: sections, places, and where a broken one ends."""

from __future__ import annotations

import struct

import dns.message
import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.lookup.wire import CUT, Malformed, labels_at, name_at, name_text, read

TEXT = """id 7
opcode QUERY
rcode NXDOMAIN
flags QR AA RD
edns 0
payload 1232
;QUESTION
www.example.test. IN MX
;ANSWER
www.example.test. 60 IN CNAME web.example.test.
web.example.test. 60 IN MX 10 mail.example.test.
;AUTHORITY
example.test. 60 IN NS ns.example.test.
;ADDITIONAL
ns.example.test. 60 IN A 192.0.2.1
"""
WIRE = dns.message.from_text(TEXT).to_wire()


def test_a_message_is_read_as_it_is() -> None:
    message = read(WIRE)
    assert (message.id, message.opcode, message.rcode, message.fault) == (7, 0, 3, None)
    assert message.counts == (1, 2, 1, 2)
    assert [(ask.name, ask.rdtype, ask.rdclass) for ask in message.questions] == [
        ("www.example.test.", 15, 1)
    ]
    names = [resource.name for resource in message.answer]
    assert names == ["www.example.test.", "web.example.test."]
    mx = message.answer[1]
    assert name_at(WIRE, mx.start + 2, mx.end)[0] == "mail.example.test."
    assert [resource.rdtype for resource in message.additional] == [1]  # OPT stands apart
    assert message.opt is not None and message.opt.rdclass == 1232


def test_the_response_code_has_the_bits_of_edns() -> None:
    message = dns.message.make_response(dns.message.make_query("a.", "A", use_edns=0))
    message.set_rcode(23)  # type: ignore[arg-type]
    assert read(message.to_wire()).rcode == 23


@pytest.mark.parametrize("size", range(12, len(WIRE)))
def test_a_message_cut_anywhere_says_so(size: int) -> None:
    message = read(WIRE[:size])
    assert message.fault is not None and message.fault.cut
    assert len(message.answer) <= 2


def test_less_than_a_header_is_no_message() -> None:
    with pytest.raises(Malformed, match=CUT):
        read(WIRE[:11])


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"\xc0\x00", "bad compression pointer"),
        (b"\xc0\x02\0", "bad compression pointer"),
        (b"\x40a\0", "bad label type"),
        (b"\x05abc", CUT),
        (b"\xc0", CUT),
        (b"", CUT),
        ((b"\x3f" + b"a" * 63) * 4 + b"\0", "name too long"),
    ],
)
def test_names_that_are_none(octets: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        labels_at(octets, 0)


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=6))
def test_names_are_written_so_that_dnspython_reads_them(labels: list[bytes]) -> None:
    text = name_text(labels)
    assert list(dns.name.from_text(text).labels[:-1]) == labels
    wire = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    assert labels_at(wire, 0) == (labels, len(wire))


@given(st.binary(max_size=200))
def test_no_bytes_break_it(octets: bytes) -> None:
    for head in (b"", struct.pack("!6H", 1, 0x8400, 1, 2, 2, 2)):
        try:
            message = read(head + octets)
        except Malformed:
            continue
        assert message.fault is not None or message.extra >= 0
