"""Which answer belongs to which query, in one conversation.

A query is known by its id and its question (RFC 5452 section 9.1: no server is to be believed that
answers another); upper and lower case are one (names may come back otherwise than asked). What
lies on the way: retries, answers that come twice, queries that are answered by many messages.
"""

from __future__ import annotations

from collections.abc import Iterator

from netshell.flow.sides import Side
from netshell.protocols.api import Part
from netshell.protocols.dns.message import DnsMessage, exchange, soa_serials
from netshell.protocols.dns.outline import RCODE, SIZE, Malformed, name_end

MOST_WAITING = 4096
"""Queries of a conversation that may wait for answers; the oldest is given up for another."""

MOST_ANSWERED = 1024
"""Queries whose answers are remembered: what comes again is told as such."""

MOST_KEPT = 1 << 18
"""Bytes of a transfer that are kept; the rest is counted."""

AGAIN_NS = 60 * 10**9
"""The same id and question after so long is another query."""

_KINDS = {0: "query", 4: "notify", 5: "update"}
_AXFR, _IXFR = 252, 251

_Key = tuple[Side, int, bytes]


class _Asked:
    """A query that waits for its answer."""

    __slots__ = (
        "again_s", "answers", "data", "has_lost", "kept", "kind", "lacking", "messages", "parts",
        "qtype", "records", "retry_s", "rounds", "serial", "size", "soas",
    )  # fmt: skip

    def __init__(self, kind: str, qtype: int, data: bytes, part: Part) -> None:
        self.kind, self.qtype, self.data = kind, qtype, data
        self.parts = [part]
        self.retry_s: list[float] = []
        self.again_s: float | None = None
        self.answers: list[bytes] = []  # of a transfer, up to now
        self.kept = self.size = self.messages = self.records = self.soas = 0
        self.rounds = 2  # times that the first SOA record comes
        self.serial: int | None = None
        self.lacking, self.has_lost = "", False

    def message(self, answers: tuple[bytes, ...], size: int, lacking: str = "") -> DnsMessage:
        made = exchange(self.kind, tuple(self.parts), self.data, answers, size)
        more = made.__dict__
        if lacking or self.lacking:
            more["lacking"] = lacking or self.lacking
        if self.retry_s:
            more["retry_s"] = tuple(self.retry_s)
        if self.again_s is not None:
            more["again_s"] = self.again_s
        if self.messages > 1:
            more["messages"] = self.messages
        return made


class Exchanges:
    """The queries of one conversation that are not answered yet, and those that were lately."""

    def __init__(self, is_stream: bool) -> None:
        self._is_stream = is_stream  # over TCP: one query may be answered by many messages
        self._waiting: dict[_Key, _Asked] = {}
        self._by_id: dict[tuple[Side, int], list[_Key]] = {}
        self._answered: dict[_Key, int] = {}  # when each was asked first

    def heard(self, data: bytes, part: Part, lacking: str = "") -> Iterator[DnsMessage]:
        """What is complete with this message."""
        if len(data) < SIZE:
            yield _alone("malformed", data, part, lacking)
            return
        bits = data[2] << 8 | data[3]
        question, qtype = _question(data)
        number = data[0] << 8 | data[1]
        if number == 0 and not bits & (0xF900 | RCODE) and _is_local(data, question):
            # QR and opcode are 0, RD too: nobody else asks so.
            yield _alone("mDNS question", data, part, lacking)
        elif bits & 0x8000:
            if number == 0 and not (data[4] or data[5]) and bits & 0x7FFF == 0x0400:
                yield _alone("mDNS announcement", data, part, lacking)
            else:
                yield from self._answer(number, question, data, part, lacking)
        else:
            yield from self._query(number, question, qtype, data, part, lacking)

    def waiting(self) -> Iterator[DnsMessage]:
        """The queries that have no answer, or not all of it."""
        for asked in self._waiting.values():
            yield _unanswered(asked)

    def gap(self, side: Side) -> None:
        """Bytes of a side lack: answers may be among them."""
        for asked in self._waiting.values():
            if asked.parts[0].side != side:
                asked.has_lost = True

    # --- queries ---

    def _query(
        self, number: int, question: bytes, qtype: int, data: bytes, part: Part, lacking: str
    ) -> Iterator[DnsMessage]:
        key = part.side, number, question
        asked = self._waiting.get(key)
        if asked is not None and part.time_ns - asked.parts[0].time_ns < AGAIN_NS:
            asked.parts.append(part)
            asked.retry_s.append((part.time_ns - asked.parts[0].time_ns) / 1e9)
            return
        if asked is not None:
            yield _unanswered(self._done(key))
        kind = _KINDS.get((data[2] & 0x78) >> 3, "query")
        if qtype in (_AXFR, _IXFR) and kind == "query":
            kind = "transfer"
        asked = _Asked(kind, qtype, data, part)
        asked.lacking = lacking
        before = self._answered.get(key)
        if before is not None and part.time_ns - before < AGAIN_NS:
            asked.again_s = (part.time_ns - before) / 1e9
        self._waiting[key] = asked
        self._by_id.setdefault(key[:2], []).append(key)
        if len(self._waiting) > MOST_WAITING:
            yield _unanswered(self._done(next(iter(self._waiting))))

    def _done(self, key: _Key) -> _Asked:
        keys = self._by_id[key[:2]]
        keys.remove(key)
        if not keys:
            del self._by_id[key[:2]]
        return self._waiting.pop(key)

    # --- answers ---

    def _answer(
        self, number: int, question: bytes, data: bytes, part: Part, lacking: str
    ) -> Iterator[DnsMessage]:
        side: Side = "server" if part.side == "client" else "client"
        key = side, number, question
        asked = self._waiting.get(key)
        if asked is None and not (data[4] or data[5]):  # no question in it (errors, transfers)
            key = next(iter(self._by_id.get((side, number), ())), key)
            asked = self._waiting.get(key)
        if asked is None:
            before = self._answered.get(key)
            again = None if before is None else (part.time_ns - before) / 1e9
            why = "no query" if before is None else "answered already"
            yield _alone("answer", data, part, lacking or why, again)
            return
        asked.messages += 1
        if asked.kind != "transfer" or not self._is_stream:
            self._done(key)
            self._remember(key, asked)
            asked.parts.append(part)
            yield asked.message((data,), len(data), lacking)
            return
        # Neighbours are one part: a large transfer takes no room by the number of its messages.
        last = asked.parts[-1]
        if last.side == part.side and last.end == part.begin:
            asked.parts[-1] = last._replace(end=part.end, end_ns=part.end_ns)
        else:
            asked.parts.append(part)
        asked.size += len(data)
        if asked.kept + len(data) <= MOST_KEPT:
            asked.kept += len(data)
            asked.answers.append(data)
        asked.lacking = asked.lacking or lacking
        if _is_last(asked, data):
            self._done(key)
            self._remember(key, asked)
            yield asked.message(tuple(asked.answers), asked.size)

    def _remember(self, key: _Key, asked: _Asked) -> None:
        self._answered.pop(key, None)
        self._answered[key] = asked.parts[0].time_ns
        if len(self._answered) > MOST_ANSWERED:
            del self._answered[next(iter(self._answered))]


def _question(data: bytes) -> tuple[bytes, int]:
    """The first question as it is compared, and its type."""
    if not (data[4] or data[5]):
        return b"", 0
    try:
        behind = name_end(data, SIZE)
    except Malformed:
        return data[SIZE : SIZE + 260], 0
    return data[SIZE : behind + 4].lower(), int.from_bytes(data[behind : behind + 2], "big")


def _is_local(data: bytes, question: bytes) -> bool:
    """Whether a query with id 0 is one of mDNS (RFC 6762 section 18.1): those ask several at once,
    for an answer to all or to them alone, for names in "local", or of addresses there."""
    names = (b"\x05local\x00", b"\x04arpa\x00")
    return (
        data[4:6] != b"\x00\x01"
        or (len(question) >= 2 and question[-2] & 0x80 != 0)
        or any(name in question for name in names)
    )


def _is_last(asked: _Asked, data: bytes) -> bool:
    """Whether a transfer ends with this message: with the SOA record that it began with, once
    more (RFC 5936 section 2.2); of increments, for the third time (RFC 1995 section 4)."""
    if data[3] & RCODE:
        return True
    for serial in soa_serials(data):
        if asked.records == 0:
            if serial is None:  # it is no transfer
                return True
            asked.serial = serial
        elif asked.records == 1 and asked.qtype == _IXFR and serial not in (None, asked.serial):
            asked.rounds = 3
        asked.records += 1
        asked.soas += serial == asked.serial
    has_news = asked.records != 1 or asked.qtype != _IXFR or asked.serial != _held(asked.data)
    return asked.soas >= asked.rounds or not has_news or asked.records == 0


def _held(query: bytes) -> int | None:
    """The serial of the zone that an IXFR's asker has."""
    return next((serial for serial in soa_serials(query, 2) if serial is not None), None)


def _unanswered(asked: _Asked) -> DnsMessage:
    lacking = "no answer" if not asked.messages else "its end has not come"
    if asked.has_lost:
        lacking += ", or it is in the bytes that lack"
    return asked.message(tuple(asked.answers), asked.size, lacking)


def incomplete(data: bytes, part: Part, lacking: str) -> DnsMessage:
    """The beginning of a message, as far as it has come."""
    kind = "answer" if len(data) > 2 and data[2] & 0x80 else "query"
    return _alone(kind, data, part, lacking)


def _alone(
    kind: str, data: bytes, part: Part, lacking: str, again_s: float | None = None
) -> DnsMessage:
    """A message that stands for itself."""
    told = {"lacking": lacking, "again_s": again_s}
    if kind == "answer":
        return exchange(kind, (part,), b"", (data,), len(data), **told)
    return exchange(kind, (part,), data, (), 0, **told)
