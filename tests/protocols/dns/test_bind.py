"""BIND with dig and dnspython as clients: what the decoder says is what they sent and got.

With NETSHELL_RECORD=1, test_recording writes recorded/bind.pcap anew.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
from bind import Bed
from onloopback import capturing

from netshell.capture.capture import Capture
from netshell.protocols.dns.message import DnsMessage

RECORDED = Path(__file__).with_name("recorded")

DEADLINE_S = 60


def messages(capture: Capture, count: int, are_whole: bool = True) -> list[DnsMessage]:
    """The messages of a capture, once so many are there, and (``are_whole``) all are answered: what
    the client has got may still be on its way into the capture."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        found = list(capture.messages)
        if len(found) >= count and not (are_whole and any(each.lacking for each in found)):
            break
        capture.wait(len(capture) + 1, 0.02)
    assert len(found) == count, [str(each) for each in found]
    assert all(isinstance(each, DnsMessage) for each in found)
    return found  # type: ignore[return-value]


def _records(sections: list[dns.rrset.RRset]) -> list[tuple[str, int, str, str, str]]:
    return [
        (each.name.to_text(), each.ttl, dns.rdataclass.to_text(each.rdclass),
         dns.rdatatype.to_text(each.rdtype), data.to_text().rstrip())
        for each in sections for data in each
    ]  # fmt: skip


def same(found: DnsMessage, asked: dns.message.Message, got: dns.message.Message) -> None:
    """What was captured is what the client sent and got."""
    assert (found.id, found.qname) == (asked.id, asked.question[0].name.to_text())
    assert found.qtype == dns.rdatatype.to_text(asked.question[0].rdtype)
    assert found.rcode == dns.rcode.to_text(got.rcode())
    assert " ".join(found.flags).upper() == dns.flags.to_text(got.flags)
    for mine, theirs in (
        (found.answers, got.answer), (found.authority, got.authority),
        (found.additional, got.additional),
    ):  # fmt: skip
        said = [(each.name, each.ttl, each.rdclass, each.rdtype, each.data) for each in mine]
        assert said == [
            (*each[:4], _QUOTED.sub(r"\1=\2", each[4]) if each[3] in ("SVCB", "HTTPS") else each[4])
            for each in _records(theirs)
        ]
    assert (found.edns is None) == (got.edns < 0)
    if found.edns is not None:
        assert found.edns.udp_size == got.payload
    assert not found.error


_QUOTED = re.compile(r'(?<= )(mandatory|port|ipv4hint|ipv6hint|ech)="([^"\\\s]*)"(?= |$)')


def test_every_record_type_as_dnspython_got_it(bed: Bed) -> None:
    zone = (Path(__file__).parents[2] / "classic" / "every.zone").read_text("ascii")
    owners = {line.split()[0] for line in zone.splitlines() if line[:1].isalnum()}
    asked, got = [], []
    with capturing(bed.port) as capture, socket.socket(type=socket.SOCK_DGRAM) as wire:
        for owner in sorted(owners):
            query = dns.message.make_query(f"{owner}.example.test.", "ANY", use_edns=0)
            query.flags |= dns.flags.AD
            asked.append(query)
            answer = dns.query.udp_with_fallback(
                query, bed.address, DEADLINE_S, bed.port, udp_sock=wire, one_rr_per_rrset=True
            )[0]
            got.append(answer)
        fell_back = sum(1 for each in got if len(each.to_wire()) > 1232)
        found = messages(capture, len(asked) + fell_back)
    assert len(owners) > 60
    whole = {each.id: each for each in found if not each.truncated}
    for query, answer in zip(asked, got, strict=True):
        same(whole[query.id], query, answer)
    assert all(each.duration_s is not None for each in found)


def test_dig_says_the_same(bed: Bed, peer: Callable[[str], Path]) -> None:
    names = ["a A", "www A", "aaaa AAAA", "mx MX", "srv SRV", "caa CAA", "nothere A", "txt TXT"]
    lines = []
    with capturing(bed.port) as capture:
        for each in names:
            name, kind = each.split()
            lines.append(_dig(peer, bed, f"{name}.example.test", kind, "+nsid", "+dnssec"))
        found = messages(capture, len(names))
    for said, message in zip(lines, found, strict=True):
        rows = [line.split(None, 4) for line in said.splitlines() if not line.startswith(";")]
        mine = [*message.answers, *message.authority, *message.additional]
        assert [
            [each.name, str(each.ttl), each.rdclass, each.rdtype, each.data] for each in mine
        ] == [row for row in rows if row]
        status = re.search(r"status: (\w+), id: (\d+)", said)
        size = re.search(r"MSG SIZE +rcvd: (\d+)", said)
        flags = re.search(r"flags: ([a-z ]+);", said)
        assert status
        assert size
        assert flags
        assert (message.rcode, message.id) == (status[1], int(status[2]))
        assert message.answer_bytes == int(size[1])
        assert " ".join(message.flags) == flags[1]
        assert message.query_edns is not None
        assert message.query_edns.flags == ("do",)
        assert any(option.startswith("COOKIE") for option in message.query_edns.options)
        assert message.edns is not None
        assert "NSID bed-1" in message.edns.options


def test_truncated_then_over_tcp(bed: Bed, peer: Callable[[str], Path]) -> None:
    with capturing(bed.port) as capture:
        said = _dig(peer, bed, "big.example.test", "TXT")
        cut, whole = messages(capture, 2)
    assert "Truncated, retrying in TCP mode" in said
    assert (cut.truncated, whole.truncated) == (True, False)
    assert (capture.flows[0].proto, capture.flows[1].proto) == ("udp", "tcp")
    assert len(whole.answers) == 40
    assert "truncated" in cut.answered


def test_a_transfer(bed: Bed, peer: Callable[[str], Path]) -> None:
    with capturing(bed.port) as capture:
        said = _dig(peer, bed, "example.test", "AXFR")
        (found,) = messages(capture, 1)
    size = re.search(r"XFR size: (\d+) records \(messages (\d+), bytes (\d+)\)", said)
    assert size
    assert (found.kind, found.lacking) == ("transfer", "")
    assert (len(found.answers), found.messages, found.answer_bytes) == tuple(
        map(int, size.groups())
    )


def test_pipelined_over_tcp(bed: Bed) -> None:
    asked = [dns.message.make_query(f"{name}.example.test.", "A") for name in ("a", "web", "mail")]
    with capturing(bed.port) as capture, socket.create_connection(("127.0.0.1", bed.port)) as wire:
        wire.settimeout(DEADLINE_S)
        wire.sendall(
            b"".join(len(each.to_wire()).to_bytes(2, "big") + each.to_wire() for each in asked)
        )
        got = {}
        for _ in asked:
            answer = dns.query.receive_tcp(wire)[0]
            got[answer.id] = answer
        found = messages(capture, 3)
    for each in found:
        query = next(one for one in asked if one.id == each.id)
        same(each, query, got[each.id])


def test_nobody_answers(bed: Bed) -> None:
    asked = dns.message.make_query("a.example.test.", "A").to_wire()
    with capturing(bed.silent) as capture:
        with socket.socket(type=socket.SOCK_DGRAM) as wire:
            for _ in range(3):
                wire.sendto(asked, ("127.0.0.1", bed.silent))
        (found,) = messages(capture, 1, are_whole=False)  # while it runs
        assert capture.running
        deadline = time.monotonic() + DEADLINE_S
        while found.retries < 2 and time.monotonic() < deadline:
            capture.wait(len(capture) + 1, 0.02)
            (found,) = messages(capture, 1, are_whole=False)
    assert (found.lacking, found.retries, found.rcode) == ("no answer", 2, "")
    assert len(found.packets) == 3


def test_recording(bed: Bed, peer: Callable[[str], Path]) -> None:
    """What recorded/bind.pcap has."""
    with capturing(bed.port) as capture:
        for name, kind in (("www", "A"), ("aaaa", "AAAA"), ("nothere", "MX"), ("big", "TXT")):
            _dig(peer, bed, f"{name}.example.test", kind, "+nsid")
        _dig(peer, bed, "example.test", "AXFR")
        messages(capture, 6)
    if os.environ.get("NETSHELL_RECORD"):
        capture.save(RECORDED / "bind.pcap")


def _dig(peer: Callable[[str], Path], bed: Bed, *words: str) -> str:
    done = subprocess.run(
        [peer("dig"), f"@{bed.address}", "-p", str(bed.port), *words, "+nosplit", "+noidnout"],
        capture_output=True, text=True, timeout=DEADLINE_S, check=True,
    )  # fmt: skip
    return done.stdout
