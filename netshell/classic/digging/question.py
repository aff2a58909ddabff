"""A lookup's question as it goes out, and the way it takes."""

from __future__ import annotations

import os

from netshell.classic.digging.edns import COOKIE, EXPIRE, KEEPALIVE, NSID, SUBNET
from netshell.classic.digging.line import AXFR, IXFR, Lookup
from netshell.errors import BadArgument
from netshell.flow.key import Endpoint
from netshell.lookup.asking import UDP_SIZE, Asking
from netshell.lookup.links import Way
from netshell.lookup.wire import AA, AD, CD, RA, RD, TC, Z


def asking_of(lookup: Lookup, name: str, cookie: bytes) -> Asking:
    """The question of a lookup, for this name, with a cookie of one's own."""
    flags = (
        (lookup.aa, AA), (lookup.tc, TC), (lookup.recurse, RD), (lookup.ra, RA),
        (lookup.z, Z), (lookup.ad, AD), (lookup.cd, CD),
    )  # fmt: skip
    transfer = lookup.rdtype == AXFR or lookup.rdtype == IXFR
    # Without EDNS there is no room for these: they bring it back.
    implied = lookup.dnssec or lookup.udp_size is not None or lookup.subnet is not None
    bits = sum(bit for wanted, bit in flags if wanted and not (transfer and bit == RD))
    return Asking(
        name=name,
        rdtype=lookup.rdtype,
        rdclass=lookup.rdclass,
        bits=bits,
        opcode=lookup.opcode,
        edns=0 if lookup.edns is None and implied else lookup.edns,
        udp_size=UDP_SIZE if lookup.udp_size is None else lookup.udp_size,
        dnssec=lookup.dnssec,
        edns_flags=lookup.edns_flags | (0x4000 if lookup.co else 0),
        options=tuple(_options(lookup, cookie)),
        padding=lookup.padding,
        header_only=lookup.header_only,
        serial=lookup.serial,
    )


def _options(lookup: Lookup, cookie: bytes) -> list[tuple[int, bytes]]:
    found = [(NSID, b"")] if lookup.nsid else []
    if lookup.subnet is not None:
        found.append((SUBNET, lookup.subnet))
    if lookup.send_cookie:
        found.append((COOKIE, lookup.cookie or cookie))
    if lookup.expire:
        found.append((EXPIRE, b""))
    if lookup.keepalive:
        found.append((KEEPALIVE, b""))
    return found + lookup.edns_options


def way_of(lookup: Lookup, tcp: bool, source: Endpoint | None) -> Way:
    """How its servers are reached. Raises BadArgument for half a certificate."""
    kind = "https" if lookup.https else "tls" if lookup.tls else "tcp" if tcp else "udp"
    certificate = None
    if lookup.certificate and lookup.key:
        certificate = lookup.certificate, lookup.key
    elif lookup.certificate or lookup.key:
        raise BadArgument("dig +tls-certfile and +tls-keyfile go together")
    return Way(
        kind=kind,
        source=source,
        host=lookup.host,
        authorities=lookup.authorities,
        certificate=certificate,
        path=lookup.https or "",
        get=lookup.https_get,
    )


def new_id(lookup: Lookup) -> int:
    """An id that nobody can guess, or the one asked for."""
    return int.from_bytes(os.urandom(2), "big") if lookup.qid is None else lookup.qid
