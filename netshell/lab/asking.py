"""What a program on a host asks a DNS server, and what it is told: runs inside the host."""

from __future__ import annotations

import socket

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

TIMEOUT_S = 10.0


def over_udp(name: str, rdtype: str, server: str) -> str:
    """Ask once over UDP; the answer in a few words."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.settimeout(TIMEOUT_S)
        asked.sendto(dns.message.make_query(name, rdtype).to_wire(), (server, 53))
        return _told(asked.recv(65535))


def over_tcp(name: str, rdtype: str, server: str) -> tuple[str, int]:
    """Ask once over TCP and close; the answer in a few words, and the own port."""
    wire = dns.message.make_query(name, rdtype).to_wire()
    with socket.create_connection((server, 53), timeout=TIMEOUT_S) as asked:
        port = int(asked.getsockname()[1])
        asked.sendall(len(wire).to_bytes(2, "big") + wire)
        with asked.makefile("rb") as answers:
            return _told(answers.read(int.from_bytes(answers.read(2), "big"))), port


def _told(wire: bytes) -> str:
    """The status, the way from alias to alias, what is at its end, and the least TTL.

    >>> over_udp("www.lab", "A", "10.77.0.2")                            # doctest: +SKIP
    'NOERROR: server.lab, 10.77.0.2, TTL 60'
    """
    try:
        answer = dns.message.from_wire(wire, ignore_trailing=True)
    except dns.exception.DNSException as error:
        return type(error).__name__
    words = [_word(rrset) for rrset in answer.answer]
    if answer.flags & dns.flags.TC:
        words = ["truncated"]
    elif words:
        words.append(f"TTL {min(rrset.ttl for rrset in answer.answer)}")
    else:
        words = ["no data"] if answer.rcode() == dns.rcode.NOERROR else []
    status = dns.rcode.to_text(answer.rcode())
    return f"{status}: {', '.join(words)}" if words else status


def _word(rrset: dns.rrset.RRset) -> str:
    """A set of records: the data of one or two, the number of more."""
    if len(rrset) > 2:
        return f"{len(rrset)} records"
    return ", ".join(rdata.to_text().rstrip(".") for rdata in rrset)
