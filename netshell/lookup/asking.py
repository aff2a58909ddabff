"""A question as bytes: every bit of the header, EDNS and its options as asked for.

RFC 1035 section 4.1, RFC 6891. ``query.ask`` builds the verbs' questions with dnspython; a tool
that may send anything, a reply's flags or no question at all, builds them here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from netshell.errors import BadArgument
from netshell.lookup.names import brief, to_ascii
from netshell.lookup.wire import DO, NAME_OCTETS, OPT, RD

UDP_SIZE = 1232
"""The largest UDP reply asked for by default (DNS flag day 2020)."""
PADDING = 12
_SOA = 6
_FIRST_NAME = b"\xc0\x0c"
_LABEL = 63


@dataclass(frozen=True, slots=True)
class Asking:
    """One question. ``bits`` are the header's flags (``wire.RD`` ...), ``id`` below 65536."""

    name: str
    rdtype: int
    rdclass: int = 1
    id: int = 0
    bits: int = RD
    opcode: int = 0
    edns: int | None = 0
    """EDNS's version; None: no EDNS, and none of what follows."""
    udp_size: int = UDP_SIZE
    dnssec: bool = False
    edns_flags: int = 0
    options: tuple[tuple[int, bytes], ...] = ()
    padding: int = 0
    """Fill the message to a multiple of this (RFC 7830); 0: not."""
    header_only: bool = False
    serial: int | None = None
    """An IXFR's: changes since that (RFC 1995)."""

    def wire(self, padded: bool = True) -> bytes:
        """The message; ``padded`` False for one with the padding option but empty.

        Raises BadArgument for what is no name.
        """
        question = b""
        if not self.header_only:
            question = name_wire(self.name) + struct.pack("!HH", self.rdtype, self.rdclass)
        authority = b""
        if self.serial is not None:
            data = b"\0\0" + struct.pack("!5I", self.serial, 0, 0, 0, 0)
            head = struct.pack("!HHIH", _SOA, self.rdclass, 0, len(data))
            # The name stands in the question already: a pointer to it (RFC 1035 4.1.4).
            owner = name_wire(self.name) if self.header_only else _FIRST_NAME
            authority = owner + head + data
        counts = (not self.header_only, 0, bool(authority), self.edns is not None)
        header = struct.pack("!6H", self.id, self.bits | self.opcode << 11, *map(int, counts))
        body = header + question + authority
        return body + self._opt(len(body), padded)

    def _opt(self, before: int, padded: bool) -> bytes:
        if self.edns is None:
            return b""
        data = b"".join(struct.pack("!HH", code, len(text)) + text for code, text in self.options)
        if self.padding:
            whole = before + 11 + len(data) + 4
            fill = -whole % self.padding if padded else 0
            data += struct.pack("!HH", PADDING, fill) + bytes(fill)
        flags = self.edns_flags | (DO if self.dnssec else 0)
        head = struct.pack("!HHBBHH", OPT, self.udp_size, 0, self.edns, flags, len(data))
        return b"\0" + head + data


def name_wire(name: str) -> bytes:
    """A name in presentation format as octets; relative ones end at the root.

    Raises BadArgument, its ``why`` in BIND's words, for what is no name.
    """
    wire = b"".join(bytes([len(label)]) + label for label in name_labels(name)) + b"\0"
    if len(wire) > NAME_OCTETS:
        raise illegal(name, "ran out of space")
    return wire


def name_labels(name: str) -> list[bytes]:
    """The labels of a name in presentation format, without the root's. Raises BadArgument."""
    text = to_ascii(name)
    if text == ".":
        return []
    labels, label = [], bytearray()
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == ".":
            if not label:
                raise illegal(name, "empty label")
            labels.append(bytes(label))
            label.clear()
            continue
        if char == "\\":
            octet, at = _escape(name, text, at)
            label.append(octet)
        else:
            label += char.encode("ascii")
        if len(label) > _LABEL:
            raise illegal(name, "label too long")
    if label:
        labels.append(bytes(label))
    elif not labels:
        raise illegal(name, "unexpected end of input")
    return labels


def _escape(name: str, text: str, at: int) -> tuple[int, int]:
    digits = text[at : at + 3]
    if digits[:1].isdecimal():
        if len(digits) < 3 or not digits.isdecimal() or int(digits) > 255:
            raise illegal(name, "bad escape")
        return int(digits), at + 3
    if not digits:
        raise illegal(name, "unexpected end of input")
    return ord(digits[0]), at + 1


def illegal(name: str, why: str) -> BadArgument:
    """The refusal of what is no domain name."""
    return BadArgument("not a domain name", where=brief(name), why=why)
