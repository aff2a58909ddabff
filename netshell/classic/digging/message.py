"""A message as dig prints it: header, OPT pseudosection, sections, records in columns.

The layout is BIND's: columns by tabs (``style``), sections with their comments, what the header
announces rather than what was found.
"""

from __future__ import annotations

from dataclasses import dataclass

from netshell.classic.digging.edns import opt_lines, options
from netshell.classic.digging.rdata import rdata_text
from netshell.classic.digging.style import Style, duration, indent
from netshell.lookup.numbers import OPCODES, class_text, rcode_text, type_text
from netshell.lookup.wire import AA, AD, CD, QR, RA, RD, TC, Malformed, Message, Resource, Z

FLAGS = ((QR, "qr"), (AA, "aa"), (TC, "tc"), (RD, "rd"), (RA, "ra"), (AD, "ad"), (CD, "cd"))
_SECTIONS = ("QUESTION", "ANSWER", "AUTHORITY", "ADDITIONAL")
_UPDATE_SECTIONS = ("ZONE", "PREREQUISITE", "UPDATE", "ADDITIONAL")
_UPDATE = 5
_SOA, _OPT, _ANY = 6, 41, 255
_FORMERR, _NOTIMP = 1, 4
_SIGNATURE = 17  # octets that a TSIG or SIG(0) record has at least


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts of a message are shown."""

    comments: bool = True
    question: bool = True
    answer: bool = True
    authority: bool = True
    additional: bool = True
    headers: bool = True
    """False in the messages of a zone transfer after the first."""
    first_soa: bool = True
    """False: a zone transfer's SOA is left out here."""
    last_soa: bool = True
    no_question: bool = False
    """A question without one: dig has the section's name all the same."""


def settle(message: Message) -> None:
    """Read the data of all records: what follows one that is cut is left out, as dig does.

    Raises Malformed where the message cannot be shown at all.
    """
    if message.fault and not message.fault.cut:
        raise message.fault
    options(message)
    style = Style()
    for section in (message.answer, message.authority, message.additional):
        for at, resource in enumerate(section):
            try:
                rdata_text(message.wire, resource, style)
            except Malformed as error:
                if not error.cut:
                    raise
                message.fault = error
                message.extra = len(message.wire) - resource.start
                _drop(message, section, at)
                return
    signature = message.signature
    if signature is not None and signature.end - signature.start < _SIGNATURE:
        message.fault, message.signature = Malformed("FORMERR"), None
    if message.fault is None and _odd(message):
        message.fault = Malformed("FORMERR")


def _drop(message: Message, section: list[Resource], at: int) -> None:
    later = (message.answer, message.authority, message.additional)
    cut = next(n for n, each in enumerate(later) if each is section)
    del section[at:]
    for each in later[cut + 1 :]:
        each.clear()
    message.opt = message.signature = None


def _odd(message: Message) -> bool:
    """Records that should not be there, though they can be shown."""
    if len(message.questions) > 1:
        return True
    expected = message.questions[0].rdclass if message.questions else 1
    for section in (message.answer, message.authority, message.additional):
        for resource in section:
            if resource.rdtype == _OPT:
                return True
            if resource.rdclass != expected and expected != _ANY:
                return True
    return False


def message_text(
    message: Message, style: Style, parts: Parts, cookie: bytes = b"", *, query: bool = False,
    edns: bool = True, dnssec: bool = False,
) -> str:  # fmt: skip
    """All of a message; ``query`` if it is one that is being sent.

    ``edns`` and ``dnssec`` are what the question had, for the advice where it is refused.
    """
    lines: list[str] = []
    if parts.comments:
        lines.append(";; Sending:" if query else ";; Got answer:")
        if parts.headers:
            lines += _header(message, query)
        if not query and edns and not message.opt and message.rcode in (_FORMERR, _NOTIMP):
            without = "+nodnssec " if dnssec else ""
            lines += [
                "",
                f";; WARNING: EDNS query returned status {rcode_text(message.rcode)} - "
                f"retry with '{without}+noedns'",
            ]
        if not query and message.extra:
            lines.append(f";; WARNING: Message has {message.extra} extra bytes at end")
        if parts.headers:
            lines += ["", *opt_lines(message, cookie)]
    lines += _sections(message, style, parts)
    return "".join(f"{line}\n" for line in lines)


def _header(message: Message, query: bool) -> list[str]:
    lines = []
    if any(ask.name.lower() == "local." or ask.name.lower().endswith(".local.")
           for ask in message.questions):  # fmt: skip
        lines += [
            ";; WARNING: .local is reserved for Multicast DNS",
            ";; You are currently testing what happens when an mDNS query is leaked to DNS",
        ]
    lines.append(
        f";; ->>HEADER<<- opcode: {OPCODES[message.opcode]}, "
        f"status: {rcode_text(message.rcode)}, id: {message.id}"
    )
    flags = "".join(f" {name}" for bit, name in FLAGS if message.bits & bit)
    unknown = "; MBZ: 0x4" if message.bits & Z else ""
    asked, answers, authorities, additional = message.counts
    lines.append(
        f";; flags:{flags}{unknown}; QUERY: {asked}, ANSWER: {answers}, "
        f"AUTHORITY: {authorities}, ADDITIONAL: {additional}"
    )
    if not query and message.bits & RD and not message.bits & RA:
        lines.append(";; WARNING: recursion requested but not available")
    return lines


def _sections(message: Message, style: Style, parts: Parts) -> list[str]:
    names = _UPDATE_SECTIONS if message.opcode == _UPDATE else _SECTIONS
    lines: list[str] = []
    comments = parts.comments and parts.headers
    if parts.question and parts.headers and (message.questions or parts.no_question):
        lines += [f";; {names[0]} SECTION:"] if comments else []
        for ask in message.questions:
            lines.append(_question(ask.name, ask.rdtype, ask.rdclass, style))
        lines += [""] if comments else []
    sections = (
        (parts.answer, message.answer),
        (parts.authority, message.authority),
        (parts.additional, message.additional),
    )
    for (shown, records), name in zip(sections, names[1:], strict=True):
        if not shown or not records:
            continue
        lines += [f";; {name} SECTION:"] if comments else []
        lines += [record_line(message, each, style) for each in _kept(records, parts)]
        lines += [""] if comments else []
    return lines


def _kept(records: list[Resource], parts: Parts) -> list[Resource]:
    """The records without the SOA records that ``+onesoa`` leaves out."""
    if parts.first_soa and parts.last_soa:
        return records
    kept, seen = [], not parts.first_soa
    for resource in records:
        if resource.rdtype == _SOA:
            if seen:
                continue
            seen = True
        kept.append(resource)
    return kept


def _question(name: str, rdtype: int, rdclass: int, style: Style) -> str:
    _, at_class, at_type, _ = style.columns
    line, column = f";{name}", len(name)
    for to, text in ((at_class, _class(rdclass, style)), (at_type, _type(rdtype, style))):
        space, column = indent(column, to)
        line += space + text
        column += len(text)
    return line


def record_line(message: Message, resource: Resource, style: Style) -> str:
    """One record: its line, or its lines where it is laid out over several."""
    at_ttl, at_class, at_type, at_data = style.columns
    cells: list[tuple[int, str]] = []
    if style.ttl:
        ttl = duration(resource.ttl, False) if style.ttl_units else str(resource.ttl)
        cells.append((at_ttl, ttl))
    if style.rdclass:
        cells.append((at_class, _class(resource.rdclass, style)))
    cells.append((at_type, _type(resource.rdtype, style)))
    cells.append((at_data, rdata_text(message.wire, resource, style)))
    line, column = resource.name, len(resource.name)
    for to, text in cells:
        space, column = indent(column, to)
        line += space + text
        column += len(text)
    return line


def short_texts(message: Message, style: Style, named: bool = False) -> list[str]:
    """The data of the answers, one text each; with their types if ``named``."""
    return [
        (f"{type_text(each.rdtype)} " if named else "")
        + rdata_text(message.wire, each, style.short())
        for each in message.answer
    ]


def _class(number: int, style: Style) -> str:
    return f"CLASS{number}" if style.unknown else class_text(number)


def _type(number: int, style: Style) -> str:
    return f"TYPE{number}" if style.unknown else type_text(number)
