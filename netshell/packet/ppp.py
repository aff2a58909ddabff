"""PPP as a link layer: RFC 1661 and 1662, Cisco HDLC beside it, and PPPoE sessions (RFC 2516).

Frames that carry something else than IP or MPLS (LCP, IPCP, compressed data) stay undecoded.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netshell.packet import chunk
from netshell.packet.cursor import Cursor, Rows
from netshell.packet.draft import Draft
from netshell.packet.ethertype import IPV4, IPV6, MPLS

_OCTET = np.dtype([("value", "u1")])
_PAIR = np.dtype([("first", "u1"), ("second", "u1")])
_CISCO = np.dtype([("address", "u1"), ("control", "u1"), ("ethertype", ">u2")])
_SESSION = np.dtype(
    [("version", "u1"), ("code", "u1"), ("session", ">u2"), ("size", ">u2"), ("ppp", ">u2")]
)

_PROTOCOLS = {0x0021: IPV4, 0x0057: IPV6, 0x0281: MPLS}


def frames(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    """PPP with or without address and control (ff 03), and Cisco HDLC (0f or 8f) in its place."""
    index = np.arange(len(draft))[rows]
    head = cursor.read(index, _PAIR)
    is_cisco = head.whole() & np.isin(head["first"], (0x0F, 0x8F)) & (head["second"] == 0)
    if is_cisco.any():
        cisco(draft, cursor, index[is_cisco])
    framed = head.whole() & (head["first"] == 0xFF) & (head["second"] == 0x03)
    start = cursor.position[index]
    shift = np.where(framed, 2, 0)
    cursor.position[index] += shift
    field = cursor.read(index, _PAIR)
    # The protocol's first byte is even, its last odd: a first one that is odd stands alone.
    short = field["first"] & 1 > 0
    protocol = np.where(
        short, field["first"], field["first"].astype(np.uint16) << 8 | field["second"]
    )
    whole = field.whole() | (short & field.whole("first"))
    ethertype = np.where(whole & ~is_cisco, _ethertypes(protocol), 0)
    cursor.position[index] = np.where(is_cisco, cursor.position[index] - shift, start)
    known = ethertype > 0
    draft.ethertype[index[known]] = ethertype[known]
    cursor.skip(index[known], (shift + np.where(short, 1, 2))[known])


def directed(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    """PPP behind a byte that says the direction: 0 received, else sent."""
    index = np.arange(len(draft))[rows]
    header = cursor.read(index, _OCTET)
    whole = header.whole()
    index, sent = index[whole], header["value"][whole] > 0
    given = draft.direction[index]
    said = np.where(sent, chunk.OUTGOING, chunk.INCOMING)
    draft.direction[index] = np.where(given == chunk.UNKNOWN, said, given)
    cursor.skip(index, 1)
    frames(draft, cursor, index)


def cisco(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    """Cisco HDLC: address, control, ethertype."""
    header = cursor.read(rows, _CISCO)
    draft.ethertype[rows] = header.field("ethertype", 0)
    cursor.advance(rows, header)


def session(draft: Draft, cursor: Cursor, rows: NDArray[np.intp]) -> None:
    """PPPoE headers with what they carry; discovery and control messages stay as they are."""
    if not len(rows):
        return
    header = cursor.read(rows, _SESSION)
    protocol = np.where(header.whole() & (header["code"] == 0), header["ppp"], 0)
    ethertype = _ethertypes(protocol)
    known = ethertype > 0
    rows = rows[known]
    draft.ethertype[rows] = ethertype[known]
    # Behind the length that the session header states there is Ethernet padding.
    stated = cursor.position[rows] + 6 + header["size"][known]
    cursor.end[rows] = np.minimum(cursor.end[rows], stated)
    cursor.wire_end[rows] = np.minimum(cursor.wire_end[rows], stated)
    cursor.skip(rows, _SESSION.itemsize)


def _ethertypes(protocol: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """What PPP's protocol numbers stand for; 0 for what is not decoded."""
    made = np.zeros(len(protocol), np.uint16)
    for number, ethertype in _PROTOCOLS.items():
        made[protocol == number] = ethertype
    return made
