"""A recorded capture of BIND with dig (test_bind.py writes it anew): what is read of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from feeding import cuts, heard, read

import netshell
from netshell.protocols.dns.message import DnsMessage

RECORDED = Path(__file__).with_name("recorded") / "bind.pcap"


@pytest.fixture(scope="module")
def found() -> list[DnsMessage]:
    return list(netshell.read(RECORDED).messages)  # type: ignore[arg-type]


def test_what_was_said(found: list[DnsMessage]) -> None:
    assert [str(each) for each in found] == [
        "dns A www.example.test. → 192.0.2.80 and 2 more",
        "dns AAAA aaaa.example.test. → ::, ::ffff:192.0.2.1, 2001:db8::1:0:0:1",
        "dns MX nothere.example.test. → NXDOMAIN",
        "dns TXT big.example.test. → NOERROR, truncated, no records",
        "dns TXT big.example.test. → "
        + ", ".join(f'TXT "{number:03} {"x" * 70}…' for number in range(3))
        + " and 37 more",
        f"dns AXFR example.test. → 1 message, {found[5].answer_bytes:,} bytes",
    ]
    assert [each.problem for each in found] == ["", "", "NXDOMAIN", "", "", ""]
    first = found[0]
    assert [str(each) for each in first.answers] == [
        "www.example.test. 30 IN CNAME web.example.test.",
        "web.example.test. 20 IN CNAME a.example.test.",
        "a.example.test. 3600 IN A 192.0.2.80",
    ]
    assert first.edns is not None
    assert "NSID bed-1" in first.edns.options
    (soa,) = found[2].authority
    assert (soa.rdtype, soa.name) == ("SOA", "example.test.")
    transfer = found[5]
    assert (transfer.kind, transfer.answers[0].rdtype, transfer.answers[-1].rdtype) == (
        "transfer", "SOA", "SOA",
    )  # fmt: skip


def test_in_other_pieces(found: list[DnsMessage]) -> None:
    flows = netshell.read(RECORDED).flows.where(proto="tcp")
    assert len(flows) == 2
    for flow in flows:
        pieces = heard(flow)
        whole = read(pieces, (flow.server.port,))
        assert [str(each) for each in whole] == [
            str(each) for each in found if each.flow == flow.number
        ]
        for cut in cuts(pieces):
            assert read(cut, (flow.server.port,)) == whole


def test_tshark_reads_the_same_names(found: list[DnsMessage], peer: Callable[[str], Path]) -> None:
    port = netshell.read(RECORDED).flows[0].server.port
    done = subprocess.run(
        [peer("tshark"), "-r", RECORDED,
         "-d", f"udp.port=={port},dns", "-d", f"tcp.port=={port},dns",
         "-Y", "dns.flags.response == 0", "-T", "fields", "-e", "dns.id", "-e", "dns.qry.name"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    theirs = [line.split("\t") for line in done.stdout.splitlines()]
    assert [[f"0x{each.id:04x}", each.qname.rstrip(".")] for each in found] == theirs
