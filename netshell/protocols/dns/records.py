"""The records and the EDNS part of a DNS message, read by dnspython when somebody looks at them.

A record whose data cannot be read is there nevertheless, its data as RFC 3597 writes unknown ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from netshell.packet.ip import address_text
from netshell.protocols.dns.outline import (
    OPT,
    Entry,
    Malformed,
    Outline,
    is_winding,
    name_end,
    name_text,
)
from netshell.protocols.dns.words import class_text, type_text

SECTIONS = ("answers", "authority", "additional")

_MOST = 10_000
"""Records of one message that are read."""

_QUOTED = re.compile(r'(?<= )(mandatory|port|ipv4hint|ipv6hint|ech)="([^"\\\s]*)"(?= |$)')
_A, _AAAA, _SVCB, _HTTPS = 1, 28, 64, 65
_NAMES = frozenset({2, 5, 12, 39})  # NS, CNAME, PTR, DNAME: a name and nothing else
_MAPPED = b"\0" * 10 + b"\xff\xff"


@dataclass(frozen=True, slots=True)
class Record:
    """One resource record, in the words of zone files (RFC 1035 section 5)."""

    name: str
    ttl: int  # seconds
    rdclass: str
    rdtype: str
    data: str
    flush: bool = False  # mDNS: it takes the place of what was known (RFC 6762 section 10.2)

    def __str__(self) -> str:
        flush = " (cache flush)" if self.flush else ""
        return f"{self.name} {self.ttl} {self.rdclass} {self.rdtype} {self.data}{flush}"


@dataclass(frozen=True, slots=True)
class Edns:
    """The EDNS part (RFC 6891): ``options`` as text, each with its name or number."""

    version: int
    flags: tuple[str, ...]
    udp_size: int  # bytes of a datagram that its sender takes
    options: tuple[str, ...]

    def __str__(self) -> str:
        flags = " ".join(self.flags)
        said = [f"EDNS version {self.version}", flags, f"takes {self.udp_size:,} bytes"]
        return ", ".join([*filter(None, said), *self.options])


def sections(data: bytes, walked: Outline) -> tuple[tuple[Record, ...], ...]:
    """Answers, authority and additional records, the EDNS part left out."""
    found: tuple[list[Record], ...] = ([], [], [])
    if is_winding(data):
        return ((), (), ())
    for each in walked.entries[:_MOST]:
        if each.kind != OPT:
            found[each.section - 1].append(record(data, each))
    return tuple(map(tuple, found))


def record(data: bytes, entry: Entry) -> Record:
    """One record of a message."""
    rdclass = entry.rdclass
    is_local = entry.kind != OPT and rdclass & 0x7FFF in (1, 255) and rdclass & 0x8000 != 0
    try:
        name = name_text(data, entry.name)
    except Malformed as error:
        name = f"({error})"
    return Record(
        name=name,
        ttl=entry.ttl,
        rdclass=class_text(rdclass & 0x7FFF if is_local else rdclass),
        rdtype=type_text(entry.kind),
        data=_data_text(data, entry, rdclass & 0x7FFF if is_local else rdclass),
        flush=is_local,
    )


def _data_text(data: bytes, entry: Entry, rdclass: int) -> str:
    size, octets = entry.size, data[entry.data : entry.data + entry.size]
    if rdclass == 1 and entry.kind == _A and size == 4:
        return address_text(_MAPPED + octets)
    if rdclass == 1 and entry.kind == _AAAA and size == 16 and octets[0]:
        return address_text(octets)
    if entry.kind in _NAMES:
        try:
            if name_end(data, entry.data) == entry.data + size:
                return name_text(data, entry.data)
        except Malformed:
            return _unread(octets)
    import dns.exception
    import dns.rdata
    from dns.rdataclass import RdataClass
    from dns.rdatatype import RdataType

    if not size and rdclass in (254, 255):  # of updates: "none", "any" (RFC 2136)
        return ""
    try:
        made, kind = RdataClass.make(rdclass), RdataType.make(entry.kind)
        read = dns.rdata.from_wire(made, kind, data, entry.data, size)
        text = read.to_text().rstrip()
    except (dns.exception.DNSException, ValueError, NotImplementedError, OverflowError):
        return _unread(octets)
    if entry.kind in (_SVCB, _HTTPS):
        # dnspython quotes every value; dig, and RFC 9460's own examples, only where it is needed.
        return _QUOTED.sub(r"\1=\2", text)
    return text


def _unread(octets: bytes) -> str:
    return f"\\# {len(octets)} {octets.hex()}".rstrip()


def edns(data: bytes, walked: Outline) -> Edns | None:
    """The EDNS part of a message, if it has one."""
    found = next((each for each in walked.entries if each.kind == OPT), None)
    if found is None:
        return None
    options = []
    at, end = found.data, found.data + found.size
    while at + 4 <= end:
        code = int.from_bytes(data[at : at + 2], "big")
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if at + 4 + size > end:
            options.append(f"option {code} is cut off")
            break
        options.append(_option_text(data, code, at + 4, size))
        at += 4 + size
    return Edns(
        version=found.ttl >> 16 & 0xFF,
        flags=("do",) if found.ttl & 0x8000 else (),
        udp_size=found.rdclass,
        options=tuple(options),
    )


def _option_text(data: bytes, code: int, at: int, size: int) -> str:
    import dns.edns
    import dns.exception

    octets = data[at : at + size]
    if code == 12:
        return f"PADDING {size} byte{'' if size == 1 else 's'}"
    if code == 10 and 8 <= size <= 40:
        server = octets[8:].hex()
        return f"COOKIE {octets[:8].hex()}" + (f" (server {server})" if server else "")
    if not size:
        return _option_name(code)
    try:
        return dns.edns.option_from_wire(dns.edns.OptionType.make(code), data, at, size).to_text()
    except (dns.exception.DNSException, ValueError, NotImplementedError, OverflowError):
        return f"{_option_name(code)} {octets.hex()}"


def _option_name(code: int) -> str:
    import dns.edns

    try:
        return dns.edns.OptionType.to_text(dns.edns.OptionType.make(code))
    except ValueError:
        return f"option {code}"
