"""A DNS message as it came: header, questions and records with their places in its bytes.

dnspython reads messages for the records that the verbs return. It resolves what a tool that
shows a message as it is must not: the header's own counts, the order of the records, names in
types that it does not know, and everything before the place where a message is broken. This
reads just that, checks every bound, follows compression only backwards (RFC 1035 section 4.1.4),
and leaves the data of the records where they are.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

HEADER = 12
QR, AA, TC, RD, RA, Z, AD, CD = 0x8000, 0x400, 0x200, 0x100, 0x80, 0x40, 0x20, 0x10
"""The header's flags (RFC 1035 4.1.1, RFC 4035 3)."""
DO = 0x8000
"""The flag of EDNS that asks for signatures (RFC 3225)."""
OPT, TSIG, SIG = 41, 250, 24
NAME_OCTETS = 255
_ESCAPED = frozenset(b'"$().;@\\')


class Malformed(Exception):
    """What is no DNS message, from some place on; in BIND's words for it.

    ``cut`` where it ends too early, and what stands before it may well be shown.
    """

    at: int | None = None
    """How far the message was read, where that is known."""

    @property
    def cut(self) -> bool:
        return str(self) == CUT


CUT = "unexpected end of input"


@dataclass(frozen=True, slots=True)
class Resource:
    """One record; its data are ``wire[start:end]`` of the message that it came in."""

    name: str
    rdtype: int
    rdclass: int
    ttl: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Ask:
    """One entry of the question section."""

    name: str
    rdtype: int
    rdclass: int


@dataclass(slots=True)
class Message:
    """A message, or what could be read of it: then ``fault`` says why it ends there."""

    wire: bytes
    id: int
    bits: int
    counts: tuple[int, int, int, int]
    """How many questions, answers, authorities and additional records the header announces."""
    questions: list[Ask] = field(default_factory=list)
    answer: list[Resource] = field(default_factory=list)
    authority: list[Resource] = field(default_factory=list)
    additional: list[Resource] = field(default_factory=list)
    """Without the OPT record, which is in ``opt``, and TSIG and SIG(0)."""
    opt: Resource | None = None
    signature: Resource | None = None
    """The TSIG or SIG(0) record at the end."""
    extra: int = 0
    """Bytes behind the last record."""
    fault: Malformed | None = None

    @property
    def opcode(self) -> int:
        return self.bits >> 11 & 0xF

    @property
    def rcode(self) -> int:
        """The response code, with the bits that EDNS adds (RFC 6891 6.1.3)."""
        upper = self.opt.ttl >> 24 if self.opt else 0
        return upper << 4 | self.bits & 0xF


def read(wire: bytes) -> Message:
    """The message; with its ``fault`` where it is broken. Raises Malformed below 12 bytes."""
    if len(wire) < HEADER:
        raise Malformed(CUT)
    id_, bits, *counts = struct.unpack_from("!6H", wire)
    at = HEADER
    message = Message(wire, id_, bits, (counts[0], counts[1], counts[2], counts[3]))
    try:
        for _ in range(counts[0]):
            name, at = name_at(wire, at)
            rdtype, rdclass = _unpack("!HH", wire, at)
            message.questions.append(Ask(name, rdtype, rdclass))
            at += 4
        sections = (message.answer, message.authority, message.additional)
        for section, count in zip(sections, counts[1:], strict=True):
            for number in range(count):
                resource = resource_at(wire, at)
                at = resource.end
                last = section is message.additional and number == count - 1
                options = resource.rdtype == OPT and resource.name == "."
                if options and section is message.additional and not message.opt:
                    message.opt = resource
                elif last and resource.rdtype in (TSIG, SIG) and resource.ttl == 0:
                    message.signature = resource
                else:
                    section.append(resource)
    except Malformed as error:
        message.fault = error
        at = at if error.at is None else error.at
    message.extra = len(wire) - at
    return message


def resource_at(wire: bytes, at: int) -> Resource:
    """The record that begins there. Raises Malformed."""
    name, at = name_at(wire, at)
    cut = Malformed(CUT)
    cut.at = at
    if at + 10 > len(wire):
        raise cut
    rdtype, rdclass, ttl, length = _unpack("!HHIH", wire, at)
    at += 10
    cut.at = at
    if at + length > len(wire):
        raise cut
    return Resource(name, rdtype, rdclass, ttl, at, at + length)


def name_at(wire: bytes, at: int, limit: int | None = None) -> tuple[str, int]:
    """The name that begins there, in presentation format with its final dot, and what follows it.

    ``limit`` is where what holds it ends. Raises Malformed.
    """
    labels, after = labels_at(wire, at, limit)
    return name_text(labels), after


def labels_at(wire: bytes, at: int, limit: int | None = None) -> tuple[list[bytes], int]:
    """The name's labels without the root's, and the place behind it. Raises Malformed."""
    end = len(wire) if limit is None else limit
    labels: list[bytes] = []
    after: int | None = None
    octets, backwards = 1, at
    while True:
        if at >= end:
            raise Malformed(CUT)
        length = wire[at]
        if length == 0:
            return labels, at + 1 if after is None else after
        if length < 0x40:
            if at + 1 + length > end:
                raise Malformed(CUT)
            labels.append(wire[at + 1 : at + 1 + length])
            at += 1 + length
            octets += 1 + length
            if octets > NAME_OCTETS:
                raise Malformed("name too long")
        elif length >= 0xC0:
            if at + 2 > end:
                raise Malformed(CUT)
            target = (length & 0x3F) << 8 | wire[at + 1]
            if after is None:
                after = at + 2
            if target >= backwards:
                raise Malformed("bad compression pointer")
            at = backwards = target
            end = len(wire)
        else:
            raise Malformed("bad label type")


def name_text(labels: list[bytes]) -> str:
    """Labels in presentation format (RFC 1035 5.1), with the final dot.

    >>> name_text([b"a.b", b"x\\x00"])
    'a\\\\.b.x\\\\000.'
    """
    return "".join(f"{label_text(label)}." for label in labels) or "."


def label_text(label: bytes) -> str:
    """One label with its escapes."""
    return "".join(
        f"\\{octet:c}" if octet in _ESCAPED else chr(octet) if 0x20 < octet < 0x7F
        else f"\\{octet:03}"
        for octet in label
    )  # fmt: skip


def _unpack(form: str, wire: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, wire, at)
    except struct.error as error:
        raise Malformed(CUT) from error
