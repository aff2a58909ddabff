"""Filters: libpcap's compiler, its words with the place, and the vectorised machine beside it."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from frames import chunk_of, segment
from hypothesis import given
from hypothesis import strategies as st

from netshell.capture import bpf, cbpf
from netshell.capture.save import save
from netshell.errors import BadArgument, Unavailable
from netshell.packet.chunk import ETHERNET, INCOMING, OUTGOING, RAW, SLL

cypcap = pytest.importorskip("cypcap")


@pytest.mark.parametrize(
    ("filter", "line"),
    [
        ("tcp prot 80", 'filter "tcp prot 80": syntax error at "prot"'),
        ("foo", 'filter "foo": syntax error at "foo"'),
        ("tcp and (", 'filter "tcp and (": syntax error at its end'),
        ("(tcp", 'filter "(tcp": syntax error at its end'),
        ("tcp)", 'filter "tcp)": syntax error at ")"'),
        ("tcp or or udp", 'filter "tcp or or udp": syntax error at "or" (character 8)'),
        ("ip[0 = 3", 'filter "ip[0 = 3": syntax error at "="'),
        (
            "tcp[tcpflags] & tcp-sin != 0",
            'filter "tcp[tcpflags] & tcp-sin != 0": syntax error at "tcp-sin"',
        ),
        ("host a.example prot 80", "unknown host"),
        ("port 99999", 'filter "port 99999": illegal port number 99999 > 65535'),
        ("host 300.1.1.1", "filter \"host 300.1.1.1\": invalid IPv4 address '300.1.1.1'"),
        ("tcp and udp", 'filter "tcp and udp": expression rejects all packets'),
        ("tcp\0 or udp", "it has a NUL character in it"),
        ("tcp \x1b[31m", 'filter "tcp \\x1b[31m": syntax error at "\\x1b"'),
        ("host \ud800", "it has characters that are no text"),
    ],
)
def test_a_bad_filter_names_the_place(filter: str, line: str) -> None:
    with pytest.raises(BadArgument) as caught:
        bpf.compile(filter, ETHERNET)
    said = str(caught.value)
    assert line in said
    assert said.isprintable()
    assert said.startswith("filter ")


def test_a_long_filter_is_shown_in_part() -> None:
    for words in (60, 5000):
        with pytest.raises(BadArgument) as caught:
            bpf.compile("tcp or " * words + "udpp", ETHERNET)
        assert len(str(caught.value)) < 300
        assert str(caught.value).endswith(
            '…": syntax error' if words > 100 else 'syntax error at "udpp"'
        )


CORRECT = (
    "tcp",
    "tcp port 80 and not host 10.0.0.1",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 127",
    "(tcp or udp) and portrange 1-1023",
    "ip proto \\tcp and ether src 00:11:22:33:44:55",
    "vlan 7 and icmp[0] = 8",
    "ip6 and less 100 or greater 1400",
    "tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420",
    "net 10.0.0.0 mask 255.0.0.0",
    "ether multicast or ip multicast",
)


@given(st.sampled_from(CORRECT), st.data())
def test_the_word_that_does_not_belong_is_found(filter: str, data: st.DataObject) -> None:
    """A word of nonsense put between the words of a correct filter is what is named."""
    words = filter.split()
    words.insert(data.draw(st.integers(0, len(words))), "#")
    with pytest.raises(BadArgument, match='syntax error at "#"'):
        bpf.compile(" ".join(words), ETHERNET)


def test_an_empty_filter_takes_everything_up_to_the_snaplen() -> None:
    assert bpf.compile(" ", ETHERNET, snaplen=99) == ((6, 0, 0, 99),)
    assert bpf.compile("tcp", ETHERNET, snaplen=99)[-2] == (6, 0, 0, 99)


def test_without_cypcap_the_system_library_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = bpf.compile("tcp port 80", ETHERNET)
    monkeypatch.setitem(sys.modules, "cypcap", None)
    try:
        found = bpf.compile("tcp port 80", ETHERNET)
    except Unavailable as error:
        pytest.skip(str(error))
    assert len(found) == len(expected)
    with pytest.raises(BadArgument, match='syntax error at "prot"'):
        bpf.compile("tcp prot 80", ETHERNET)


def test_without_any_libpcap_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cypcap", None)
    monkeypatch.setitem(sys.modules, "scapy.libs.winpcapy", None)
    import scapy.libs

    monkeypatch.delattr(scapy.libs, "winpcapy", raising=False)
    with pytest.raises(Unavailable, match="install libpcap"):
        bpf.compile("tcp port 47123", ETHERNET)  # one that was not compiled before: they are kept
    assert bpf.compile("", ETHERNET)


# --- the machine ----------------------------------------------------------------------------


def frames() -> list[bytes]:
    plain = segment(payload=b"GET / HTTP/1.1\r\n")
    made = [
        plain,
        segment(dport=443, flags=0x02, options=b"\x02\x04\x05\xb4"),
        segment(src="192.168.7.9", sport=22, ttl=3),
        plain[:12] + b"\x81\x00\x00\x07" + plain[12:],
        b"\xff" * 6 + b"\x02" * 6 + b"\x08\x06" + bytes(28),
        bytes(14),
        b"",
    ]
    seeded = random.Random(1)
    for frame in made[:4]:
        made += [frame[: seeded.randrange(len(frame))] for _ in range(10)]
        for _ in range(40):
            changed = bytearray(frame)
            changed[seeded.randrange(12, len(frame))] = seeded.randrange(256)
            made.append(bytes(changed))
    return made


FILTERS = (
    *CORRECT,
    "tcp port 80",
    "udp or tcp src port 22",
    "ip[8] < 5",
    "tcp[13] = 2",
    "ip[0] & 0xf != 5",
    "ip[2:2] > 50 and ip[2:2] - 7 < 100",
    "ether[0] & 1 != 0",
    "len > 60",
    "ip[2:2] * 3 / 2 % 5 = 1",
    "ip[6:2] << 3 ^ 8 | 1 > 4 and ip[9] >> 1 = 3",
    "arp or vlan",
)


@pytest.mark.parametrize("filter", FILTERS)
def test_the_machine_agrees_with_libpcap(filter: str) -> None:
    chunk = chunk_of(frames())
    with cypcap.open_dead(ETHERNET, 262_144) as handle:
        program = handle.compile(filter)
        expected = []
        for i in range(len(chunk)):
            head = cypcap.Pkthdr(0.0, int(chunk.captured_len[i]), int(chunk.wire_len[i]))
            expected.append(program.offline_filter(head, chunk.frame(i)))
    found = bpf.matches(filter, chunk)
    assert found.tolist() == expected


def test_each_link_type_gets_its_own_program() -> None:
    ip = segment(dport=80)[14:]
    cooked = bytes(14) + b"\x08\x00" + ip
    chunk = chunk_of([segment(dport=80), ip, cooked, segment(dport=81)], [ETHERNET, RAW, SLL, 1])
    assert bpf.matches("tcp dst port 80", chunk).tolist() == [True, True, True, False]


def test_no_frames_at_all() -> None:
    assert bpf.matches("tcp", chunk_of([])).tolist() == []
    with pytest.raises(BadArgument):
        bpf.matches("tcp prot 80", chunk_of([]))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0xB1, 0x80, 0x07, 0x87, 0x00]),
            st.integers(0, 70),
        ),
        max_size=6,
    ),
    st.sampled_from([0x04, 0x0C, 0x14, 0x1C, 0x24, 0x2C, 0x44, 0x54, 0x5C, 0xA4, 0xAC, 0x84]),
    st.integers(1, 0xFFFFFFFF),
)
def test_any_straight_program_agrees_with_libpcap(
    loads: list[tuple[int, int]], operation: int, operand: int
) -> None:
    body = [(code, 0, 0, k) for code, k in loads]
    program = [*body, (operation, 0, 0, operand), (0x15, 0, 1, operand & 0xFF), (6, 0, 0, 1)]
    program.append((0x16, 0, 0, 0))
    chunk = chunk_of(frames()[:12])
    compiled = cypcap.BpfProgram(program)
    for i, found in enumerate(cbpf.run(program, chunk)):
        head = cypcap.Pkthdr(0.0, int(chunk.captured_len[i]), int(chunk.wire_len[i]))
        assert bool(found) == compiled.offline_filter(head, chunk.frame(i)), i


def test_a_direction_that_is_not_known_is_not_guessed() -> None:
    frames = chunk_of([segment() for _ in range(3)])
    told = replace(frames, direction=np.array([INCOMING, OUTGOING, INCOMING], np.uint8))
    assert bpf.matches("inbound", told).tolist() == [True, False, True]
    assert bpf.matches("outbound and tcp", told).tolist() == [False, True, False]
    with pytest.raises(Unavailable, match="do not say which way they went"):
        bpf.matches("inbound", frames)


def test_what_only_the_kernel_knows_is_not_guessed() -> None:
    chunk = chunk_of([segment()])
    with pytest.raises(Unavailable, match=r"give the filter to sniff\(\) instead"):
        bpf.matches("ifindex 1", chunk)


@pytest.mark.parametrize("without", [(), ("cypcap",)])
def test_ip_broadcast_needs_the_netmask(
    without: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in without:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(BadArgument, match="netmask not known"):
        bpf.compile("ip broadcast", ETHERNET)
    program = bpf.compile("ip broadcast", ETHERNET, netmask=0xFFFFFF00)
    chunk = chunk_of([segment(dst="10.77.0.255"), segment(dst="10.77.0.2")])
    assert (cbpf.run(program, chunk) > 0).tolist() == [True, False]


def test_protochain_follows_headers_as_tcpdump_does(
    tmp_path: Path, peer: Callable[[str], Path]
) -> None:
    """A loop of the program, which no kernel runs: extension headers in IPv6, AH in IPv4."""
    tcpdump = peer("tcpdump")
    ethernet6, ethernet4 = b"\2" * 12 + b"\x86\xdd", b"\2" * 12 + b"\x08\x00"
    frames = []
    for last in (6, 17):
        for many in range(5):
            chain = [*[0, 60, 60, 60, 60][:many], last]
            body = b"".join(bytes([following, 0]) + bytes(6) for following in chain[1:])
            header = struct.pack(">IHBB", 6 << 28, len(body) + 20, chain[0], 64) + bytes(32)
            frames.append(ethernet6 + header + body + bytes(20))
            frames.append(frames[-1][: 54 + 8 * many - 3])  # cut in the chain
            ah = b"".join(bytes([51 if i + 1 < many else last, 1]) + bytes(10) for i in range(many))
            proto = 51 if many else last
            size = 20 + len(ah) + 20
            header = struct.pack(">BBHHHBBH8s", 0x45, 0, size, 0, 0, 64, proto, 0, bytes(8))
            frames.append(ethernet4 + header + ah + bytes(20))
    chunk = chunk_of(frames)
    file = save([chunk], tmp_path / "chains.pcap", ("eth0",))
    for filter in ("ip6 protochain 6", "ip protochain 6", "protochain 17", "ip6 protochain 60"):
        found = int(bpf.matches(filter, chunk).sum())
        done = subprocess.run(
            [tcpdump, "-n", "-t", "-r", file, filter], capture_output=True, text=True, check=True
        )
        assert 0 < found == len(done.stdout.splitlines())
    assert cbpf.loops(bpf.compile("ip6 protochain 6", ETHERNET))
    assert not cbpf.loops(bpf.compile("ip6 proto 6", ETHERNET))
