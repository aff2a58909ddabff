"""What the client sends once the connection has begun: each message an entry of the ledger.

Source: PostgreSQL documentation, 55.2.2 to 55.2.8 (queries, COPY, function calls, termination).
"""

from __future__ import annotations

from collections.abc import Mapping

from netshell.flow.sides import Side
from netshell.protocols.api import Part
from netshell.protocols.postgres.exchange import Exchange, Prepared
from netshell.protocols.postgres.framing import Frames, Handler
from netshell.protocols.postgres.ledger import (
    BIND,
    CALL,
    CLOSE,
    DESCRIBE,
    EXECUTE,
    PARSE,
    QUERY,
    SYNC,
    Entry,
    Ledger,
)
from netshell.protocols.postgres.splitting import sql_prepare
from netshell.protocols.postgres.steps import Step


class Asking(Frames):
    """The client's messages."""

    is_client = True

    def __init__(self, at: int, is_begun: bool, ledger: Ledger) -> None:
        super().__init__(at, is_begun)
        self._ledger = ledger
        self._torn = 0  # bytes that lack before the next message
        self._handlers: dict[int, Handler] = {
            QUERY: self._query, PARSE: self._parse, BIND: self._bind, DESCRIBE: self._describe,
            EXECUTE: self._execute, CLOSE: self._close, SYNC: self._sync, CALL: self._call,
            ord("H"): self._flush, ord("X"): self._terminate, ord("d"): self._copy_data,
            ord("c"): self._copy_end, ord("f"): self._copy_end, ord("p"): self._password,
        }  # fmt: skip

    @property
    def handlers(self) -> Mapping[int, Handler]:
        return self._handlers

    def torn(self, size: int, ns: int) -> None:
        self._torn += size
        ledger = self._ledger
        for exchange in ledger.batch:
            exchange.lost += size
            break
        ledger.is_pipelined = False

    # --- the simple protocol ---

    def _query(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        made = Exchange()
        made.is_executed = True
        made.session = ledger.session
        made.begin, made.end, made.begin_ns, made.end_ns = begin, end, begin_ns, ns
        made.sql, made.sql_at = body[:-1] if body[-1:] == b"\0" else body, begin + 5
        if self.cut:
            self._cut(made)
        if body[:1] in b"pP \n" and (named := sql_prepare(made.sql)):
            prepared = Prepared(*named)
            ledger.named(ledger.statements, prepared.name, prepared, len(prepared.sql))
        batch = ledger.end_batch() if ledger.batch else []
        ledger.ask(Entry(QUERY, made, batch, size=len(body)))

    def _cut(self, made: Exchange) -> None:
        made.cut, made.lost = self.cut, made.lost + self.lost

    # --- the extended protocol ---

    def _belongs(
        self, begin: int, end: int, begin_ns: int, ns: int, kind: str, is_new: bool = False
    ) -> Exchange:
        """What a message belongs to: what is being put together, or something new."""
        ledger = self._ledger
        unit = ledger.unit
        if unit is None or is_new:
            unit = ledger.unit = Exchange()
            unit.kind, unit.session = kind, ledger.session
            unit.begin, unit.begin_ns = begin, begin_ns
            ledger.batch.append(unit)
        unit.end, unit.end_ns = end, ns
        if self.lost:
            unit.lost += self.lost
        return unit

    def _trails(self, begin: int, end: int, begin_ns: int, ns: int, kind: str) -> Exchange:
        """What Close and Sync belong to: what was before them in the batch."""
        ledger = self._ledger
        unit = ledger.unit or ledger.last
        if unit is None:
            return self._belongs(begin, end, begin_ns, ns, kind)
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
            prepared.cut = self.cut
        elif len(types) > 2:
            prepared.oids = _oids(types)
        unit.prepared, unit.sql_at, unit.oids = prepared, begin + 6 + len(name), prepared.oids
        before = ledger.statements.get(name)
        ledger.named(ledger.statements, name, prepared, len(sql))
        ledger.ask(Entry(PARSE, unit, [], prepared, before, len(sql)))

    def _bind(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        at = body.find(b"\0") + 1
        place = body.find(b"\0", at) + 1
        portal, name = body[: at - 1], body[at : place - 1]
        prepared = ledger.statements.get(name)
        if prepared is None:
            prepared = Prepared(name, b"", self._unknown("prepared"))
        unit = ledger.unit
        is_new = unit is not None and (
            bool(unit.bind) or (unit.prepared is not None and unit.prepared is not prepared)
        )
        unit = self._belongs(begin, end, begin_ns, ns, "Bind", is_new)
        unit.prepared, unit.portal = prepared, portal
        unit.bind, unit.bind_at = body[place:] if place else b"", begin + 5 + place
        ledger.named(ledger.portals, portal, unit, len(unit.bind) if portal else 0)
        ledger.ask(Entry(BIND, unit, [], size=len(body)))

    def _unknown(self, what: str) -> str:
        return (
            f"{what} {'on this connection, not seen' if self._is_whole else 'before the capture'}"
        )

    @property
    def _is_whole(self) -> bool:
        return self._ledger.is_begun and not self._torn

    def _describe(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        prepared = None
        unit = ledger.unit
        if body[:1] == b"S":
            name = body[1:-1]
            prepared = ledger.statements.get(name) or Prepared(name, b"", self._unknown("prepared"))
            is_new = unit is not None and unit.prepared not in (None, prepared)
            unit = self._belongs(begin, end, begin_ns, ns, "Describe", is_new)
            unit.prepared = prepared
            unit.oids = unit.oids or prepared.oids
        else:
            unit = self._belongs(begin, end, begin_ns, ns, "Describe")
            unit.portal = unit.portal or body[1:-1]
        ledger.ask(Entry(DESCRIBE, unit, [], prepared))

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
            unit.heads, unit.oids = bound.heads, bound.oids
        elif bound is None and unit.prepared is None:
            unit.prepared = Prepared(b"", b"", self._unknown("bound"))
        ledger.unit, ledger.last = None, unit
        ledger.ask(Entry(EXECUTE, unit, []))

    def _close(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        unit = self._trails(begin, end, begin_ns, ns, "Close")
        name = body[1:-1]
        if unit.kind == "Close":
            unit.portal = name
        if body[:1] == b"S":
            gone = ledger.statements.pop(name, None)
            ledger.named_bytes -= 0 if gone is None else len(gone.sql)
        else:
            ledger.portals.pop(name, None)
        ledger.ask(Entry(CLOSE, unit, []))

    def _flush(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        unit = self._ledger.unit or self._ledger.last
        if unit is not None:
            unit.end, unit.end_ns = end, ns

    def _sync(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        unit = ledger.unit or ledger.last
        if unit is None:
            unit = self._belongs(begin, end, begin_ns, ns, "Sync")
        else:
            unit.end, unit.end_ns = end, ns
        ledger.ask(Entry(SYNC, unit, ledger.end_batch()))

    # --- the rest ---

    def _call(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        batch = ledger.end_batch()
        made = Exchange()
        made.kind, made.session = "FunctionCall", ledger.session
        made.begin, made.end, made.begin_ns, made.end_ns = begin, end, begin_ns, ns
        made.portal = b"function %d" % int.from_bytes(body[:4], "big")
        ledger.ask(Entry(CALL, made, batch))

    def _terminate(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        part = Part("client", begin, end, begin_ns, ns)
        self._ledger.made.append(Step(kind="Terminate", parts=(part,)))

    def _password(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        """One whose question was not seen."""
        part = Part("client", begin, end, begin_ns, ns)
        hidden: tuple[tuple[Side, int, int], ...] = (("client", begin + 5, end),)
        self._ledger.made.append(Step(kind="PasswordMessage", parts=(part,), secrets=hidden))

    def _copying(self, begin: int, end: int, begin_ns: int, ns: int) -> Exchange | None:
        """What the client copies for; None if the server has refused that by now."""
        ledger = self._ledger
        asked = ledger.asked
        if not asked:
            return None
        made = asked[0].exchange.now
        if made.copy not in ("in", "both"):
            return None
        if made.given_begin < 0:
            made.given_begin, made.given_begin_ns = begin, begin_ns
            self._forget_syncs()
        made.given_end, made.given_end_ns = end, ns
        return made

    def _forget_syncs(self) -> None:
        """A Sync that came before the data is not answered: the server passes over it."""
        ledger = self._ledger
        asked = ledger.asked
        while len(asked) > 1 and asked[-1].kind == SYNC:
            entry = asked.pop()
            ledger.batch = [*entry.batch, *ledger.batch]
            ledger.last = entry.exchange

    def _copy_data(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        made = self._copying(begin, end, begin_ns, ns)
        if made is not None:
            made.given += 1
            made.given_bytes += end - begin - 5
            if self.lost:
                made.lost += self.lost

    def _copy_end(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        self._copying(begin, end, begin_ns, ns)


def _oids(data: bytes) -> tuple[int, ...]:
    """Types' numbers, with their count before them."""
    count = min(int.from_bytes(data[:2], "big"), (len(data) - 2) // 4)
    return tuple(int.from_bytes(data[at : at + 4], "big") for at in range(2, 2 + 4 * count, 4))
