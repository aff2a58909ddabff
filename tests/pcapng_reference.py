"""pcapng read block by block, as plainly as it can be: what the quick reader has to agree with."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from netshell.packet.framing import MAX_BLOCK, MAX_FRAME
from netshell.packet.options import options
from netshell.packet.remarks import DESCRIBING, Remarks

SECTION, INTERFACE, OBSOLETE, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
_MAGICS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_LAST_NS = 2**63 - 1

Row = tuple[int, int, int, int, int, int, int]


class Broken(Exception):
    """A block that cannot be what it claims."""


@dataclass
class Interface:
    number: int  # over all sections
    link: int
    snaplen: int
    binary: bool = False
    power: int = 6
    offset_s: int = 0

    def nanoseconds(self, ticks: int) -> int:
        ns = ticks * 1_000_000_000
        ns = ns >> self.power if self.binary else ns // 10**self.power
        return min(max(ns + self.offset_s * 1_000_000_000, -_LAST_NS), _LAST_NS)


@dataclass
class Found:
    """Rows are where, captured, wire, time, interface, direction, link."""

    rows: list[Row] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    interfaces: list[Interface] = field(default_factory=list)  # of the current section
    remarks: Remarks = field(default_factory=Remarks)
    order: str = "<"
    at: int = 0
    damage: tuple[int, str] | None = None
    cut: bool = False  # the damage may be only a piece's end


def read(data: bytes) -> Found:
    """A file, from its first section header on."""
    found = Found()
    while found.at < len(data):
        try:
            found.at = _block(data, found.at, found)
        except Broken as broken:
            found.damage = found.at, str(broken)
            found.cut = _is_cut(data, found.at, found.order)
            break
    return found


def _is_cut(data: bytes, at: int, order: str) -> bool:
    left = len(data) - at
    return left < 12 or bool(left < struct.unpack_from(order + "I", data, at + 4)[0] <= MAX_BLOCK)


def _block(data: bytes, at: int, found: Found) -> int:
    left = len(data) - at
    if left < 12:
        raise Broken(f"a block is cut short ({left} of at least 12 bytes)")
    if data[at : at + 4] == b"\x0a\x0d\x0d\x0a":
        order = _MAGICS.get(data[at + 8 : at + 12])
        if order is None:
            raise Broken("a section header without its byte-order mark")
        found.order = order
        found.interfaces = []
    kind, length = struct.unpack_from(found.order + "II", data, at)
    if length < 12 or length % 4:
        raise Broken(f"a block claims {length} bytes, which no block can have")
    if length > left:
        raise Broken(f"a block is cut short ({left} of {length} bytes)")
    if struct.unpack_from(found.order + "I", data, at + length - 4)[0] != length:
        raise Broken("a block's two lengths differ")
    body, end = at + 8, at + length - 4
    if kind == INTERFACE:
        _interface(data, body, end, found)
    elif kind in (ENHANCED, OBSOLETE):
        _packet(data, body, end, found, kind)
    elif kind == SIMPLE:
        _simple(data, body, end, found)
    if kind in DESCRIBING:
        found.remarks.take(kind, data[body:end], found.order)
    return at + int(length)


def _interface(data: bytes, body: int, end: int, found: Found) -> None:
    if end - body < 8:
        raise Broken("an interface description is too short")
    link, _, snaplen = struct.unpack_from(found.order + "HHI", data, body)
    interface = Interface(len(found.names), link, snaplen)
    name = ""
    for code, value in options(data[body:end], 8, found.order):
        if code == 2:
            name = value.decode("utf-8", "backslashreplace")
        elif code == 9 and len(value) == 1:
            interface.binary, interface.power = value[0] >= 0x80, value[0] & 0x7F
        elif code == 14 and len(value) == 8:
            (interface.offset_s,) = struct.unpack(found.order + "q", value)
    if len(found.names) > 0xFFFF:
        raise Broken("more than 65,536 interfaces")
    found.names.append(name)
    found.interfaces.append(interface)


def _packet(data: bytes, body: int, end: int, found: Found, kind: int) -> None:
    if end - body < 20:
        raise Broken("a packet block is too short")
    layout = "IIIII" if kind == ENHANCED else "HHIIII"
    number, *_, high, low, captured, wire = struct.unpack_from(found.order + layout, data, body)
    interface = _one_of(found, number)
    start = body + 20
    if captured > MAX_FRAME:
        raise Broken(f"a packet claims {captured} bytes; no frame has over {MAX_FRAME}")
    if captured > end - start:
        raise Broken(f"a packet claims {captured} bytes in a block of {end - body + 12}")
    direction = 0
    tail = data[start + (captured + 3) // 4 * 4 : end]
    for code, value in options(tail, 0, found.order):
        if code == 2 and len(value) == 4:
            direction = {1: 1, 2: 2}.get(struct.unpack(found.order + "I", value)[0] & 3, 0)
    found.remarks.packet(len(found.rows), tail, found.order)
    time_ns = interface.nanoseconds(high << 32 | low)
    found.rows.append(
        (start, captured, max(wire, captured), time_ns, interface.number, direction, interface.link)
    )


def _simple(data: bytes, body: int, end: int, found: Found) -> None:
    if end - body < 4:
        raise Broken("a simple packet block is too short")
    interface = _one_of(found, 0)
    (wire,) = struct.unpack_from(found.order + "I", data, body)
    start = body + 4
    captured = min(wire, end - start, interface.snaplen or MAX_FRAME, MAX_FRAME)
    found.rows.append((start, captured, wire, 0, interface.number, 0, interface.link))


def _one_of(found: Found, number: int) -> Interface:
    if number >= len(found.interfaces):
        raise Broken(f"a packet of interface {number}, which was not described")
    return found.interfaces[number]
