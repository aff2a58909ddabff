"""The commonest frames in one go: TCP over IPv4 or IPv6 on Ethernet, with a VLAN tag or without.

Where every header has its usual size, every field has its place, and no layer needs to be asked
where the next one begins. What is written is what the layers would write; frames with anything
unusual (IP options, extension headers, fragments, cut or damaged headers) are left to them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.packet.chunk import ETHERNET, Chunk
from netshell.packet.columns import BITS, Group
from netshell.packet.cursor import EVERY, Rows, first_bytes
from netshell.packet.draft import DST_KNOWN, SRC_KNOWN, Addresses
from netshell.packet.ethertype import IPV4, IPV6
from netshell.packet.tcp import TCP, Flags

_TAG = 0x8100
_WIDTH = 80  # bytes looked at of each frame: all headers of any form
_LONG = np.uint32(1 << 20)  # bytes that no IP packet of a usual header has

_FIELDS: dict[str, tuple[Any, int]] = {  # from the TCP header on
    "sport": (">u2", 0),
    "dport": (">u2", 2),
    "seq": (">u4", 4),
    "ack": (">u4", 8),
    "offset": ("u1", 12),
    "flags": ("u1", 13),
    "window": (">u2", 14),
}
_V4: dict[str, tuple[Any, int]] = {  # from the IP header on
    "first": ("u1", 0),
    "length": (">u2", 2),
    "id": (">u2", 4),
    "fragment": (">u2", 6),
    "ttl": ("u1", 8),
    "proto": ("u1", 9),
    "src": ("u4", 12),
    "dst": ("u4", 16),
}
_V6: dict[str, tuple[Any, int]] = {
    "first": ("u1", 0),
    "length": (">u2", 4),
    "proto": ("u1", 6),
    "ttl": ("u1", 7),
    "src": ("16u1", 8),
    "dst": ("16u1", 24),
}


class _Form(NamedTuple):
    """Headers of one kind: all fields of a frame as one item of ``_WIDTH`` bytes."""

    version: int
    ethertype: int
    ip: int  # where the IP header begins
    tcp: int
    layout: np.dtype[np.void]


def _form(version: int, tagged: bool) -> _Form:
    ip = 18 if tagged else 14
    tcp = ip + (20 if version == 4 else 40)
    places = {name: (kind, ip + at) for name, (kind, at) in (_V4 if version == 4 else _V6).items()}
    places |= {name: (kind, tcp + at) for name, (kind, at) in _FIELDS.items()}
    if tagged:
        places["vlan"] = (">u2", 14)
    formats, offsets = zip(*places.values(), strict=True)
    layout = np.dtype(
        {"names": list(places), "formats": formats, "offsets": offsets, "itemsize": _WIDTH}
    )
    return _Form(version, IPV4 if version == 4 else IPV6, ip, tcp, layout)


_KINDS = np.dtype(
    {"names": ["first", "second"], "formats": [">u2"] * 2, "offsets": [12, 16], "itemsize": _WIDTH}
)
_USUAL = _form(4, False)
_OTHERS = (_form(6, False), _form(4, True), _form(6, True))


def decode(
    chunk: Chunk, block: slice, flow: Group, detail: Group, addresses: Addresses
) -> NDArray[np.intp]:
    """Fills the block's rows of the groups (``detail`` may be empty), where frames are plain.

    Returns the block's other rows, counted from its beginning: of those anything may have been
    written, and all of it is to be written again.
    """
    links, begin = chunk.link[block], chunk.offset[block]
    if not (links == ETHERNET).all():
        return np.arange(len(links))
    octets = first_bytes(chunk.data, begin, _WIDTH).view(f"V{_WIDTH}")
    kinds = octets.view(_KINDS)
    kind = kinds["first"]
    groups = {name: kept[block] for name, kept in flow.items()}
    details = {name: kept[block] for name, kept in detail.items()}
    groups["direction"][:] = chunk.direction[block]
    captured, wire = chunk.captured_len[block], chunk.wire_len[block]
    room = np.minimum(captured, len(chunk.data) - begin)
    wire = np.minimum(np.maximum(wire, captured), _LONG).view(np.int32)
    # Written for all rows, as that takes less than choosing; other forms then write over it.
    usual, headers = kind == IPV4, octets.view(_USUAL.layout)
    done, start, size = _fits(_USUAL, headers, room, wire, bool(detail))
    done &= usual
    _fill(_USUAL, headers, EVERY, start, size, groups, details, addresses)
    for form in _OTHERS if not usual.all() else ():
        here = kind == (form.ethertype if form.ip == _USUAL.ip else _TAG)
        if form.ip > _USUAL.ip:
            here &= kinds["second"] == form.ethertype
        rows = np.flatnonzero(here)
        if not len(rows):
            continue
        headers = octets[rows].view(form.layout)
        fits, start, size = _fits(form, headers, room[rows], wire[rows], bool(detail))
        done[rows] = fits
        if not fits.all():
            rows, start, size = rows[fits], start[fits], size[fits]
            headers = octets[rows].view(form.layout)
        _fill(form, headers, rows, start, size, groups, details, addresses)
    return np.flatnonzero(~done)


def _fits(
    form: _Form, headers: Any, room: Any, wire: Any, details: bool
) -> tuple[NDArray[np.bool_], Any, Any]:
    """Which frames have this form, where their payloads start, and how long they are."""
    fits: NDArray[np.bool_] = headers["proto"] == TCP
    if form.version == 4:
        fits &= headers["first"] == 0x45
        fits &= headers["fragment"] & 0x3FFF == 0
    else:
        fits &= headers["first"] >> 4 == 6
    fits &= room >= form.tcp + 20
    header = headers["offset"] >> 4 << 2
    fits &= header >= 20
    start = header.astype(np.int32)
    start += form.tcp
    end = headers["length"].astype(np.int32)
    end += form.ip if form.version == 4 else form.tcp
    size = np.minimum(end, wire, out=end)
    size -= start
    fits &= size >= 0
    if details:  # what a SYN offers stands in its options
        fits &= headers["flags"] & Flags.SYN.value == 0
    return fits, start, size


def _fill(
    form: _Form,
    headers: Any,
    rows: Rows,
    start: Any,
    size: Any,
    flow: Group,
    detail: Group,
    addresses: Addresses,
) -> None:
    """Writes what frames of this form have in their rows."""
    tagged, is_v4 = form.ip > _USUAL.ip, form.version == 4
    flow["vlan"][rows] = headers["vlan"] & 0x0FFF if tagged else -1
    flow["inner_vlan"][rows] = -1
    flow["ethertype"][rows] = form.ethertype
    flow["tunnel"][rows] = 0
    flow["ip_version"][rows] = form.version
    flow["proto"][rows] = TCP
    for name in ("src", "dst"):
        value = headers[name]
        if not is_v4:
            value = addresses.add(value.copy())
        flow[name][rows] = value
    for name in ("sport", "dport", "seq", "ack"):
        flow[name][rows] = headers[name]
    flags = headers["offset"].astype(np.int16)
    flags &= 1
    flags <<= 8
    flags |= headers["flags"]
    flow["tcp_flags"][rows] = flags
    flow["payload_offset"][rows] = start
    flow["payload_len"][rows] = size
    known = SRC_KNOWN | DST_KNOWN if is_v4 else 0
    flow["mask"][rows] = known | BITS["sport"] | BITS["dport"] | BITS["seq"] | BITS["ack"]
    if not detail:
        return
    for name in ("tunnel_id", "outer_src", "outer_dst", "fragment_offset"):
        detail[name][rows] = 0
    detail["ttl"][rows] = headers["ttl"]
    detail["ip_len"][rows] = headers["length"]
    detail["window"][rows] = headers["window"]
    detail["data_offset"][rows] = start - form.tcp
    detail["window_scale"][rows] = -1
    detail["ip_id"][rows] = headers["id"] if is_v4 else 0
    detail["more_fragments"][rows] = False
    detail["mask"][rows] = (BITS["ip_id"] if is_v4 else 0) | BITS["window"]
