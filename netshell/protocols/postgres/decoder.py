"""PostgreSQL's protocol, version 3: statements with their answers, and what is said beside them.

Sources: PostgreSQL documentation, chapter 55 "Frontend/Backend Protocol"; appendix A for SQLSTATE.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from netshell.flow.sides import Side
from netshell.protocols.api import Decoder, Message
from netshell.protocols.postgres.answering import Answering
from netshell.protocols.postgres.asking import Asking
from netshell.protocols.postgres.exchange import KEPT_BYTES, Prepared
from netshell.protocols.postgres.framing import Frames
from netshell.protocols.postgres.ledger import MOST_BYTES, Ledger, tie
from netshell.protocols.postgres.opening import Opening
from netshell.protocols.postgres.plain import Plain, asked, spread
from netshell.protocols.postgres.query import read, read_plain
from netshell.protocols.postgres.shortcuts import Expected, expected, is_answer
from netshell.protocols.postgres.signs import PostgresSigns
from netshell.protocols.postgres.steps import step

_QUERY = ord("Q")
_new = tuple.__new__  # a NamedTuple's own is not in C


class Postgres(PostgresSigns, Decoder):
    """One connection."""

    most: ClassVar[int] = 3 * MOST_BYTES + 2 * KEPT_BYTES

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        super().__init__(begun, client_at, server_at)
        self._ledger = Ledger(begun)
        self._opening: Opening | None = Opening(client_at, server_at) if begun else None
        self._client = Asking(client_at, begun, self._ledger)
        self._server = Answering(server_at, begun, self._ledger)
        self._is_free = False  # nothing is half read, nothing waits
        self._noted: tuple[Expected, bytes, int, int] | None = None
        """The one thing that was asked, and waits: what is expected, what was said, where, when."""
        self._parsed: Plain | None = None  # what made the unnamed statement, if plainly
        self._bound: Plain | None = None  # and the unnamed portal

    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        if side == "client":
            if self._is_free:
                plain = expected(data, self._ledger.statements)
                if plain is not None:
                    reader = self._client
                    self._noted, self._is_free = (plain, data, reader.at, time_ns), False
                    reader.at += len(data)
                    return ()
        elif self._noted is not None:
            (begin, is_described, prepared), asked, at, asked_ns = self._noted
            if is_answer(data, begin, is_described):
                return [self._answered(prepared, asked, at, asked_ns, data, time_ns)]
        return self._step_by_step(side, data, time_ns)

    def _answered(
        self, prepared: Prepared | None, asked: bytes, at: int, asked_ns: int, answer: bytes,
        ns: int,
    ) -> Message:  # fmt: skip
        """What was noted has its answer."""
        reader = self._server
        before_ns = reader.done_ns if reader.done_ns > asked_ns else None
        known = ((), b"") if prepared is None else (prepared.oids, prepared.heads)
        made = _new(
            Plain,
            (self._ledger.session, asked, at, asked_ns, answer, reader.at, ns, before_ns,
             prepared, *known),
        )  # fmt: skip
        reader.at, reader.done_ns = reader.at + len(answer), ns
        self._noted, self._is_free = None, True
        if asked[0] != _QUERY:
            self._bound = made
            if prepared is None:
                self._parsed = made
        return read_plain(made)

    def _step_by_step(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        if self._opening is not None:
            return self._begin(self._opening, side, data, time_ns)
        self._spread()
        reader: Frames = self._client if side == "client" else self._server
        reader.feed(data, time_ns)
        if reader.why_stopped:
            self._stop(reader)
        return self._taken()

    def _spread(self) -> None:
        """What was noted plainly, for who reads by message."""
        ledger = self._ledger
        if self._parsed is not None or self._bound is not None:
            parsed, bound = self._parsed, self._bound
            self._parsed = self._bound = None
            exchange = None if bound is None else spread(bound)
            if parsed is not None:
                last = exchange if parsed is bound else spread(parsed)
                if last is not None and last.prepared is not None:
                    ledger.statements[b""] = last.prepared
            if exchange is not None:
                ledger.portals[b""] = exchange
        if self._noted is not None:
            (_, _, prepared), data, at, ns = self._noted
            self._noted = None
            ledger.waits(asked(ledger.session, data, at, ns, prepared), len(data))

    def _taken(self) -> Sequence[Message]:
        """What was made by message, now that a piece of either side is read."""
        self._is_free = self._ledger.is_idle and not (self._client.is_amid or self._server.is_amid)
        made = self._ledger.made
        if not made:
            return ()
        self._ledger.made = []
        return made

    def _stop(self, reader: Frames) -> None:
        self._ledger.give_up("not read")
        self.why_stopped = reader.why_stopped

    def _begin(self, opening: Opening, side: Side, data: bytes, ns: int) -> Sequence[Message]:
        inbox = opening.client if side == "client" else opening.server
        inbox.add(data, ns)
        made: list[Message] = list(opening.read())
        if opening.is_over:
            made += self._go_on(opening, ns)
        self.follows, self.why_stopped = opening.follows, self.why_stopped or opening.why_stopped
        return made

    def _go_on(self, opening: Opening, ns: int) -> Sequence[Message]:
        """The connection has begun: what follows is read by message."""
        self._opening = None
        self._ledger.session = opening.session
        for reader, inbox in ((self._client, opening.client), (self._server, opening.server)):
            reader.at = inbox.at
            while inbox.data:
                size = inbox.together
                at = inbox.time_ns()
                reader.feed(inbox.take(size), at)
            if reader.why_stopped:
                self._stop(reader)
        return self._taken()

    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        opening = self._opening
        made: list[Message] = []
        self._spread()
        if opening is not None:
            opening.gap(size)
            made += opening.lost()
            made += self._go_on(opening, time_ns)
        reader: Frames = self._client if side == "client" else self._server
        reader.gap(size, time_ns)
        return [*made, *self._taken()]

    def waiting(self) -> Sequence[Message]:
        if self._opening is not None:
            return self._opening.waiting
        self._spread()
        found: list[Message] = []
        ledger = self._ledger
        orphan = self._server.orphan
        unseen = [] if orphan is None else [orphan]
        batch = [each.copied_now() for each in (*ledger.answered, *ledger.asked, *unseen)]
        tie(batch)
        for now in batch:
            if not now.lacking:
                is_answered = now.s_begin >= 0
                now.lacking = "its answer is not complete" if is_answered else "no answer"
            found.append(read(now) if now.is_executed else step(now))
        return found

    def rest(self, side: Side) -> bytes:
        if self._opening is not None:
            return bytes((self._opening.client if side == "client" else self._opening.server).data)
        return (self._client if side == "client" else self._server).rest
