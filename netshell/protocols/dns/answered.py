"""Which names a DNS answer gives to addresses: what labels the conversations that follow."""

from __future__ import annotations

from collections.abc import Iterator

from netshell.packet.ip import address_text
from netshell.protocols.dns.outline import (
    HEADER,
    OPCODE,
    QR,
    RCODE,
    Entry,
    Malformed,
    Outline,
    is_message,
    name_text,
    outline,
)

_A, _CNAME, _AAAA = 1, 5, 28
_MAPPED = b"\0" * 10 + b"\xff\xff"


def names_of(data: bytes) -> Iterator[tuple[str, str]]:
    """Address and name, of each address that a message answers; nothing of what is no answer.

    The name is the one that was asked for, also where aliases lead from it to the address; of an
    mDNS announcement, the one whose address it is. It has no dot at its end.
    """
    if len(data) < 12:
        return
    _, flags, questions, answers, _, more = HEADER.unpack_from(data)
    if flags & (QR | OPCODE | RCODE) != QR or not answers + more or not is_message(data):
        return
    walked = outline(data)
    try:
        if not questions:
            yield from _announced(data, walked)
        elif answers and questions == 1:
            yield from _asked(data, walked)
    except Malformed:
        return


def _asked(data: bytes, walked: Outline) -> Iterator[tuple[str, str]]:
    name = name_text(data, walked.questions[0][0])
    known = {name.lower()}
    for each in walked.entries:
        if each.section != 1 or each.rdclass & 0x7FFF != 1:
            continue
        if each.kind == _CNAME and name_text(data, each.name).lower() in known:
            known.add(name_text(data, each.data).lower())
        elif each.kind in (_A, _AAAA) and name_text(data, each.name).lower() in known:
            yield _address(data, each), _plain(name)


def _announced(data: bytes, walked: Outline) -> Iterator[tuple[str, str]]:
    for each in walked.entries:
        if each.kind in (_A, _AAAA) and each.rdclass & 0x7FFF == 1 and each.ttl:  # 0: goodbye
            yield _address(data, each), _plain(name_text(data, each.name))


def _plain(name: str) -> str:
    return name[:-1] or name


def _address(data: bytes, entry: Entry) -> str:
    octets = data[entry.data : entry.data + entry.size]
    return address_text(octets if entry.size == 16 else _MAPPED + octets)
