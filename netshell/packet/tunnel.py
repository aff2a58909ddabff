"""One level of tunnels: GRE, IP in IP, VXLAN. The columns become the inner packet's.

Layouts: RFC 2784 and 2890 (GRE with checksum, key and sequence number), RFC 7637 (NVGRE, which is
bridging over GRE), RFC 2003 (4in4), RFC 2473 (4in6, 6in6), RFC 4213 (6in4), RFC 7348 (VXLAN).

Only what turns out to be an IP packet is looked into; of what else a tunnel carries (ARP, PPP,
other tunnels) the columns stay those of the outer packet. A second tunnel inside the first is not
entered.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netshell.packet import ip, link, tcp, udp
from netshell.packet.cursor import LOST, Cursor
from netshell.packet.draft import DST_KNOWN, SRC_KNOWN, Addresses, Draft

GRE, IN_IP, VXLAN = 1, 2, 3
NAMES = {GRE: "gre", IN_IP: "ip-in-ip", VXLAN: "vxlan"}
"""What the values of the column ``tunnel`` stand for; 0 is no tunnel."""

VXLAN_PORT = 4789

_GRE = np.dtype([("flags", ">u2"), ("ethertype", ">u2")])
_WORD = np.dtype([("value", ">u4")])
_VXLAN = np.dtype([("flags", "u1"), ("reserved", "V3"), ("vni", ">u4")])

_CHECKSUM, _ROUTING, _KEY, _SEQUENCE, _VERSION = 0x8000, 0x4000, 0x2000, 0x1000, 0x0007
_BRIDGED = 0x6558  # transparent Ethernet bridging
_VNI_KNOWN = 0x08


def decode(draft: Draft, cursor: Cursor, outers: Addresses) -> None:
    """Goes into the tunnels of a block, and keeps the outer addresses in ``outers``."""
    transport = cursor.transport
    found = (transport == 47) | (transport == 4) | (transport == 41)
    found |= (draft.dport == VXLAN_PORT) & (transport == udp.UDP)
    rows = np.flatnonzero(found & (cursor.position < LOST))
    if not len(rows):
        return
    inner, inside = draft.inside(rows), cursor.inside(rows)
    kind = np.full(len(rows), IN_IP, np.uint8)
    kind[transport[rows] == 47] = GRE
    kind[transport[rows] == udp.UDP] = VXLAN
    number = np.full(len(rows), -1, np.int64)
    _gre(inner, inside, np.flatnonzero(kind == GRE), number)
    _vxlan(inner, inside, np.flatnonzero(kind == VXLAN), number)
    bare = np.flatnonzero(kind == IN_IP)
    inner.ethertype[bare] = np.where(transport[rows[bare]] == 4, link.IPV4, link.IPV6)
    link.shims(inner, inside)
    ip.decode(inner, inside)
    tcp.decode(inner, inside)
    udp.decode(inner, inside)
    entered = np.flatnonzero(inner.ip_version > 0)
    if not len(entered):
        return
    rows = rows[entered]
    if draft.details:
        draft.tunnel_id[rows] = number[entered]
        draft.outer_src[rows] = outers.add(_whole(draft, draft.src[rows], rows, SRC_KNOWN)) + 1
        draft.outer_dst[rows] = outers.add(_whole(draft, draft.dst[rows], rows, DST_KNOWN)) + 1
    draft.tunnel[rows] = kind[entered]
    draft.replace(rows, inner, entered)
    cursor.replace(rows, inside, entered)


def _gre(inner: Draft, inside: Cursor, rows: NDArray[np.intp], number: NDArray[np.int64]) -> None:
    if not len(rows):
        return
    header = inside.read(rows, _GRE)
    flags = header["flags"]
    # Routing was given up with RFC 2784; version 1 is PPTP's, which carries PPP.
    sane = header.whole() & (flags & (_VERSION | _ROUTING) == 0)
    start, sane_rows = inside.position[rows] + _GRE.itemsize, rows[sane]
    keyed = sane & (flags & _KEY > 0)
    inside.position[rows] = start + np.where(flags & _CHECKSUM > 0, 4, 0)
    key = inside.read(rows[keyed], _WORD)
    number[rows[keyed]] = key.field("value", -1)
    words = (flags & _KEY > 0).astype(np.int64) + (flags & _SEQUENCE > 0)
    inside.position[rows] += 4 * words
    inner.ethertype[sane_rows] = header["ethertype"][sane]
    _bridged(inner, inside, rows[sane & (header["ethertype"] == _BRIDGED)])


def _vxlan(inner: Draft, inside: Cursor, rows: NDArray[np.intp], number: NDArray[np.int64]) -> None:
    if not len(rows):
        return
    header = inside.read(rows, _VXLAN)
    sane = header.whole() & (header["flags"] & _VNI_KNOWN > 0)
    rows = rows[sane]
    number[rows] = header["vni"][sane] >> 8
    inside.position[rows] += _VXLAN.itemsize
    _bridged(inner, inside, rows)


def _bridged(inner: Draft, inside: Cursor, rows: NDArray[np.intp]) -> None:
    if len(rows):
        link.ethernet(inner, inside, rows)


def _whole(
    draft: Draft, numbers: NDArray[np.uint32], rows: NDArray[np.intp], known: int
) -> NDArray[np.uint8]:
    """Outer addresses as 16 bytes."""
    made = np.zeros((len(rows), 16), np.uint8)
    four = (draft.ip_version[rows] == 4) & (draft.known[rows] & known > 0)
    made[four, 10:12] = 0xFF
    made[four, 12:] = numbers[four].view(np.uint8).reshape(-1, 4)
    six = draft.ip_version[rows] == 6
    if six.any():
        made[six] = draft.addresses.table()[numbers[six]]
    return made
