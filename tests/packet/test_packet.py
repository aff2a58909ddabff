"""A packet's values and its line: for people, for programs, and against hostile bytes."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import encapsulations as within
import pytest
from frames import chunk_of, segment
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import ICMPv6ND_NS, ICMPv6PacketTooBig, IPv6, IPv6ExtHdrFragment
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
from scapy.packet import Raw

import netshell.protocols  # noqa: F401 - says what payloads say
from netshell.errors import BadArgument, Unavailable
from netshell.flow.baseline import Baselines
from netshell.packet.packet import Packet
from netshell.packet.table import decode
from netshell.packet.tcp import Flags
from netshell.view import Lines, Span, draw

MACS = {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02"}
FOUR = {"src": "10.0.0.1", "dst": "10.0.0.2"}
SIX = {"src": "fe80::1", "dst": "ff02::1"}
BACK = ("10.0.0.2", 80, "10.0.0.1", 40000)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is UTC; the test frames are from 2023-11-14 22:13:20."""
    from netshell.packet import line

    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        line._clock.cache_clear()
        yield
    time.tzset()
    line._clock.cache_clear()


def packets(
    *frames: bytes, iface: str = "", link: int = 1, direction: int = 0, **more: Any
) -> list[Packet]:
    chunk = chunk_of(frames, link, **more)
    chunk.direction[:] = direction
    columns = decode(chunk)
    baseline = Baselines().extend(columns)
    return [
        Packet(i, columns, i, chunk.frame(i), baseline.row(i), iface) for i in range(len(chunk))
    ]


HELLO = (
    segment(flags=2, seq=1000, options=bytes.fromhex("020405b40402080a000000010000000001030307")),
    segment(*BACK, flags=0x12, seq=5000, ack=1001, options=b"\3\3\2", ttl=57),
    segment(flags=0x10, seq=1001, ack=5001, window=500),
    segment(flags=0x18, seq=1001, ack=5001, window=500, payload=b"GET / HTTP/1.1\r\n\r\n"),
    segment(*BACK, flags=0x14, seq=5001, ack=1019, window=0, ttl=57),
)


def test_the_values_of_a_connection() -> None:
    syn, syn_ack, ack, get, reset = packets(*HELLO, iface="eth0", direction=2)
    assert (syn.src, syn.sport, syn.dst, syn.dport, syn.proto) == (
        "10.0.0.1",
        40000,
        "10.0.0.2",
        80,
        "tcp",
    )
    assert (syn.index, syn.iface, syn.direction, syn.vlan) == (0, "eth0", "out", None)
    assert syn.flags == Flags.SYN and str(syn_ack.flags) == "SYN,ACK"
    assert (syn.seq, syn.relative_seq, syn.ack, syn.relative_ack) == (1000, 0, None, None)
    assert (syn_ack.relative_seq, syn_ack.ack, syn_ack.relative_ack) == (0, 1001, 1)
    assert (ack.window_raw, ack.window_shift, ack.window) == (500, 7, 64000)
    assert (syn.window, syn.window_shift) == (1000, 0)
    assert str(syn.options) == "mss 1460,sackOK,ts 1 0,nop,wscale 7"
    assert (get.payload, get.payload_len) == (b"GET / HTTP/1.1\r\n\r\n", 18)
    assert syn_ack.ttl == 57 and syn_ack.hops is not None and syn_ack.hops.passed == 7
    assert reset.raw == HELLO[4]
    assert get.time_ns == 1_700_000_000_000_003_000


def test_the_lines_of_a_connection() -> None:
    shown = [packet.line() for packet in packets(*HELLO, iface="eth0", direction=2)]
    start = "22:13:20.00000"
    there, here = "10.0.0.1:40000 > 10.0.0.2:80", "10.0.0.2:80 > 10.0.0.1:40000"
    assert shown == [
        f"{start}0 eth0 Out {there} SYN seq 0 win 1000 len 0 ttl 64 (0 hops)"
        " <mss 1460,sackOK,ts 1 0,wscale 7>",
        f"{start}1 eth0 Out {here} SYN,ACK seq 0 ack 1 win 1000 len 0 ttl 57 (7 hops) <wscale 2>",
        f"{start}2 eth0 Out {there} ACK seq 1 ack 1 win 64000 len 0 ttl 64 (0 hops)",
        f"{start}3 eth0 Out {there} PSH,ACK seq 1:19 ack 1 win 64000 len 18 HTTP GET /"
        " ttl 64 (0 hops)",
        f"{start}4 eth0 Out {here} RST,ACK seq 1 ack 19 win 0 len 0 ttl 57 (7 hops)",
    ]
    assert max(map(len, shown)) <= 140
    for line in shown:  # what matters most is there at 80 columns
        assert " seq " in line[:80] and " > " in line[:60]


def test_payload_lines() -> None:
    get = packets(*HELLO)[3]
    assert get.line(payload="ascii").splitlines()[1:] == ["    GET / HTTP/1.1", "    "]
    assert get.line(payload="hex").splitlines()[1:] == [
        "    0000  47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a  GET / HTTP/1.1..",
        "    0010  0d 0a                                            ..",
    ]
    assert get.line("none") == get.line()
    with pytest.raises(BadArgument, match="none, ascii, hex"):
        get.line(payload="yaml")


def test_time_since_the_first_packet() -> None:
    packet = packets(*HELLO)[3]
    assert packet.line(first_ns=packet.time_ns - 1_234_567_890).startswith("1.234567 ")
    assert packet.line(first_ns=packet.time_ns + 2_000_000).startswith("-0.002000 ")


def what(frame: bytes, **more: Any) -> str:
    return packets(frame, **more)[0].line().split(" ", 1)[1]


def test_a_packet_from_a_tunnel_says_so() -> None:
    inner = IP(src="10.1.0.1", dst="10.1.0.2") / UDP(sport=1, dport=2) / b"x"
    packet = packets(within.vxlan(inner, IP(src="192.0.2.1", dst="192.0.2.2")))[0]
    assert packet.line().endswith(" 10.1.0.1:1 > 10.1.0.2:2 UDP len 1 ttl 64 (0 hops) vxlan 42")
    assert (packet.tunnel, packet.records().tunnel) == ("vxlan 42", "vxlan 42")
    assert (packet.outer_src, packet.outer_dst) == ("192.0.2.1", "192.0.2.2")
    assert "vxlan 42, 192.0.2.1 > 192.0.2.2" in str(packet)
    bare = packets(within.in_ip(inner, IP(src="192.0.2.1", dst="192.0.2.2")))[0]
    assert (bare.tunnel, bare.outer_src) == ("ip-in-ip", "192.0.2.1")
    plain = packets(segment())[0]
    assert (plain.tunnel, plain.outer_src, plain.outer_dst) == ("", "", "")


def ether(**more: Any) -> Any:
    return Ether(**MACS, **more)


@pytest.mark.parametrize(
    ("frame", "shown"),
    [
        (
            ether() / IP(**FOUR) / UDP(sport=5, dport=53) / Raw(b"abc"),
            "10.0.0.1:5 > 10.0.0.2:53 UDP len 3 ttl 64 (0 hops)",
        ),
        (
            ether() / IP(**FOUR, ttl=128) / ICMP(id=7, seq=2) / Raw(b"ping"),
            "10.0.0.1 > 10.0.0.2 ICMP echo request id 7 seq 2 len 12 ttl 128 (0 hops)",
        ),
        (
            ether() / IP(**FOUR) / ICMP(type=3, code=3) / Raw(b"x"),
            "10.0.0.1 > 10.0.0.2 ICMP port unreachable len 9 ttl 64 (0 hops)",
        ),
        (
            ether() / IP(**FOUR) / ICMP(type=3, code=4, nexthopmtu=1280),
            "10.0.0.1 > 10.0.0.2 ICMP fragmentation needed mtu 1280 len 8 ttl 64 (0 hops)",
        ),
        (
            ether() / IP(**FOUR) / ICMP(type=77, code=5),
            "10.0.0.1 > 10.0.0.2 ICMP type 77 code 5 len 8 ttl 64 (0 hops)",
        ),
        (
            ether() / IPv6(**SIX, hlim=255) / ICMPv6ND_NS(tgt="fe80::9"),
            "fe80::1 > ff02::1 ICMPv6 neighbor solicitation for fe80::9 len 24 ttl 255 (0 hops)",
        ),
        (
            ether() / IPv6(**SIX) / ICMPv6PacketTooBig(mtu=1400),
            "fe80::1 > ff02::1 ICMPv6 packet too big mtu 1400 len 8 ttl 64 (0 hops)",
        ),
        (
            ether() / IPv6(**SIX) / UDP(sport=1, dport=2),
            "[fe80::1]:1 > [ff02::1]:2 UDP len 0 ttl 64 (0 hops)",
        ),
        (
            ether() / IP(**FOUR, proto=47) / Raw(b"1234"),
            "10.0.0.1 > 10.0.0.2 GRE len 4 ttl 64 (0 hops)",
        ),
        (
            ether() / IP(**FOUR, id=9, frag=185, flags="MF", proto=17) / Raw(b"1234"),
            "10.0.0.1 > 10.0.0.2 UDP len 4 frag 1480+ of id 9 ttl 64 (0 hops)",
        ),
        (
            ether() / IPv6(**SIX) / IPv6ExtHdrFragment(offset=2, m=0, id=3) / Raw(b"1234"),
            "fe80::1 > ff02::1 IPv6-NoNxt len 4 frag 16 of id 3 ttl 64 (0 hops)",
        ),
        (
            ether() / ARP(hwsrc=MACS["src"], psrc="10.0.0.1", pdst="10.0.0.2"),
            "02:00:00:00:00:01 > 02:00:00:00:00:02 ARP who-has 10.0.0.2 tell 10.0.0.1",
        ),
        (
            ether() / ARP(op=2, hwsrc=MACS["src"], psrc="10.0.0.1", pdst="10.0.0.2"),
            "02:00:00:00:00:01 > 02:00:00:00:00:02 ARP 10.0.0.1 is-at 02:00:00:00:00:01",
        ),
        (
            ether(type=0x88CC) / Raw(b"lldp"),
            "02:00:00:00:00:01 > 02:00:00:00:00:02 ethertype 0x88cc (LLDP) len 4",
        ),
        (
            ether(type=0xABCD) / Raw(b"?"),
            "02:00:00:00:00:01 > 02:00:00:00:00:02 ethertype 0xabcd len 1",
        ),
        (
            ether() / Dot1AD(vlan=3) / Dot1Q(vlan=4) / IP(**FOUR) / UDP(sport=1, dport=2),
            "10.0.0.1:1 > 10.0.0.2:2 UDP len 0 ttl 64 (0 hops) vlan 3.4",
        ),
    ],
)
def test_lines_of_other_protocols(frame: Any, shown: str) -> None:
    assert what(bytes(frame)) == shown


def test_cut_frames_say_so_and_show_what_is_left() -> None:
    frame = HELLO[3]
    assert what(frame[:70], wire_lens=[len(frame)]).endswith(" [70 of 72 bytes captured]")
    assert what(frame[:40], wire_lens=[72]) == (
        "10.0.0.1:40000 > 10.0.0.2:80 TCP ttl 64 (0 hops) [40 of 72 bytes captured]"
    )
    assert what(frame[:32], wire_lens=[72]).startswith("10.0.0.1 > ? TCP ttl 64 (0 hops)")
    assert what(frame[:20], wire_lens=[72]) == "? > ? IP [20 of 72 bytes captured]"
    assert what(frame[:3], wire_lens=[72]) == "? > ? link type 1 [3 of 72 bytes captured]"
    solicitation = bytes(ether() / IPv6(src="::", dst="ff02::1") / ICMPv6ND_NS(tgt="fe80::9"))
    assert what(solicitation).startswith(":: > ff02::1 ICMPv6 neighbor solicitation")
    assert what(solicitation[:50], wire_lens=[86]).startswith("? > ? ICMPv6 [cut off]")


def test_a_window_whose_scale_is_unknown_is_marked() -> None:
    assert " win 500 raw " in packets(HELLO[2])[0].line()
    bare = chunk_of([HELLO[2]])
    packet = Packet(0, decode(bare), 0, HELLO[2])
    assert " seq 1001 ack 5001 win 500 raw " in packet.line()
    assert (packet.relative_seq, packet.window_shift, packet.window) == (None, None, 500)


HOSTILE = b"\x1b[2J\x1b]0;own\x07\0\x80\xff\xfe caf\xc3\xa9 \xe2\x80\xae\x9b31m\x7f\ttab\rX\r\nlast"


def test_hostile_payloads_and_names_leave_the_terminal_untouched() -> None:
    (packet,) = packets(segment(payload=HOSTILE), iface="e\x1b[1m\u202e")
    for payload in ("ascii", "hex", "none"):
        shown = packet.line(payload=payload)
        assert shown.replace("\n", "").isprintable() and shown.isascii()
        assert draw([packet.lines(payload)]) == shown
    assert packet.line(payload="ascii").splitlines()[1:] == [
        "    .[2J.]0;own..... caf.. ....31m. tab.X",
        "    last",
    ]
    assert all(line.isprintable() for line in str(packet).splitlines())


@given(st.binary(max_size=200), st.sampled_from([0, 1, 101, 113, 276, 147]))
def test_any_bytes_give_one_printable_line(frame: bytes, link: int) -> None:
    for body in (frame, HELLO[3][:34] + frame, HELLO[3][:12] + b"\x08\x06" + frame):
        (packet,) = packets(body, link=link, iface="eth0")
        shown = packet.line(payload="hex")
        assert all(line.isprintable() for line in shown.split("\n"))
        assert "\n" not in packet.line()
        assert str(packet)
        dataclasses.asdict(packet.records())


def test_lines_mark_what_their_pieces_mean() -> None:
    def styles(block: Lines) -> dict[str, str]:
        (line,) = block.lines
        assert not isinstance(line, str | Span)
        return {part.text.strip(): part.style for part in line if isinstance(part, Span)}

    sent, received = packets(HELLO[0], direction=2), packets(HELLO[4], direction=1)
    assert styles(sent[0].lines())["Out 10.0.0.1:40000 > 10.0.0.2:80"] == "sent"
    assert styles(sent[0].lines())["SYN"] == "key"
    assert styles(received[0].lines())["In  10.0.0.2:80 > 10.0.0.1:40000"] == "received"
    assert styles(received[0].lines())["RST,ACK"] == "bad"


def test_the_view_of_one_packet() -> None:
    text = str(packets(*HELLO, iface="eth0", direction=2)[3])
    assert "flags      PSH,ACK  (P.)" in text
    assert "seq        1001  (1 from the start)" in text
    assert "window     64000  (500 << 7)" in text
    assert "  GET / HTTP/1.1" in text


def test_scapy_is_made_by_the_capture_on_demand() -> None:
    chunk = chunk_of([HELLO[0]])
    made = Packet(0, decode(chunk), 0, HELLO[0], dissect=lambda packet: Ether(packet.raw))
    assert made.scapy["TCP"].dport == 80
    with pytest.raises(Unavailable, match="Capture"):
        _ = packets(HELLO[0])[0].scapy


def test_a_time_no_calendar_has() -> None:
    chunk = chunk_of([HELLO[0]])
    chunk.time_ns[0] = 2**63 - 1
    assert Packet(0, decode(chunk), 0, HELLO[0]).line()
    chunk.time_ns[0] = -1
    assert Packet(0, decode(chunk), 0, HELLO[0]).line().startswith("23:59:59.999999 ")


@pytest.mark.parametrize("first_ns", [1.5, float("nan"), float("inf"), "5", 1 << 70, [1]])
def test_a_time_that_is_none(first_ns: Any) -> None:
    chunk = chunk_of([segment()])
    packet = Packet(0, decode(chunk), 0, chunk.frame(0))
    for shown in (packet.line, packet.lines):
        with pytest.raises(BadArgument, match=r"bad first_ns a .*: times are whole nanoseconds"):
            shown(first_ns=first_ns)
    assert packet.line(first_ns=packet.time_ns).startswith("0.000000 ")
