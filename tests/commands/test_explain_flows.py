"""``explain`` of conversations, findings, and packets in them: each number from the capture."""

from __future__ import annotations

import ipaddress
import pickle
import re
import struct
from dataclasses import replace

import numpy as np
import pytest
from frames import chunk_of, segment

from netshell import explain
from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.catalogue import entries, has, source
from netshell.catalogue import text as says
from netshell.commands.explain.flows import _ms as in_words
from netshell.errors import BadArgument
from netshell.flow.ending import PHRASES
from netshell.flow.findings import FINDINGS
from netshell.flow.flow import Flow
from netshell.flow.key import Endpoint
from netshell.flow.kinds import KINDS, kind_of
from netshell.packet.chunk import Chunk
from netshell.packet.packet import Packet
from netshell.packet.table import decode
from netshell.view import draw
from tests.flow.findings.conversations import Ends, Sent, captured
from tests.flow.findings.test_beyond import ACK, CASES, FIN, PSH, RST, SYN, WHO, c, opened, s


def as_capture(chunk: Chunk) -> Capture:
    cap = Capture(Store())
    cap.add(chunk)
    cap._store.end()
    return cap


def made(name: str) -> Capture:
    """The capture of a case of the findings' tests."""
    sents, opening = next(case[2:] for case in CASES if case[0] == name)
    start = opening[-1].at_ns if opening else 0
    return as_capture(
        captured([(WHO, [*opening, *(replace(each, at_ns=each.at_ns + start) for each in sents)])])
    )


TALK = [
    *opened(),
    c(30, 1, size=100, flags=PSH | ACK),
    s(50, 1, 101),
    s(430, 1, 101, size=1000, flags=PSH | ACK),
    c(430.1, 101, 1001),
    c(640, 1, 1001, size=100),  # again, though acknowledged
    s(660, 1001, 101),
    c(700, 101, 1001, flags=FIN | ACK),
    s(720, 1001, 102, flags=FIN | ACK),
    c(720.1, 102, 1002),
]


@pytest.fixture(scope="module")
def cap() -> Capture:
    return as_capture(captured([(WHO, TALK)]))


def test_a_conversation_is_told_from_its_opening_to_its_end(cap: Capture) -> None:
    explanation = explain(cap.flows[0])
    text = "\n".join(explanation.lines)
    for said in (
        "10.0.0.1:40000 talked to 10.0.0.2:80 over tcp for 720.1 ms, from 2023-11-14",
        "Handshake: complete in 20.0 ms (server 20.0 ms, client 0.0 µs)",
        "Largest segments: the client takes 1,460 bytes (MSS), the server 1,460.",
        "The client sent 100 bytes, 139 bytes/s over the whole time; 100 bytes were sent again.",
        "It acknowledged what it got after 20.0 ms.",
        "spurious_retransmission (note), packet 7: The client sends 100 bytes from 1",
        "slow_server (note), packet 5: The answer begins 400.0 ms after the request ended (packet "
        "3): 380.0 ms of it at the server, 20.0 ms on the network",
        "Also: duplicate_ack (1). (Packets count from 0: Wireshark's frame is one more.)",
        "Its end: FIN by client, 3 segments in 20.1 ms.",
        "To do (slow_server): Look at the server",
    ):
        assert said in text, text
    assert ", packet 7: The client sends 100 bytes from 1 again, 610" not in text  # told above
    assert explanation.kind == "flow"
    assert explanation.json()


def test_no_wall_of_text(cap: Capture) -> None:
    for each in (cap.flows[0], cap.findings[0], *cap):
        shown = draw(explain(each).view(), 80)
        assert len(shown.splitlines()) < 34
    assert len(explain(cap.flows[0]).lines) <= 14


@pytest.mark.parametrize("case", [case[0] for case in CASES])
def test_every_conversation_and_packet_of_the_findings_is_explained(case: str) -> None:
    cap = made(case)
    for flow in cap.flows:
        text = str(explain(flow))
        assert "To do" in text
        for kind in {each.kind for each in flow.findings if each.severity != "chat"}:
            assert kind in text
        assert explain(flow.handshake).kind == "handshake"
        assert explain(flow.teardown).kind == "teardown"
    for packet in cap:
        text = str(explain(packet))
        assert f"Packet {packet.index} (Wireshark's frame {packet.index + 1}) of flow 0" in text
        for finding in cap.findings.where(packet=packet.index):
            assert finding.text in text


def test_nothing_is_to_be_done_where_nothing_went_wrong() -> None:
    closing = [c(60, 101, flags=FIN | ACK), s(80, 1, 102, flags=FIN | ACK), c(80.1, 102, 2)]
    cap = as_capture(captured([(WHO, [*TALK[:5], *closing])]))
    text = str(explain(cap.flows[0]))
    assert "Nothing went wrong, as far as the capture shows." in text
    assert "To do: nothing." in text


RESET = [*opened(), c(30, 1, size=107, flags=PSH | ACK), s(50, 1, 108, flags=RST | ACK)]
FAILED = [
    ("refused", [*opened()[:1], s(1, 0, 1, flags=RST | ACK)], "connection_refused"),
    ("refused in doubt", [*opened()[:1], s(1, 0, 77, flags=RST | ACK)], "ack_lost_segment"),
    ("scan", [*opened()[:2], c(20.1, 1, flags=RST)], "a RST cut the handshake off"),
    ("given up", [*opened()[:1], c(1, 1, flags=RST)], "a RST cut the handshake off"),
    ("unfinished", opened()[:2], "The connection did not come about, as far"),
    ("no answer yet", opened()[:1], "No answer was captured; the capture ends 0.0 µs behind"),
    ("aborted", RESET, "connection_reset (warn), packet 4: The server aborts the connection"),
    (
        "under way",
        [s(0, 1, 1, flags=RST | ACK)],
        "let an idle connection go; this alone does not show which",
    ),
    ("stray", [*RESET[:4], s(50, 1, flags=RST)], "answers packet 3 with a RST"),
    ("unheard", [*RESET[:3], c(30, 1, flags=FIN | ACK)], "The close was not acknowledged."),
]


@pytest.mark.parametrize(
    ("sents", "said"), [case[1:] for case in FAILED], ids=[case[0] for case in FAILED]
)
def test_what_failed_is_never_called_well(sents: list[Sent], said: str) -> None:
    text = str(explain(as_capture(captured([(WHO, sents)])).flows[0]))
    assert said in text
    assert "Nothing went wrong" not in text
    assert "To do: nothing." not in text


def test_a_syn_that_came_to_nothing_says_if_its_checksum_is_wrong() -> None:
    damaged = bytearray(WHO.frame(opened()[0]))
    damaged[50:52] = b"\0\1"
    text = str(explain(as_capture(chunk_of([bytes(damaged)])).flows[0]))
    assert "The checksum of packet 0 does not add up" in text
    assert "too soon to say" in text
    assert "firewall" not in text.partition("To do")[0]


def told(*sents: Sent) -> str:
    return str(explain(as_capture(captured([(WHO, list(sents))])).flows[0]))


def test_what_the_capture_has_twice_is_not_called_lost() -> None:
    syn = opened()[0]
    copy = replace(syn, at_ns=syn.at_ns + 16_000, ttl=syn.ttl - 1)
    rest = [replace(each, at_ns=each.at_ns + 100_000) for each in opened()[1:]]
    again = replace(rest[-1], at_ns=rest[-1].at_ns + 12_000)
    text = told(syn, copy, *rest, again)
    assert "The client's SYN a second time, 16.0 µs after packet 0 with TTL 63 for 64: cap" in text
    assert "acknowledges 1 again, 12.0 µs after packet 3: captured twice" in text
    assert "lost" not in text
    assert "To do: nothing." in text


def test_a_fin_repeated_before_an_answer_could_come_shows_no_loss() -> None:
    closing = [
        *[c(30, 1, flags=FIN | ACK), s(31, 1, 1, flags=FIN | ACK), c(32.2, 1, 2, flags=FIN | ACK)],
        *[s(50, 2, 2), c(51, 2, 2), c(52, 2, 2)],
    ]
    text = told(*opened(), *closing)
    assert "again, with a newer acknowledgment, 2.2 ms after packet 3: sooner than a round" in text
    assert "that is all that the capture has of the server by then" in text
    assert "seems lost" not in text
    assert "To do: nothing." in text


def test_an_answer_to_an_earlier_connection_is_not_missed_by_the_capture() -> None:
    text = told(replace(c(0, 0, flags=SYN), ack=0), s(1, 0, 5, flags=SYN | ACK), c(2, 5, flags=RST))
    assert "which the client's SYN did not send" in text
    assert "the capture does not have" not in text and "port scan" not in text
    assert "drops" not in text


@pytest.mark.parametrize("flags", [0, FIN, FIN | PSH | 32, SYN | FIN, SYN | RST])
def test_flags_that_no_tcp_sends_are_named(flags: int) -> None:
    text = told(c(0, 1, flags=flags))
    assert "Packet 0 has flags that no TCP sends together" in text
    assert "Nothing went wrong" not in text


@pytest.mark.parametrize("flags", [SYN, ACK, RST, FIN | ACK, RST | ACK, SYN | ACK])
def test_usual_flags_are_not_called_strange(flags: int) -> None:
    assert "no TCP sends" not in told(c(0, 1, flags=flags))


def frame_of(source: tuple[bytes, int], target: tuple[bytes, int], flags: int, ack: int) -> bytes:
    """A SYN without options, of IPv4 or IPv6."""
    tcp = struct.pack(">HHIIBBHHH", source[1], target[1], 0, ack, 5 << 4, flags, 1000, 0, 0)
    addresses = source[0] + target[0]
    if len(addresses) == 8:
        head = struct.pack(">BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0)
        return bytes(12) + b"\x08\x00" + head + addresses + tcp
    return bytes(12) + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, 20, 6, 64) + addresses + tcp


@pytest.mark.parametrize(("family", "size"), [("10.0.0.", "536"), ("2001:db8::", "1,220")])
def test_the_mss_of_who_names_none_is_that_of_the_ip_version(family: str, size: str) -> None:
    ends = [
        (ipaddress.ip_address(f"{family}{i}").packed, port) for i, port in ((1, 40000), (2, 80))
    ]
    frames = [frame_of(*ends, SYN, 0), frame_of(*reversed(ends), SYN | ACK, 1)]
    text = str(explain(as_capture(chunk_of(frames)).flows[0]))
    assert (
        f"the client takes {size} (its SYN names none), the server {size} (its SYN names none)"
        in text
    )


def test_who_talks_to_itself_on_one_port_has_no_sides() -> None:
    end = ("10.0.0.1", 80)
    frames = [
        segment(*end, *end, flags=flags, seq=seq, ack=1, payload=data)
        for flags, seq, data in (
            (SYN, 0, b""),
            (SYN | ACK, 0, b""),
            (ACK, 1, b"hi"),
            (ACK, 1, b"hi"),
        )
    ]
    text = str(explain(as_capture(chunk_of(frames)).flows[0]))
    assert "no packet tells which of them sent it" in text
    assert "sent no data" not in text and "retransmission" not in text


def test_what_has_no_first_try_is_not_sent_again() -> None:
    text = told(opened()[0], c(290, 0, 0, flags=FIN | ACK))
    assert "FIN starts below what it had sent before, and the capture has no first try" in text


def test_keep_alives_of_an_older_connection_miss_nothing() -> None:
    text = told(c(0, 7, 5), s(18, 5, 8))
    assert "one number more than packet 0 has" in text
    assert "cap.stats" not in text
    assert "To do: nothing." in text
    lost = told(c(0, 7, 5), s(18, 5, 9))
    assert "the capture does not have all of that" in lost
    assert "To do (ack_lost_segment): Look at cap.stats" in lost


def test_the_advice_names_only_what_was_listed() -> None:
    found, data = opened(), c(30, 1, size=10)
    text = told(*found, data, c(300, 5001, size=10))
    assert "lost_segment (warn), packet 4" in text
    assert "To do (lost_segment)" in text
    assert "ack_lost" not in text


@pytest.mark.parametrize(
    ("ms", "text"),
    [(8812.4, "8.812 s"), (133.04, "133.0 ms"), (0.1671, "167.1 µs"), (999.96, "1.000 s"),
     (12_345, "12.345 s"), (1_234_567, "1,234.567 s"), (0, "0.0 µs"), (0.00001, "0.0 µs")],
)  # fmt: skip
def test_times_are_short(ms: float, text: str) -> None:
    assert in_words(ms) == text


def test_slow_talk_has_its_units() -> None:
    text = told(*opened(), c(30, 1, size=1), s(8842.4, 1, 2, size=9), c(11000, 2, 10))
    assert "less than 1 byte/s over" in text
    assert "1 byte/s over the whole time" in text
    assert "The answer begins 8.812 s after the request ended" in text
    assert "behind the request" not in text  # nothing says it again
    assert "e+" not in text


@pytest.mark.parametrize("phrase", [phrase for phrase in PHRASES if phrase])
def test_every_ending_is_explained_by_its_words(phrase: str) -> None:
    for text in (phrase, f" {phrase.upper()} "):
        explanation = explain(text)
        assert (explanation.kind, explanation.subject) == ("ending", phrase)
    with pytest.raises(BadArgument):
        explain(f"{phrase} of all")


def test_an_ending_says_what_it_means() -> None:
    assert "no connection there knows it" in str(explain("RST by server: unknown there"))
    assert "closed with data unread" in str(explain("RST by client: aborted"))
    assert "nothing came back" in str(explain("timeout: server silent"))
    assert "SYNs of one side" in str(explain("no answer"))
    assert "Both sides closed, in order" in str(explain("FIN by client"))
    assert "Neither side had closed" in str(explain("still open"))


def test_a_syn_sent_again_needs_no_advice_of_its_own() -> None:
    text = str(explain(made("a SYN sent again").flows[0]))
    assert "To do (syn_unanswered)" in text
    assert "To do (retransmission)" not in text
    assert "No data went either way." in text


def test_a_packet_says_what_it_does_in_its_conversation(cap: Capture) -> None:
    syn, data = str(explain(cap[0])), str(explain(cap[3]))
    assert "Packet 0 (Wireshark's frame 1) of flow 0, 1st of its 12, from the client." in syn
    assert "The client is SYN_SENT now" in syn
    assert "from the client, 10.0 ms behind the one before (packet 2)." in data
    assert "carries 100 bytes, 1 to 100 of what its side sends; packet 4 acknowledges them" in data
    assert "20.0 ms later" in data
    assert "It acknowledges 1,000 bytes more, up to 1,000." in str(explain(cap[6]))
    assert "was ESTABLISHED" in str(explain(cap[9]))
    finding = cap.findings.where(kind="slow_server")[0]
    assert finding.text in str(explain(cap[finding.packet]))


def test_chosen_packets_are_told_among_themselves(cap: Capture) -> None:
    part = cap.filter("src host 10.0.0.2")
    assert "Packet 0 (Wireshark's frame 1) of flow 0, 1st of its 5, from the server" in str(
        explain(part[0])
    )


def test_packets_and_flows_made_by_hand_have_less_to_say() -> None:
    chunk = chunk_of([WHO.frame(TALK[0])])
    alone = Packet(0, decode(chunk), 0, chunk.frame(0))
    assert "of flow" not in str(explain(alone))
    assert "SYN" in str(explain(alone))
    flow = Flow(
        number=0, proto="tcp", client=Endpoint("192.0.2.1", 4), server=Endpoint("192.0.2.2", 5),
        known_by="SYN", client_packets=1, server_packets=2, client_bytes=60, server_bytes=130,
        start_ns=0, duration_s=0.5, client_flags=None, server_flags=None, handshake_rtt_ms=None,
        server_rtt_ms=None, client_rtt_ms=None,
    )  # fmt: skip
    assert "sent      1 packet, 60 bytes" in repr(flow)
    assert "It sent 1 packet (60 bytes) and received 2 packets (130 bytes)." in str(explain(flow))


def test_other_protocols_have_no_handshake() -> None:
    udp = bytearray(WHO.frame(c(0, 1, size=30)))
    udp[23] = 17
    cap = as_capture(chunk_of([bytes(udp)]))
    text = str(explain(cap.flows[0]))
    assert "over udp" in text
    assert "UDP opens and closes nothing" in text
    assert "Packet 0 (Wireshark's frame 1) of flow 0, 1st of its 1" in str(explain(cap[0]))
    arp = as_capture(chunk_of([bytes(12) + b"\x08\x06" + bytes(28)]))
    assert "of flow" not in str(explain(arp[0]))


# --- findings ---------------------------------------------------------------------------------


def test_a_finding_says_why_here_and_what_to_do(cap: Capture) -> None:
    finding = cap.findings.where(kind="slow_server")[0]
    explanation = explain(finding)
    assert explanation.subject == "slow_server (note)"
    assert explanation.lines[0] == f"Here, packet 5 (Wireshark's frame 6) of flow 0: {finding.text}"
    assert any(line.startswith("To do: ") for line in explanation.lines)
    assert any(line.startswith("May mislead: ") for line in explanation.lines)
    assert explanation.source
    with pytest.raises(BadArgument, match="give one of its findings"):
        explain(cap.findings)


def test_a_finding_knows_those_like_it() -> None:
    again = [replace(TALK[3], at_ns=TALK[3].at_ns + at * 1_000_000) for at in (300, 900)]
    cap = as_capture(captured([(WHO, [*TALK[:4], *again]), (Ends(40001, 7, 9), TALK)]))
    findings = cap.findings.where(kind="retransmission", flow=0)
    said = "It is one of 2 of its kind among the 6 segments of that conversation (33.3 %)"
    assert f"{said}, and the first." in explain(findings[0]).lines
    assert f"{said}; the first is packet {findings[0].packet}." in explain(findings[1]).lines
    assert explain(findings[1:][0]).lines == explain(findings[1]).lines
    unpickled = pickle.loads(pickle.dumps(findings[1]))
    assert unpickled == findings[1]
    assert unpickled.alike is None
    assert not any("of its kind" in line for line in explain(unpickled).lines)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_explained_by_its_name(kind: str) -> None:
    for text in (kind, kind.replace("_", " "), f"tcp.analysis.{kind}"):
        assert says(f"finding.{kind}.what") in str(explain(text)) or kind == "close_wait"
    assert says(f"finding.{kind}.what") in str(explain(f"finding {kind}"))
    for part in ("what", "act", "misleads"):
        said = says(f"finding.{kind}.{part}") if has(f"finding.{kind}.{part}") else ""
        assert not said or said.endswith(".")
        assert len(said) < 240
    assert re.search(r"RFC|Linux", source(f"finding.{kind}"))


def test_there_is_a_meaning_for_each_kind_and_no_other() -> None:
    kinds = {rule.kind for rule in FINDINGS}
    assert set(KINDS) == kinds
    assert {key.partition(".")[0] for key in entries("finding", "en")} == kinds


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Duplicate ACK", "duplicate_ack"),
        ("dup ack", "duplicate_ack"),
        ("retransmissions", "retransmission"),
        ("Zero-Window", "zero_window"),
        ("tcp.analysis.keep_alive", "keep_alive"),
        ("black hole", "mtu_black_hole"),
        ("retrans", None),
        ("", None),
    ],
)
def test_kinds_go_by_several_names(text: str, kind: str | None) -> None:
    assert kind_of(text) == kind
    if kind:
        assert explain(text).subject.startswith(kind)


def test_names_that_were_known_before_mean_what_they_meant() -> None:
    assert explain("CLOSE_WAIT").kind == "state"
    assert explain("close_wait").kind == "state"
    assert explain("keepalive").kind == "timer"


# --- opening and closing ----------------------------------------------------------------------


def test_a_handshake_and_a_teardown_are_explained(cap: Capture) -> None:
    opening, closing = str(explain(cap.flows[0].handshake)), str(explain(cap.flows[0].teardown))
    assert "to the server and back took 20.0 ms, to the client 0.0 µs" in opening
    assert "nearer to the client" in opening
    assert "The client offers MSS 1460." in opening
    assert "FIN by client, 3 segments in 20.1 ms." in closing
    assert "TIME_WAIT" in closing
    unanswered = str(explain(made("a SYN sent again").flows[0].handshake))
    assert "sent again 1.0 s after the first" in unanswered
    assert "a firewall drops" in unanswered


def test_numbers_near_the_end_of_the_number_space_change_nothing() -> None:
    plain = explain(as_capture(captured([(WHO, TALK)])).flows[0])
    for first in (2**32 - 1, 2**32 - 50, 2**32 - 500):
        wrapped = as_capture(captured([(Ends(40000, first, first), TALK)]))
        assert explain(wrapped.flows[0]) == plain
        assert np.array_equal(wrapped.flows[0].numbers, np.arange(len(TALK)))
