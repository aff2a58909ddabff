"""HTTP/1.0 and HTTP/1.1, read from both sides: requests, and the answers to them in their order.

RFC 9110 (what it means), RFC 9112 (how it is written). Each side has a
:class:`~netshell.protocols.http1.reader.Reader`; this is where they meet: which request an answer
is to, what that means for its length, and what comes after a CONNECT or an Upgrade.

Own code instead of h11: h11 plays one of the two roles and checks what the other one sends, so
that a passive reader needs two of them, with what one is to send reconstructed from what was
seen; it raises at the first fault, knows no gap, no place and no time, and took 13 times as long
for the same exchanges. The tests hold this one to what h11 reads of the same bytes.

Invariant: an exchange is in one place: among those that wait (``_waiting``), being answered
(``_answering``), or answered before its request was whole (``_early``); then it is given.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import ClassVar

from netshell.flow.sides import Side
from netshell.protocols.api import Decoder, Message
from netshell.protocols.http1.bodies import MOST_HEAD
from netshell.protocols.http1.body import KEPT
from netshell.protocols.http1.exchange import Exchange, HttpExchange, in_order, made_of
from netshell.protocols.http1.framing import NONE, SWITCH, Framing, of_answer, of_request
from netshell.protocols.http1.half import Half
from netshell.protocols.http1.reader import Reader
from netshell.protocols.http1.shortcuts import whole_answer, whole_request
from netshell.protocols.http1.signs import HttpSigns
from netshell.protocols.http1.walking import Owner

MOST_WAITING = 1000
"""Requests that wait for their answers at most; the oldest is given as not answered then."""
MOST_KEPT = 1 << 20
"""Bytes of them that are kept at most, bodies included."""
_PLENTY = MOST_KEPT - KEPT - MOST_HEAD
"""If no more is kept than that, there is room for another request."""

MOST_INTERIM = 100
"""Interim answers of one request; more are messages of their own."""

_UNREAD = ("websocket", "h2c")  # upgrades to what no decoder reads


class Http1Decoder(HttpSigns, Decoder):
    """Reads one connection. What it gives are :class:`HttpExchange`."""

    most: ClassVar[int] = MOST_KEPT + 8 * MOST_HEAD

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        super().__init__(begun, client_at, server_at)
        asked = Owner(self._asked, self._request_ended, self._stopped)
        replied = Owner(self._replied, self._answer_ended, self._stopped)
        self._client = Reader("client", client_at, asked, begun)
        self._server = Reader("server", server_at, replied, begun)
        self._made: list[Message] = []
        self._waiting: deque[Exchange] = deque()
        self._kept = 0  # bytes of requests that wait
        self._given_up = 0  # requests whose answers may come yet, but are not waited for
        self._asking: Exchange | None = None  # whose request is being read
        self._answering: Exchange | None = None
        self._early: Exchange | None = None
        self._is_pipelined = False

    # --- what comes ---

    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        if side == "client":
            has_room = len(self._waiting) < MOST_WAITING and self._kept < _PLENTY
            half = whole_request(self._client, data, time_ns) if has_room else None
            if half is not None:
                exchange = Exchange(half)
                exchange.kept = len(data)
                self._kept += exchange.kept
                self._waiting.append(exchange)
                return ()
            self._client.feed(data, time_ns)
        else:
            awaited = self._awaited
            if awaited is not None and awaited.request is not None:
                half = whole_answer(self._server, data, time_ns, awaited.request.word)
                if half is not None:
                    return (self._plainly(awaited, half),)
            self._server.feed(data, time_ns)
        made = self._made
        if made:
            self._made = []
        return made

    @property
    def _awaited(self) -> Exchange | None:
        """The only one that the next answer can be to, if that is whole and nothing is special."""
        if len(self._waiting) != 1 or self._given_up or self._early is not None:
            return None
        client, exchange = self._client, self._waiting[0]
        if client.is_unsure or self._server.is_unsure or client.is_held or exchange.interim:
            return None
        request = exchange.request
        if request is None or not request.is_whole or request.lost or request.lacking:
            return None
        return None if exchange.note else exchange

    def _plainly(self, exchange: Exchange, answer: Half) -> Message:
        """What :meth:`_replied` and :meth:`_answer_ended` make of the answer that was awaited."""
        self._waiting.clear()
        self._kept -= exchange.kept
        self._is_pipelined = False
        exchange.answer, exchange.is_given = answer, True
        return made_of(exchange)

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

    def _asked(self, half: Half, told: Framing | None) -> Framing:
        head = half.head
        exchange = self._asking = Exchange(half)
        size = exchange.kept = len(head)
        self._kept += size
        self._waiting.append(exchange)
        if len(self._waiting) > MOST_WAITING or self._kept > MOST_KEPT:
            self._give_up()
        if self._kept + KEPT > MOST_KEPT:
            half.keeps = min(half.keeps, max(MOST_KEPT - self._kept, 0))
        return of_request(head) if told is None else told

    def _give_up(self) -> None:
        """The oldest request waits no longer."""
        exchange = self._pop()
        self._given_up += 1
        exchange.note = f"no answer while {len(self._waiting):,} more were asked"
        if exchange is not self._asking:
            self._give(exchange)

    def _pop(self) -> Exchange:
        exchange = self._waiting.popleft()
        self._kept -= exchange.kept
        return exchange

    def _replied(self, half: Half, told: Framing | None) -> Framing:
        if not half.word:  # the rest of an answer, or its place: nothing else is known of it
            first = self._waiting[0].request if self._waiting else None
            is_later = first is not None and first.time_ns <= half.time_ns
            exchange = self._answering = self._pop() if is_later else Exchange(None)
            exchange.answer = half
            return NONE
        if not self._waiting and not self._given_up:
            self._client.interrupt()  # an answer to a head that is not whole: 408, 431
        status = int(half.word)
        if status < 200 and status != 101:
            return NONE
        if len(self._waiting) == 1 and not (
            self._given_up or self._client.is_unsure or self._server.is_unsure
        ):
            self._is_pipelined = False
            exchange = self._waiting.popleft()
            self._kept -= exchange.kept
        else:
            exchange = self._next()
        self._answering = exchange
        exchange.answer = half
        request = exchange.request
        if request is None:
            return of_answer(half.head, status, b"", told)
        if exchange is self._asking and status >= 200 and _expects(request):
            self._client.doubt()
        return of_answer(half.head, status, request.word, told)

    def _next(self) -> Exchange:
        """The exchange that an answer belongs to."""
        if self._given_up:
            self._given_up -= 1
            exchange = Exchange(None)
            exchange.note = "its request was given before"
            return exchange
        waiting = self._waiting
        if self._client.is_unsure or self._server.is_unsure:
            return self._guessed()
        if not waiting:
            return Exchange(None)
        self._is_pipelined = len(waiting) > 1
        return self._pop()

    def _guessed(self) -> Exchange:
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
        exchange = self._pop() if self._waiting else Exchange(None)
        exchange.note = note or ("" if exchange.request else "its request lacks")
        return exchange

    # --- ends ---

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
            if half.framing[2] or half.word == b"CONNECT":
                self._client.hold()

    def _answer_ended(self, half: Half) -> None:
        exchange, self._answering = self._answering, None
        if exchange is None:
            self._interim_ended(half)
            return
        request = exchange.request
        if request is None or request.is_whole:
            self._give(exchange)
        else:
            self._early = exchange
            self._client.settle()
        if half.framing[0] == SWITCH:
            self._switch(half)
        elif self._client.is_held and not self._waiting:
            self._client.release()
            self._client.go_on()

    def _interim_ended(self, half: Half) -> None:
        """An answer before the final one belongs to the request that waits longest."""
        exchange = self._waiting[0] if self._waiting else None
        size = len(half.head)
        fits = self._kept + size < MOST_KEPT
        if exchange is not None and fits and len(exchange.interim) < MOST_INTERIM:
            exchange.interim = (*exchange.interim, half)
            exchange.kept += size
            self._kept += size
        else:
            exchange = Exchange(None)
            exchange.answer = half
            self._give(exchange)

    def _switch(self, half: Half) -> None:
        """What follows is in another protocol."""
        upgrade = half.headers.get("upgrade").strip().lower().partition(",")[0]
        self._flush("no answer: the connection goes over to another protocol")
        self.follows = "raw" if upgrade.startswith(_UNREAD) else ""

    def _stopped(self, reason: str) -> None:
        if not self.why_stopped:
            self.why_stopped = reason
            self._flush("its answer is not read", self._answering)

    def _flush(self, note: str, *more: Exchange | None) -> None:
        """Give what nothing more will come of."""
        waiting = [*more, self._early, *self._waiting]
        self._waiting.clear()
        self._kept = self._given_up = 0
        self._early = None
        for exchange in waiting:
            if exchange is not None and not exchange.is_given:
                for half in (exchange.request, exchange.answer):
                    if half is not None and not half.is_whole:
                        half.lacking = half.lacking or "the rest"
                exchange.note = exchange.note or ("" if exchange.answer else note)
                self._give(exchange)

    # --- messages ---

    def waiting(self) -> Sequence[Message]:
        found: list[Message] = []
        if self.why_stopped or self.follows is not None:
            return found
        for exchange in (self._early, self._answering, *self._waiting):
            if exchange is not None and not exchange.is_given:
                found.append(self._partial(exchange))
        for reader in (self._client, self._server):
            part = reader.begun_part
            if part is not None:
                half = Half(part.side, b"", b"", part.begin, part.time_ns)
                half.end, half.end_ns = part.end, part.end_ns
                exchange = Exchange(half if part.side == "client" else None)
                exchange.answer = half if part.side == "server" else None
                half.lacking = "the rest of its head"
                if reader.is_held:
                    half.lacking = "what it means: it waits for the answer before"
                found.append(self._partial(exchange))
        return found

    def _give(self, exchange: Exchange) -> None:
        exchange.is_given = True
        request, answer = exchange.request, exchange.answer
        if (
            request is None
            or answer is None
            or exchange.interim
            or not (request.is_whole and answer.is_whole)
            or request.lost
            or answer.lost
            or request.lacking
            or answer.lacking
        ):
            self._made.append(self._partial(exchange))
        else:
            self._made.append(made_of(exchange, exchange.note))

    def _partial(self, exchange: Exchange) -> HttpExchange:
        """A message of what is not plain, or may not be whole: as it is now."""
        parts = [half.part for half in exchange.interim]
        for half, reader in ((exchange.request, self._client), (exchange.answer, self._server)):
            if half is not None:
                parts.append(half.part if half.is_whole else reader.so_far(half))
        made = made_of(exchange, _lacking(exchange), in_order(parts))
        made.read()  # what it is made of may change
        return made


def _lacking(exchange: Exchange) -> str:
    found = [exchange.note] if exchange.note else []
    if exchange.request is not None and exchange.request.unsound:
        found.append(f"request {exchange.request.unsound}")
    if exchange.answer is not None and exchange.answer.unsound:
        found.append(f"answer {exchange.answer.unsound}")
    if exchange.answer is None and not exchange.note:
        found.append("no answer")
    return "; ".join(found)


def _expects(request: Half) -> bool:
    """Whether the client may wait with the body for a 100 (RFC 9110 section 10.1.1)."""
    return "100-continue" in request.headers.get("expect").lower()
