"""What the client sends once the connection has begun: each message an entry of the ledger.

Source: PostgreSQL documentation, 55.2.2 to 55.2.8 (queries, COPY, function calls, termination).
"""

from __future__ import annotations

from collections.abc import Mapping

from netshell.flow.sides import Side
from netshell.protocols.api import Part
from netshell.protocols.postgres.exchange import Exchange, Prepared
from netshell.protocols.postgres.framing import Frames, Handler
from netshell.protocols.postgres.ledger import Ledger
from netshell.protocols.postgres.splitting import sql_execute, sql_prepare
from netshell.protocols.postgres.steps import Step
from netshell.protocols.postgres.told import oids

_NO_QUESTION = "what was asked for was not seen"
_MOST_STEPS = 30
"""Messages that are put together."""


class Asking(Frames):
    """The client's messages."""

    is_client = True

    def __init__(self, at: int, is_begun: bool, ledger: Ledger) -> None:
        super().__init__(at, is_begun)
        self._ledger = ledger
        self._torn = 0  # bytes that lack before the next message
        self._handlers: dict[int, Handler] = {
            ord("Q"): self._query, ord("P"): self._parse, ord("B"): self._bind,
            ord("D"): self._describe, ord("E"): self._execute, ord("C"): self._close,
            ord("S"): self._sync, ord("F"): self._call, ord("H"): self._flush,
            ord("X"): self._terminate, ord("d"): self._copy_data, ord("c"): self._copy_end,
            ord("f"): self._copy_end, ord("p"): self._password,
        }  # fmt: skip

    @property
    def handlers(self) -> Mapping[int, Handler]:
        return self._handlers

    def torn(self, size: int, ns: int) -> None:
        self._torn += size
        ledger = self._ledger
        ledger.is_unsure = True
        now = ledger.asked[0].now if ledger.asked else None
        if now is not None and now.copy in ("in", "both"):
            now.lost += size
        elif ledger.unit is not None:
            ledger.unit.lost += size

    # --- the simple protocol ---

    def _query(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        made = Exchange()
        made.is_executed = True
        made.session = ledger.session
        made.begin, made.end, made.begin_ns, made.end_ns = begin, end, begin_ns, ns
        made.sql, made.sql_at = body[:-1] if body[-1:] == b"\0" else body, begin + 5
        made.steps = "Q"
        if self.cut:
            made.cut, made.lost = max(self.cut - self.lost - 1, 0), self.lost  # no NUL
        if body[:1] in b"pP \n" and (named := sql_prepare(made.sql)):
            prepared = Prepared(*named)
            ledger.named(ledger.statements, prepared.name, prepared, len(prepared.sql))
        elif body[:1] in b"eE \n" and ledger.statements and (ran := sql_execute(made.sql)):
            made.runs = ledger.statements.get(ran)
        ledger.ask(made)
        ledger.waiting_bytes += len(body)
        ledger.end_batch()

    # --- the extended protocol ---

    def _belongs(
        self, begin: int, end: int, begin_ns: int, ns: int, kind: str, is_new: bool = False
    ) -> Exchange:
        """What a message belongs to: what is being put together, or something new."""
        ledger = self._ledger
        unit = ledger.unit
        if unit is None or is_new or len(unit.steps) > _MOST_STEPS:
            unit = Exchange()
            unit.kind, unit.session = kind, ledger.session
            unit.begin, unit.begin_ns = begin, begin_ns
            ledger.ask(unit)
            ledger.unit = unit
        unit.end, unit.end_ns = end, ns
        ledger.waiting_bytes += end - begin
        if self.lost:
            unit.lost += self.lost
        return unit

    def _trails(self, begin: int, end: int, begin_ns: int, ns: int, kind: str) -> Exchange:
        """What Close and Sync belong to: what was before them in the batch."""
        ledger = self._ledger
        unit = ledger.unit or ledger.last
        if unit is None or len(unit.steps) > _MOST_STEPS:
            return self._belongs(begin, end, begin_ns, ns, kind, unit is not None)
        unit.end, unit.end_ns = end, ns
        return unit

    def _parse(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        name, _, rest = body.partition(b"\0")
        sql, closed, types = rest.partition(b"\0")
        unit = ledger.unit
        is_new = unit is not None and (unit.prepared is not None or bool(unit.bind))
        unit = self._belongs(begin, end, begin_ns, ns, "Parse", is_new)
        prepared = Prepared(name, sql)
        if not closed:
            prepared.cut = max(self.cut - self.lost - 3, 0)  # without what ends it, and the types
        elif len(types) > 2:
            prepared.oids = oids(types)
        unit.prepared, unit.sql_at, unit.oids = prepared, begin + 6 + len(name), prepared.oids
        unit.replaced = ledger.statements.get(name)
        ledger.named(ledger.statements, name, prepared, len(sql))
        unit.steps += "P"

    def _bind(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        at = body.find(b"\0") + 1
        place = body.find(b"\0", at) + 1
        portal, name = body[: at - 1], body[at : place - 1]
        prepared = ledger.statements.get(name)
        if prepared is None:
            prepared = self._unseen(name)
        unit = ledger.unit
        is_new = unit is not None and (
            bool(unit.bind) or (unit.prepared is not None and unit.prepared is not prepared)
        )
        unit = self._belongs(begin, end, begin_ns, ns, "Bind", is_new)
        unit.prepared, unit.portal = prepared, portal
        unit.bind, unit.bind_at = body[place:] if place else b"", begin + 5 + place
        if self.cut:
            unit.bind_cut = self.cut - self.lost
        ledger.named(ledger.portals, portal, unit, len(unit.bind) if portal else 0)
        unit.steps += "B"

    def _unseen(self, name: bytes) -> Prepared:
        """What was prepared, but not seen: a description may still tell its types."""
        prepared = Prepared(name, b"", self._unknown("prepared"))
        if name:
            self._ledger.named(self._ledger.statements, name, prepared, 0)
        return prepared

    def _unknown(self, what: str) -> str:
        return (
            f"{what} {'on this connection, not seen' if self._is_whole else 'before the capture'}"
        )

    @property
    def _is_whole(self) -> bool:
        return self._ledger.is_begun and not self._torn

    def _describe(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        unit = ledger.unit
        if body[:1] == b"S":
            name = body[1:-1]
            prepared = ledger.statements.get(name) or self._unseen(name)
            is_new = unit is not None and unit.prepared not in (None, prepared)
            unit = self._belongs(begin, end, begin_ns, ns, "Describe", is_new)
            unit.prepared = prepared
            unit.oids = unit.oids or prepared.oids
            unit.steps += "d"
        else:
            unit = self._belongs(begin, end, begin_ns, ns, "Describe")
            unit.portal = unit.portal or body[1:-1]
            unit.steps += "D"

    def _execute(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        portal = body[:-5]
        bound = ledger.portals.get(portal)
        unit = ledger.unit
        is_new = unit is not None and unit is not bound and bool(unit.bind)
        unit = self._belongs(begin, end, begin_ns, ns, "Execute", is_new)
        unit.kind, unit.is_executed, unit.portal = "Execute", True, portal
        unit.limit = int.from_bytes(body[-4:], "big")
        if bound is not None and bound is not unit:  # continued, or bound in another batch
            unit.prepared, unit.bind, unit.bind_at = bound.prepared, bound.bind, -1
            unit.bind_cut = bound.bind_cut
            unit.heads, unit.oids = bound.heads, bound.oids
        elif bound is None and unit.prepared is None:
            unit.prepared = Prepared(b"", b"", self._unknown("bound"))
        ledger.unit, ledger.last = None, unit
        unit.steps += "E"

    def _close(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        unit = self._trails(begin, end, begin_ns, ns, "Close")
        name = body[1:-1]
        if unit.kind == "Close":
            unit.portal = name
        if body[:1] == b"S":
            ledger.statements.pop(name, None)
        else:
            ledger.portals.pop(name, None)
        unit.steps += "C"

    def _flush(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        unit = self._ledger.unit or self._ledger.last
        if unit is not None:
            unit.end, unit.end_ns = end, ns

    def _sync(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        unit = self._trails(begin, end, begin_ns, ns, "Sync")
        unit.steps += "S"
        ledger.end_batch()

    # --- the rest ---

    def _call(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        made = Exchange()
        made.kind, made.session = "FunctionCall", ledger.session
        made.begin, made.end, made.begin_ns, made.end_ns = begin, end, begin_ns, ns
        made.portal = b"function %d" % int.from_bytes(body[:4], "big")
        made.steps = "F"
        ledger.ask(made)
        ledger.end_batch()

    def _terminate(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        part = Part("client", begin, end, begin_ns, ns)
        self._ledger.made.append(Step(kind="Terminate", parts=(part,)))

    def _password(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        """One whose question was not seen."""
        part = Part("client", begin, end, begin_ns, ns)
        hidden: tuple[tuple[Side, int, int], ...] = (("client", begin + 5, end),)
        self._ledger.made.append(
            Step(kind="PasswordMessage", parts=(part,), lacking=_NO_QUESTION, secrets=hidden)
        )

    def _copying(self, begin: int, end: int, begin_ns: int, ns: int) -> Exchange | None:
        """What the client copies for; None if the server has refused that by now."""
        ledger = self._ledger
        if not ledger.asked:
            return None
        exchange = ledger.asked[0]
        made = exchange.now
        if made.copy not in ("in", "both"):
            is_hidden = ledger.is_unsure and made.s_begin < 0 and not made.is_done
            if not is_hidden:  # the server's question may be in what is not read yet
                return None
        if made.given_begin < 0:
            made.given_begin, made.given_begin_ns = begin, begin_ns
            if exchange.steps[-1:] == "S":  # the server passes over a Sync before the data
                exchange.steps = exchange.steps.rstrip("S")
                ledger.last = exchange
        made.given_end, made.given_end_ns = end, ns
        return made

    def _copy_data(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        made = self._copying(begin, end, begin_ns, ns)
        if made is not None:
            made.given += 1
            made.given_bytes += end - begin - 5
            if self.lost:
                made.lost += self.lost

    def _copy_end(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        self._copying(begin, end, begin_ns, ns)
