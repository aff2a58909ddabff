"""What the checksum of a TCP or UDP packet tells: that it arrived whole, or nothing yet.

On the machine that sends it, a packet is captured before the network card fills its checksum in
(checksum offload). Linux leaves the sum of the pseudo header in its place (``CHECKSUM_PARTIAL``,
Documentation/networking/checksum-offloads.rst). That is told from the packet itself, live or from
a file, and is what TP_STATUS_CSUMNOTREADY says beside a captured one. It stays so up to a host on
the same machine, and is so in packets that were put together on arrival (GRO). Other systems
leave anything there: what was sent from here is never called incorrect.

Sums: RFC 1071; RFC 9293 section 3.1, RFC 768, RFC 8200 section 8.1 (pseudo headers).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from netshell.packet import ip
from netshell.packet.chunk import INCOMING, OUTGOING

if TYPE_CHECKING:
    from netshell.packet.packet import Packet
    from netshell.packet.table import Columns

State = Literal["correct", "not filled in", "absent", "not judged", "incorrect"]

_ONES = 0xFFFF  # in sums of ones' complement, 0 and this are one number
_UDP_HEADER = 8
_PLACES = {ip.TCP: 16, ip.UDP: 6}  # of the checksum in the header


class Checksum(NamedTuple):
    """A checksum as it was captured, what is to be thought of it, and why."""

    value: int
    state: State
    why: str = ""

    def __str__(self) -> str:
        return f"0x{self.value:04x}, {self.state}" + (f": {self.why}" if self.why else "")


def judge(packet: Packet) -> Checksum | None:
    """The checksum of a TCP or UDP packet; None for fragments, others, and where it was cut off."""
    columns, row = packet.place
    found = _found(columns, row, packet.raw)
    if found is None:
        return None
    start, length, value, pseudo = found
    if not value and columns.at("proto", row) == ip.UDP and packet.ip_version == 4:
        return Checksum(value, "absent", "the sender gave none, which IPv4 allows")
    segment = packet.raw[start : start + length]
    whole = len(segment) == length
    if whole and (_sum(segment) + pseudo) % _ONES == 0:
        return Checksum(value, "correct")
    if value % _ONES == pseudo:
        return Checksum(value, "not filled in", "left to the network card (offload)")
    direction = columns.at("direction", row)
    if direction == OUTGOING:
        return Checksum(value, "not filled in", "sent from here, the card does it (offload)")
    if not whole:
        return Checksum(value, "not judged", "not all of the packet was captured")
    return _doubt(packet, value, length, direction)


def is_unfilled(packet: Packet) -> bool:
    """Whether the pseudo header's sum stands where the checksum belongs; works on cut packets."""
    columns, row = packet.place
    found = _found(columns, row, packet.raw)
    return found is not None and found[2] > 0 and found[2] % _ONES == found[3]


def _doubt(packet: Packet, value: int, length: int, direction: int) -> Checksum:
    """Of a packet that does not add up: whether that proves anything."""
    columns, row = packet.place
    if packet.offload is not None:
        return Checksum(value, "not judged", "several packets were put together (offload)")
    if packet.ip_version == 6 and columns.at("ip_len", row) != length:
        # A routing header's last address belongs into the sum, not the one in the IP header.
        return Checksum(value, "not judged", "it has extension headers")
    if direction != INCOMING:
        return Checksum(
            value, "not judged", "it does not add up: sent from there (offload), or damaged"
        )
    return Checksum(value, "incorrect", "damaged on the way, its receiver discards it")


def _found(columns: Columns, row: int, frame: bytes) -> tuple[int, int, int, int] | None:
    """Where the segment starts, its length, its checksum, and the sum of its pseudo header."""
    proto, version = columns.at("proto", row), columns.at("ip_version", row)
    if proto not in _PLACES or not version:
        return None
    if columns.at("more_fragments", row) or columns.at("fragment_offset", row):
        return None
    header = columns.at("data_offset", row) if proto == ip.TCP else _UDP_HEADER
    start = columns.at("payload_offset", row) - header
    payload = columns.at("payload_len", row)
    place = start + _PLACES[proto]
    if header < _UDP_HEADER or start < 0 or payload < 0 or place + 2 > len(frame):
        return None
    source, target = columns.address("src", row), columns.address("dst", row)
    if version == 4:
        source, target = source[12:], target[12:]
    length = header + payload
    pseudo = (_sum(source) + _sum(target) + proto + length) % _ONES
    return start, length, int.from_bytes(frame[place : place + 2]), pseudo


def _sum(octets: bytes) -> int:
    """The sum of the 16-bit words: 2**16 is 1 in this arithmetic, so it is the number's rest."""
    return int.from_bytes(octets + b"\0" * (len(octets) % 2)) % _ONES
