"""Link layers: from a frame's first byte to its ethertype and network header.

Layouts: IEEE 802.3/802.1Q, RFC 2516 (PPPoE), RFC 3032 (MPLS), RFC 1042 (SNAP), and for the rest
https://www.tcpdump.org/linktypes.html.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from netshell.packet import chunk, nflog, ppp, wifi
from netshell.packet.cursor import EVERY, LOST, Array, Cursor, Rows, rows_where
from netshell.packet.draft import Draft
from netshell.packet.ethertype import ARP, ETHERTYPES, IPV4, IPV6, PPPOE, by_version

__all__ = ["ARP", "ETHERTYPES", "IPV4", "IPV6", "LINKS", "decode", "ethernet", "shims"]

ROUNDS = 8  # tags, labels and shims looked behind; a frame with more is shown as the next one

_ETHERNET = np.dtype([("dst", "V6"), ("src", "V6"), ("ethertype", ">u2")])
_FAMILY = np.dtype([("octets", "u1", 4)])
_SLL = np.dtype(
    [("type", ">u2"), ("device", ">u2"), ("size", ">u2"), ("address", "V8"), ("ethertype", ">u2")]
)
_SLL2 = np.dtype(
    [
        ("ethertype", ">u2"),
        ("reserved", ">u2"),
        ("ifindex", ">u4"),
        ("device", ">u2"),
        ("type", "u1"),
        ("size", "u1"),
        ("address", "V8"),
    ]
)
_TAG = np.dtype([("tag", ">u2"), ("ethertype", ">u2")])
_LABEL = np.dtype([("label", ">u4")])
_LLC = np.dtype([("llc", "V3"), ("organisation", "V3"), ("ethertype", ">u2")])

_SLL_SENT = 4  # PACKET_OUTGOING
_FAMILIES = {2: IPV4, 10: IPV6, 24: IPV6, 28: IPV6, 30: IPV6}  # AF_INET, AF_INET6 by system

_TAGGED, _LABELLED, _PPP, _SHORT = 1, 2, 3, 4


def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(65536, np.uint8)
    kinds[1:1536] = _SHORT  # IEEE 802.3: a length, LLC follows
    kinds[[0x8100, 0x88A8, 0x9100, 0x9200]] = _TAGGED
    kinds[[0x8847, 0x8848]] = _LABELLED
    kinds[0x8864] = _PPP
    return kinds


_KIND = _kinds()


def decode(draft: Draft, cursor: Cursor) -> None:
    """Fills ethertype, vlan, inner_vlan and direction; leaves the cursor at the network header."""
    links = draft.link
    if not len(links):
        return
    if (links == links[0]).all():
        _decode_link(draft, cursor, int(links[0]), EVERY)
    else:
        for link in np.unique(links).tolist():
            _decode_link(draft, cursor, link, np.flatnonzero(links == link))
    shims(draft, cursor)


def _decode_link(draft: Draft, cursor: Cursor, link: int, rows: Rows) -> None:
    decoder = LINKS.get(link)
    if decoder is not None:
        decoder(draft, cursor, rows)


def ethernet(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    """Reads Ethernet headers; their ethertype may still be a tag's or a length."""
    header = cursor.read(rows, _ETHERNET)
    draft.ethertype[rows] = header.field("ethertype", 0)
    cursor.advance(rows, header)


def _pppoe(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    draft.ethertype[rows] = PPPOE  # there is nothing before it


def _raw(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    draft.ethertype[rows] = by_version(cursor, rows)


def _ipv4(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    draft.ethertype[rows] = IPV4


def _ipv6(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    draft.ethertype[rows] = IPV6


def _loopback(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    # The family is in the byte order of the machine that wrote it (NULL) or the network's (LOOP).
    # All families are below 256, so the byte that is not zero says it in either order.
    header = cursor.read(rows, _FAMILY)
    octets: Array = header["octets"].astype(np.uint32)
    little = octets[:, 0] | octets[:, 1] << 8 | octets[:, 2] << 16 | octets[:, 3] << 24
    big = octets[:, 3] | octets[:, 2] << 8 | octets[:, 1] << 16 | octets[:, 0] << 24
    family = np.minimum(little, big)
    ethertype = np.zeros(len(family), np.uint16)
    for number, meaning in _FAMILIES.items():
        ethertype[family == number] = meaning
    draft.ethertype[rows] = np.where(header.whole(), ethertype, 0)
    cursor.advance(rows, header)


def _sll(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    header = cursor.read(rows, _SLL)
    draft.ethertype[rows] = header.field("ethertype", 0)
    _cooked_direction(draft, rows, header["type"], header.whole("type"))
    cursor.advance(rows, header)


def _sll2(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    header = cursor.read(rows, _SLL2)
    draft.ethertype[rows] = header.field("ethertype", 0)
    _cooked_direction(draft, rows, header["type"], header.whole("type"))
    cursor.advance(rows, header)


LINKS: dict[int, Callable[[Draft, Cursor, Rows], None]] = {
    chunk.NULL: _loopback,
    chunk.ETHERNET: ethernet,
    9: ppp.frames,
    12: _raw,  # DLT_RAW, which some programs write unmapped
    14: _raw,
    50: ppp.frames,
    51: _pppoe,
    chunk.RAW: _raw,
    104: ppp.cisco,
    chunk.IEEE802_11: wifi.ieee80211,
    chunk.LOOP: _loopback,
    chunk.SLL: _sll,
    chunk.RADIOTAP: wifi.radiotap,
    204: ppp.directed,
    chunk.IPV4: _ipv4,
    chunk.IPV6: _ipv6,
    239: nflog.messages,
    chunk.SLL2: _sll2,
}
"""The link types that are decoded; frames of others are kept, with every column missing."""


def _cooked_direction(draft: Draft, rows: Rows, kind: Array, known: NDArray[np.bool_]) -> None:
    said = np.where(kind == _SLL_SENT, chunk.OUTGOING, chunk.INCOMING)
    given = draft.direction[rows]  # the source's own word wins
    draft.direction[rows] = np.where(
        (given == chunk.UNKNOWN) & known & (kind <= _SLL_SENT), said, given
    )


def shims(draft: Draft, cursor: Cursor) -> None:
    """Looks behind VLAN tags, MPLS labels, PPPoE and LLC/SNAP, all frames a layer per round."""
    rows = rows_where(_KIND[draft.ethertype] > 0)
    for _ in range(ROUNDS):
        if rows is None:
            return
        index = np.arange(len(draft))[rows]
        before = cursor.position[index]
        kind = _KIND[draft.ethertype[index]]
        _tags(draft, cursor, index[kind == _TAGGED])
        _labels(draft, cursor, index[kind == _LABELLED])
        ppp.session(draft, cursor, index[kind == _PPP])
        _llc(draft, cursor, index[kind == _SHORT])
        again = _KIND[draft.ethertype[index]] > 0
        again &= cursor.position[index] > before  # what was not understood stays as it is
        again &= cursor.position[index] != LOST
        rows = index[again] if again.any() else None


def _tags(draft: Draft, cursor: Cursor, rows: NDArray[np.intp]) -> None:
    if not len(rows):
        return
    header = cursor.read(rows, _TAG)
    number = np.where(header.whole("tag"), header["tag"] & 0x0FFF, -1)
    outer, inner = draft.vlan[rows], draft.inner_vlan[rows]
    draft.inner_vlan[rows] = np.where((outer >= 0) & (inner < 0), number, inner)
    draft.vlan[rows] = np.where(outer < 0, number, outer)
    draft.ethertype[rows] = header.field("ethertype", 0)
    cursor.advance(rows, header)


def _labels(draft: Draft, cursor: Cursor, rows: NDArray[np.intp]) -> None:
    if not len(rows):
        return
    header = cursor.read(rows, _LABEL)
    cursor.advance(rows, header)
    bottom = (header["label"] & 0x100) > 0
    # Only the label's owner knows what follows; an IP version nibble is the usual guess.
    draft.ethertype[rows] = np.where(
        bottom | ~header.whole(), by_version(cursor, rows), draft.ethertype[rows]
    )


def _llc(draft: Draft, cursor: Cursor, rows: NDArray[np.intp]) -> None:
    if not len(rows):
        return
    header = cursor.read(rows, _LLC)
    snap = header.whole() & (header["llc"] == np.void(b"\xaa\xaa\x03"))
    snap &= header["organisation"] == np.void(b"\0\0\0")
    draft.ethertype[rows] = np.where(snap, header.field("ethertype", 0), 0)
    cursor.position[rows] += np.where(snap, _LLC.itemsize, 0)


def hardware_addresses(frame: bytes, link: int) -> tuple[str, str]:
    """Source and destination hardware address of one frame; "" where its link type has none."""
    if link == chunk.ETHERNET and len(frame) >= 12:
        return frame[6:12].hex(":"), frame[:6].hex(":")
    if link == chunk.SLL and len(frame) >= 14:
        return frame[6 : 6 + min(frame[5], 8)].hex(":"), ""
    if link == chunk.SLL2 and len(frame) >= 20:
        return frame[12 : 12 + min(frame[11], 8)].hex(":"), ""
    if link == chunk.RADIOTAP and len(frame) >= 4:
        frame, link = frame[frame[2] | frame[3] << 8 :], chunk.IEEE802_11
    if link == chunk.IEEE802_11 and len(frame) >= 16:  # transmitter and receiver
        return frame[10:16].hex(":"), frame[4:10].hex(":")
    return "", ""
