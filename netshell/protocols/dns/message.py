"""A DNS exchange as users hold it: a question with its answer. Read when somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import InitVar, dataclass, field
from typing import Any, ClassVar

from netshell.flow.amounts import ms
from netshell.protocols.api import Message, Part
from netshell.protocols.dns.outline import (
    AA,
    AD,
    CD,
    HEADER,
    OPCODE,
    OPT,
    QR,
    RA,
    RCODE,
    RD,
    SIZE,
    SOA,
    TC,
    Malformed,
    Outline,
    is_winding,
    name_text,
    outline,
)
from netshell.protocols.dns.records import Edns, Record, edns, sections
from netshell.protocols.dns.words import class_text, opcode_text, rcode_text, type_text
from netshell.view import Line

_FLAGS = ((QR, "qr"), (AA, "aa"), (TC, "tc"), (RD, "rd"), (RA, "ra"), (AD, "ad"), (CD, "cd"))
_SHOWN = 30
"""Records of a section that are said."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked for."""

    name: str
    rdtype: str
    rdclass: str = "IN"
    unicast: bool = False  # mDNS: an answer to the asker alone is wanted (RFC 6762 section 5.4)

    def __str__(self) -> str:
        rdclass = "" if self.rdclass == "IN" else f"{self.rdclass} "
        return f"{rdclass}{self.rdtype} {self.name}"


@dataclass(frozen=True, kw_only=True, repr=False)
class DnsMessage(Message):
    """A query with its answer (RFC 1035), over UDP or TCP; an announcement, an answer by itself.

    ``kind`` is "query", "notify", "update", "transfer" (AXFR, IXFR: many messages answer), "answer"
    (whose query was not seen, or was answered already), "mDNS question", "mDNS announcement".
    """

    protocol: ClassVar[str] = "dns"

    query_data: InitVar[bytes] = b""
    answer_data: InitVar[tuple[bytes, ...]] = ()
    retry_s: tuple[float, ...] = ()  # it was sent again so many seconds after the first time
    again_s: float | None = None  # the same was asked, and answered, so many seconds before
    messages: int = 1  # that answered; of a transfer, those after the first few are only counted
    query_bytes: int = 0
    answer_bytes: int = 0

    # What follows is read when it is asked for. Of the answer, where it is not said: of the query.
    id: int = field(init=False)
    opcode: str = field(init=False)  # "QUERY", of the query
    qname: str = field(init=False)  # of the first question
    qtype: str = field(init=False)
    qclass: str = field(init=False)
    questions: tuple[Question, ...] = field(init=False)
    rcode: str = field(init=False)  # "NOERROR", "NXDOMAIN"; "" without an answer
    flags: tuple[str, ...] = field(init=False)  # of the answer: "qr", "aa", "tc", ...
    query_flags: tuple[str, ...] = field(init=False)
    answers: tuple[Record, ...] = field(init=False)
    authority: tuple[Record, ...] = field(init=False)
    additional: tuple[Record, ...] = field(init=False)
    edns: Edns | None = field(init=False)  # of the answer
    query_edns: Edns | None = field(init=False)
    error: str = field(init=False)  # why query or answer could not be read to the end

    def __post_init__(self, query_data: bytes, answer_data: tuple[bytes, ...]) -> None:
        self.__dict__["_query"] = query_data
        self.__dict__["_answers"] = answer_data

    def __getattr__(self, name: str) -> Any:
        given = self.__dict__
        if name in _OUTLINED:
            given.update(_outlined(given["_query"], given["_answers"]))
        elif name in _RECORDS:
            read = [sections(*each) for each in self._walked()]
            for at, section in enumerate(("answers", "authority", "additional")):
                given[section] = tuple(record for each in read for record in each[at])
        elif name == "edns":
            given[name] = next((edns(*each) for each in self._walked()), None)
        elif name == "query_edns":
            query = given["_query"]
            given[name] = edns(query, outline(query)) if query else None
        else:
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        return given[name]

    def _walked(self) -> Iterator[tuple[bytes, Outline]]:
        """What has the records: the answer's messages; of what has no answer, its own."""
        for each in self.__dict__["_answers"] or (self.__dict__["_query"],):
            if each:
                yield each, outline(each)

    @property
    def retries(self) -> int:
        """How often the query was sent again before the answer came."""
        return len(self.retry_s)

    @property
    def truncated(self) -> bool:
        """Whether the answer is not whole, to be asked for over TCP (TC)."""
        return "tc" in self.flags

    @property
    def latency_ms(self) -> float | None:
        """From the query's first byte to the answer's last; None without either."""
        return None if self.duration_s is None else self.duration_s * 1000

    # --- in lines ---

    @property
    def asked(self) -> str:
        some = self.questions[:3]
        named = ", ".join(map(str, some)) + (", …" if len(self.questions) > len(some) else "")
        if self.kind == "mDNS announcement":
            told = list(dict.fromkeys(f"{each.rdtype} {each.name}" for each in self.answers))
            more = f" and {len(told) - 3:,} more" if len(told) > 3 else ""
            return f"announced {', '.join(told[:3])}{more}"
        word = "" if self.kind in ("query", "transfer", "answer") else f"{self.kind} "
        return f"{word}{named}".strip() or f"{self.kind} {self.id}"

    @property
    def answered(self) -> str:
        if not self.answer_bytes or self.kind == "mDNS announcement":
            return ""
        found = self.rcode if self.rcode != "NOERROR" or not self.answers else ""
        if self.kind == "transfer" and self.answers:
            counted = f"{self.messages:,} message{'' if self.messages == 1 else 's'}"
            return f"{counted}, {self.answer_bytes:,} bytes"
        said = [found, "truncated" if self.truncated else "", _few(self.answers)]
        if self.rcode == "NOERROR" and not self.answers and self.kind in ("query", "answer"):
            said.append("no records")
        return ", ".join(filter(None, said))

    @property
    def problem(self) -> str:
        if self.error:
            return f"malformed: {self.error}"
        return self.rcode if self.rcode not in ("", "NOERROR") else ""

    def said(self, side: str) -> Sequence[Line]:
        if self.kind == "answer":
            return list(self._answer_lines()) if side == self.side else []
        if side == self.side:
            return list(self._query_lines())
        return list(self._answer_lines()) if self.answer_bytes else []

    def _query_lines(self) -> Iterator[Line]:
        flags = " ".join(self.query_flags)
        yield ", ".join(filter(None, [self.asked, f"id {self.id}", flags]))
        if self.query_edns:
            yield str(self.query_edns)
        for wait in self.retry_s:
            yield f"sent again after {wait:.3f} s"
        if not self.__dict__["_answers"]:
            yield from self._record_lines()
            if self.error:
                yield self.problem

    def _answer_lines(self) -> Iterator[Line]:
        flags = " ".join(self.flags)
        yield ", ".join(filter(None, [self.rcode, flags, f"{self.answer_bytes:,} bytes"]))
        if self.edns:
            yield str(self.edns)
        yield from self._record_lines()
        if self.error:
            yield self.problem

    def _record_lines(self) -> Iterator[Line]:
        for section in ("answers", "authority", "additional"):
            records = getattr(self, section)
            if records and section != "answers":
                yield f"{section}:"
            yield from map(str, records[:_SHOWN])
            if len(records) > _SHOWN:
                yield f"… {len(records) - _SHOWN:,} more records"

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "kind", f"{self.protocol} {self.kind}"
        yield "asked", self.asked
        yield "answered", self.answered
        yield "took", ms(self.latency_ms)
        yield "sent again", ", ".join(f"after {wait:.3f} s" for wait in self.retry_s)
        yield "flags", " ".join(self.flags or self.query_flags)
        for section in ("answers", "authority", "additional"):
            yield section, ", ".join(map(str, getattr(self, section)[:_SHOWN]))
        yield "EDNS of the query", str(self.query_edns or "")
        yield "EDNS of the answer", str(self.edns or "")
        yield "problem", self.problem
        yield "lacking", self.lacking


_RECORDS = frozenset({"answers", "authority", "additional"})
_OUTLINED = frozenset(
    {
        "id", "opcode", "qname", "qtype", "qclass", "questions", "rcode", "flags", "query_flags",
        "error",
    }
)  # fmt: skip


def exchange(
    kind: str,
    parts: tuple[Part, ...],
    query: bytes,
    answers: tuple[bytes, ...],
    answer_bytes: int,
    **told: Any,
) -> DnsMessage:
    """The message of a query and what answered it: ``DnsMessage(...)`` in a third of the time."""
    made = object.__new__(DnsMessage)
    made.__dict__.update(
        told,
        kind=kind,
        parts=parts,
        query_bytes=len(query),
        answer_bytes=answer_bytes,
        _query=query,
        _answers=answers,
    )
    return made


def _outlined(query: bytes, answers: tuple[bytes, ...]) -> dict[str, Any]:
    """What headers and questions say; the answer's rcode with the high bits of its OPT record."""
    said = [each for each in (query, *answers) if each]
    walked = [outline(each) for each in said]
    found: dict[str, Any] = {
        "id": 0, "opcode": "", "rcode": "", "flags": (), "query_flags": (),
        "questions": (), "error": "",
    }  # fmt: skip
    if said and len(said[0]) >= SIZE:
        number, bits, *_ = HEADER.unpack_from(said[0])
        found["id"], found["opcode"] = number, opcode_text((bits & OPCODE) >> 11)
    for data, places in zip(said, walked, strict=True):
        found["questions"] = found["questions"] or _questions(data, places)
        found["error"] = found["error"] or _flaw(data, places)
    if len(query) >= SIZE:
        found["query_flags"] = _flags(query)
    if answers and len(answers[0]) >= SIZE:
        found["flags"] = _flags(answers[0])
        found["rcode"] = rcode_text(_full_rcode(answers[0], walked[1 if query else 0]))
    elif found["query_flags"][:1] == ("qr",):
        found["flags"] = found["query_flags"]
    asked = found["questions"][0] if found["questions"] else Question("", "", "")
    found["qname"], found["qtype"], found["qclass"] = asked.name, asked.rdtype, asked.rdclass
    return found


def _flags(data: bytes) -> tuple[str, ...]:
    bits = data[2] << 8 | data[3]
    return tuple([name for bit, name in _FLAGS if bits & bit])


def _questions(data: bytes, walked: Outline) -> tuple[Question, ...]:
    found = []
    for at, behind in walked.questions[:_SHOWN]:
        kind = data[behind] << 8 | data[behind + 1]
        bits = data[behind + 2] << 8 | data[behind + 3]
        is_local = bits & 0x8000 != 0 and bits & 0x7FFF in (1, 255)
        try:
            name = name_text(data, at)
        except Malformed as error:
            name = f"({error})"
        text = class_text(bits & 0x7FFF if is_local else bits)
        found.append(Question(name, type_text(kind), text, is_local))
    return tuple(found)


def _full_rcode(data: bytes, walked: Outline) -> int:
    """The response code, with the high bits that an OPT record has (RFC 6891 section 6.1.3)."""
    high = next((each.ttl >> 24 for each in walked.entries if each.kind == OPT), 0)
    return data[3] & RCODE | high << 4


def _flaw(data: bytes, walked: Outline) -> str:
    """Why a message is malformed; empty for one that is not."""
    if walked.why:
        return walked.why
    if walked.end < len(data):
        left = len(data) - walked.end
        return f"{left:,} byte{'' if left == 1 else 's'} behind its end"
    return "its names are pointers to pointers, on and on" if is_winding(data) else ""


def soa_serials(data: bytes, section: int = 1) -> Iterator[int | None]:
    """Of each record of a section (1: answers): the serial of a SOA, None for others."""
    for each in outline(data).entries:
        if each.section == section:
            at = each.data + each.size - 20
            is_soa = each.kind == SOA and each.size >= 22
            yield int.from_bytes(data[at : at + 4], "big") if is_soa else None


def _few(records: Sequence[Record]) -> str:
    """The records' data, the first ones of them."""
    wanted = [each for each in records if each.rdtype in ("A", "AAAA")] or records
    texts = [each.data if each.rdtype in ("A", "AAAA") else f"{each.rdtype} {each.data}"
             for each in wanted[:3]]  # fmt: skip
    more = len(records) - len(texts)
    cut = [text if len(text) <= 80 else f"{text[:79]}…" for text in texts]
    return ", ".join(cut) + (f" and {more:,} more" if more and cut else "")
