"""Where things stand in a DNS message: what can be told without reading its records.

RFC 1035 section 4. :func:`outline` walks a message once, from record to record, and says where it
breaks off; names are skipped, not put together, so it is cheap and linear whatever comes.

Invariant: a pointer leads to before the name it stands in, so that every name ends.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

HEADER = Struct("!6H")
"""id, flags, and how many questions, answers, authority and additional records."""

SIZE = 12
"""Bytes of the header."""

LONGEST_NAME = 255

QR, OPCODE, AA, TC, RD, RA, Z, AD, CD, RCODE = (
    0x8000, 0x7800, 0x0400, 0x0200, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010, 0x000F,
)  # fmt: skip
"""The header's flags (RFC 1035 section 4.1.1, RFC 4035)."""

SOA, OPT = 6, 41
_FIXED = {1: 4, 28: 16}  # bytes of an A, of an AAAA record's data
_RR = Struct("!HHIH")


class Malformed(ValueError):
    """Why a message cannot be read on, in words."""

    def __init__(self, why: str, is_cut: bool = False) -> None:
        super().__init__(why)
        self.is_cut = is_cut
        """Whether it may only be that its end lacks."""


class Entry(NamedTuple):
    """One record: where its name begins, and what is behind that."""

    section: int  # 1 answer, 2 authority, 3 additional
    name: int
    kind: int
    rdclass: int
    ttl: int
    data: int  # where its data begin
    size: int


class Outline(NamedTuple):
    """A message, as far as it could be walked."""

    questions: tuple[tuple[int, int], ...]  # where each begins, and its type and class stand
    entries: tuple[Entry, ...]
    end: int  # where what was walked ends
    why: str = ""  # why it was not walked further
    is_cut: bool = False  # its end lacks


def outline(data: bytes, most: int = 1 << 16, until: int = 3) -> Outline:
    """The places of a message's questions and records, ``most`` of them, to section ``until``."""
    questions: list[tuple[int, int]] = []
    entries: list[Entry] = []
    size = len(data)
    at = SIZE
    if size < SIZE:
        return Outline((), (), size, f"{size} of the header's 12 bytes", True)
    counts = HEADER.unpack_from(data)[2:]
    try:
        for _ in range(min(counts[0], most)):
            behind = name_end(data, at)
            if behind + 4 > size:
                raise Malformed("a question is cut off", True)
            questions.append((at, behind))
            at = behind + 4
        for section in range(1, until + 1):
            for _ in range(min(counts[section], most - len(entries))):
                behind = name_end(data, at)
                if behind + 10 > size:
                    raise Malformed("a record is cut off", True)
                kind, rdclass, ttl, length = _RR.unpack_from(data, behind)
                if behind + 10 + length > size:
                    raise Malformed("a record's data are cut off", True)
                entries.append(Entry(section, at, kind, rdclass, ttl, behind + 10, length))
                at = behind + 10 + length
    except Malformed as error:
        return Outline(tuple(questions), tuple(entries), at, str(error), error.is_cut)
    return Outline(tuple(questions), tuple(entries), at)


def name_end(data: bytes, start: int) -> int:
    """Where the name at ``start`` ends. Raises Malformed."""
    at, size = start, len(data)
    while at < size:
        length = data[at]
        if length == 0:
            if at - start >= LONGEST_NAME:
                raise Malformed("a name is longer than 255 bytes")
            return at + 1
        if length < 64:
            at += length + 1
        elif length >= 192:
            if at + 2 > size:
                break
            leads = (length & 63) << 8 | data[at + 1]
            if leads >= start:
                where = "itself" if leads in (start, at) else "what follows it"
                raise Malformed(f"a name's pointer leads to {where}, byte {leads}")
            if leads < SIZE:
                raise Malformed(f"a name's pointer leads into the header, byte {leads}")
            return at + 2
        else:
            raise Malformed(f"a label of unknown kind, 0x{length:02x}")
        if at - start > LONGEST_NAME:
            raise Malformed("a name is longer than 255 bytes")
    raise Malformed("a name is cut off", True)


def name_text(data: bytes, start: int) -> str:
    """The name at ``start``, as zone files write it (RFC 1035 section 5.1). Raises Malformed."""
    labels: list[str] = []
    at, begin, size, length, hops = start, start, len(data), 1, 0
    while at < size and hops <= MOST_HOPS:
        count = data[at]
        if count == 0:
            return ".".join(labels) + "." if labels else "."
        if count < 64:
            label = data[at + 1 : at + 1 + count]
            length += count + 1
            if len(label) < count:
                break
            if length > LONGEST_NAME:
                raise Malformed("a name is longer than 255 bytes")
            labels.append(label.decode() if label.translate(None, _PLAIN) == b"" else _told(label))
            at += count + 1
        elif count >= 192 and at + 1 < size:
            leads = (count & 63) << 8 | data[at + 1]
            if not SIZE <= leads < begin:
                raise Malformed(f"a name's pointer leads to byte {leads}")
            at = begin = leads
            hops += 1
        else:
            break
    raise Malformed("a name is cut off, or led on and on by its pointers")


MOST_HOPS = 127
"""Pointers that one name is followed through: as many as it can have labels."""


def is_winding(data: bytes) -> bool:
    """Whether pointers lead to pointers, on and on: no name server writes that, and a message of
    64 KiB full of them would take minutes to read."""
    if len(data) < 2048:
        return False
    hops = bytearray(len(data))
    for at in range(SIZE, len(data) - 1):
        if data[at] >= 192:
            leads = (data[at] & 63) << 8 | data[at + 1]
            if leads < at and data[leads] >= 192:
                hops[at] = hops[leads] + 1
                if hops[at] >= 16:
                    return True
    return False


_PLAIN = bytes(range(0x21, 0x7F)).translate(None, b'"().;\\@$')


def _told(label: bytes) -> str:
    """A label with what means something else in it escaped, byte by byte."""
    return "".join(
        chr(byte) if byte in _PLAIN else f"\\{chr(byte)}" if 0x21 <= byte < 0x7F else f"\\{byte:03}"
        for byte in label
    )


_CLASSES = frozenset({1, 3, 4, 254, 255})
_MOST_RECORDS = 4096


def is_message(data: bytes) -> bool:
    """Whether bytes are a whole DNS message and nothing else: no doubt is left.

    Every record is walked, the end is where the bytes end, and what is fixed is as it must be.
    """
    if len(data) < SIZE + 5:
        return False
    _, flags, questions, answers, authority, additional = HEADER.unpack_from(data)
    opcode = (flags & OPCODE) >> 11
    if opcode not in (0, 4, 5) or flags & Z or questions + answers == 0:
        return False
    if opcode == 0 and not flags & QR and (flags & RCODE or not questions):
        return False
    walked = outline(data, _MOST_RECORDS)
    if walked.why or walked.end != len(data):
        return False
    if len(walked.entries) != answers + authority + additional:
        return False
    classes = [int.from_bytes(data[at + 2 : at + 4], "big") for _, at in walked.questions]
    fits = all(
        _FIXED.get(each.kind, each.size) == each.size or each.rdclass != 1
        for each in walked.entries
        if opcode != 5
    )
    classes += [each.rdclass for each in walked.entries if each.kind != OPT]
    return fits and all(each & 0x7FFF in _CLASSES for each in classes) and not _is_netbios(data)


def _is_netbios(data: bytes) -> bool:
    """Whether a question's name is one of NetBIOS (RFC 1002 section 4.1): not DNS, but alike."""
    name = data[SIZE + 1 : SIZE + 33]
    return data[SIZE] == 32 and len(name) == 32 and all(0x41 <= byte <= 0x50 for byte in name)


def could_be(data: bytes) -> bool:
    """Whether bytes begin with a header as DNS messages have it, on one of its ports."""
    if len(data) < SIZE:
        return False
    _, flags, questions, answers, authority, additional = HEADER.unpack_from(data)
    opcode = (flags & OPCODE) >> 11
    records = questions + answers + authority + additional
    return opcode in (0, 1, 2, 4, 5, 6) and not flags & Z and 0 < records < _MOST_RECORDS


def is_usual(header: bytes | bytearray) -> bool:
    """Whether a header is what most messages have, to find one amid other bytes."""
    _, flags, questions, answers, _, additional = HEADER.unpack_from(header)
    opcode = (flags & OPCODE) >> 11
    if flags & Z or opcode not in (0, 4, 5) or questions > 1 or additional > 64:
        return False
    return flags & QR != 0 or opcode == 5 or (questions == 1 and not flags & RCODE and not answers)
