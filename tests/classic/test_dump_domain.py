"""DNS, multicast DNS and DNS over TCP: tcpdump's text, to the letter."""

from __future__ import annotations

import random
import struct

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import dns.rrset
from datagrams import Compared, cut, framed, mutated, noise, shown

RECORDS = (
    "host.example.com. 300 IN A 192.0.2.1",
    "host.example.com. 86461 IN AAAA 2001:db8::1",
    "host.example.com. 0 IN AAAA ::ffff:192.0.2.1",
    "host.example.com. 31536000 IN CNAME www.example.com.",
    "example.com. 99999 IN MX 10 mail.example.com.",
    'example.com. 5 IN TXT "v=spf1 -all" "\\001\\200 x"',
    "example.com. 60 IN SOA ns.example.com. root.example.com. 1 2 3 4 5",
    "_sip._tcp.example.com. 60 IN SRV 1 2 5060 sip.example.com.",
    "example.com. 1 IN NS ns1.example.com.",
    "1.2.0.192.in-addr.arpa. 1 IN PTR host.example.com.",
    'example.com. 1 IN CAA 0 issue "example.org"',
    'example.com. 1 IN HTTPS 1 . alpn="h2,h3"',
    'example.com. 1 IN NAPTR 100 50 "s" "x" "" _z._tcp.example.com.',
    "example.com. 1 IN DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
    'example.com. 1 IN HINFO "x" "y"',
    'example.com. 1 CH TXT "hello"',
    'example.com. 1 IN URI 10 1 "ftp://example.com/public"',
    "x.example.com. 1 IN DNAME y.example.com.",
    "x.example.com. 5 IN SSHFP 2 1 123456789abcdef67890123456789abcdef67890",
    "x.example.com. 5 IN SVCB 1 y.example.com. port=53",
    "x.example.com. 5 IN NSEC a.example.com. A MX",
    "\\000\\255\\.x.example.com. 5 IN A 192.0.2.3",
)
NAMES = ("example.com", "www.example.com", "a" * 63 + "." + "b" * 60 + ".com", ".")
TYPES = ("A", "AAAA", "HTTPS", "MX", "TXT", "ANY", "AXFR", "TYPE999", "SRV", "PTR")
OPTIONS = {
    3: (b"id", b""),
    5: (bytes((8, 13, 3, 9)),),
    6: (b"\1\2\3\4\5",),
    7: (b"\1\2",),
    8: (b"\0\1\x18\0\1\2\3", b"\0\2\x38\0\x20\1\x0d\xb8abc", b"\0\1\x20\x08abcd", b"\0\3\0\0"),
    9: (b"\0\0\0\7", b"\0"),
    10: (bytes(8), bytes(24), bytes(9), bytes(41)),
    11: (b"\0\x64", b"\0"),
    12: (bytes(20),),
    13: (b"\3com\0", b"\3co"),
    14: (b"\1\2\3\4", b"\1"),
    4711: (b"ab",),
}


def messages(chance: random.Random, count: int) -> list[bytes]:
    """Queries and responses of every kind, as dnspython writes them."""
    return [_message(chance) for _ in range(count)]


def _message(chance: random.Random) -> bytes:
    group = chance.choice(("IN", "IN", "IN", "CH", "HS", "ANY", "NONE"))
    query = dns.message.make_query(chance.choice(NAMES), chance.choice(TYPES), group)
    query.id = chance.randrange(65536)
    message: dns.message.Message = query
    if chance.random() < 0.7:
        message = dns.message.make_response(query)
        for section in (message.answer, message.authority, message.additional):
            for _ in range(chance.choice((0, 1, 1, 2, 3))):
                name, ttl, kind, rdtype, data = chance.choice(RECORDS).split(None, 4)
                section.append(dns.rrset.from_text(name, int(ttl), kind, rdtype, data))
        message.set_rcode(chance.choice((0, 0, *range(24))))
    if chance.random() < 0.4:
        flag = dns.flags.Flag
        message.flags |= chance.choice((flag.AA, flag.TC, flag.RA, flag.AD, flag.CD))
    if chance.random() < 0.1:
        message.set_opcode(dns.opcode.Opcode(chance.randrange(16)))
    if chance.random() < 0.4:
        codes = [chance.choice(list(OPTIONS)) for _ in range(chance.randrange(3))]
        options = [dns.edns.GenericOption(code, chance.choice(OPTIONS[code])) for code in codes]
        flags = chance.choice((0, dns.flags.EDNSFlag.DO))
        message.use_edns(0, flags, chance.choice((512, 1232, 4096)), options=options)
    return message.to_wire(max_size=65535)


def _lines(kind: str, dport: int, payload: bytes, *options: str) -> str:
    [text] = shown(framed(kind, dport, [payload]), options)
    return text


QUERY = bytes.fromhex("000101000001000000000000076578616d706c65036f72670000010001")
LOOP = bytes.fromhex("000101000001000000000000c00c00010001")


def test_a_query() -> None:
    text = "IP 192.0.2.1.40000 > 192.0.2.2.53: 1+ A? example.org. (29)"
    assert _lines("udp", 53, QUERY) == text


def test_multicast_says_who_may_answer() -> None:
    assert _lines("udp", 5353, QUERY).endswith("1+ A (QM)? example.org. (29)")
    asked = QUERY[:-2] + b"\x80\x01"
    assert _lines("udp", 5353, asked).endswith("1+ A (QU)? example.org. (29)")


def test_a_pointer_to_itself_is_followed_by_nobody() -> None:
    assert _lines("udp", 53, LOOP).endswith("1+ A? <BAD PTR> [|domain]")


def test_tcp_reads_a_segment_that_is_one_message() -> None:
    whole = struct.pack(">H", len(QUERY)) + QUERY
    assert _lines("tcp", 53, whole).endswith("length 31 1+ A? example.org. (29)")
    assert _lines("tcp", 53, whole + b"\0").endswith("[prefix length(29) != length(30)] (invalid)")
    assert _lines("tcp", 53, whole[:1]).endswith("[DNS over TCP: length 1 < 2] (invalid)")


def test_every_message_is_tcpdumps(compared: Compared) -> None:
    made = messages(random.Random(1), 300)
    compared.hold(framed("udp", 53, made))
    compared.hold(framed("udp", 5353, made))
    compared.hold(framed("tcp", 53, [struct.pack(">H", len(one)) + one for one in made]))
    compared.hold(framed("udp", 53, made[:50]), [("-q",), ("-e",)])


def test_odd_messages_are_tcpdumps(compared: Compared) -> None:
    chance = random.Random(2)
    made = messages(chance, 200)
    compared.hold(framed("udp", 53, mutated(chance, made, 800) + noise(chance, 200)))
    compared.hold(framed("udp", 5353, mutated(chance, made, 300)))


def test_names_of_odd_labels_are_tcpdumps(compared: Compared) -> None:
    chance = random.Random(3)
    header = bytes.fromhex("000184000001000200010001")
    labels = (*range(5), 12, 13, 20, 0x41, 0x80, 0xC0, 1, 28, 5, 16, 15, 33, 41, 250, 38, 97)
    made = [header + bytes(chance.choices(labels, k=chance.randrange(80))) for _ in range(1500)]
    compared.hold(framed("udp", 53, made))


def test_messages_cut_off_are_tcpdumps(compared: Compared) -> None:
    made = messages(random.Random(4), 20)
    compared.hold(cut("udp", 53, made))
    compared.hold(cut("tcp", 53, [struct.pack(">H", len(made[0])) + made[0]]))


def test_hostile_messages_have_a_line() -> None:
    chance = random.Random(5)
    made = mutated(chance, messages(chance, 50), 500) + noise(chance, 300)
    for options in ((), ("-vvv",)):
        for port in (53, 5353):
            assert all(shown(framed("udp", port, made), options))
        assert all(shown(framed("tcp", 53, made), options))


def test_a_name_is_walked_no_further_than_real_ones_are_long() -> None:
    """Thousands of records, each of which names the end of thousands of pointers or labels."""
    targets = (23, *range(24, 8000, 2))  # each pointer leads to the one before
    pointers = b"\0" + b"".join(struct.pack(">H", 0xC000 | target) for target in targets)
    labels = b"\1a" * 4000 + b"\0"
    for walked, name, remark in (
        (pointers, 23 + len(pointers) - 2, "<BAD PTR>"),
        (labels, 23, "<DOMAIN NAME TOO LONG>"),
    ):
        head = struct.pack(">HHHHHH", 1, 0x8400, 0, 4001, 0, 0)
        first = b"\0" + struct.pack(">HHIH", 16, 1, 0, len(walked)) + walked
        record = struct.pack(">HHHIH", 0xC000 | name, 99, 1, 0, 0)
        message = head + first[:11] + walked + record * 4000
        [text] = shown(framed("udp", 53, [message]), ("-v",))
        assert remark in text and len(text) < 4_000_000
