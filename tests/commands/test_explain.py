"""``explain``: what is taken for what, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from frames import chunk_of, segment

from netshell import explain
from netshell.commands.explain import setting
from netshell.errors import BadArgument
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.sockets import Socket, Timer
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
        *("", "x", "last_wait", "ttl", "ttl 256", "-1", "\x1b[31m", "\ud800", "٥٤"),
        *(256, -1, 3.5, True, None, b"S", [], {}),
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
    assert "7 bytes have arrived that the program has not read" in text
    assert "9 bytes are sent or waiting" in text
    assert "on 204 ms, 3 retries" in text
    assert "has not closed the socket yet" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": State.TIME_WAIT}, "the kernel does what is left"),
        ({"state": State.ESTABLISHED, "inode": 3}, "look again as root"),
        ({"state": State.ESTABLISHED}, "none that this user may see"),
        ({"state": State.LISTEN, "recv_q": 5, "send_q": 4}, "full, new connections are dropped"),
        ({"state": State.LISTEN, "recv_q": 1, "send_q": 4}, "1 connections wait for accept()"),
        ({"state": State.LISTEN, "recv_q": None, "send_q": None}, "waits for connections"),
        ({"state": "", "proto": "udp"}, "UDP has no states"),
        ({"state": State.ESTABLISHED, "proto": "udp"}, "UDP has no states"),
    ],
)
def test_sockets_of_every_kind(changes: dict[str, object], said: str) -> None:
    ends = {"local": Endpoint("192.0.2.1", 80), "remote": Endpoint("*", 0)}
    assert said in str(explain(Socket(**{"proto": "tcp", **ends, **changes})))  # type: ignore[arg-type]


def test_a_packet_is_explained_by_its_flags_and_its_ttl() -> None:
    frame = segment(flags=0x12, ttl=57)
    explanation = explain(Packet(0, decode(chunk_of([frame])), 0, frame))
    assert [part.kind for part in explanation.parts] == ["flags", "ttl"]
    assert "second segment" in str(explanation)
    assert "7 routers passed" in str(explanation)
    arp = b"\xff" * 12 + b"\x08\x06" + bytes(28)
    assert "Neither" in str(explain(Packet(0, decode(chunk_of([arp])), 0, arp)))
