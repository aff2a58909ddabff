"""One packet of a capture: a row of the columns and the frame's bytes, read when asked.

A :class:`Packet` holds references only; every property looks its value up at that moment, so a
million of them cost nothing until somebody reads one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from netshell.errors import BadArgument, Unavailable
from netshell.packet import checksum, facts, ip, line, link, offload, peeking, tcp, tunnel
from netshell.packet.checksum import Checksum
from netshell.packet.chunk import INCOMING, OUTGOING
from netshell.packet.facts import PacketFields
from netshell.packet.ip import Hops
from netshell.packet.offload import Offload
from netshell.packet.payload import payload_lines
from netshell.packet.seq import MODULUS
from netshell.packet.table import Columns
from netshell.packet.tcp import Flags, Options
from netshell.results import Result
from netshell.view import Block, Column, Lines, Span, Table, clean

BaselineRow = tuple[int, int, int]
"""seq_base, ack_base and window_shift of one packet; -1 for unknown (see flow.baseline)."""

_DIRECTIONS = {INCOMING: "in", OUTGOING: "out"}


class Packet(Result):
    """A captured packet.

    >>> packet = cap[0]                                                # doctest: +SKIP
    >>> packet.src, packet.flags, packet.ttl                           # doctest: +SKIP
    ('10.77.0.1', <Flags.SYN: 2>, 64)
    >>> print(packet.line(payload="ascii"))                            # doctest: +SKIP
    """

    __slots__ = (
        "_baseline", "_columns", "_dissect", "_frame", "_row", "_said", "iface", "index", "origin",
    )  # fmt: skip

    index: int
    """Its place in the capture, from 0."""
    iface: str
    """The interface it was captured on; "" where the source does not say."""
    origin: object
    """The capture it was taken from; None for one of a scan, or made by hand."""

    def __init__(
        self,
        index: int,
        columns: Columns,
        row: int,
        frame: bytes,
        baseline: BaselineRow | None = None,
        iface: str = "",
        dissect: Callable[[Packet], Any] | None = None,
        said: tuple[str, ...] = (),
        origin: object = None,
    ) -> None:
        self.index = index
        self.origin = origin
        self.iface = iface
        self._columns = columns
        self._row = row
        self._frame = frame
        self._baseline = baseline
        self._dissect = dissect
        self._said = said

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled, or copied: this packet by itself, of no capture."""
        alone = self._columns[self._row : self._row + 1]
        given = self.index, alone, 0, self._frame, self._baseline, self.iface
        return Packet, (*given, self._dissect, self._said)

    @property
    def place(self) -> tuple[Columns, int]:
        """The columns that hold its values, and its row in them."""
        return self._columns, self._row

    @property
    def baseline(self) -> BaselineRow:
        """seq_base, ack_base and window_shift; -1 for unknown."""
        return self._baseline or (-1, -1, -1)

    def __eq__(self, other: object) -> bool:
        """The same packet, in whichever capture: its time, interface, direction and bytes."""
        return self._identity == other._identity if isinstance(other, Packet) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[int, str, str, int, int, bytes]:
        return self.time_ns, self.iface, self.direction, self.link, self.wire_len, self._frame

    # --- the frame ---

    @property
    def raw(self) -> bytes:
        """The frame as captured, from its link header on; nothing in it is masked."""
        return self._frame

    @property
    def time_ns(self) -> int:
        """When it was captured, nanoseconds since the epoch."""
        return self._columns.at("time_ns", self._row)

    @property
    def captured_len(self) -> int:
        """Bytes of the frame that were kept."""
        return self._columns.at("captured_len", self._row)

    @property
    def wire_len(self) -> int:
        """Bytes the frame had; over the MTU for frames not yet, or already, put together."""
        return self._columns.at("wire_len", self._row)

    @property
    def offload(self) -> Offload | None:
        """What tells that this is no packet of the wire, but several in one; None if nothing."""
        return offload.judge(self)

    @property
    def checksum(self) -> Checksum | None:
        """The checksum of TCP or UDP, judged; None for fragments, other packets, and cut ones."""
        return checksum.judge(self)

    @property
    def comment(self) -> str:
        """What somebody wrote to the packet in its pcapng file, line by line, or ""; cleaned."""
        return "\n".join(clean(text) for said in self._said for text in said.splitlines())

    @property
    def link(self) -> int:
        """LINKTYPE_ number of the frame's first header."""
        return self._columns.at("link", self._row)

    @property
    def direction(self) -> str:
        """ "in", "out", or "" where the source does not say."""
        return _DIRECTIONS.get(self._columns.at("direction", self._row), "")

    @property
    def vlan(self) -> int | None:
        """The outermost VLAN tag's id, or None."""
        return _or_none(self._columns.at("vlan", self._row))

    @property
    def ethertype(self) -> int:
        """What the link layer carries; 0 where it does not say."""
        return self._columns.at("ethertype", self._row)

    # --- the tunnel around it ---

    @property
    def tunnel(self) -> str:
        """The tunnel it came in, "vxlan 42", "gre" or "ip-in-ip"; "" for none."""
        name = tunnel.NAMES.get(self._columns.at("tunnel", self._row), "")
        number = self._columns.at("tunnel_id", self._row) if name else -1
        return f"{name} {number}" if number >= 0 else name

    @property
    def outer_src(self) -> str:
        """The source address of the tunnel's own packet; "" outside of tunnels."""
        return self._outer("outer_src")

    @property
    def outer_dst(self) -> str:
        """The destination address of the tunnel's own packet; "" outside of tunnels."""
        return self._outer("outer_dst")

    def _outer(self, name: str) -> str:
        packed = self._columns.address(name, self._row)
        return "" if packed == ip.UNSPECIFIED else ip.address_text(packed)

    # --- network ---

    @property
    def ip_version(self) -> int:
        """4, 6, or 0 if this is no IP packet."""
        return self._columns.at("ip_version", self._row)

    @property
    def proto(self) -> str:
        """Lowercase name of what it carries: "tcp", "udp", "icmp", "icmpv6", "arp", "lldp"...

        An unknown one is "proto 200" or "0x88b5" (an ethertype), and "" if nothing tells.
        """
        number = self._columns.at("proto", self._row)
        if number >= 0:
            return ip.protocol_name(number).lower()
        ethertype = self.ethertype
        if not ethertype:
            return ""
        return (link.ETHERTYPES.get(ethertype) or f"0x{ethertype:04x}").lower()

    @property
    def proto_number(self) -> int | None:
        """The IP protocol's number, or None if this is no IP packet."""
        return _or_none(self._columns.at("proto", self._row))

    @property
    def ip_id(self) -> int | None:
        """IPv4 identification, or that of an IPv6 fragment."""
        return _or_none(self._columns.at("ip_id", self._row))

    @property
    def src(self) -> str:
        """Source address: IP, or without IP the hardware address, or "" (cut off)."""
        return self._address("src", 0)

    @property
    def dst(self) -> str:
        """Destination address, as :attr:`src`."""
        return self._address("dst", 1)

    def _address(self, name: str, which: int) -> str:
        version = self.ip_version
        if version:
            packed = self._columns.address(name, self._row)
            # A real :: is a source, and then its destination, which stands behind it, is none.
            if packed == ip.UNSPECIFIED and (
                version == 4 or self._columns.address("dst", self._row) == ip.UNSPECIFIED
            ):
                return ""
            return ip.address_text(packed)
        return link.hardware_addresses(self._frame, self.link)[which]

    @property
    def sport(self) -> int | None:
        """Source port, or None (no ports, a later fragment, or cut off)."""
        return _or_none(self._columns.at("sport", self._row))

    @property
    def dport(self) -> int | None:
        """Destination port, as :attr:`sport`."""
        return _or_none(self._columns.at("dport", self._row))

    @property
    def ttl(self) -> int | None:
        """Time to live, or IPv6 hop limit."""
        return _or_none(self._columns.at("ttl", self._row))

    @property
    def hops(self) -> Hops | None:
        """The sender's likely start TTL and the routers passed since: a guess."""
        ttl = self.ttl
        return None if ttl is None else ip.hops(ttl)

    @property
    def fragment(self) -> tuple[int, bool] | None:
        """Offset in bytes and whether more follow, or None if it is no fragment."""
        offset = self._columns.at("fragment_offset", self._row)
        more = bool(self._columns.at("more_fragments", self._row))
        return (offset, more) if offset or more else None

    # --- TCP ---

    @property
    def flags(self) -> Flags | None:
        """TCP flags, or None if this is no TCP segment."""
        value = self._columns.at("tcp_flags", self._row)
        return None if value < 0 else Flags(value)

    @property
    def seq(self) -> int | None:
        """Absolute sequence number."""
        return _or_none(self._columns.at("seq", self._row))

    @property
    def ack(self) -> int | None:
        """Absolute acknowledgment number; None without the ACK flag."""
        flags = self._columns.at("tcp_flags", self._row)
        if flags < 0 or not flags & 0x10:
            return None
        return _or_none(self._columns.at("ack", self._row))

    @property
    def relative_seq(self) -> int | None:
        """Sequence number counted from the connection's start; None where that is unknown."""
        return _relative(self.seq, self.baseline[0])

    @property
    def relative_ack(self) -> int | None:
        """Acknowledgment number, counted as :attr:`relative_seq`."""
        return _relative(self.ack, self.baseline[1])

    @property
    def window_raw(self) -> int | None:
        """The window as written in the header."""
        return _or_none(self._columns.at("window", self._row))

    @property
    def window_shift(self) -> int | None:
        """The scale that applies to this segment's window; None if the handshake was not seen."""
        return _or_none(self.baseline[2])

    @property
    def window(self) -> int | None:
        """The window in bytes: scaled where the handshake was seen, else as written."""
        raw = self.window_raw
        return None if raw is None else raw << (self.window_shift or 0)

    @property
    def options(self) -> Options | None:
        """TCP options, and in ``.remark`` why decoding them stopped; None if not TCP."""
        size = self._columns.at("data_offset", self._row)
        stop = self._columns.at("payload_offset", self._row)
        if size < 20 or stop < 0:
            return None
        return tcp.decode_options(self._frame[stop - size + 20 : stop], stop > len(self._frame))

    # --- payload ---

    @property
    def payload(self) -> bytes:
        """The captured bytes behind the innermost header that was decoded, without padding.

        As they came: what shows them (:meth:`line`, the prompt) masks secrets, this does not.
        """
        start = self._columns.at("payload_offset", self._row)
        length = self._columns.at("payload_len", self._row)
        return self._frame[start : start + length] if start >= 0 and length > 0 else b""

    @property
    def payload_len(self) -> int:
        """Payload bytes on the wire; more than ``len(packet.payload)`` in a cut frame."""
        return max(self._columns.at("payload_len", self._row), 0)

    @property
    def scapy(self) -> Any:
        """The packet as a Scapy object, dissected now. Raises Unavailable without a capture."""
        if self._dissect is None:
            raise Unavailable(
                "cannot dissect with Scapy",
                why="this packet belongs to no capture",
                next_step="take it from a Capture",
            )
        return self._dissect(self)

    # --- shown ---

    def line(
        self, payload: str = "none", first_ns: int | None = None, *, reveal: bool = False
    ) -> str:
        """The packet in one line, and its payload in further, indented ones.

        ``payload`` is "none", "ascii" or "hex"; the time is local, or with ``first_ns`` seconds
        since then. Passwords and the like are masked, those of the payload unless ``reveal``;
        ``.payload`` and ``.raw`` are the bytes as they came. Safe to print: nothing in it moves a
        cursor. Raises BadArgument for another payload style, a time that is no whole number, or a
        ``reveal`` that is not True or False.
        """
        return line.text(self, payload, _nanoseconds(first_ns), reveal)

    def lines(
        self, payload: str = "none", first_ns: int | None = None, *, reveal: bool = False
    ) -> Lines:
        """:meth:`line` as a view block, its pieces marked with what they mean."""
        return line.block(self, payload, _nanoseconds(first_ns), reveal)

    def view(self) -> Sequence[Block]:
        data = peeking.shown(self, False)
        printed = sum(32 <= byte < 127 or byte in b"\r\n\t" for byte in data[:256])
        style = "ascii" if printed > 0.8 * min(len(data), 256) else "hex"
        rows = [(Span(name, "key"), value) for name, value in facts.rows(self)]
        blocks: list[Block] = [self.lines(), Table((Column("field"), Column("value")), rows)]
        if data:
            blocks.append(Lines([f"  {text}" for text in payload_lines(data, style)]))
        return blocks

    def records(self) -> PacketFields:
        """The packet's values as one dataclass."""
        return facts.fields(self)


def _nanoseconds(given: Any) -> int | None:
    """A time as packets have it. Raises BadArgument."""
    if given is None:
        return None
    try:
        time_ns = operator.index(given)
        if abs(time_ns) < 1 << 63:
            return time_ns
    except TypeError:
        pass
    raise BadArgument(
        "bad first_ns",
        where=f"a {type(given).__name__}",
        why="times are whole nanoseconds of 64 bits",
        next_step="use another packet's time_ns",
    )


def _or_none(value: Any) -> int | None:
    number = int(value)
    return None if number < 0 else number


def _relative(number: int | None, base: int) -> int | None:
    return None if number is None or base < 0 else (number - base) % MODULUS
