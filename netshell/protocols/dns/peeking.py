"""One DNS message in a few words, for the line of the packet that it came in."""

from __future__ import annotations

from itertools import islice

from netshell.packet.ip import address_text
from netshell.protocols.dns.outline import (
    HEADER,
    OPCODE,
    QR,
    RCODE,
    TC,
    Entry,
    Malformed,
    Outline,
    name_text,
    outline,
)
from netshell.protocols.dns.words import opcode_text, rcode_text, type_text

_CNAME, _A, _AAAA = 5, 1, 28
_SAID = 3  # answers


def summary(data: bytes) -> str:
    """A message that has a whole header: "A example.org? → 192.0.2.1"."""
    _, flags, _, answers, *_ = HEADER.unpack_from(data)
    walked = outline(data, 64, 1)
    opcode = (flags & OPCODE) >> 11
    word = "DNS " if not opcode else f"DNS {opcode_text(opcode).lower()} "
    try:
        asked = ", ".join(
            f"{type_text(int.from_bytes(data[behind : behind + 2], 'big'))} {name_text(data, at)}"
            for at, behind in islice(walked.questions, _SAID)
        )
        said = _answers(data, walked) if flags & QR else ""
    except Malformed as error:
        return f"{word}malformed: {error}"
    if walked.why:
        said = f"malformed: {walked.why}"
    elif not flags & QR:
        return f"{word}{asked}?"
    rcode = flags & RCODE
    status = rcode_text(rcode) if rcode or not answers else ""
    cut = "truncated" if flags & TC else ""
    return f"{word}{asked}{' → ' if asked else ''}" + ", ".join(filter(None, [status, cut, said]))


def _answers(data: bytes, walked: Outline) -> str:
    """The addresses that are answered, or else the first records of another type."""
    found = [each for each in walked.entries if each.section == 1]
    wanted = [each for each in found if each.kind in (_A, _AAAA)]
    shown = (wanted or found)[:_SAID]
    more = len(wanted or found) - len(shown)
    said = ", ".join(_text(data, each) for each in shown)
    return said + (f" and {more} more" if more else "")


def _text(data: bytes, entry: Entry) -> str:
    octets = data[entry.data : entry.data + entry.size]
    if entry.kind == _A and len(octets) == 4:
        return address_text(b"\0" * 10 + b"\xff\xff" + octets)
    if entry.kind == _AAAA and len(octets) == 16:
        return address_text(octets)
    if entry.kind in (2, _CNAME, 12):  # NS, CNAME, PTR
        return f"{type_text(entry.kind)} {name_text(data, entry.data)}"
    return type_text(entry.kind)
