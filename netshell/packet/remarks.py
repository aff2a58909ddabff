"""What a pcapng file says beside its packets: comments, names of addresses, interface statistics.

Format: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ , sections 3.5 (options), 4.5
(name resolution) and 4.6 (interface statistics). It only describes: what does not fit is left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from netshell.packet.ip import address_text

SECTION, INTERFACE, NAMES, STATISTICS = 0x0A0D0D0A, 1, 4, 5
DESCRIBING = (SECTION, INTERFACE, NAMES, STATISTICS)
"""The blocks that :meth:`Remarks.take` reads."""

MOST = 1 << 16
"""Remarks of one kind that are kept, so that no file fills the memory with them."""

_COMMENT, _DROPPED = 1, 5
_MAPPED = bytes(10) + b"\xff\xff"


@dataclass(slots=True)
class Remarks:
    """Everything said; texts are the file's, and shown cleaned."""

    comments: list[str] = field(default_factory=list)
    """About the file, a section, an interface."""
    of_packets: dict[int, str] = field(default_factory=dict)
    """About packets, by their numbers."""
    hosts: dict[str, list[str]] = field(default_factory=dict)
    """Names by address, as the capturing machine resolved them."""
    dropped: int = 0
    """Packets that interfaces say they lost."""

    def __bool__(self) -> bool:
        return bool(self.comments or self.of_packets or self.hosts or self.dropped)

    def take(self, kind: int, body: bytes, order: str) -> None:
        """Read a block of ``DESCRIBING`` (what is between its two lengths)."""
        if kind == NAMES:
            self._names(body, order)
            return
        skipped = {SECTION: 16, INTERFACE: 8, STATISTICS: 12}[kind]
        for code, value in options(body, skipped, order):
            if code == _COMMENT and len(self.comments) < MOST:
                self.comments.append(_text(value))
            elif kind == STATISTICS and code == _DROPPED and len(value) == 8:
                self.dropped += int(struct.unpack(order + "Q", value)[0])

    def packet(self, number: int, body: bytes, order: str) -> None:
        """Read the options of a packet's block."""
        said = [_text(value) for code, value in options(body, 0, order) if code == _COMMENT]
        if said and len(self.of_packets) < MOST:
            self.of_packets[number] = "\n".join(said)

    def selected(self, numbers: Sequence[int]) -> Remarks:
        """Those that go with some of the packets, numbered anew."""
        places = {old: new for new, old in enumerate(numbers) if old in self.of_packets}
        chosen = {new: self.of_packets[old] for old, new in places.items()}
        return Remarks(self.comments, chosen, self.hosts, 0)

    def _names(self, body: bytes, order: str) -> None:
        for code, value in options(body, 0, order):
            width = {1: 4, 2: 16}.get(code)
            if width is None or len(value) <= width or len(self.hosts) >= MOST:
                continue
            packed = value[:width] if width == 16 else _MAPPED + value[:4]
            names = self.hosts.setdefault(address_text(packed), [])
            names += [_text(name) for name in value[width:].split(b"\0") if name]


def commented(block: bytes, at: int, comments: Sequence[str]) -> bytes:
    """A block (little endian) with comments among its options, which begin at ``at``."""
    said = b""
    for comment in comments:
        value = comment.encode("utf-8", "replace")[:0xFFFF]
        said += struct.pack("<HH", _COMMENT, len(value)) + value + bytes(-len(value) % 4)
    rest = block[at:-4] or bytes(4)
    length = struct.pack("<I", at + len(said) + len(rest) + 4)
    return block[:4] + length + block[8:at] + said + rest + length


def names_block(hosts: dict[str, list[str]]) -> bytes:
    """The block (little endian) that names addresses."""
    body = b""
    for address, names in hosts.items():
        packed = ip_address(address).packed
        value = packed + b"".join(name.encode("utf-8", "replace") + b"\0" for name in names)
        value = value[:0xFFFF]
        body += struct.pack("<HH", 1 if len(packed) == 4 else 2, len(value))
        body += value + bytes(-len(value) % 4)
    length = struct.pack("<I", 16 + len(body))
    return struct.pack("<I", NAMES) + length + body + bytes(4) + length


def options(body: bytes, at: int, order: str) -> Iterator[tuple[int, bytes]]:
    """The options from a place on, up to the first that does not fit."""
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        if code == 0 or at + 4 + length > len(body):
            return
        yield code, body[at + 4 : at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
