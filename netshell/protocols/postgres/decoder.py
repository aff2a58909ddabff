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
from netshell.protocols.postgres.exchange import KEPT_BYTES
from netshell.protocols.postgres.framing import Frames
from netshell.protocols.postgres.ledger import MOST_BYTES, Ledger, tie
from netshell.protocols.postgres.opening import Opening
from netshell.protocols.postgres.query import read
from netshell.protocols.postgres.signs import PostgresSigns
from netshell.protocols.postgres.steps import step


class Postgres(PostgresSigns, Decoder):
    """One connection."""

    most: ClassVar[int] = 3 * MOST_BYTES + 2 * KEPT_BYTES

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        super().__init__(begun, client_at, server_at)
        self._ledger = Ledger(begun)
        self._opening: Opening | None = Opening(client_at, server_at) if begun else None
        self._client = Asking(client_at, begun, self._ledger)
        self._server = Answering(server_at, begun, self._ledger)

    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        if self._opening is not None:
            return self._begin(self._opening, side, data, time_ns)
        reader: Frames = self._client if side == "client" else self._server
        reader.feed(data, time_ns)
        if reader.why_stopped:
            self._stop(reader)
        return self._taken()

    def _taken(self) -> Sequence[Message]:
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
