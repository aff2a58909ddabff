"""IPv4 (RFC 791) and IPv6 (RFC 8200) headers, addresses as text, and what a TTL tells.

Lengths come from the IP header, so Ethernet padding is never payload; a length of 0 (a frame not
segmented yet, a jumbogram) means up to the end of the frame.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from netshell.packet import link
from netshell.packet.cursor import EVERY, LOST, Array, Cursor, Headers, Rows, rows_where
from netshell.packet.draft import DST_KNOWN, PIECE, SRC_KNOWN, Draft
from netshell.packet.hops import Hops as Hops
from netshell.packet.hops import hops as hops

ICMP, TCP, UDP, ICMPV6, SCTP = 1, 6, 17, 58, 132
HOP_BY_HOP, ROUTING, FRAGMENT, ESP, AH, NO_NEXT, DESTINATION = 0, 43, 44, 50, 51, 59, 60

PROTOCOLS: dict[int, str] = {
    0: "HOPOPT",
    1: "ICMP",
    2: "IGMP",
    4: "IPv4",
    6: "TCP",
    17: "UDP",
    27: "RDP",
    33: "DCCP",
    41: "IPv6",
    43: "IPv6-Route",
    44: "IPv6-Frag",
    46: "RSVP",
    47: "GRE",
    50: "ESP",
    51: "AH",
    58: "ICMPv6",
    59: "IPv6-NoNxt",
    60: "IPv6-Opts",
    88: "EIGRP",
    89: "OSPF",
    103: "PIM",
    108: "IPComp",
    112: "VRRP",
    115: "L2TP",
    132: "SCTP",
    135: "Mobility",
    136: "UDP-Lite",
    137: "MPLS",
}
"""Names from IANA's protocol registry, those met in captures."""

ROUNDS = 16  # extension headers walked; RFC 8200 needs seven, more is an attack or a test

_V4 = np.dtype(
    [
        ("version", "u1"),
        ("tos", "u1"),
        ("length", ">u2"),
        ("id", ">u2"),
        ("fragment", ">u2"),
        ("ttl", "u1"),
        ("proto", "u1"),
        ("checksum", ">u2"),
        ("src", "u4"),  # kept as they stand
        ("dst", "u4"),
    ]
)
_V6 = np.dtype(
    [
        ("flow", ">u4"),
        ("length", ">u2"),
        ("next", "u1"),
        ("ttl", "u1"),
        ("src", "u1", 16),
        ("dst", "u1", 16),
    ]
)
_EXTENSION = np.dtype([("next", "u1"), ("size", "u1"), ("fragment", ">u2"), ("id", ">u4")])

_WALKED = np.zeros(256, np.bool_)
_WALKED[[HOP_BY_HOP, ROUTING, FRAGMENT, AH, DESTINATION, 135, 139, 140]] = True


def decode(draft: Draft, cursor: Cursor) -> None:
    """Fills the columns from ip_version to more_fragments; leaves the cursor at the transport."""
    four = rows_where(draft.ethertype == link.IPV4)
    if four is not None:
        _decode_v4(draft, cursor, four)
    if four is EVERY:
        return
    six = rows_where(draft.ethertype == link.IPV6)
    if six is not None:
        _decode_v6(draft, cursor, six)


def _decode_v4(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    header = cursor.read(rows, _V4)
    _lose_absent(cursor, rows, header)
    first = header["version"]
    size = (first & 0x0F).astype(np.int64) * 4
    sane = ((first >> 4) == 4) & (size >= 20)
    if not sane.all():
        if not sane.any():
            return
        rows = np.arange(len(draft))[rows][sane]
        header = _some(header, sane)
        size = size[sane]
    draft.ip_version[rows] = 4
    draft.proto[rows] = header.field("proto", -1)
    fragment = header.field("fragment", 0)
    offset = (fragment & 0x1FFF) << 3
    draft.src[rows] = header.field("src", 0)
    draft.dst[rows] = header.field("dst", 0)
    if header.have is None:
        draft.known[rows] = SRC_KNOWN | DST_KNOWN
    else:
        draft.known[rows] = header.whole("src") * SRC_KNOWN | header.whole("dst") * DST_KNOWN
    draft.known[rows] |= (fragment & 0x3FFF > 0) * np.uint8(PIECE)
    if draft.details:
        draft.ttl[rows] = header.field("ttl", -1)
        draft.ip_id[rows] = header.field("id", -1)
        draft.ip_len[rows] = header.field("length", 0)
        draft.fragment_offset[rows] = offset
        draft.more_fragments[rows] = (fragment & 0x2000) > 0
    stated = header["length"].astype(np.int64)
    _limit(cursor, rows, cursor.position[rows] + stated, stated > 0)
    enough = (stated >= size) | (stated == 0)
    cursor.advance(rows, header, size)
    ready = enough & (offset == 0) & header.whole()
    cursor.transport[rows] = np.where(ready, header["proto"], np.int16(-1))


def _decode_v6(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    header = cursor.read(rows, _V6)
    _lose_absent(cursor, rows, header)
    sane = (header["flow"] >> 28) == 6
    if header.have is not None:
        # The version is in the first byte; a field cut behind it is zero, so look at that alone.
        sane = header.have >= 1
        sane &= header.raw.view(np.uint8).reshape(-1, _V6.itemsize)[:, 0] >> 4 == 6
    if not sane.all():
        if not sane.any():
            return
        rows = np.arange(len(draft))[rows][sane]
        header = _some(header, sane)
    draft.ip_version[rows] = 6
    draft.proto[rows] = header.field("next", -1)
    for name, column in (("src", draft.src), ("dst", draft.dst)):
        address = header[name]
        if header.have is not None:
            address = np.where(header.whole(name)[:, None], address, np.uint8(0))
        column[rows] = draft.addresses.add(np.ascontiguousarray(address))
    if draft.details:
        draft.ttl[rows] = header.field("ttl", -1)
        draft.ip_len[rows] = header.field("length", 0)
    stated = header["length"].astype(np.int64)
    limited = (stated > 0) | (header["next"] == NO_NEXT)
    _limit(cursor, rows, cursor.position[rows] + _V6.itemsize + stated, limited)
    whole = header.whole()
    cursor.advance(rows, header)
    following = np.where(whole, header["next"].astype(np.int16), np.int16(-1))
    cursor.transport[rows] = following
    walk = whole & _WALKED[header["next"]]
    if walk.any():
        _walk(draft, cursor, np.arange(len(draft))[rows][walk])


def _walk(draft: Draft, cursor: Cursor, rows: NDArray[np.intp]) -> None:
    """Steps over extension headers (RFC 8200 section 4), all frames one header per round."""
    for _ in range(ROUNDS):
        kind = draft.proto[rows]
        header = cursor.read(rows, _EXTENSION)
        is_fragment = kind == FRAGMENT
        size = (header["size"].astype(np.int64) + 1) * 8
        size = np.where(kind == AH, (header["size"].astype(np.int64) + 2) * 4, size)
        size = np.where(is_fragment, 8, size)
        # Whole where it was captured and belongs to the packet; else the walk stops before it.
        whole = cursor.position[rows] + size <= cursor.end[rows]
        whole &= header.whole()
        cursor.transport[rows[~whole]] = -1
        rows, header, size = rows[whole], _some(header, whole), size[whole]
        is_fragment = is_fragment[whole]
        draft.proto[rows] = header["next"]
        cursor.position[rows] += size
        marked, word = rows[is_fragment], header["fragment"][is_fragment]
        draft.known[marked] |= (word & 0xFFF9 > 0) * np.uint8(PIECE)
        if draft.details:
            draft.fragment_offset[marked] = word & 0xFFF8
            draft.more_fragments[marked] = (word & 1) > 0
            draft.ip_id[marked] = header["id"][is_fragment]
        later = is_fragment & (header["fragment"] & 0xFFF8 > 0)
        cursor.transport[rows] = np.where(later, -1, header["next"].astype(np.int16))
        rows = rows[~later & _WALKED[header["next"]]]
        if not len(rows):
            return
    cursor.transport[rows] = -1


def _lose_absent(cursor: Cursor, rows: Rows, header: Headers) -> None:
    """Marks frames that end before the header, where not even its version can be seen."""
    if header.have is not None:
        cursor.position[rows] = np.where(header.have > 0, cursor.position[rows], LOST)


def _limit(cursor: Cursor, rows: Rows, stated: Array, known: Array) -> None:
    """Ends the frames where their IP length says, if it says so and is not beyond the frame."""
    stated = np.where(known, stated, LOST)
    for ends in (cursor.end, cursor.wire_end):
        ends[rows] = np.minimum(ends[rows], stated)


def _some(header: Headers, mask: NDArray[np.bool_]) -> Headers:
    return Headers(header.raw[mask], None if header.have is None else header.have[mask])


def protocol_name(number: int) -> str:
    """The protocol's IANA name, or "proto 200" for one not in the list."""
    return PROTOCOLS.get(number) or f"proto {number}"


# --- addresses as text ----------------------------------------------------------------------

UNSPECIFIED = bytes(16)
"""The address ::, and what the columns hold where an address is missing."""

_MAPPED = b"\0" * 10 + b"\xff\xff"


@lru_cache(maxsize=65536)
def address_text(packed: bytes) -> str:
    """16 bytes as an address (RFC 5952; IPv4-mapped ones as dotted quads).

    >>> address_text(bytes(15) + b"\\x01")
    '::1'
    >>> address_text(bytes(10) + b"\\xff\\xff\\x0a\\x00\\x00\\x01")
    '10.0.0.1'
    """
    if packed.startswith(_MAPPED):
        return "{}.{}.{}.{}".format(*packed[12:])
    groups = [packed[i] << 8 | packed[i + 1] for i in range(0, 16, 2)]
    start, length = _longest_zeros(groups)
    if length < 2:  # section 4.2.2: a single zero group is written out
        return ":".join(f"{group:x}" for group in groups)
    left = ":".join(f"{group:x}" for group in groups[:start])
    right = ":".join(f"{group:x}" for group in groups[start + length :])
    return f"{left}::{right}"


def _longest_zeros(groups: list[int]) -> tuple[int, int]:
    """Start and length of the longest run of zero groups; of equal ones the first (4.2.3)."""
    best_start = best = start = length = 0
    for i, group in enumerate(groups):
        if group:
            length = 0
            continue
        if not length:
            start = i
        length += 1
        if length > best:
            best_start, best = start, length
    return best_start, best


def endpoint_text(packed: bytes, port: int) -> str:
    """An address and a port as people write them: ``10.0.0.1:80``, ``[::1]:80``; port -1: none."""
    address = address_text(packed)
    if port < 0:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
