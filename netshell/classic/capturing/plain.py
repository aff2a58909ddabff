"""Plain TCP and UDP lines, many at a time, with the text that their printers have.

What takes packets one by one is reading their headers and writing numbers; here both are done by
column, over the headers of some thousand packets. A packet is *plain* if its line has nothing
else: Ethernet with IPv4 or IPv6, TCP without options or with timestamps alone, or UDP, and no
printer for its payload. All others go to the protocols' printers, in their places between them.

Relative sequence numbers rest on what was seen before. :class:`Segments` works them out for all
segments it can read; a segment that is not plain finds in :class:`State` what it would have found
had all before it gone through the printers. What may hold segments that cannot be read here
(tunnels, fragments, headers cut off) is never passed over: ``odd`` rows are boundaries.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.classic.capturing.cells import Cells, digits, join, mapped, only, same, words
from netshell.classic.capturing.segments import Segments, addresses_of
from netshell.classic.dump.application import ports
from netshell.classic.dump.internet import tcp
from netshell.classic.dump.settings import Settings, number
from netshell.packet.chunk import ETHERNET, IPV4, IPV6, RAW, Chunk

LEAST = 257
"""Packets from which on it is quicker than one by one."""

_REACH = 18 + 60 + 32
"""Bytes of a frame that are looked at."""

_TCP, _UDP, _ICMP, _IGMP, _ICMP6 = 6, 17, 1, 2, 58
_V4, _V6, _VLAN, _ARP = 0x0800, 0x86DD, 0x8100, 0x0806
_STAMPS = 0x0101080A  # two of no operation, and timestamps behind them

# Printers of datagrams that hold no segments: what they show leaves TCP's numbers alone.
_INNOCENT = frozenset((53, 67, 68, 69, 123, 161, 162, 514, 546, 547, 5353))
_BARE = (RAW, 12, IPV4, IPV6)  # link types without headers

_IP4 = np.dtype({
    "names": ["first", "length", "fragment", "protocol", "src", "dst"],
    "formats": ["u1", ">u2", ">u2", "u1", ">u4", ">u4"],
    "offsets": [0, 2, 6, 9, 12, 16], "itemsize": 40,
})  # fmt: skip
_IP6 = np.dtype({
    "names": ["first", "length", "protocol", "src", "dst"],
    "formats": ["u1", ">u2", "u1", "(2,)>u8", "(2,)>u8"],
    "offsets": [0, 4, 6, 8, 24], "itemsize": 40,
})  # fmt: skip
_L4 = np.dtype({
    "names": ["sport", "dport", "seq", "ack", "offset", "flags", "window", "size",
              "options", "value", "echo"],
    "formats": [">u2", ">u2", ">u4", ">u4", "u1", "u1", ">u2", ">u2", ">u4", ">u4", ">u4"],
    "offsets": [0, 2, 4, 8, 12, 13, 14, 4, 20, 24, 28], "itemsize": 32,
})  # fmt: skip

Flags = NDArray[np.bool_]


def is_for(settings: Settings) -> bool:
    """Whether lines are plain at all with these options."""
    return not (
        settings.verbose
        or settings.quiet
        or settings.link_header
        or settings.hexadecimal
        or settings.both
        or settings.ascii
    )


class Headers:
    """The headers of some packets, as columns; what each means holds where its kind says so."""

    def __init__(self, chunk: Chunk) -> None:
        near, kind, heads = _network(chunk)
        network = _at(chunk.data, np.where(near, chunk.offset, 0) + heads, "V40")
        ip4, ip6 = network.view(_IP4), network.view(_IP6)
        version = ip4["first"] >> 4
        bare = np.isin(chunk.link, _BARE)
        kind = np.where(bare, np.select([version == 4, version == 6], [_V4, _V6], 0), kind)
        there = chunk.captured_len.astype(np.int64) - heads
        wire = chunk.wire_len.astype(np.int64) - heads
        size4 = (ip4["first"] & 15).astype(np.int64) * 4
        length4 = ip4["length"].astype(np.int64)
        length6 = ip6["length"].astype(np.int64) + 40
        is4 = near & (kind == _V4) & (version == 4) & (size4 >= 20) & (there >= size4)
        is4 &= (length4 >= size4) & (length4 <= wire) & (ip4["fragment"] & 0x3FFF == 0)
        self.is6 = near & (kind == _V6) & (version == 6) & (there >= 40)
        self.is6 &= (length6 <= wire) & (length6 > 40)
        ip = is4 | self.is6
        head = np.where(self.is6, 40, size4)
        length = np.where(self.is6, length6, length4)
        self.src, self.dst = addresses_of(ip4, ip6, self.is6)
        protocol = np.where(self.is6, ip6["protocol"], ip4["protocol"])
        self.l4 = _at(chunk.data, np.where(ip, chunk.offset + heads + head, 0), "V32").view(_L4)
        left = np.minimum(there, length) - head
        self._judge(np.where(ip, protocol, 0), length - head, left)
        harmless = ip & np.isin(protocol, (_ICMP, _IGMP, _ICMP6))
        harmless |= (chunk.link == ETHERNET) & (kind == _ARP)
        self.odd = ~(self.tcp | self.plain_udp | self._is_innocent | harmless)

    def _judge(
        self, protocol: NDArray[Any], payload: NDArray[np.int64], left: NDArray[np.int64]
    ) -> None:
        """Which are TCP, which plain; ``left`` of the ``payload`` is captured."""
        l4 = self.l4
        size = (l4["offset"] >> 4).astype(np.int64) * 4
        self.tcp = (protocol == _TCP) & (left >= 20) & (payload >= 20) & (size >= 20)
        self.body = np.where(self.tcp, payload - size, 0)
        self.stamped = self.tcp & (size == 32)
        shown = _between(l4, ports.TCP_PORTS) & (self.body > 0)
        alone = (size == 20) | ((size == 32) & (l4["options"] == _STAMPS))
        self.plain_tcp = self.tcp & alone & (left >= size) & (self.body >= 0)
        self.plain_tcp &= (l4["flags"] & tcp.URG == 0) & ~shown
        udp = (protocol == _UDP) & (left >= 8) & (payload >= 8)
        self.declared = l4["size"].astype(np.int64)
        has_printer = _between(l4, ports.UDP_PORTS)
        self.plain_udp = udp & ~has_printer & (self.declared >= 8) & (self.declared <= payload)
        # Where there are printers for both ports, either may be the one that is asked.
        self._is_innocent = udp & ~_between(l4, ports.UDP_PORTS - _INNOCENT)
        self.plain = self.plain_tcp | self.plain_udp


def _network(chunk: Chunk) -> tuple[Flags, NDArray[Any], NDArray[np.int64]]:
    """Whose bytes can be looked at, what Ethernet frames carry, and how long link headers are."""
    near = chunk.offset + _REACH <= len(chunk.data)
    safe = np.where(near, chunk.offset, 0)
    ether = chunk.link == ETHERNET
    kind = np.where(ether, _at(chunk.data, safe + 12, "V2").view(">u2"), 0)
    heads = np.where(ether, 14, 0).astype(np.int64)
    tagged = ether & (kind == _VLAN) & (chunk.captured_len >= 18)
    if tagged.any():
        kind = np.where(tagged, _at(chunk.data, safe + 16, "V2").view(">u2"), kind)
        heads[tagged] = 18
    return near, kind, heads


def _between(l4: NDArray[Any], known: frozenset[int]) -> Flags:
    """Whether one of the two ports is among these."""
    numbers = list(known)
    return np.isin(l4["sport"], numbers) | np.isin(l4["dport"], numbers)


def _at(data: NDArray[np.uint8], places: NDArray[np.int64], kind: str) -> NDArray[Any]:
    """The bytes at each place; as items, which numpy copies whole."""
    size = int(kind[1:])
    if len(data) < size:
        return np.zeros(len(places), kind)
    last = len(data) - size
    every = np.ndarray(last + 1, kind, data.data, strides=(1,))
    # Not take(), which would make a copy of every place there is.
    return every[np.minimum(places, last)]


def lines(
    headers: Headers, segments: Segments, settings: Settings, stamps: Cells, begins: Cells
) -> Cells:
    """The plain packets' lines, with the line feeds; ``stamps`` and ``begins`` are theirs."""
    rows = np.flatnonzero(headers.plain)
    count = len(rows)
    l4 = headers.l4[rows]
    is_tcp = headers.plain_tcp[rows]
    columns = [begins, stamps, words([b"IP ", b"IP6 "], headers.is6[rows].astype(np.intp))]
    for addresses, port, end in (
        (headers.src, l4["sport"], b" > "),
        (headers.dst, l4["dport"], b": "),
    ):
        columns.append(addresses.cells(rows, settings))
        columns.append(same(b".", count))
        columns.append(_ports(port, is_tcp, settings))
        columns.append(same(end, count))
    flags = l4["flags"]
    body = headers.body[rows]
    seq = segments.seq[rows]
    ack = segments.ack[rows]
    has_ack = is_tcp & (flags & tcp.ACK > 0)
    is_single = is_tcp & (body == 0) & (flags & (tcp.SYN | tcp.FIN | tcp.RST) > 0)
    has_seq = is_tcp & (body > 0) | is_single
    names = [f"Flags [{name}]".encode() for name in tcp.FLAGS]
    stamped = headers.stamped[rows]
    last = (seq + body) & 0xFFFFFFFF
    columns += [
        only(words(names, flags.astype(np.intp)), is_tcp),
        _optional(b", seq ", seq, has_seq),
        _optional(b":", last, is_tcp & (body > 0)),
        _optional(b", ack ", ack, has_ack),
        _optional(b", win ", l4["window"], is_tcp, 1 << 16),
        _optional(b", options [nop,nop,TS val ", l4["value"], stamped),
        _optional(b" ecr ", l4["echo"], stamped),
        only(same(b"]", count), stamped),
        words([b"UDP, length ", b", length "], is_tcp.astype(np.intp)),
        digits(np.where(is_tcp, body, headers.declared[rows] - 8), 1 << 17),
        same(b"\n", count),
    ]
    return join(columns)


def _optional(before: bytes, values: NDArray[Any], rows: Flags, most: int = 1 << 32) -> Cells:
    """A number behind a text, in some rows."""
    return only(join([same(before, len(values)), digits(values, most)]), rows)


def _ports(port: NDArray[Any], is_tcp: Flags, settings: Settings) -> Cells:
    if settings.port is number:
        return digits(port, 1 << 16)
    both = port.astype(np.int64) | is_tcp.astype(np.int64) << 16
    return mapped(both, lambda one: settings.port(_TCP if one >> 16 else _UDP, one & 0xFFFF))
