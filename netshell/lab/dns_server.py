"""A small authoritative DNS server for the lab's names, over UDP and TCP (RFC 1034, 1035, 6891).

    python -m netshell.lab.dns_server PORT

`respond` is all of it that thinks, and knows no sockets. It answers from the lab's zones with AA,
NXDOMAIN and "no data" with the SOA (RFC 2308), REFUSED for what it is not the authority for, and
keeps quiet or says FORMERR to what is not a query. It never asks another server.
"""

from __future__ import annotations

import contextlib
import socketserver
import struct
import sys

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone

from netshell.lab.listening import serve
from netshell.lab.names import FAILING, SILENT, Zones, load_zones

_HEADER_BYTES = 12
_UDP_BYTES = 512  # without EDNS, RFC 1035, 4.2.1
_EDNS_BYTES = 1232  # what fits one IPv6 packet on any link
_ALIAS_ITSELF = (dns.rdatatype.CNAME, dns.rdatatype.ANY)  # asked for, an alias is the answer
_TRANSFERS = (dns.rdatatype.AXFR, dns.rdatatype.IXFR)


def respond(wire: bytes, zones: Zones, *, stream: bool = False) -> bytes | None:
    """The response to the query `wire`, or None where there is to be none.

    `stream`: it came over TCP, and may be answered at any length. For any bytes whatsoever there
    is an answer or None, never an exception.
    """
    if len(wire) < _HEADER_BYTES or wire[2] & 0x80:  # answering a response could go on forever
        return None
    if wire[2] >> 3 & 0xF != dns.opcode.QUERY:
        return _header(wire, dns.rcode.NOTIMP)
    try:
        query = dns.message.from_wire(wire, one_rr_per_rrset=True)
    except Exception:  # noqa: BLE001 - dnspython raises a dozen kinds for garbage
        return _header(wire, dns.rcode.FORMERR)
    if len(query.question) != 1:
        return _header(wire, dns.rcode.FORMERR)
    question = query.question[0]
    if question.name == SILENT:
        return None
    response = dns.message.make_response(query, our_payload=_EDNS_BYTES)
    zone = _authority(question.name, zones)
    if query.edns > 0:
        response.set_rcode(dns.rcode.BADVERS)
    elif zone is None or question.rdclass != dns.rdataclass.IN or question.rdtype in _TRANSFERS:
        response.set_rcode(dns.rcode.REFUSED)
    elif question.name == FAILING:
        response.set_rcode(dns.rcode.SERVFAIL)
    else:
        _fill(response, zone, question.name, question.rdtype)
    size = _UDP_BYTES if query.edns < 0 else max(_UDP_BYTES, query.payload)
    return response.to_wire(
        max_size=0xFFFF if stream else size, prefer_truncation=True, want_shuffle=False
    )


def _header(wire: bytes, rcode: int) -> bytes:
    """A response of only a header, for a query that could not be, or is not, read further."""
    flags = 0x8000 | struct.unpack_from("!H", wire, 2)[0] & 0x7900 | rcode  # QR, their opcode, RD
    return wire[:2] + struct.pack("!HHHHH", flags, 0, 0, 0, 0)


def _authority(name: dns.name.Name, zones: Zones) -> dns.zone.Zone | None:
    """The zone that `name` belongs to."""
    for zone in zones:
        if zone.origin is not None and name.is_subdomain(zone.origin):
            return zone
    return None


def _fill(
    response: dns.message.Message,
    zone: dns.zone.Zone,
    name: dns.name.Name,
    rdtype: dns.rdatatype.RdataType,
) -> None:
    """Answer for `name` from `zone`, following aliases inside it (RFC 1034, 4.3.2)."""
    assert zone.origin is not None  # the zones are made with one
    response.flags |= dns.flags.AA
    followed: set[dns.name.Name] = set()
    while name not in followed and name.is_subdomain(zone.origin):  # else another server's
        followed.add(name)
        found = _records(zone, name, rdtype)
        response.answer.extend(found)
        if found and (found[0].rdtype != dns.rdatatype.CNAME or rdtype in _ALIAS_ITSELF):
            _add_addresses(response, zone, found)
            return
        if not found:
            exists = any(other.is_subdomain(name) for other in zone.nodes)
            response.set_rcode(dns.rcode.NOERROR if exists else dns.rcode.NXDOMAIN)
            response.authority.append(_denial(zone, zone.origin))
            return
        name = found[0][0].target


def _records(
    zone: dns.zone.Zone, name: dns.name.Name, rdtype: dns.rdatatype.RdataType
) -> list[dns.rrset.RRset]:
    """What `name` has of that type, or its alias; everything for ANY."""
    return [
        dns.rrset.from_rdata_list(name, rdataset.ttl, list(rdataset))
        for rdataset in zone.get_node(name) or ()
        if rdtype == dns.rdatatype.ANY or rdataset.rdtype in (rdtype, dns.rdatatype.CNAME)
    ]


def _denial(zone: dns.zone.Zone, origin: dns.name.Name) -> dns.rrset.RRset:
    """The SOA that says how long a "no" holds: for the lesser of its TTL and MINIMUM (RFC 2308)."""
    found = zone.find_rdataset(origin, dns.rdatatype.SOA)
    return dns.rrset.from_rdata(origin, min(found.ttl, found[0].minimum), found[0])


def _add_addresses(
    response: dns.message.Message, zone: dns.zone.Zone, found: list[dns.rrset.RRset]
) -> None:
    """The addresses of the hosts that the answer names, for the additional section."""
    for rdata in (rdata for rrset in found for rdata in rrset):
        host = getattr(rdata, "exchange", None) or getattr(rdata, "target", None)
        if isinstance(host, dns.name.Name) and _authority(host, (zone,)):
            for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
                rrset = zone.get_rrset(host, rdtype)
                if rrset is not None and rrset not in response.additional:
                    response.additional.append(rrset)


class _OverUdp(socketserver.BaseRequestHandler):
    zones: Zones = ()

    def handle(self) -> None:
        query, connection = self.request
        response = respond(query, self.zones)
        if response is not None:
            with contextlib.suppress(OSError):  # a forged address nothing can be sent to
                connection.sendto(response, self.client_address)


class _OverTcp(socketserver.StreamRequestHandler):
    """Queries one after the other, each behind its length (RFC 7766)."""

    zones: Zones = ()
    timeout = 10

    def handle(self) -> None:
        try:
            while len(length := self.rfile.read(2)) == 2:
                query = self.rfile.read(int.from_bytes(length, "big"))
                response = respond(query, self.zones, stream=True)
                if response is None:
                    return
                self.wfile.write(len(response).to_bytes(2, "big") + response)
        except OSError:  # a client that is gone, or silent for too long
            return


def main(port: int) -> None:
    """Serve the lab's names on `port` until killed."""
    _OverUdp.zones = _OverTcp.zones = load_zones()
    serve(port, tcp=_OverTcp, udp=_OverUdp)


if __name__ == "__main__":
    main(int(sys.argv[1]))
