"""flow.name: what a client asked DNS for before it turned to a server."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import dns.message
import dns.rrset
import numpy as np
import pytest
from dns_asking import answer, framed, query
from frames import chunk_of, segment
from talking import START_NS, talked

import netshell
from netshell.capture.capture import Capture
from netshell.capture.store import Part, Store
from netshell.protocols.dns.answered import names_of
from netshell.view import draw

SYN = 2
WEB, MAIL = "192.0.2.80", "192.0.2.25"


def datagram(src: str, sport: int, dst: str, dport: int, payload: bytes) -> bytes:
    """An Ethernet frame with a UDP datagram over IPv4."""
    udp = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload
    addresses = b"".join(bytes(map(int, address.split("."))) for address in (src, dst))
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 7, 0x4000, 64, 17, 0) + addresses
    return bytes.fromhex("0200000000020200000000010800") + ip + udp


def told(client: str, name: str, *records: str, port: int = 53) -> bytes:
    """The answer that a client got."""
    return datagram("10.0.0.53", port, client, 4000, answer(query(name), *records))


def turned(client: str, server: str, sport: int) -> bytes:
    return segment(client, sport, server, 443, flags=SYN)


def captured(*frames: bytes) -> Capture:
    """A packet a second."""
    chunk = chunk_of(list(frames))
    times = START_NS + 10**9 * np.arange(len(frames), dtype=np.int64)
    return Capture(Store.of([Part(replace(chunk, time_ns=times), 0)]))


def names(capture: Capture) -> list[str]:
    return [flow.name for flow in capture.flows.where(proto="tcp")]


def test_the_name_that_was_asked_labels_what_follows() -> None:
    capture = captured(
        turned("10.0.0.1", WEB, 1),  # nobody has asked yet
        told("10.0.0.1", "www.example.test.", "www.example.test. 9 IN CNAME cdn.test.",
             f"cdn.test. 9 IN A {WEB}"),
        turned("10.0.0.1", WEB, 2),
        turned("10.0.0.1", MAIL, 3),
    )  # fmt: skip
    assert names(capture) == ["", "www.example.test", ""]
    flow = capture.flows.where(proto="tcp")[1]
    assert dict(flow.facts())["name"] == "www.example.test"
    assert flow.whole()["name"] == "www.example.test"
    assert "(www.example.test)" in str(flow.follow())
    assert "www.example.test" in flow.ladder().text(100)


def test_each_client_has_its_own_and_the_last_one_counts() -> None:
    one, two = "10.0.0.1", "10.0.0.2"
    capture = captured(
        told(one, "a.test.", f"a.test. 9 IN A {WEB}"),
        told(two, "b.test.", f"b.test. 9 IN A {WEB}"),
        turned(one, WEB, 1),
        turned(two, WEB, 2),
        turned("10.0.0.3", WEB, 3),  # it did not ask: whom was told last
        told(one, "c.test.", f"c.test. 9 IN A {WEB}"),
        turned(one, WEB, 4),
        turned(two, WEB, 5),
    )
    assert names(capture) == ["a.test", "b.test", "b.test", "c.test", "b.test"]


def test_on_any_port_and_only_what_is_an_answer() -> None:
    failed = answer(query("bad.test."), f"bad.test. 9 IN A {WEB}", rcode=2)
    stranger = answer(query("good.test."), f"other.test. 9 IN A {MAIL}")
    capture = captured(
        datagram("10.0.0.53", 53, "10.0.0.1", 4000, failed),
        datagram("10.0.0.53", 53, "10.0.0.1", 4000, stranger),
        datagram("10.0.0.53", 53, "10.0.0.1", 4000, b"\x80" * 40),
        turned("10.0.0.1", WEB, 1),
        turned("10.0.0.1", MAIL, 2),
        told("10.0.0.1", "x.test.", f"x.test. 9 IN A {WEB}", port=5300),
        turned("10.0.0.1", WEB, 3),
    )
    assert names(capture) == ["", "", "x.test"]


def test_announced_names() -> None:
    said = dns.message.Message(id=0)
    said.flags = 0x8400
    said.answer = [dns.rrset.from_text("printer.local.", 120, "IN", "A", MAIL)]
    gone = dns.message.Message(id=0)
    gone.flags = 0x8400
    gone.answer = [dns.rrset.from_text("gone.local.", 0, "IN", "A", WEB)]
    capture = captured(
        datagram(MAIL, 5353, "224.0.0.251", 5353, said.to_wire()),
        datagram(WEB, 5353, "224.0.0.251", 5353, gone.to_wire()),
        turned("10.0.0.1", MAIL, 1),
        turned("10.0.0.1", WEB, 2),
    )
    assert names(capture) == ["printer.local", ""]


def test_over_tcp() -> None:
    asked = query("t.test.")
    said = [("client", framed(asked)), ("server", framed(answer(asked, f"t.test. 9 IN A {WEB}")))]
    spoken = talked(*said, port=53)
    frames = [spoken[number].raw for number in range(len(spoken))]
    capture = captured(*frames, turned("10.0.0.1", WEB, 1), turned("10.0.0.9", WEB, 2))
    assert names(capture) == ["", "t.test", "t.test"]


def test_kept_up_while_it_grows() -> None:
    store = Store()
    capture = Capture(store)
    frames: Sequence[bytes] = [
        turned("10.0.0.1", WEB, 1), told("10.0.0.1", "n.test.", f"n.test. 9 IN A {WEB}"),
        turned("10.0.0.1", WEB, 2),
    ]  # fmt: skip
    seen = []
    for number, frame in enumerate(frames):
        chunk = chunk_of([frame])
        times = np.array([START_NS + number * 10**9])
        store.add([replace(chunk, time_ns=times)])
        seen.append(names(capture))
    assert seen == [[""], [""], ["", "n.test"]]


def test_the_files_own_names_come_last(tmp_path: Path) -> None:
    capture = captured(turned("10.0.0.1", WEB, 1))
    capture.remarks.hosts[WEB] = ["of.the.file"]
    assert names(capture) == ["of.the.file"]
    path = tmp_path / "named.pcapng"
    capture.save(path)
    assert names(netshell.read(path)) == ["of.the.file"]


def test_of_a_scanned_file_too(tmp_path: Path) -> None:
    path = tmp_path / "some.pcap"
    captured(told("10.0.0.1", "s.test.", f"s.test. 9 IN A {WEB}"), turned("10.0.0.1", WEB, 1)).save(
        path
    )
    assert [flow.name for flow in netshell.scan(path).flows] == ["", "s.test"]


def test_the_table_has_them_where_there_is_room() -> None:
    capture = captured(
        told("10.0.0.1", "www.example.test.", f"www.example.test. 9 IN A {WEB}"),
        turned("10.0.0.1", WEB, 1),
    )
    assert "www.example.test" in draw(capture.flows.view(), width=200)
    narrow = draw(capture.flows.view(), width=80)
    assert "www.example.test" not in narrow
    assert " name," in narrow  # said to be left out
    nameless = draw(captured(turned("10.0.0.1", WEB, 1)).flows.view(), width=200)
    assert "name" not in nameless.splitlines()[0]


def test_a_copy_has_them_too() -> None:
    capture = captured(
        told("10.0.0.1", "p.test.", f"p.test. 9 IN A {WEB}"), turned("10.0.0.1", WEB, 1)
    )
    assert [flow.name for flow in pickle.loads(pickle.dumps(capture.flows))] == ["", "p.test"]


def test_a_flow_by_hand_has_none(wanted: Callable[[], object] | None = None) -> None:
    flow = captured(turned("10.0.0.1", WEB, 1)).flows[0]
    assert replace(flow, source=None, details=None).name == ""


def test_what_is_hostile_is_no_name() -> None:
    loop = (
        bytes.fromhex("0007 8180 0001 0001 0000 0000")
        + b"\xc0\x0c\0\1\0\1"
        + b"\xc0\x0c\0\1\0\1"
        + b"\0" * 10
    )
    assert list(names_of(loop)) == []
    assert list(names_of(b"")) == []
    escaped = answer(query("\\027[31m.test."), f"\\027[31m.test. 9 IN A {WEB}")
    assert list(names_of(escaped)) == [(WEB, "\\027[31m.test")]


@pytest.mark.parametrize("address", ["2001:db8::1", "::1"])
def test_ipv6(address: str) -> None:
    made = answer(query("v6.test.", "AAAA"), f"v6.test. 9 IN AAAA {address}")
    assert list(names_of(made)) == [(address, "v6.test")]
