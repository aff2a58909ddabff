"""What nslookup prints of a reply: who answered, the records in sentences, and with -debug all."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from netshell.classic.digging.rdata import rdata_text
from netshell.classic.digging.shown import Shown
from netshell.classic.digging.style import Style
from netshell.lookup.numbers import class_text, rcode_text, type_text
from netshell.lookup.wire import AA, Malformed, Message, Resource, name_at

if TYPE_CHECKING:
    from netshell.classic.digging.conversation import Exchange
    from netshell.classic.digging.line import Lookup, Whole
    from netshell.classic.digging.transfer import Transfer

_A, _CNAME, _SOA, _AAAA = 1, 5, 6, 28

SENTENCES: tuple[str, ...] = (
    "rtype_0", "internet address", "nameserver", "md", "mf", "canonical name", "soa", "mb", "mg",
    "mr", "rtype_10", "protocol", "name", "hinfo", "minfo", "mail exchanger", "text", "rp", "afsdb",
    "x25 address", "isdn address", "rt", "nsap", "nsap_ptr", "signature", "key", "px", "gpos",
    "has AAAA address", "loc", "next", "rtype_31", "rtype_32", "service", "rtype_34", "naptr", "kx",
    "cert", "v6 address", "dname", "rtype_40", "optional",
)  # fmt: skip
"""What stands before the data of a record, by its type's number."""

_SOA_PARTS = ("serial", "refresh", "retry", "expire", "minimum")


class Text(Shown):
    """Prints replies as nslookup does; stands where dig's text does in a conversation."""

    def __init__(self, whole: Whole, out: TextIO, *, both: bool, debug: bool) -> None:
        super().__init__(whole, out)
        self.both = both
        """No type was asked for: A, and then AAAA."""
        self.debug = debug
        self.reached = False
        """Whether any server replied."""
        self.failed = False
        """Whether one replied with an error."""
        self.next_name: str | None = None
        """What to ask AAAA of."""
        self._none_yet = False

    def banner(self, lookup: Lookup) -> None:
        """There is none."""

    def statistics(self, exchange: Exchange, size: int, transfer: Transfer | None = None) -> None:
        """There are none."""

    def message(self, exchange: Exchange) -> None:
        """A reply, or the next message of a zone transfer."""
        message = exchange.message
        assert message is not None
        for line in self._lines(exchange, message):
            self.out.write(f"{line}\n")

    def _lines(self, exchange: Exchange, message: Message) -> Iterator[str]:
        rdtype = exchange.lookup.rdtype
        first = not self.both or rdtype == _A
        self.reached = True
        if first:
            yield f"Server:\t\t{exchange.called}"
            yield f"Address:\t{exchange.place}"
            yield ""
        if self.debug:
            yield from _details(message)
        asked = message.questions[0].name if message.questions else exchange.lookup.name
        if message.rcode:
            self.failed = True
            yield f"** server can't find {_bare(asked)}: {rcode_text(message.rcode)}"
            return
        if self.both and rdtype == _A:
            self.next_name = _chased(message, asked)
        authority = bool(message.bits & AA)
        if not authority and first:
            yield "Non-authoritative answer:"
        if message.answer:
            yield from _section(message, message.answer, True)
        elif self.both and rdtype == _A:
            self._none_yet = True
        elif not self.both or (rdtype == _AAAA and self._none_yet):
            typed = exchange.lookup.name
            yield f"*** Can't find {_bare(typed) if self.both else typed}: No answer"
        if not authority and rdtype not in (_A, _AAAA):
            yield ""
            yield "Authoritative answers can be found from:"
            yield from _section(message, message.authority, False)
            yield from _section(message, message.additional, False)


def _section(message: Message, found: Sequence[Resource], answers: bool) -> Iterator[str]:
    for resource in found:
        name = _bare(resource.name)
        if answers and resource.rdtype in (_A, _AAAA):
            yield f"Name:\t{name}"
            yield f"Address: {_data(message, resource)}"
        elif resource.rdtype == _SOA:
            yield name
            yield from _authority(message, resource)
        else:
            yield f"{name}\t{_sentence(message, resource)}"


def _details(message: Message) -> Iterator[str]:
    yield "------------"
    yield "    QUESTIONS:"
    for ask in message.questions:
        kind, class_ = type_text(ask.rdtype), class_text(ask.rdclass)
        yield f"\t{_bare(ask.name)}, type = {kind}, class = {class_}"
    sections = (
        ("ANSWERS", message.answer),
        ("AUTHORITY RECORDS", message.authority),
        ("ADDITIONAL RECORDS", message.additional),
    )
    for title, found in sections:
        yield f"    {title}:"
        for resource in found:
            yield f"    ->  {_bare(resource.name)}"
            if resource.rdtype == _SOA:
                yield from _authority(message, resource)
            else:
                yield f"\t{_sentence(message, resource)}"
            yield f"\tttl = {resource.ttl}"
    yield "------------"


def _sentence(message: Message, resource: Resource) -> str:
    number = resource.rdtype
    what = SENTENCES[number] if number < len(SENTENCES) else f"rdata_{number}"
    # BIND's table lacks this one's sign.
    joint = " " if number == _AAAA else " = "
    return f"{what}{joint}{_data(message, resource)}"


def _data(message: Message, resource: Resource) -> str:
    try:
        return rdata_text(message.wire, resource, Style())
    except Malformed as error:
        return f"({error})"


def _authority(message: Message, resource: Resource) -> Iterator[str]:
    try:
        origin, at = name_at(message.wire, resource.start, resource.end)
        contact, at = name_at(message.wire, at, resource.end)
        numbers = struct.unpack_from("!5I", message.wire[: resource.end], at)
    except (Malformed, struct.error):
        return  # a record that is cut: the conversation has said so
    yield f"\torigin = {_bare(origin)}"
    yield f"\tmail addr = {_bare(contact)}"
    for part, number in zip(_SOA_PARTS, numbers, strict=True):
        yield f"\t{part} = {number}"


def _chased(message: Message, name: str) -> str:
    """The name at the end of the answer's chain of aliases."""
    for _ in message.answer:
        alias = next(
            (
                each
                for each in message.answer
                if each.rdtype == _CNAME and each.name.lower() == name.lower()
            ),
            None,
        )
        if alias is None:
            break
        try:
            name = name_at(message.wire, alias.start, alias.end)[0]
        except Malformed:
            break
    return name


def _bare(name: str) -> str:
    return name.removesuffix(".") or "."
