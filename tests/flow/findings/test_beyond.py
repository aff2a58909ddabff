"""Findings that tshark does not have, on made segments: what fires, and what only nearly does."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from frames import chunk_of, segment

from netshell.flow.findings import ANALYSIS, BEYOND, Finding, find
from netshell.flow.segments import segments_of
from netshell.flow.source import Held
from netshell.flow.table import FlowColumns
from netshell.packet.chunk import INCOMING, Chunk
from netshell.packet.table import decode
from tests.flow.findings.conversations import START_NS, Ends, Sent, captured

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MS = 1_000_000
WHO = Ends(40000, 1000, 5000)
MSS = bytes([2, 4, 5, 180])


def c(at: float, seq: int, ack: int = 1, size: int = 0, flags: int = ACK, ttl: int = 64) -> Sent:
    return Sent(int(at * MS), True, flags, seq, ack, 1000, size, MSS if flags & SYN else b"", ttl)


def s(at: float, seq: int, ack: int = 1, size: int = 0, flags: int = ACK, ttl: int = 64) -> Sent:
    return replace(c(at, seq, ack, size, flags, ttl), by_client=False)


def opened(rtt: float = 20, beside_server: bool = False) -> list[Sent]:
    """A handshake that takes so many milliseconds, captured beside either host."""
    middle = 0 if beside_server else rtt
    syn = replace(c(0, 0, flags=SYN), ack=0)
    return [syn, s(middle, 0, 1, flags=SYN | ACK), c(rtt, 1)]


def found(chunk: Chunk, cut: Callable[[Chunk], Held] | None = None) -> list[Finding]:
    source = Held([(0, decode(chunk), chunk)]) if cut is None else cut(chunk)
    return list(find(segments_of(source, source.flows), BEYOND))


def after(*sents: Sent, opening: Sequence[Sent] | None = None) -> list[Finding]:
    """The findings of a handshake, and what comes behind its end."""
    opening = opened() if opening is None else opening
    start = opening[-1].at_ns if opening else 0
    moved = [replace(sent, at_ns=sent.at_ns + start) for sent in sents]
    return found(captured([(WHO, [*opening, *moved])]))


def kinds(findings: Sequence[Finding]) -> list[tuple[str, int]]:
    return [(each.kind, each.packet) for each in findings]


def syns(*at: float) -> list[Sent]:
    return [replace(c(each, 0, flags=SYN), ack=0) for each in at]


REQUEST = c(0, 1, size=100, flags=PSH | ACK)
LATE_RST = s(20, 0, 1, flags=RST | ACK)
STUCK = [c(0, 1, size=1448), c(0.01, 1449, size=300), *(s(20, 1), s(20.1, 1))]

CASES: list[tuple[str, list[tuple[str, int]], list[Sent], list[Sent]]] = [
    ("a SYN sent again", [("syn_unanswered", 0)], [], syns(0, 1000)),
    ("a SYN at the capture's end", [], [], syns(0, 900)),
    ("a SYN answered late", [], [], [*syns(0, 1000), s(1020, 0, flags=SYN | ACK)]),
    ("of a capture that has one side", [], [c(2000, 1)], syns(0)),
    ("a RST", [("connection_refused", 1)], [], [*syns(0), s(1, 0, 1, flags=RST | ACK)]),
    (
        "a RST for each SYN",
        [("connection_refused", 1)],
        [],
        [*syns(0), s(1, 0, 1, flags=RST | ACK), *syns(500), s(501, 0, 1, flags=RST | ACK)],
    ),
    ("a RST that acknowledges no SYN", [], [], [*syns(0), s(1, 0, 77, flags=RST | ACK)]),
    ("a RST that acknowledges less", [], [], [*syns(0), s(1, 0, 0, flags=RST | ACK)]),
    (
        "a RST behind data",
        [("connection_reset", 4)],
        [REQUEST, s(20, 1, 101, flags=RST | ACK)],
        opened(),
    ),
    ("a RST that answers", [("connection_reset", 4)], [REQUEST, s(20, 1, flags=RST)], opened()),
    (
        "a RST behind its own FIN",
        [("connection_reset", 5)],
        [s(0, 1, 1, flags=FIN | ACK), c(10, 1, 2, size=50), s(20, 2, flags=RST)],
        opened(),
    ),
    (
        "a RST behind both FINs",
        [],
        [
            *[c(0, 1, flags=FIN | ACK), s(20, 1, 2, flags=FIN | ACK)],
            *[c(20.1, 2, 2), s(40, 2, flags=RST)],
        ],
        opened(),
    ),
    ("a RST of a connection under way", [("connection_reset", 0)], [LATE_RST], []),
    ("a RST far outside", [], [REQUEST, s(20, 900_000, flags=RST), s(21, 1, 101)], opened()),
    (
        "a RST that nobody heeds",
        [],
        [REQUEST, s(20, 1, flags=RST), s(40, 1, 101)],
        opened(),
    ),
    ("a RST for a handshake", [], [], [*opened()[:2], c(20, 1, flags=RST)]),
    ("a server that thinks", [("slow_server", 4)], [REQUEST, s(320, 1, 101, 50)], opened()),
    ("one that thinks a little less", [], [REQUEST, s(180, 1, 101, 50)], opened()),
    (
        "acknowledged at once",
        [("slow_server", 5)],
        [REQUEST, s(20, 1, 101), s(300, 1, 101, 50)],
        opened(),
    ),
    (
        "acknowledged late",
        [("slow_server", 5)],
        [REQUEST, s(63, 1, 101), s(300, 1, 101, 50)],
        opened(),
    ),
    (
        "acknowledged late, under way",
        [("slow_server", 2)],
        [REQUEST, s(43, 1, 101), s(300, 1, 101, 50)],
        [],
    ),
    (
        "acknowledged late and soon, under way",
        [("slow_server", 2)],
        [
            *[REQUEST, s(43, 1, 101), s(300, 1, 101, 50)],
            *[c(301, 101, 51, size=9), s(305, 51, 110), s(306, 51, 110, 50)],
        ],
        [],
    ),
    ("acknowledged too late to tell", [], [REQUEST, s(150, 1, 101), s(250, 1, 101, 50)], []),
    (
        "a long way",
        [("slow_network", 4)],
        [REQUEST, s(610, 1, 101, 50)],
        opened(600),
    ),
    (
        "a long way, seen from its end",
        [("slow_network", 4)],
        [REQUEST, s(10, 1, 101, 50)],
        opened(600, beside_server=True),
    ),
    (
        "a request that was lost",
        [("slow_network", 5)],
        [REQUEST, replace(REQUEST, at_ns=300 * MS), s(325, 1, 101, 50)],
        opened(),
    ),
    (
        "a long way to a server that thinks",
        [("slow_network", 4)],
        [REQUEST, s(900, 1, 101, 50)],
        opened(600),
    ),
    (
        "a longer thought",
        [("slow_server", 4)],
        [REQUEST, s(1300, 1, 101, 50)],
        opened(600),
    ),
    (
        "a RST behind data that was not answered",
        [("connection_reset", 2)],
        [],
        [*syns(0), REQUEST, LATE_RST],
    ),
    ("a push without request", [], [s(900, 1, 1, 50)], opened()),
    ("an unknown round trip", [], [REQUEST, s(900, 1, 101, 50)], []),
    (
        "two small ones",
        [("nagle_delayed_ack", 5)],
        [REQUEST, s(60, 1, 101), c(60.1, 101, size=50)],
        opened(),
    ),
    ("within a round trip", [], [REQUEST, s(40, 1, 101), c(40.1, 101, size=50)], opened()),
    ("the second later", [], [REQUEST, s(60, 1, 101), c(80, 101, size=50)], opened()),
    (
        "a full one",
        [],
        [replace(REQUEST, size=1448), s(60, 1, 1449), c(60.1, 1449, size=50)],
        opened(),
    ),
    ("a slow reader", [], [REQUEST, s(400, 1, 101), c(400.1, 101, size=50)], opened()),
    (
        "large ones lost",
        [("mtu_black_hole", 7)],
        [*STUCK, c(220, 1, size=1448), c(620, 1, size=1448)],
        opened(),
    ),
    ("lost once more only", [], [*STUCK, c(220, 1, size=1448)], opened()),
    (
        "acknowledged in the end",
        [],
        [*STUCK, c(220, 1, size=1448), c(620, 1, size=1448), s(640, 1, 1749)],
        opened(),
    ),
    (
        "a large one arrived before",
        [],
        [
            *[c(0, 1, size=1448), s(20, 1, 1449), c(30, 1449, size=1448), s(50, 1, 1449)],
            *[c(230 + 400 * i, 1449, size=1448) for i in (0, 1)],
        ],
        opened(),
    ),
    (
        "a host that is gone",
        [],
        [c(0, 1, size=1448), c(220, 1, size=1448), c(620, 1, size=1448)],
        opened(),
    ),
    (
        "one that does not close",
        [("close_wait", 3)],
        [c(0, 1, flags=FIN | ACK), s(20, 1, 2), s(1100, 1, 2, flags=FIN | ACK)],
        opened(),
    ),
    (
        "one that closes soon",
        [],
        [c(0, 1, flags=FIN | ACK), s(20, 1, 2), s(900, 1, 2, flags=FIN | ACK)],
        opened(),
    ),
    (
        "one that still sends",
        [],
        [
            *[c(0, 1, flags=FIN | ACK), s(20, 1, 2), s(800, 1, 2, 50)],
            *[c(801, 2, 51), s(1500, 51, 2, flags=FIN | ACK)],
        ],
        opened(),
    ),
    (
        "a FIN that did not arrive",
        [],
        [c(0, 1, flags=FIN | ACK), c(1000, 1, flags=FIN | ACK), s(1020, 1, 2, flags=FIN | ACK)],
        opened(),
    ),
    (
        "a forged RST",
        [("connection_reset", 4), ("ttl_changed", 4)],
        [REQUEST, s(20, 1, 101, flags=RST | ACK, ttl=61)],
        opened(),
    ),
    (
        "another route, and back",
        [("ttl_changed", 3)],
        [c(0, 1, size=9, ttl=63), c(1, 10, size=9), c(2, 19, size=9, ttl=63)],
        opened(),
    ),
    (
        "forwarded and seen again",
        [],
        [c(0, 1, size=9), c(0.1, 1, size=9, ttl=63), c(5, 10, size=9), c(5.1, 10, size=9, ttl=63)],
        opened(),
    ),
    ("the two sides differ", [], [s(0, 1, size=9, ttl=50)], [*opened()[:1], *opened()[2:]]),
]


@pytest.mark.parametrize(
    ("expected", "sents", "opening"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_fires_and_what_only_nearly_does(
    expected: list[tuple[str, int]], sents: list[Sent], opening: list[Sent]
) -> None:
    assert kinds(after(*sents, opening=opening)) == expected


def test_numbers_may_wrap_anywhere() -> None:
    for _, expected, sents, opening in CASES:
        start = opening[-1].at_ns if opening else 0
        moved = [*opening, *(replace(each, at_ns=each.at_ns + start) for each in sents)]
        for first in (2**32 - 1, 2**32 - 2, 2**32 - 101, 2**32 - 1449):
            chunk = captured([(Ends(40000, first, first), moved)])
            assert kinds(found(chunk)) == expected


def test_one_flow_does_not_change_what_is_found_in_another() -> None:
    conversations: list[tuple[Ends, list[Sent]]] = []
    expected: list[list[str]] = []
    for i, (_, names, sents, opening) in enumerate(CASES):
        start = opening[-1].at_ns if opening else 0
        moved = [replace(each, at_ns=each.at_ns + start) for each in sents]
        later = 10_000 * MS * i
        whole = [replace(each, at_ns=each.at_ns + later) for each in [*opening, *moved]]
        conversations.append((Ends(40000 + i, 1000, 5000), whole))
        expected.append([name for name, _ in names])
    # What waits for the capture's end waits longer in this one.
    cases = [case[0] for case in CASES]
    expected[cases.index("a SYN at the capture's end")] = ["syn_unanswered"]
    chunk = captured(conversations)
    source = Held([(0, decode(chunk), chunk)])
    every = find(segments_of(source, source.flows), BEYOND)
    for number, kinds_of_it in enumerate(expected):
        assert [each.kind for each in every.where(flow=number)] == kinds_of_it, cases[number]
        alone = find(segments_of(source, source.flows, number), BEYOND)
        assert list(alone) == list(every.where(flow=number))


# --- what they say ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a SYN sent again", "port 80, though sent 2 times within 1.000 s: a firewall"),
        ("a RST for each SYN", "to port 80 with a RST 1.0 ms after the SYN"),
        ("a RST for each SYN", "tried once more"),
        ("a server that thinks", "320.0 ms after the request ended (packet 3): 300.0 ms of it at"),
        ("acknowledged at once", "280.0 ms of it at the server, 20.0 ms on the network"),
        ("acknowledged late", "280.0 ms of it at the server, 20.0 ms on the network"),
        (
            "acknowledged late, under way",
            "at least 257.0 ms of it at the server, at most 43.0 ms on the network",
        ),
        ("acknowledged late and soon, under way", "296.0 ms of it at the server, 4.0 ms on"),
        (
            "a long way, seen from its end",
            "begins 10.0 ms after the request ended (packet 3): 10.0 ms of it at the server, "
            "0.0 µs on the network, and 600.0 ms more on the way to the client",
        ),
        ("a request that was lost", "sent again 1 time"),
        ("two small ones", "100 bytes (packet 3), which takes 60.0 ms"),
        ("large ones lost", "1,448 bytes from 1 3 times in vain, while its segments with up to"),
        ("large ones lost", "no ICMP error that says so was captured"),
        (
            "one that does not close",
            "own side for 1.080 s behind its acknowledgment (packet 4), up to the FIN",
        ),
        ("a RST behind data", "aborts the connection with a RST, 20.0 ms after packet 3"),
        ("a RST behind data", "with SO_LINGER 0 (100 bytes had come for it)"),
        ("a RST that answers", "The server answers packet 3 with a RST 20.0 ms later: it knows no"),
        (
            "a RST behind its own FIN",
            "answers packet 4 with a RST 10.0 ms later: it had closed (pa",
        ),
        (
            "a RST of a connection under way",
            "RST is all that the capture has of this connection by its end: its program",
        ),
        ("a forged RST", "RST,ACK has TTL 61, but 1 segment of its others 64"),
        ("another route, and back", "2 segments of the client come with TTL 63"),
    ],
)
def test_each_says_its_numbers(name: str, said: str) -> None:
    sents, opening = next(case[2:] for case in CASES if case[0] == name)
    findings = after(*sents, opening=opening)
    assert any(said in finding.text for finding in findings)
    for finding in findings:
        assert len(finding.text) < 240
        assert finding.text.count(". ") == 0


# --- with ICMP --------------------------------------------------------------------------------


def icmp(quoted: bytes, kind: int, code: int, rest: bytes) -> bytes:
    """An error of a router to the client about a frame of it."""
    message = bytes([kind, code, 0, 0]) + rest + quoted[14 : 14 + 28]
    addresses = bytes([10, 0, 0, 254, 10, 0, 0, 1])
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(message), 0, 0, 64, 1, 0) + addresses
    return bytes(12) + b"\x08\x00" + ip + message


def with_error(sents: list[Sent], at: int, kind: int, code: int, rest: bytes) -> list[Finding]:
    """The findings where an ICMP error about one segment follows it."""
    frames = [WHO.frame(sent) for sent in sents]
    times = [sent.at_ns for sent in sents]
    frames.insert(at + 1, icmp(frames[at], kind, code, rest))
    times.insert(at + 1, times[at])
    chunk = chunk_of(frames)
    return found(replace(chunk, time_ns=START_NS + np.array(times, np.int64)))


def test_a_router_that_says_why_is_named() -> None:
    (finding,) = with_error(syns(0, 1000, 3000), 0, 3, 1, bytes(4))
    assert kinds([finding]) == [("syn_unanswered", 0)]
    assert "packet 1 says why, ICMP host unreachable" in finding.text


def test_an_error_about_what_was_never_sent_says_nothing() -> None:
    frames = [WHO.frame(sent) for sent in syns(0, 1000, 3000)]
    times = [sent.at_ns for sent in syns(0, 1000, 3000)]
    forged = icmp(WHO.frame(replace(syns(0)[0], seq=70_000)), 3, 1, bytes(4))
    chunk = chunk_of([*frames, forged])
    times = START_NS + np.array([*times, times[-1]], np.int64)
    (finding,) = found(replace(chunk, time_ns=times))
    assert "a firewall drops it" in finding.text


def test_a_path_mtu_that_is_not_heeded() -> None:
    sents = [*opened(), c(20, 1, size=1448), c(240, 1, size=1448), c(640, 1, size=1448)]
    assert found(captured([(WHO, sents)])) == []  # nobody is heard: the host may be gone
    (finding,) = with_error(sents, 3, 3, 4, bytes([0, 0, 5, 120]))
    assert kinds([finding]) == [("mtu_black_hole", 5)]
    assert "packet 4 says so (ICMP fragmentation needed, MTU 1,400)" in finding.text
    # Not about TCP, though with the same addresses and ports.
    quoted = bytearray(WHO.frame(sents[3]))
    quoted[23] = 17
    udp = icmp(bytes(quoted), 3, 4, bytes([0, 0, 5, 120]))
    assert found(chunk_of([*(WHO.frame(sent) for sent in sents), udp])) == []
    # An error about a segment of another connection says nothing of this one.
    other = icmp(Ends(40001, 1000, 5000).frame(sents[3]), 3, 4, bytes([0, 0, 5, 120]))
    chunk = chunk_of([*(WHO.frame(sent) for sent in sents), other])
    assert found(chunk) == []


def test_icmp_that_is_damaged_says_nothing() -> None:
    sents = syns(0, 1000, 3000)
    whole = icmp(WHO.frame(sents[0]), 3, 1, bytes(4))
    for size in range(15, len(whole) - 4):  # the ports are there, but for a byte
        frames = [whole[:size], *(WHO.frame(sent) for sent in sents)]
        chunk = chunk_of(frames)
        times = START_NS + np.array([0, *(sent.at_ns for sent in sents)], np.int64)
        (finding,) = found(replace(chunk, time_ns=times))
        assert finding.kind == "syn_unanswered"
        assert "a firewall drops it" in finding.text


# --- sizes and checksums ----------------------------------------------------------------------


def filled(frame: bytes) -> bytes:
    """The frame with its TCP checksum."""
    start = 34
    pseudo = frame[26:34] + bytes([0, 6]) + (len(frame) - start).to_bytes(2)
    whole = pseudo + frame[start:] + bytes(len(frame) % 2)
    total = sum(struct.unpack(f">{len(whole) // 2}H", whole))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return frame[: start + 16] + (~total & 0xFFFF).to_bytes(2) + frame[start + 18 :]


def received(sents: list[Sent], damaged: int) -> Chunk:
    frames = [filled(WHO.frame(sent)) for sent in sents]
    frames[damaged] = frames[damaged][:-1] + b"?"
    chunk = chunk_of(frames)
    times = START_NS + np.array([sent.at_ns for sent in sents], np.int64)
    return replace(chunk, time_ns=times, direction=np.full(len(frames), INCOMING, np.uint8))


AGAIN = [*opened(), s(30, 1, size=100), s(260, 1, size=100)]


def test_data_that_arrived_damaged_and_came_again() -> None:
    (finding,) = found(received(AGAIN, 3))
    assert (finding.kind, finding.packet, finding.severity) == ("checksum_wrong", 3, "error")
    assert "100 bytes from 1 of the server arrived damaged" in finding.text
    assert found(received(AGAIN, 4)) == []  # it did not come again: nothing discarded it


def test_a_checksum_proves_nothing_where_nothing_says_that_it_was_received() -> None:
    chunk = received(AGAIN, 3)
    assert found(replace(chunk, direction=np.zeros(len(chunk), np.uint8))) == []


def test_large_segments_are_named_once_for_each_side() -> None:
    sents = [*opened(), *(c(30 + i, 1 + 20_000 * i, size=20_000) for i in range(3))]
    sents += [s(40, 1, 60_001), s(41, 1, 60_001, size=1460), s(42, 1461, 60_001, size=9_500)]
    findings = found(captured([(WHO, sents)]))
    assert kinds(findings) == [("offloaded", 3), ("offloaded", 8)]
    assert "3 segments of the client are larger than any on the wire" in findings[0].text
    assert "1 segment of the server is larger" in findings[1].text
    assert findings[0].severity == "chat"


def test_large_segments_of_the_loopback_interface_are_its_own() -> None:
    frames = [segment(payload=bytes(20_000), seq=1 + 20_000 * i) for i in range(3)]
    assert kinds(found(chunk_of(frames))) == [("offloaded", 0)]
    assert found(chunk_of([bytes(12) + frame[12:] for frame in frames])) == []


def test_every_kind_fires_somewhere() -> None:
    fired = {name for case in CASES for name, _ in case[1]} | {"offloaded", "checksum_wrong"}
    assert fired == {rule.kind for rule in BEYOND}
    assert not fired & {rule.kind for rule in ANALYSIS}


def test_texts_do_not_ask_for_the_flow_table_again_and_again() -> None:
    class Asked(Held):
        times = 0

        @property
        def flows(self) -> FlowColumns:
            self.times += 1
            return super().flows

    flows = [(Ends(5000 + i, 9, 9), [c(i, 0, 0, flags=SYN)]) for i in range(20)]
    flows += [
        (Ends(6000 + i, 9, 9), [c(i, 0, 0, flags=SYN), s(i + 1, 0, 1, flags=RST | ACK)])
        for i in range(20)
    ]
    chunk = captured([*flows, (Ends(7000, 9, 9), [c(5000, 0, 0, flags=SYN)])])
    source = Asked([(0, decode(chunk), chunk)])
    findings = find(segments_of(source, source.flows), BEYOND)
    before = source.times
    kinds = [finding.kind for finding in findings]
    assert sorted(kinds) == ["connection_refused"] * 20 + ["syn_unanswered"] * 20
    assert source.times - before <= 2
