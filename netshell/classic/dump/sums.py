"""Internet checksums, and what one should have been (RFC 1071)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netshell.classic.dump.text import Scope

_SOURCE_ROUTES = (0x83, 0x89)  # loose, strict: RFC 791 section 3.1
_EXTENSIONS = (0, 43, 44, 60, 62, 135)  # that may stand before a routing header


def checksum(octets: bytes) -> int:
    """The ones' complement of the ones' complement sum: 0 where the bytes add up.

    >>> checksum(bytes.fromhex("45000000" + "0000baff"))
    0
    """
    value = int.from_bytes(octets, "big")
    if len(octets) & 1:
        value <<= 8
    if not value:
        return 0xFFFF
    # 65536 is 1 modulo 65535: the number's remainder is the sum of its 16-bit digits.
    return 0xFFFF - (value % 0xFFFF or 0xFFFF)


def expected(field: int, found: int) -> int:
    """What a checksum field should hold, by what it holds and what the sum over all then was."""
    total = field + found
    total = (total & 0xFFFF) + (total >> 16)
    return (total & 0xFFFF) + (total >> 16)


def transport(network: Scope, segment: bytes, protocol: int, size: int | None = None) -> int:
    """The checksum of a segment with its pseudo header, by the IP header it came with.

    `size` is the segment's length where only a part of it is summed.
    """
    size = len(segment) if size is None else size
    data, at = network.data, network.at
    if data[at] >> 4 == 6:
        destination = data[at + 24 : at + 40]
        if data[at + 6] in _EXTENSIONS:
            destination = _last_stop6(network, destination)
        head = data[at + 8 : at + 24] + destination + size.to_bytes(4, "big")
        return checksum(head + bytes([0, 0, 0, protocol]) + segment)
    destination = data[at + 16 : at + 20]
    if data[at] & 0x0F != 5:
        destination = _last_stop4(network, destination)
    length = (size & 0xFFFF).to_bytes(2, "big")
    return checksum(data[at + 12 : at + 16] + destination + bytes([0, protocol]) + length + segment)


def _last_stop4(network: Scope, destination: bytes) -> bytes:
    """Where a source route ends, if the header has a whole one; else `destination`."""
    left = (network.u8(0) & 0x0F) * 4 - 20
    offset = 20
    while left > 0:
        kind = network.u8(offset)
        if kind == 0:
            break
        size = 1 if kind == 1 else network.u8(offset + 1)
        if (kind != 1 and size < 2) or left < size or not network.has(offset, size):
            break
        if kind in _SOURCE_ROUTES and size >= 7:
            return network.octets(offset + size - 4, 4)
        offset += size
        left -= size
    return destination


def _last_stop6(network: Scope, destination: bytes) -> bytes:
    """Where a routing header leads in the end, if there is a whole one; else `destination`."""
    after, offset, advance = network.u8(6), 0, 40
    while network.left(offset):
        offset += advance
        if after in (0, 60, 62, 135):
            advance = (network.u8(offset + 1) + 1) * 8
            after = network.u8(offset)
        elif after == 44:
            advance = 8
            after = network.u8(offset)
        elif after == 43:
            return _routed(network, offset, destination)
        else:
            break
    return destination


def _routed(network: Scope, offset: int, destination: bytes) -> bytes:
    """The last address of a routing header (RFC 2460 section 4.4, RFC 6275, RFC 8754)."""
    if not network.has(offset, 4):
        return destination
    size, kind = network.u8(offset + 1), network.u8(offset + 2)
    if size % 2:
        return destination
    if kind in (0, 2):
        for place in range(offset + 8, offset + 8 + size * 8, 16):
            if not network.has(place, 16):
                break
            destination = network.octets(place, 16)
    elif kind == 4 and network.has(offset + 8, 16):
        return network.octets(offset + 8, 16)  # segments stand in reverse order
    return destination
