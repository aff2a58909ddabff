"""What the lab's DNS server answers, by the RFCs and by dnspython's reading of the wire."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.lab.dns_server import respond
from netshell.lab.names import load_zones

ZONES = load_zones()


def ask(
    name: str, rdtype: str = "A", *, stream: bool = False, **options: int
) -> dns.message.Message:
    query = dns.message.make_query(name, rdtype, **options)  # type: ignore[arg-type]
    wire = respond(query.to_wire(), ZONES, stream=stream)
    assert wire is not None
    response = dns.message.from_wire(wire)
    assert query.is_response(response)
    return response


def answers(response: dns.message.Message) -> list[str]:
    return [text for rrset in response.answer for text in rrset.to_text().splitlines()]


@pytest.mark.parametrize(
    ("name", "rdtype", "expected"),
    [
        ("client.lab", "A", ["client.lab. 3600 IN A 10.77.0.1"]),
        ("SERVER.lab", "AAAA", ["SERVER.lab. 3600 IN AAAA fd77::2"]),
        ("lab", "NS", ["lab. 3600 IN NS server.lab."]),
        ("lab", "MX", ["lab. 3600 IN MX 10 mail.lab.", "lab. 3600 IN MX 20 server.lab."]),
        ("lab", "CAA", ['lab. 3600 IN CAA 0 issue "ca.lab"']),
        ("lab", "HTTPS", ["lab. 3600 IN HTTPS 0 www.lab."]),
        ("text.lab", "TXT", ['text.lab. 3600 IN TXT "one string" "and another"']),
        ("_http._tcp.lab", "SRV", ["_http._tcp.lab. 3600 IN SRV 0 5 80 server.lab."]),
        ("www.lab", "CNAME", ["www.lab. 60 IN CNAME server.lab."]),
        ("www.lab", "ANY", ["www.lab. 60 IN CNAME server.lab."]),
        (
            "www.lab",
            "A",
            ["www.lab. 60 IN CNAME server.lab.", "server.lab. 3600 IN A 10.77.0.2"],
        ),
        (
            "circle.lab",
            "A",
            ["circle.lab. 3600 IN CNAME circle2.lab.", "circle2.lab. 3600 IN CNAME circle.lab."],
        ),
        ("outside.lab", "A", ["outside.lab. 3600 IN CNAME www.example."]),
        (
            "2.0.77.10.in-addr.arpa",
            "PTR",
            ["2.0.77.10.in-addr.arpa. 3600 IN PTR server.lab."],
        ),
    ],
)
def test_it_answers_from_the_zone(name: str, rdtype: str, expected: list[str]) -> None:
    response = ask(name, rdtype)
    assert answers(response) == expected
    assert response.rcode() == dns.rcode.NOERROR
    assert response.flags & dns.flags.AA
    assert not response.flags & dns.flags.RA


def test_the_soa_is_there_and_ipv6_has_its_reverse() -> None:
    assert "hostmaster.lab." in answers(ask("lab", "SOA"))[0]
    assert answers(ask("1.".ljust(32, "0").replace("0", "0.") + "7.7.d.f.ip6.arpa", "PTR")) == []
    reverse = "1." + "0." * 27 + "7.7.d.f.ip6.arpa."
    assert answers(ask(reverse, "PTR")) == [f"{reverse} 3600 IN PTR client.lab."]


def test_additional_addresses_come_with_hosts() -> None:
    extra = {rrset.to_text() for rrset in ask("lab", "MX").additional}
    assert {"mail.lab. 300 IN A 10.77.0.2", "server.lab. 3600 IN AAAA fd77::2"} <= extra


@pytest.mark.parametrize(
    ("name", "rdtype", "rcode"),
    [
        ("no.such.lab", "A", dns.rcode.NXDOMAIN),
        ("nowhere.lab", "A", dns.rcode.NXDOMAIN),
        ("9.0.77.10.in-addr.arpa", "PTR", dns.rcode.NXDOMAIN),
        ("v4.lab", "AAAA", dns.rcode.NOERROR),
        ("_tcp.lab", "A", dns.rcode.NOERROR),  # only a name further down exists
    ],
)
def test_a_no_says_how_long_it_holds(name: str, rdtype: str, rcode: int) -> None:
    response = ask(name, rdtype)
    assert response.rcode() == rcode
    (denial,) = response.authority
    assert (denial.rdtype, denial.ttl) == (dns.rdatatype.SOA, 300)


@pytest.mark.parametrize(
    ("name", "rdtype", "rcode"),
    [
        ("example.com", "A", dns.rcode.REFUSED),
        (".", "NS", dns.rcode.REFUSED),
        ("lab", "AXFR", dns.rcode.REFUSED),
        ("servfail.lab", "A", dns.rcode.SERVFAIL),
    ],
)
def test_what_it_will_not_answer(name: str, rdtype: str, rcode: int) -> None:
    response = ask(name, rdtype)
    assert (response.rcode(), response.answer) == (rcode, [])


def test_another_class_a_newer_edns_and_another_opcode() -> None:
    chaos = dns.message.make_query("version.bind", "TXT", rdclass=dns.rdataclass.CH)
    update = dns.message.make_query("lab", "SOA")
    update.set_opcode(5)
    for query, rcode in ((chaos, dns.rcode.REFUSED), (update, dns.rcode.NOTIMP)):
        wire = respond(query.to_wire(), ZONES)
        assert wire is not None
        assert wire[:2] == query.to_wire()[:2]
        assert wire[3] & 0xF == rcode
    assert ask("lab", "A", use_edns=1).rcode() == dns.rcode.BADVERS


def test_too_much_for_a_datagram_is_truncated_and_whole_over_tcp() -> None:
    short = ask("large.lab", "TXT")
    assert short.flags & dns.flags.TC
    whole = ask("large.lab", "TXT", stream=True)
    assert not whole.flags & dns.flags.TC
    numbers = [int(text.split('"')[1][:2]) for text in answers(whole)]
    assert numbers == list(range(60))


def test_it_stays_silent_where_an_answer_would_harm() -> None:
    query = dns.message.make_query("lab", "A")
    assert respond(dns.message.make_response(query).to_wire(), ZONES) is None
    assert respond(query.to_wire()[:11], ZONES) is None
    assert respond(b"", ZONES) is None
    assert respond(dns.message.make_query("silent.lab", "A").to_wire(), ZONES) is None


QUERIES = [
    dns.message.make_query(name, rdtype, use_edns=edns, id=77).to_wire()
    for name, rdtype in (("www.lab", "A"), ("lab", "ANY"), ("large.lab", "TXT"), ("x.y.z", "PTR"))
    for edns in (False, 0)
]


@given(
    query=st.sampled_from(QUERIES),
    changes=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=6),
    length=st.integers(0, 80),
    tail=st.binary(max_size=8),
    stream=st.booleans(),
)
def test_garbage_never_raises(
    query: bytes, changes: list[tuple[int, int]], length: int, tail: bytes, stream: bool
) -> None:
    garbage = bytearray(query)
    for place, value in changes:
        garbage[place % len(garbage)] = value
    wire = bytes(garbage[:length] + tail)
    response = respond(wire, ZONES, stream=stream)
    if response is not None:
        assert response[:2] == wire[:2]
        assert response[2] & 0x80
        assert stream or len(response) <= 0xFFFF
        dns.message.from_wire(response)
