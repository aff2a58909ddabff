"""HTTP/1.0 and HTTP/1.1, read from both sides: requests, and the answers to them in their order.

RFC 9110 (what it means), RFC 9112 (how it is written). Each side has a
:class:`~netshell.protocols.http1.reader.Reader`; this is where they meet: which request an answer
is to, what that means for its length, and what comes after a CONNECT or an Upgrade.

Own code instead of h11: h11 plays one of the two roles and checks what the other one sends, so
that a passive reader needs two of them, with what one is to send reconstructed from what was
seen; it raises at the first fault, knows no gap, no place and no time, and reads some 6,000
exchanges a second. The tests hold this one to what h11 reads of the same bytes.

Invariant: an exchange is in one place: among those that wait (``_waiting``), being answered
(``_answering``), or answered before its request was whole (``_early``); then it is given.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import ClassVar

from netshell.flow.sides import Side
from netshell.protocols.api import Decoder, Likeness, Message, Part, Peek
from netshell.protocols.http1.body import NO_BODY
from netshell.protocols.http1.exchange import HttpExchange, Interim
from netshell.protocols.http1.framing import NONE, SWITCH, Framing, of_answer, of_request
from netshell.protocols.http1.half import NO_START, Half
from netshell.protocols.http1.head import NO_HEADERS, request_line, status_line
from netshell.protocols.http1.looks import likeness, peeked
from netshell.protocols.http1.reader import MOST_HEAD, Owner, Reader

MOST_WAITING = 1000
"""Requests that wait for their answers at most; the oldest is given as not answered then."""
MOST_KEPT = 1 << 20
"""Bytes of them that are kept at most, bodies included."""

MOST_INTERIM = 100
"""Interim answers of one request; more are messages of their own."""

_UNREAD = ("websocket", "h2c")  # upgrades to what no decoder reads


class _Exchange:
    """A request, and its answer, while they come."""

    __slots__ = ("answer", "interim", "interim_parts", "is_given", "kept", "note", "request")

    def __init__(self, request: Half | None) -> None:
        self.request = request
        self.answer: Half | None = None
        self.interim: list[Interim] = []
        self.interim_parts: list[Part] = []
        self.is_given = False
        self.note = ""
        """What lacks, beside what its halves say."""
        self.kept = 0


class Http1Decoder(Decoder, Owner):
    """Reads one connection. What it gives are :class:`HttpExchange`."""

    name: ClassVar[str] = "http"
    ports: ClassVar[frozenset[int]] = frozenset(
        (80, 591, 2375, 3000, 3128, 5000, 5985, 7474, 8000, 8008, 8080, 8081, 8086, 8088, 8090,
         8118, 8123, 8200, 8500, 8888, 8983, 9000, 9090, 9200, 15672)
    )  # fmt: skip
    most: ClassVar[int] = MOST_KEPT + 4 * MOST_HEAD

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        super().__init__(begun, client_at, server_at)
        self._client = Reader("client", client_at, self, request_line, begun)
        self._server = Reader("server", server_at, self, status_line, begun)
        self._made: list[Message] = []
        self._waiting: deque[_Exchange] = deque()
        self._kept = 0  # bytes of requests that wait
        self._given_up = 0  # requests whose answers may come yet, but are not waited for
        self._asking: _Exchange | None = None  # whose request is being read
        self._answering: _Exchange | None = None
        self._early: _Exchange | None = None
        self._is_pipelined = False

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        return likeness(client, server, begun)

    @classmethod
    def peek(cls, data: bytes, on_port: bool) -> Peek | None:
        return peeked(data)

    # --- what comes ---

    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        (self._client if side == "client" else self._server).feed(data, time_ns)
        made = self._made
        if made:
            self._made = []
        return made

    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        (self._client if side == "client" else self._server).gap(size, time_ns)
        return self._taken()

    def close(self, side: Side, time_ns: int) -> Sequence[Message]:
        (self._client if side == "client" else self._server).close(time_ns)
        if side == "server" and self.follows is None and not self.why_stopped:
            self._flush("no answer: the server closed the connection")
        return self._taken()

    def rest(self, side: Side) -> bytes:
        return bytes((self._client if side == "client" else self._server).inbox.data)

    def _taken(self) -> list[Message]:
        made, self._made = self._made, []
        return made

    # --- heads ---

    def begun(self, half: Half) -> Framing:
        return self._asked(half) if half.side == "client" else self._replied(half)

    def _asked(self, half: Half) -> Framing:
        raw = half.headers.raw
        exchange = self._asking = _Exchange(half)
        exchange.kept = len(raw)
        self._kept += exchange.kept
        self._waiting.append(exchange)
        if len(self._waiting) > MOST_WAITING or self._kept > MOST_KEPT:
            self._give_up()
        if self._kept + half.keeps > MOST_KEPT:
            half.keeps = max(MOST_KEPT - self._kept, 0)
        return of_request(raw)

    def _give_up(self) -> None:
        """The oldest request waits no longer."""
        exchange = self._pop()
        self._given_up += 1
        exchange.note = f"no answer while {len(self._waiting):,} more were asked"
        if exchange is not self._asking:
            self._give(exchange)

    def _pop(self) -> _Exchange:
        exchange = self._waiting.popleft()
        self._kept -= exchange.kept
        return exchange

    def _replied(self, half: Half) -> Framing:
        status = half.start.status
        if not status:  # the rest of an answer, or its place: nothing else is known of it
            exchange = self._answering = self._pop() if self._waiting else _Exchange(None)
            exchange.answer = half
            return NONE
        if not self._waiting and not self._given_up:
            self._client.interrupt()  # an answer to a head that is not whole: 408, 431
        if 100 <= status < 200 and status != 101:
            return NONE
        exchange = self._answering = self._next()
        exchange.answer = half
        if status == 101:
            return SWITCH
        request = exchange.request
        if exchange is self._asking and request is not None and _expects(request):
            self._client.doubt()
        method = "" if request is None else request.start.method
        return of_answer(half.headers.raw, status, method)

    def _next(self) -> _Exchange:
        """The exchange that an answer belongs to."""
        if self._given_up:
            self._given_up -= 1
            exchange = _Exchange(None)
            exchange.note = "its request was given before"
            return exchange
        waiting = self._waiting
        if self._client.is_unsure or self._server.is_unsure:
            return self._guessed()
        if not waiting:
            return _Exchange(None)
        self._is_pipelined = len(waiting) > 1
        return self._pop()

    def _guessed(self) -> _Exchange:
        """The same where some may have been missed: in their order if requests were sent before
        the answers were there; else an answer is to what was asked last."""
        note = ""
        if len(self._waiting) > 1 and self._is_pipelined:
            note = "which request it answers is not sure"
        else:
            self._client.is_unsure = self._server.is_unsure = False
            while len(self._waiting) > 1:
                before = self._pop()
                before.note = "its answer lacks"
                self._give(before)
        exchange = self._pop() if self._waiting else _Exchange(None)
        exchange.note = note or ("" if exchange.request else "its request lacks")
        return exchange

    # --- ends ---

    def ended(self, half: Half) -> None:
        if half.side == "client":
            self._request_ended(half)
        elif 100 <= half.start.status < 200 and half.start.status != 101:
            self._interim_ended(half)
        else:
            self._answer_ended(half)

    def _request_ended(self, half: Half) -> None:
        exchange, self._asking = self._asking, None
        if exchange is None or exchange.is_given:
            return
        if exchange is self._early:
            self._early = None
            self._give(exchange)
        elif exchange.note:  # given up before it was whole
            self._give(exchange)
        elif exchange.answer is None:
            exchange.kept += half.kept_size
            self._kept += half.kept_size
            if half.framing.upgrades or half.start.method == "CONNECT":
                self._client.hold()

    def _interim_ended(self, half: Half) -> None:
        start = half.start
        if self._waiting and len(self._waiting[0].interim) < MOST_INTERIM:
            exchange = self._waiting[0]
            interim = Interim(start.status, start.reason, half.headers, half.time_ns)
            exchange.interim.append(interim)
            exchange.interim_parts.append(half.part)
        else:
            exchange = _Exchange(None)
            exchange.answer = half
            self._give(exchange)

    def _answer_ended(self, half: Half) -> None:
        exchange, self._answering = self._answering, None
        if exchange is None:
            return
        request = exchange.request
        if request is None or request.is_whole:
            self._give(exchange)
        else:
            self._early = exchange
            self._client.settle()
        status = half.start.status
        asked_for_tunnel = request is not None and request.start.method == "CONNECT"
        if status == 101 or (asked_for_tunnel and 200 <= status < 300):
            self._switch(half)
        elif self._client.is_held and not self._waiting:
            self._client.release()
            self._client.go_on()

    def _switch(self, half: Half) -> None:
        """What follows is in another protocol."""
        upgrade = half.headers.get("upgrade").strip().lower().partition(",")[0]
        self._flush("no answer: the connection goes over to another protocol")
        self.follows = "raw" if upgrade.startswith(_UNREAD) else ""

    def stopped(self, reason: str) -> None:
        self.why_stopped = reason
        self._flush("no further", self._answering)

    def _flush(self, note: str, *more: _Exchange | None) -> None:
        """Give what nothing more will come of."""
        waiting = [*more, self._early, *self._waiting]
        self._waiting.clear()
        self._kept = self._given_up = 0
        self._early = None
        for exchange in waiting:
            if exchange is not None and not exchange.is_given:
                exchange.note = exchange.note or ("" if exchange.answer else note)
                self._give(exchange)

    # --- messages ---

    def waiting(self) -> Sequence[Message]:
        found: list[Message] = []
        for exchange in (self._early, self._answering, *self._waiting):
            if exchange is not None and not exchange.is_given:
                found.append(self._message(exchange))
        for reader in (self._client, self._server):
            part = reader.begun_part
            if part is not None:
                half = Half(part.side, NO_START, b"", part.begin, part.time_ns)
                half.end, half.end_ns = part.end, part.end_ns
                exchange = _Exchange(half if part.side == "client" else None)
                exchange.answer = half if part.side == "server" else None
                exchange.note = "the rest of its head"
                found.append(self._message(exchange))
        return found

    def _give(self, exchange: _Exchange) -> None:
        exchange.is_given = True
        self._made.append(self._message(exchange))

    def _message(self, exchange: _Exchange) -> HttpExchange:
        request, answer = exchange.request, exchange.answer
        asked = NO_START if request is None else request.start
        replied = NO_START if answer is None else answer.start
        values = {
            "kind": asked.method or ("request" if request else "answer"),
            "parts": self._parts(exchange),
            "lacking": self._lacking(exchange),
            "method": asked.method,
            "target": asked.target,
            "version": asked.version,
            "status": replied.status or None,
            "reason": replied.reason,
            "response_version": replied.version,
            "request_headers": NO_HEADERS if request is None else request.headers,
            "response_headers": NO_HEADERS if answer is None else answer.headers,
            "request_body": NO_BODY if request is None else request.body,
            "response_body": NO_BODY if answer is None else answer.body,
            "interim": tuple(exchange.interim),
            "asked_ns": request.end_ns if request is not None and request.is_whole else None,
            "replied_ns": answer.time_ns if answer is not None and replied.status else None,
            "done_ns": answer.end_ns if answer is not None and answer.is_whole else None,
            "faults": _faults(request) + _faults(answer),
        }
        # Not through __init__: setting a frozen dataclass's fields one by one takes three times as
        # long, and would set ``secrets``, which are looked for when they are asked for.
        made = object.__new__(HttpExchange)
        made.__dict__.update(values)
        return made

    def _parts(self, exchange: _Exchange) -> tuple[Part, ...]:
        request, answer = exchange.request, exchange.answer
        parts: list[Part] = []
        if request is not None:
            parts.append(request.part if request.is_whole else self._client.so_far(request))
        parts += exchange.interim_parts
        if answer is not None:
            parts.append(answer.part if answer.is_whole else self._server.so_far(answer))
        if len(parts) > 1:
            parts.sort(key=_by_time)
        return tuple(parts)

    def _lacking(self, exchange: _Exchange) -> str:
        request, answer = exchange.request, exchange.answer
        found = [exchange.note] if exchange.note else []
        if request is not None and not request.is_sound:
            found.append(f"request: {request.unsound}")
        if answer is None:
            if not exchange.note:
                found.append("no answer")
        elif not answer.is_sound:
            found.append(f"answer: {answer.unsound}")
        return "; ".join(found)


def _by_time(part: Part) -> int:
    return part.time_ns


def _faults(half: Half | None) -> tuple[str, ...]:
    return () if half is None else half.framing.faults


def _expects(request: Half) -> bool:
    """Whether the client may wait with the body for a 100 (RFC 9110 section 10.1.1)."""
    return "100-continue" in request.headers.get("expect").lower()
