"""Which answer belongs to which query: retries, answers that come twice, late, from nowhere."""

from __future__ import annotations

import dns.message
import dns.rrset
import dns.update
import pytest
from dns_asking import CLIENT, SERVER, answer, framed, over_tcp, over_udp, query, texts

from netshell.protocols.dns.exchanges import MOST_WAITING
from netshell.protocols.dns.stream import DnsStream

A = "www.example.test. 300 IN A 192.0.2.1"


def test_query_and_answer_are_one() -> None:
    asked = query()
    (found,) = over_udp((CLIENT, asked, 0), (SERVER, answer(asked, A), 0.25))
    assert (found.kind, found.qname, found.qtype, found.qclass) == (
        "query", "www.example.test.", "A", "IN",
    )  # fmt: skip
    assert (found.id, found.opcode, found.rcode) == (7, "QUERY", "NOERROR")
    assert found.flags == ("qr", "rd", "ra")
    assert found.query_flags == ("rd",)
    assert [str(each) for each in found.answers] == [A]
    assert found.latency_ms == 250
    assert [(each.side, each.begin, each.end) for each in found.parts] == [
        ("client", 0, found.query_bytes),
        ("server", 0, found.answer_bytes),
    ]
    assert str(found) == "dns A www.example.test. → 192.0.2.1"
    assert not found.lacking
    assert not found.problem
    assert found.retries == 0


def test_answers_come_in_any_order() -> None:
    first, second = query("a.test.", number=1), query("b.test.", number=2)
    same = query("c.test.", number=1)  # another question with the first one's id
    found = over_udp(
        (CLIENT, first, 0), (CLIENT, second, 1), (CLIENT, same, 2),
        (SERVER, answer(same), 3), (SERVER, answer(second), 4), (SERVER, answer(first), 5),
    )  # fmt: skip
    assert [(each.qname, each.latency_ms) for each in found] == [
        ("c.test.", 1000), ("b.test.", 3000), ("a.test.", 5000),
    ]  # fmt: skip


def test_names_come_back_in_other_letters() -> None:
    asked = query("wWw.ExAmPlE.test.")
    (found,) = over_udp((CLIENT, asked, 0), (SERVER, answer(query(), A), 1))
    assert found.qname == "wWw.ExAmPlE.test."
    assert found.answers


def test_what_is_sent_again_is_the_same_exchange() -> None:
    asked = query()
    (found,) = over_udp(
        (CLIENT, asked, 0), (CLIENT, asked, 5), (CLIENT, asked, 15), (SERVER, answer(asked, A), 16)
    )
    assert found.retries == 2
    assert found.retry_s == (5.0, 15.0)
    assert len(found.parts) == 4
    assert found.latency_ms == 16_000
    assert "sent again after 5.000 s" in found.said("client")


def test_what_is_answered_twice_is_told() -> None:
    asked, said = query(), answer(query(), A)
    first, again = over_udp((CLIENT, asked, 0), (SERVER, said, 1), (SERVER, said, 3))
    assert not first.lacking
    assert (again.kind, again.lacking, again.again_s, again.side) == (
        "answer", "answered already", 3.0, "server",
    )  # fmt: skip
    assert again.said("client") == []
    assert again.said("server")


def test_what_is_asked_again_though_answered() -> None:
    asked, said = query(), answer(query(), A)
    first, second = over_udp(
        (CLIENT, asked, 0), (SERVER, said, 1), (CLIENT, asked, 5), (SERVER, said, 6)
    )
    assert (first.again_s, second.again_s) == (None, 5.0)
    assert second.latency_ms == 1000


def test_what_nobody_asked_is_no_answer_to_another() -> None:
    asked, other = query("a.test."), query("b.test.")
    stray, waiting = over_udp((CLIENT, asked, 0), (SERVER, answer(other), 1))
    assert (stray.kind, stray.lacking, stray.qname) == ("answer", "no query", "b.test.")
    assert (waiting.lacking, waiting.duration_s, waiting.rcode) == ("no answer", None, "")
    assert str(waiting) == "dns A a.test. [no answer]"


def test_an_error_may_come_without_the_question() -> None:
    asked = query()
    refusal = asked[:2] + bytes.fromhex("8001 0000 0000 0000 0000")
    (found,) = over_udp((CLIENT, asked, 0), (SERVER, refusal, 1))
    assert (found.rcode, found.problem, found.answered) == ("FORMERR", "FORMERR", "FORMERR")
    assert found.qname == "www.example.test."


def test_the_oldest_gives_way() -> None:
    asked = [
        query(number=number % 65536, name=f"n{number}.test.") for number in range(MOST_WAITING)
    ]
    found = over_udp(*[(CLIENT, each, 0) for each in asked], (CLIENT, query("last.test."), 1))
    assert len(found) == MOST_WAITING + 1
    assert found[0].qname == "n0.test."
    assert all(each.lacking == "no answer" for each in found)


def test_truncated_is_said() -> None:
    asked = query()
    (found,) = over_udp((CLIENT, asked, 0), (SERVER, answer(asked, flags="QR TC RD"), 1))
    assert found.truncated
    assert found.answered == "NOERROR, truncated, no records"


def test_other_kinds() -> None:
    update = dns.update.UpdateMessage("example.test.", id=9)
    update.add("new", 300, "A", "192.0.2.9")
    done = dns.message.make_response(update)
    (found,) = over_udp((CLIENT, update.to_wire(), 0), (SERVER, done.to_wire(), 1))
    assert (found.kind, found.opcode, found.qname, found.qtype) == (
        "update", "UPDATE", "example.test.", "SOA",
    )  # fmt: skip
    assert found.asked == "update SOA example.test."
    notify = dns.message.make_query("example.test.", "SOA", id=3)
    notify.set_opcode(dns.opcode.NOTIFY)
    (told,) = over_udp((CLIENT, notify.to_wire(), 0))
    assert (told.kind, told.lacking) == ("notify", "no answer")


# --- over TCP ---

SOA = "example.test. 300 IN SOA ns.example.test. root.example.test. {} 1 2 3 4"


def _zone(serial: int, *middle: str) -> list[str]:
    return [SOA.format(serial), *middle, SOA.format(serial)]


def _each(asked: bytes, *records: str) -> bytes:
    """An answer with records in their order, one each a set."""
    made = dns.message.make_response(dns.message.from_wire(asked))
    made.answer = [dns.rrset.from_text(*each.split(" ", 4)) for each in records]  # type: ignore[arg-type]
    return made.to_wire()


@pytest.mark.parametrize("piece", [0, 1, 7])
def test_pipelined_over_tcp(piece: int) -> None:
    first, second = query("a.test.", number=1), query("b.test.", number=2)
    found = over_tcp(
        (CLIENT, framed(first) + framed(second)),
        (SERVER, framed(answer(second)) + framed(answer(first))),
        piece=piece,
    )
    assert [each.qname for each in found] == ["b.test.", "a.test."]
    assert found[0].parts[0].begin == len(first) + 2  # the length is part of it


@pytest.mark.parametrize("piece", [0, 1, 50])
def test_a_transfer_is_one(piece: int) -> None:
    asked = query("example.test.", "AXFR")
    zone = _zone(1, *[f"h{number}.example.test. 300 IN A 192.0.2.{number}" for number in range(9)])
    messages = [_each(asked, *zone[at : at + 4]) for at in range(0, len(zone), 4)]
    (found,) = over_tcp(
        (CLIENT, framed(asked)), (SERVER, b"".join(map(framed, messages))), piece=piece
    )
    assert (found.kind, found.messages, found.lacking) == ("transfer", 3, "")
    assert [str(each) for each in found.answers] == zone
    assert found.answer_bytes == sum(map(len, messages))
    assert len(found.parts) == 2


def test_a_transfer_that_is_under_way() -> None:
    asked = query("example.test.", "AXFR")
    (found,) = over_tcp((CLIENT, framed(asked)), (SERVER, framed(_each(asked, *_zone(1)[:1]))))
    assert found.lacking == "its end has not come"
    assert len(found.answers) == 1


def test_increments_end_where_they_end() -> None:
    asked = dns.message.make_query("example.test.", "IXFR", id=7)
    asked.authority = [dns.rrset.from_text(*SOA.format(1).split(" ", 4))]  # type: ignore[arg-type]
    wire = asked.to_wire()
    steps = [SOA.format(3), SOA.format(1), A, SOA.format(2), A, SOA.format(2), A, SOA.format(3), A,
             SOA.format(3)]  # fmt: skip
    parts = [framed(_each(wire, step)) for step in steps]
    (found,) = over_tcp((CLIENT, framed(wire)), (SERVER, b"".join(parts)))
    assert (found.messages, found.lacking) == (len(steps), "")
    # It has the newest already: the SOA record alone is the answer.
    (same,) = over_tcp((CLIENT, framed(wire)), (SERVER, framed(_each(wire, SOA.format(1)))))
    assert (same.messages, same.lacking) == (1, "")
    # A whole zone instead, record by record: the second record is no SOA.
    whole = [framed(_each(wire, step)) for step in _zone(4, A)]
    (full,) = over_tcp((CLIENT, framed(wire)), (SERVER, b"".join(whole)))
    assert (full.messages, full.lacking) == (3, "")


def test_a_refused_transfer_is_answered() -> None:
    asked = query("example.test.", "AXFR")
    (found,) = over_tcp((CLIENT, framed(asked)), (SERVER, framed(answer(asked, rcode=5))))
    assert (found.rcode, found.messages, found.answered) == ("REFUSED", 1, "REFUSED")


def test_behind_a_gap_the_next_message_is_found() -> None:
    first, second = query("a.test.", number=1), query("b.test.", number=2)
    decoder = DnsStream()
    found = [*decoder.feed(CLIENT, framed(first) + framed(second), 0)]
    found += decoder.feed(SERVER, framed(answer(first))[:9], 1)
    found += decoder.gap(SERVER, 40, 2)
    for byte in b"\0\7rest of" + framed(answer(second, A)):
        found += decoder.feed(SERVER, bytes([byte]), 3)
    (late,) = found
    assert (late.qname, late.lacking) == ("b.test.", "58 bytes lack before it")  # type: ignore[attr-defined]
    (waits,) = decoder.waiting()
    assert waits.lacking == "no answer, or it is in the bytes that lack"
    assert not decoder.why_stopped


def test_what_is_no_dns_ends_it() -> None:
    decoder = DnsStream()
    for _ in range(3):
        decoder.feed(CLIENT, b"\0\x11" + b"\xff" * 17, 0)
    assert "not DNS" in decoder.why_stopped
    assert decoder.rest(CLIENT)


def test_half_a_message_waits() -> None:
    (found,) = over_tcp((CLIENT, framed(query())[:20]))
    assert found.lacking == f"20 of {len(framed(query()))} bytes"


# --- mDNS ---


def test_announcements_stand_for_themselves() -> None:
    asked = dns.message.make_query("_ipp._tcp.local.", "PTR", id=0)
    asked.flags = 0
    told = dns.message.Message(id=0)
    told.flags = 0x8400
    told.answer = [dns.rrset.from_text("printer.local.", 120, "IN", "A", "192.0.2.7")]
    wire = bytearray(told.to_wire())
    at = wire.index(b"\0\1\0\1\0\0\0\x78")
    wire[at + 2] = 0x80  # the class's highest bit: forget what was known
    found = over_udp(
        (CLIENT, asked.to_wire(), 0), (CLIENT, bytes(wire), 1), (CLIENT, bytes(wire), 2)
    )
    assert texts(found) == [
        "dns mDNS question PTR _ipp._tcp.local.",
        "dns announced A printer.local.",
        "dns announced A printer.local.",
    ]
    assert not any(each.lacking for each in found)
    (record,) = found[1].answers
    assert (record.flush, record.rdclass, record.data) == (True, "IN", "192.0.2.7")
