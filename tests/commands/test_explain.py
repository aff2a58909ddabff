"""``explain``: what is taken for what, and what is said of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from frames import chunk_of, segment
from scapy.layers.inet import TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from unfilled import FOUR, MACS, unfilled

from netshell import explain
from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.commands.conns import Sockets
from netshell.commands.explain.segments import setting
from netshell.errors import BadArgument
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.interfaces import FLAGS, Interface
from netshell.host.links import _LINK_FLAGS
from netshell.host.routes import Kind, Route
from netshell.host.sockets import TIMERS, Socket, Timer
from netshell.host.tcp_info import TcpInfo
from netshell.lookup.answer import Answer, Question, Record
from netshell.lookup.status import FLAG, NEXT_STEP, STATUS
from netshell.packet.chunk import INCOMING, OUTGOING, UNKNOWN
from netshell.packet.packet import Packet
from netshell.packet.table import decode
from netshell.packet.tcp import Flags


@pytest.mark.parametrize(
    ("x", "kind", "subject"),
    [
        ("CLOSE_WAIT", "state", "CLOSE_WAIT"),
        ("fin-wait-2", "state", "FIN_WAIT_2"),
        (State.LAST_ACK, "state", "LAST_ACK"),
        ("SYN,ACK", "flags", "SYN,ACK (S. in tcpdump)"),
        ("PA", "flags", "PSH,ACK (P. in tcpdump)"),
        ("0x12", "flags", "SYN,ACK (S. in tcpdump)"),
        (Flags.RST, "flags", "RST (R in tcpdump)"),
        (Flags(0), "flags", "none"),
        (54, "ttl", "TTL 54"),
        (0x12, "ttl", "TTL 18"),
        ("54", "ttl", "TTL 54"),
        ("ttl 54", "ttl", "TTL 54"),
        ("TTL=54", "ttl", "TTL 54"),
        ("hop limit 64", "ttl", "TTL 64"),
        (np.uint8(54), "ttl", "TTL 54"),
    ],
)
def test_what_is_taken_for_what(x: object, kind: str, subject: str) -> None:
    explanation = explain(x)
    assert (explanation.kind, explanation.subject) == (kind, subject)
    assert 1 <= len(explanation.lines) <= 6
    assert explanation.source
    assert subject in str(explanation)
    assert explanation.json()


def test_every_value_of_a_byte_is_explained() -> None:
    for value in range(256):
        assert 1 <= len(explain(value).lines) <= 5
        assert len(explain(f"{value:#x}").lines) <= 9


@pytest.mark.parametrize(
    "x",
    [
        *("", "x", "none", "ttl 256", "-1", "\x1b[31m", "\ud800", "٥٤", "port 65536"),
        *(65536, -1, 3.5, True, None, b"S", [], {}),
        pytest.param(10**5000, id="huge"),
        pytest.param("S" + "\u202e" * 500, id="long"),
    ],
)
def test_what_cannot_be_explained_says_what_can(x: object) -> None:
    with pytest.raises(BadArgument) as caught:
        explain(x)
    line = str(caught.value)
    assert line.isprintable()
    assert len(line) < 320
    assert "0x12" in line


def test_the_state_that_does_not_exist_is_named() -> None:
    with pytest.raises(BadArgument, match="LAST_ACK is meant"):
        explain("last_wait")


@pytest.mark.parametrize(
    ("ttl", "said"),
    [
        (57, "started at 64 (Linux, Android, macOS, iOS, BSD): 7 routers passed"),
        (127, "started at 128 (Windows): 1 router passed"),
        (64, "no router passed"),
        (250, "5 routers passed"),
        (180, "Unsure: more than 30 routers"),
        (30, "from 64 it would be 34"),
        (1, "time exceeded"),
        (0, "Nothing may be sent"),
        (18, "As flags 0x12 would be SYN,ACK"),
    ],
)
def test_ttls(ttl: int, said: str) -> None:
    assert said in str(explain(ttl))


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("S.", "whether or not its program has called accept()"),
        ("F.", "four segments, or three"),
        ("R.", "nothing listens on that port"),
        ("R.", "data unread"),
        (Flags(0), "null scan"),
        ("SEW", "offers ECN"),
        ("FPU", "Christmas"),
    ],
)
def test_flags(flags: str | Flags, said: str) -> None:
    assert said in str(explain(flags))


def test_in_a_syn_the_ecn_flags_say_nothing_of_congestion() -> None:
    assert "congestion" not in str(explain("SEW"))
    assert "congestion" in str(explain(".E"))


def test_a_state_names_this_machines_settings() -> None:
    value = setting("tcp_fin_timeout")
    if value is None:
        pytest.skip("no Linux settings here")
    assert value == int(Path("/proc/sys/net/ipv4/tcp_fin_timeout").read_text())
    assert f"On this machine: tcp_fin_timeout {value}" in str(explain("FIN_WAIT_2"))
    assert setting("no_such_setting") is None


def test_a_socket_is_explained_with_its_own_numbers() -> None:
    socket = Socket(
        proto="tcp",
        local=Endpoint("192.0.2.1", 80),
        remote=Endpoint("192.0.2.2", 40000),
        state=State.CLOSE_WAIT,
        pid=12,
        process="evil\x1b[31m",
        user="www",
        recv_q=7,
        send_q=9,
        timer=Timer("on", 204, 3),
        inode=5,
    )
    text = str(explain(socket))
    assert "\x1b" not in text
    assert "pid 12 of user www" in text
    assert "recv-q 7: so many bytes arrived that the program has not read" in text
    assert "send-q 9: so many bytes are not acknowledged" in text
    assert "on 204 ms, 3 retries" in text
    assert "has not closed the socket yet" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": State.TIME_WAIT}, "the kernel does what is left"),
        ({"state": State.ESTABLISHED, "inode": 3}, "look again as root"),
        ({"state": State.ESTABLISHED}, "none that this user may see"),
        ({"state": State.LISTEN, "recv_q": 5, "send_q": 4}, "full, new connections are dropped"),
        (
            {"state": State.LISTEN, "recv_q": 1, "send_q": 4},
            "Waiting 1, backlog 4: 1 connection waits for accept(), 4 may.",
        ),
        ({"state": State.LISTEN, "recv_q": None, "send_q": None}, "waits for connections"),
        ({"state": "", "proto": "udp"}, "UDP has no states"),
        ({"state": State.ESTABLISHED, "proto": "udp"}, "UDP has no states"),
    ],
)
def test_sockets_of_every_kind(changes: dict[str, object], said: str) -> None:
    ends = {"local": Endpoint("192.0.2.1", 80), "remote": Endpoint("*", 0)}
    assert said in str(explain(Socket(**{"proto": "tcp", **ends, **changes})))  # type: ignore[arg-type]


def test_a_sockets_measurements_are_told() -> None:
    ends = {"local": Endpoint("192.0.2.1", 80), "remote": Endpoint("192.0.2.2", 40000)}
    info = TcpInfo.decode(bytes(280))
    assert info is not None
    info = replace(
        info, rtt_ms=1.5, rttvar_ms=0.25, rto_ms=204.0, cwnd=10, mss=1448, retransmits=3,
        total_retrans=9,
    )  # fmt: skip
    text = str(explain(Socket("tcp", **ends, state=State.ESTABLISHED, tcp_info=info)))
    assert "Round trip: 1.5 ms, varies by 0.25 ms" in text
    assert "waited for 204 ms" in text
    assert "Sent again: 3 of the segment that waits now, 9 segments since the start." in text
    assert "Congestion window: 10 segments of 1448 bytes, so at most 14480 bytes" in text
    assert "recv-q 0, send-q 0" in text


def test_a_listeners_words_are_those_of_the_table() -> None:
    columns = {column.name for column in Sockets.heads}
    assert {"waiting", "backlog", "recv-q", "send-q"} <= columns
    text = str(explain("LISTEN"))
    assert "waiting = connections that wait for accept(), backlog = " in text
    assert "queue" not in text + str(explain("ESTABLISHED")) + str(explain("FIN_WAIT_1"))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("NXDOMAIN", "it has no record of any type"),
        ("nxdomain", "does not exist"),
        ("SERVFAIL", "cd=True"),
        ("REFUSED", "does not want to answer"),
        ("NODATA", "has no record of the type asked for"),
        ("NOERROR", "NODATA"),
        ("ttl", "how many routers"),
        ("hop limit", "how many routers"),
        ("ra", "asks others for you"),
        ("rd", "asked the server to ask others"),
        ("LOWER_UP", "The link carries"),
        ("lower-up", "The link carries"),
        ("blackhole", "dropped without a word"),
        ("unicast", "through a gateway"),
        ("keepalive", "an idle peer is probed"),
        ("MX", "The mail servers"),
        ("NSEC", "The next name"),
        ("CAA", "Who may issue certificates"),
    ],
)
def test_words_that_results_show(word: str, said: str) -> None:
    explanation = explain(word)
    assert said in str(explanation)
    assert explanation.source


def test_every_word_that_results_can_show_is_known() -> None:
    shown = [*STATUS, *NEXT_STEP, *FLAG, *FLAGS, *(name for _bit, name in _LINK_FLAGS), *TIMERS]
    for word in [*shown, *get_args(Kind)]:
        if word != "none":  # a route's, and a segment's without flags
            assert explain(word).lines


def test_nothing_given_lists_what_there_is() -> None:
    text = str(explain())
    for part in ("CLOSE_WAIT", "SYN,ACK", "explain(54)", "conns()[0]", "NXDOMAIN", "LOWER_UP"):
        assert part in text
    for line in explain().lines:
        for word in re.findall(r'explain\("([^"]+)"\)', line):
            assert explain(word).lines  # what is promised can be had


def test_a_word_with_several_meanings_is_not_guessed() -> None:
    with pytest.raises(BadArgument, match="several things") as caught:
        explain("NONE")
    assert 'explain("0x0")' in str(caught.value)


def test_an_answer_of_dig() -> None:
    record = Record("a.test.", 60, "IN", "A", "192.0.2.1", 0)
    answer = Answer(
        "NOERROR", ("qr", "rd", "ra"), Question("a.test.", "A"), (record,), (), (),
        Endpoint("192.0.2.53", 53), "udp", 1.0, 50, 1, 0,
    )  # fmt: skip
    text = str(explain(answer))
    assert text.startswith("a.test. A")
    assert "A cache may keep it for 60 s" in text
    assert "ra, the server asks others for you" in text
    nothing = str(explain(replace(answer, status="NXDOMAIN", answers=())))
    assert "NXDOMAIN: a.test. does not exist" in nothing
    alone = replace(answer, flags=("qr", "rd"))
    assert "ra is missing, so this server only tells what it knows itself" in str(explain(alone))


def test_a_route_and_an_interface() -> None:
    route = Route("192.0.2.9", "eth0", "192.0.2.1", "192.0.2.254", "main", 1500, prefix="default")
    text = str(explain(route))
    assert "leave by eth0, through the gateway 192.0.2.254." in text
    assert "the entry default of the table main" in text
    assert "no route" in str(explain(Route("192.0.2.9", "", kind="none")))
    link = Interface("eth0", 2, ("UP", "LOWER_UP"), 1500, "", state="up", kind="veth")
    text = str(explain(link))
    assert "is up and carries" in text
    assert "LOWER_UP: The link carries" in text


def test_a_capture_says_what_it_holds() -> None:
    store = Store()
    store.add([chunk_of([segment(flags=2)])])
    cap = Capture(store)
    text = str(explain(cap))
    assert "It holds 1 packet." in text
    assert "explain(cap[0])" in text


def test_tables_of_one_row_and_of_several() -> None:
    socket = Socket("tcp", Endpoint("192.0.2.1", 80), Endpoint("*", 0), State.LISTEN)
    assert explain(Sockets([socket])) == explain(socket)
    with pytest.raises(BadArgument, match=r"cannot explain 2 sockets at once; give one"):
        explain(Sockets([socket, socket]))
    with pytest.raises(BadArgument, match=r"^cannot explain a Sockets; give TCP flags"):
        explain(Sockets([]))
    with pytest.raises(BadArgument, match="cannot explain an object;"):
        explain(object())


def test_a_packet_is_explained_by_its_flags_and_its_ttl() -> None:
    frame = segment(flags=0x12, ttl=57)
    explanation = explain(Packet(0, decode(chunk_of([frame])), 0, frame))
    assert [part.kind for part in explanation.parts] == ["flags", "ttl"]
    assert "second segment" in str(explanation)
    assert "7 routers passed" in str(explanation)
    arp = b"\xff" * 12 + b"\x08\x06" + bytes(28)
    assert "Neither" in str(explain(Packet(0, decode(chunk_of([arp])), 0, arp)))


def packet_of(frame: bytes, direction: int) -> Packet:
    chunk = chunk_of([frame])
    chunk.direction[:] = direction
    return Packet(0, decode(chunk), 0, frame)


@pytest.mark.parametrize(
    ("direction", "said"),
    [
        (OUTGOING, "hands it over in one piece, the network card cuts it (TSO, GSO)"),
        (INCOMING, "came in pieces that were put together (GRO)"),
        (UNKNOWN, "captured before a card cut it, or after"),
    ],
)
def test_an_offloaded_packet_is_said_to_be_several(direction: int, said: str) -> None:
    """65,226 bytes at an MTU of 1,500, and a checksum that was left to the card."""
    frame = segment(payload=b"x" * 65_172)
    text = " ".join(str(explain(packet_of(frame, direction))).split())
    assert "no packet of the wire but several, 65,226 bytes: no link carries a frame of" in text
    assert said in text
    assert "about 45 segments, where the MTU is 1,500" in text
    assert "incorrect" not in text
    likely = unfilled(FOUR / TCP(flags="A") / Raw(b"x" * 4000))
    text = " ".join(str(explain(packet_of(likely, direction))).split())
    assert "It is likely no packet of the wire but several, 4,054 bytes: over 1,500" in text


def test_a_checksum_left_to_the_card_is_nothing_wrong() -> None:
    unfilled_in = unfilled(FOUR / TCP(flags="A") / Raw(b"hello"))
    zero = segment(payload=b"hello")
    for frame, direction in ((unfilled_in, UNKNOWN), (unfilled_in, INCOMING), (zero, OUTGOING)):
        text = str(explain(packet_of(frame, direction)))
        assert "not filled in" in text and "(offload)" in text
        assert "Nothing is wrong with it" in text and "incorrect" not in text
    assert "incorrect: damaged on the way" in str(explain(packet_of(zero, INCOMING)))
    whole = bytes(Ether(**MACS) / FOUR / TCP(flags="A") / Raw(b"hello"))
    assert "hecksum" not in str(explain(packet_of(whole, INCOMING)))
