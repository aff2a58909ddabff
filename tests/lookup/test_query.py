"""Replies as no well-behaved server sends them: what is answered, passed over and refused."""

from __future__ import annotations

import errno
import random
from collections.abc import Callable

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from nameservers import Reply, Responder, framed, records
from patience import until_it_holds

from netshell.errors import LookupFailed, NetshellError
from netshell.flow.key import Endpoint
from netshell.lookup import transport
from netshell.lookup.answer import Answer
from netshell.lookup.query import Manner, ask, question
from netshell.lookup.servers import servers

GOOD = records("e.test. 60 IN A 192.0.2.1", 'e.test. 60 IN TXT "x"', "e.test. 9 IN MX 5 m.test.")
PATIENT = Manner(timeout_s=60, tries=1)
"""For servers that answer: none of these is waited for so long."""


def asked(reply: Reply, tcp: Reply | None = None, manner: Manner = PATIENT) -> Answer:
    """The answer that a server with these replies gives to e.test A."""
    with Responder(reply, tcp) as server:
        return ask(question("e.test", "A"), servers(server.text), manner)


def refusal(reply: Reply, said: str) -> str:
    """What is said where all that comes is no answer, once the time is over."""

    def attempt(timeout_s: float) -> str:
        with pytest.raises(LookupFailed, match=said) as caught:
            asked(reply, None, Manner(timeout_s=timeout_s, tries=1))
        return str(caught.value)

    return until_it_holds(attempt, (0.3, 2, 10))


def changed(change: Callable[[dns.message.Message], object]) -> Reply:
    """GOOD, with the message changed before it is sent."""

    def reply(query: bytes) -> bytes:
        message = dns.message.from_wire(bytes(GOOD(query)))  # type: ignore[arg-type]
        change(message)
        return message.to_wire()

    return reply


def patched(at: int, value: bytes) -> Reply:
    """GOOD, with some bytes of the message overwritten."""

    def reply(query: bytes) -> bytes:
        wire = bytearray(GOOD(query))  # type: ignore[arg-type]
        wire[at : at + len(value)] = value
        return bytes(wire)

    return reply


def test_a_reply_with_another_id_is_passed_over() -> None:
    def reply(query: bytes) -> list[bytes]:
        good = bytes(GOOD(query))  # type: ignore[arg-type]
        return [bytes([good[0] ^ 1]) + good[1:], b"", b"\0", good]

    answer = asked(reply)
    assert answer.addresses == ("192.0.2.1",)
    assert "3 replies with another id were ignored" in str(answer)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (lambda query: query[:2], "malformed: 2 bytes"),
        (lambda query: query[:11], "malformed: 11 bytes"),
        (lambda query: query, "sent the question back"),
        (lambda query: bytes([query[0] ^ 1]) + query[1:], "1 replies with another id were ignored"),
        (changed(lambda m: setattr(m, "question", [])), "another question"),
        (
            changed(lambda m: setattr(m, "question", [dns.rrset.RRset(m.question[0].name, 1, 28)])),
            "another question",
        ),
        (patched(2, b"\xa8"), "another kind"),
        (patched(12, b"\xc0\x0c"), "malformed or to another question"),
        (lambda query: query[:2] + b"\x84\0" + b"\0\1" + b"\0" * 6, "malformed"),
    ],
)
def test_what_is_no_reply_is_named(reply: Reply, said: str) -> None:
    assert "127.0.0.1:" in refusal(reply, said)


def test_each_record_keeps_its_own_ttl_and_place() -> None:
    mixed = records("e.test. 60 IN A 192.0.2.2", "e.test. 5 IN A 192.0.2.1")
    assert [(r.ttl, r.data) for r in asked(mixed)] == [(60, "192.0.2.2"), (5, "192.0.2.1")]


def test_the_question_asks_whether_the_answer_was_validated() -> None:
    flags = []

    def reply(query: bytes) -> bytes:
        message = dns.message.from_wire(query)
        flags.append((message.flags, message.payload, message.ednsflags))
        return bytes(GOOD(query))  # type: ignore[arg-type]

    asked(reply)
    asked(reply, manner=Manner(recurse=False, dnssec=True, cd=True, timeout_s=60, tries=1))
    ad, rd, cd, do = dns.flags.AD, dns.flags.RD, dns.flags.CD, dns.flags.DO
    assert flags == [(ad | rd, 1232, 0), (ad | cd, 1232, do)]


def test_a_refusal_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def refuse(message: bytes, server: Endpoint, *_: object) -> bytes:
        tried.append(server.port)
        raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")

    monkeypatch.setattr(transport, "over_udp", refuse)
    with pytest.raises(LookupFailed):
        ask(question("e.test", "A"), servers(["127.0.0.1#1", "127.0.0.1#2"]), Manner(tries=3))
    assert tried == [1, 2]


def test_a_broken_record_is_left_out_and_the_rest_kept() -> None:
    def reply(query: bytes) -> bytes:
        wire = bytes(GOOD(query))  # type: ignore[arg-type]
        at = wire.index(b"\xc0\x00\x02\x01")  # the A record's address: now one byte too short
        return wire[: at - 2] + b"\0\3" + wire[at : at + 3] + wire[at + 4 :]

    answer = asked(reply)
    assert [r.rdtype for r in answer] == ["TXT", "MX"]
    assert "Part of the reply is malformed" in str(answer)


def test_a_server_that_knows_no_edns_is_asked_without() -> None:
    def reply(query: bytes) -> bytes:
        edns = dns.message.from_wire(query).edns
        if edns < 0:
            return bytes(GOOD(query))  # type: ignore[arg-type]
        message = dns.message.make_response(dns.message.from_wire(query))
        message.use_edns(False)
        message.set_rcode(dns.rcode.FORMERR)
        return message.to_wire()

    answer = asked(reply)
    assert (answer.status, answer.edns) == ("NOERROR", None)
    assert "asked again without it" in str(answer)


def test_what_the_server_adds_is_shown() -> None:
    option = dns.edns.EDEOption(dns.edns.EDECode.DNSSEC_BOGUS, "no \x1b[31m signature")

    def bogus(message: dns.message.Message) -> None:
        message.use_edns(0, options=[option])
        message.set_rcode(dns.rcode.SERVFAIL)

    answer = asked(changed(bogus))
    assert answer.status == "SERVFAIL"
    assert "EDE 6 (DNSSEC Bogus): no \\027[31m signature" in str(answer)


def test_extended_codes_and_unknown_ones_have_names() -> None:
    def code(message: dns.message.Message) -> None:
        message.use_edns(0)
        message.set_rcode(dns.rcode.Rcode(3841))

    assert "3841" in asked(changed(code)).status
    assert asked(changed(lambda m: m.set_rcode(dns.rcode.YXDOMAIN))).status == "YXDOMAIN"


def test_ttls_beyond_31_bits_count_as_zero() -> None:
    at = len(dns.message.make_query("e.test", "A").to_wire()) + 6
    assert asked(patched(at, b"\xff\xff\xff\xff"))[0].ttl == 0  # RFC 2181 section 8


@pytest.mark.parametrize(
    ("tcp", "said"),
    [
        (lambda query: None, "closed the connection after 0 of 2 bytes"),
        (lambda query: b"\0\0", "malformed: 0 bytes"),
        (lambda query: b"\xff\xffabc", "closed the connection after 3 of 65535 bytes"),
        (lambda query: framed(b"\0" * 12), "another id"),
    ],
)
def test_tcp_replies_that_are_none(tcp: Reply, said: str) -> None:
    with pytest.raises(LookupFailed, match=said):
        asked(GOOD, tcp, Manner(tcp=True, timeout_s=60, tries=1))


def test_a_flood_of_other_ids_ends_with_the_time() -> None:
    flood = [b""] * 200
    assert refusal(
        lambda query: [bytes([query[0] ^ 1]) + query[1:] for _ in flood],
        "200 replies with another id",
    )


def test_mutated_replies_are_answers_or_errors_of_ours() -> None:
    rng = random.Random(20240101)
    seeds = [
        GOOD,
        records("e.test. 1 IN CNAME e.test."),
        records("e.test. 1 IN SOA a. b. 1 2 3 4 5", "e.test. 1 IN NS a.", rcode=3),
        records('e.test. 1 IN HTTPS 1 . alpn="h2" port=1', "e.test. 1 IN CAA 0 issue a"),
        records("e.test. 1 IN LOC 1 N 1 E 1m", 'e.test. 1 IN NAPTR 1 1 "s" "a" "" a.'),
        records("e.test. 1 IN NSEC b.test. A MX", "e.test. 1 IN DS 1 8 2 " + "ab" * 32),
    ]
    outcomes = {"answer": 0, "error": 0}

    def mutate(query: bytes) -> bytes:
        wire = bytearray(rng.choice(seeds)(query))  # type: ignore[arg-type]
        for _ in range(rng.randrange(1, 6)):
            kind, at = rng.randrange(4), rng.randrange(2, len(wire))
            if kind == 0:
                wire[at] = rng.randrange(256)
            elif kind == 1:
                del wire[max(at, 12) :]
            elif kind == 2:
                wire[at:at] = rng.randbytes(rng.randrange(1, 9))
            else:
                wire[at : at + 2] = (0xC000 | rng.randrange(len(wire))).to_bytes(2, "big")
        return bytes(wire)

    with Responder(mutate, lambda query: framed(mutate(query))) as server:
        target = servers(server.text)
        for _ in range(1500):
            try:
                answer = ask(question("e.test", "A"), target, PATIENT)
            except NetshellError as error:
                assert str(error).isprintable()
                outcomes["error"] += 1
            else:
                assert str(answer).replace("\n", "").isprintable()
                assert answer.json()
                outcomes["answer"] += 1
    assert min(outcomes.values()) > 100, outcomes


@pytest.mark.parametrize(
    "reply",
    [
        # A count of 65,535 answers and none of them; a record whose owner name points at itself.
        lambda query: query[:2] + b"\x81\x80\0\1\xff\xff\0\0\0\0" + query[12:24],
        lambda query: query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + query[12:24] + b"\xc0\x18\0\1\0\1",
    ],
)
def test_nothing_is_claimed_from_a_reply_that_cannot_be_read(reply: Reply) -> None:
    answer = asked(reply)
    assert not answer.whole
    assert not answer.no_data
    assert "NODATA" not in str(answer)
    assert "cannot be told" in str(answer)


def test_nothing_is_claimed_from_a_reply_that_stays_cut() -> None:
    def cut(query: bytes) -> bytes:
        message = dns.message.make_response(dns.message.from_wire(query))
        message.flags |= dns.flags.TC
        return message.to_wire()

    answer = asked(cut, cut)
    assert not answer.no_data
    assert "cannot be told" in str(answer)
