"""What is in a message, as dnspython reads it too; and what no message should be able to do."""

from __future__ import annotations

import pickle
import random
import time

import dns.edns
import dns.message
import dns.rrset
import pytest
from dns_asking import CLIENT, SERVER, answer, framed, over_udp, query

from netshell.protocols.api import Likeness
from netshell.protocols.dns.datagrams import DnsDatagrams
from netshell.protocols.dns.outline import is_message, name_text, outline
from netshell.protocols.dns.stream import DnsStream

RECORDS = (
    "a.test. 60 IN A 192.0.2.1",
    "a.test. 60 IN AAAA 2001:db8::1",
    "a.test. 60 IN AAAA ::ffff:192.0.2.1",
    "a.test. 60 IN AAAA ::192.0.2.1",
    "a.test. 60 IN CNAME www.b.test.",
    "a.test. 60 IN NS ns.a.test.",
    "a.test. 60 IN MX 10 mail.a.test.",
    'a.test. 60 IN TXT "v=spf1 -all" "a\\"b"',
    "a.test. 60 IN SOA ns.a.test. root.a.test. 1 2 3 4 5",
    "_x._tcp.a.test. 60 IN SRV 1 2 443 a.test.",
    "1.2.0.192.in-addr.arpa. 60 IN PTR a.test.",
    'a.test. 60 IN CAA 0 issue "ca.test"',
    "a.test. 60 IN TYPE65400 \\# 2 abcd",
    "sp\\032ce\\.d.test. 60 IN A 192.0.2.1",
    'version.bind. 0 CH TXT "9"',
)


@pytest.mark.parametrize("record", RECORDS)
def test_records_are_dnspythons(record: str) -> None:
    asked = query("a.test.", "ANY")
    (found,) = over_udp((CLIENT, asked, 0), (SERVER, answer(asked, record), 1))
    said = dns.message.from_wire(answer(asked, record))
    assert [str(each) for each in found.answers] == [
        f"{each.name} {each.ttl} {dns.rdataclass.to_text(each.rdclass)} "
        f"{dns.rdatatype.to_text(each.rdtype)} {each[0]}"
        for each in said.answer
    ]
    assert not found.problem


def test_edns() -> None:
    asked = dns.message.make_query(
        "a.test.", "A", id=7, use_edns=0, want_dnssec=True, payload=1232,
        options=[
            dns.edns.ECSOption("192.0.2.0", 24),
            dns.edns.GenericOption(dns.edns.OptionType.COOKIE, b"12345678"),
            dns.edns.GenericOption(dns.edns.OptionType.NSID, b""),
            dns.edns.GenericOption(12, b"\0" * 31),
        ],
    )  # fmt: skip
    said = dns.message.make_response(asked)
    said.use_edns(
        0, payload=4096,
        options=[dns.edns.EDEOption(22, "no servers"), dns.edns.GenericOption(3, b"ns1"),
                 dns.edns.GenericOption(65001, b"\1\2")],
    )  # fmt: skip
    said.set_rcode(23)  # BADCOOKIE: its high bits are in the OPT record
    (found,) = over_udp((CLIENT, asked.to_wire(), 0), (SERVER, said.to_wire(), 1))
    mine, theirs = found.query_edns, found.edns
    assert mine is not None
    assert theirs is not None
    assert (mine.version, mine.flags, mine.udp_size) == (0, ("do",), 1232)
    assert mine.options == (
        "ECS 192.0.2.0/24 scope/0", "COOKIE 3132333435363738", "NSID", "PADDING 31 bytes",
    )  # fmt: skip
    assert (theirs.flags, theirs.udp_size) == ((), 4096)
    assert theirs.options[0] == "EDE 22 (No Reachable Authority): no servers"
    assert theirs.options[1] == "NSID ns1"
    assert "65001" in theirs.options[2]
    assert (found.rcode, found.problem) == ("BADCOOKIE", "BADCOOKIE")
    assert found.additional == ()


HEADER = bytes.fromhex("0007 0100 0001 0000 0000 0000")

MALFORMED = {
    "itself": HEADER + b"\xc0\x0c\0\1\0\1",
    "what follows": HEADER + b"\1a\xc0\x20\0\1\0\1" + b"\0" * 20,
    "into the header": HEADER + b"\1a\xc0\x02\0\1\0\1",
    "unknown kind": HEADER + b"\x80a\0\0\1\0\1",
    "longer than 255": HEADER + b"\x3f" + b"a" * 63 + (b"\x3f" + b"b" * 63) * 4 + b"\0\0\1\0\1",
    "a name is cut off": HEADER + b"\7example",
    "a question is cut off": HEADER + b"\1a\0\0\1",
    "behind its end": query() + b"!",
    "a record's data are cut off": answer(query(), "a.test. 60 IN A 192.0.2.1")[:-2],
    "of the header's 12 bytes": b"\0\7\1\0\0",
}


@pytest.mark.parametrize("why", MALFORMED)
def test_what_is_malformed_says_why(why: str) -> None:
    data = MALFORMED[why]
    (found,) = over_udp((CLIENT, data, 0))
    assert why in found.error
    assert found.problem.startswith("malformed: ")
    assert found.said("client")
    assert list(found.facts())
    assert not is_message(data)


def test_pointers_to_pointers_cost_no_time() -> None:
    """A message of 64 KiB whose every name leads through thousands of pointers."""
    data = bytearray(bytes.fromhex("0000 8400 0000") + (3000).to_bytes(2, "big") + b"\0" * 4)
    record = b"\0\0\2\0\1\0\0\0\0"
    data += record + (16_002).to_bytes(2, "big") + b"\xc0\x0c"  # one record with all pointers
    for at in range(len(data), len(data) + 16_000, 2):
        data += (0xC000 | at - 2).to_bytes(2, "big")
    for _ in range(2999):
        data += record + b"\0\2\xfe\x7e"
    began = time.process_time()
    (found,) = over_udp((SERVER, bytes(data), 0))
    assert found.kind == "mDNS announcement"
    assert "on and on" in found.error
    assert found.answers == ()
    assert DnsDatagrams.peek(bytes(data), True) is not None
    assert time.process_time() - began < 2


def test_names_are_dnspythons() -> None:
    chance = random.Random(0)
    for _ in range(300):
        labels = [chance.randbytes(chance.randrange(1, 8)) for _ in range(chance.randrange(4))]
        name = dns.name.Name([*labels, b""])
        assert name_text(b"\0" * 12 + name.to_wire(), 12) == name.to_text()


def test_it_can_be_pickled_and_compared() -> None:
    asked = query()
    (found,) = over_udp((CLIENT, asked, 0), (SERVER, answer(asked), 1))
    (same,) = over_udp((CLIENT, asked, 0), (SERVER, answer(asked), 1))
    (other,) = over_udp((CLIENT, asked, 0), (SERVER, answer(asked, rcode=3), 1))
    assert found == same
    assert found != other
    assert pickle.loads(pickle.dumps(found)) == found
    with pytest.raises(AttributeError, match="nothing"):
        _ = found.nothing


# --- what looks like it ---


def test_what_is_whole_is_sure() -> None:
    asked = query()
    looks = DnsDatagrams.looks_like
    assert looks(asked, b"") is Likeness.SURE
    assert looks(b"", answer(asked, "a.test. 1 IN A 192.0.2.1")) is Likeness.SURE
    assert looks(asked[:-1], b"") is Likeness.LIKELY
    assert looks(b"GET / HTTP/1.1\r\n", b"") is Likeness.NO
    netbios = query(f"{'CA' * 16}.", "A")
    assert looks(netbios, b"") is not Likeness.SURE


def test_random_datagrams_are_not_sure() -> None:
    chance = random.Random(1)
    for _ in range(20_000):
        assert not is_message(chance.randbytes(chance.randrange(17, 64)))
    for _ in range(2000):  # header of a query, anything behind it
        assert not is_message(HEADER + chance.randbytes(chance.randrange(30, 64)))


def test_over_tcp_the_length_decides() -> None:
    looks, data = DnsStream.looks_like, framed(query())
    assert looks(data, b"") is Likeness.SURE
    assert all(looks(data[:size], b"") is Likeness.MORE for size in range(len(data)))
    assert looks(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"") is Likeness.NO
    assert looks(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 40, b"") is Likeness.NO


def test_peeks() -> None:
    asked = query()
    said = answer(
        asked, "www.example.test. 1 IN CNAME b.test.", "b.test. 1 IN A 192.0.2.1",
        "b.test. 1 IN AAAA 2001:db8::1",
    )  # fmt: skip
    for decoder, wrapped in ((DnsDatagrams, bytes), (DnsStream, framed)):
        peeks = [decoder.peek(wrapped(each), False) for each in (asked, said)]
        assert [each and each.text for each in peeks] == [
            "DNS A www.example.test.?",
            "DNS A www.example.test. → 192.0.2.1, 2001:db8::1",
        ]
    assert DnsDatagrams.peek(b"\x80" * 40, False) is None
    cut = DnsDatagrams.peek(asked[:20], True)
    assert cut is not None
    assert "malformed" in cut.text


def test_outline_is_linear() -> None:
    """65,535 records are said; there is room for few."""
    data = bytes.fromhex("0007 8400 0000 ffff ffff ffff") + b"\0\0\1\0\1\0\0\0\0\0\0" * 5000
    walked = outline(data)
    assert len(walked.entries) == 5000
    assert walked.is_cut
