"""What was asked and is not answered yet, and what both sides know by a name.

Every message that wants an answer is an entry of ``asked``, in order: the server answers them in
order. Messages of the extended protocol are put together up to their Execute, one
:class:`~netshell.protocols.postgres.exchange.Exchange` each, and given with the batch that a Sync
ends.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, TypeVar

from netshell.protocols.api import Message
from netshell.protocols.postgres.exchange import Exchange, Prepared, Session
from netshell.protocols.postgres.query import read
from netshell.protocols.postgres.splitting import split
from netshell.protocols.postgres.steps import step
from netshell.protocols.postgres.told import trouble

MOST_ASKED = 20_000
"""Entries that may wait for an answer."""
MOST_NAMES = 10_000
MOST_BYTES = 4 << 20
"""Bytes of texts and values that may wait, and that may have a name."""

QUERY, PARSE, BIND, DESCRIBE, EXECUTE, CLOSE, SYNC, CALL = b"QPBDECSF"
ENDS = frozenset({QUERY, SYNC, CALL})
"""What ReadyForQuery answers."""

K = TypeVar("K", Prepared, Exchange)


class Entry(NamedTuple):
    """A message that is to be answered."""

    kind: int
    exchange: Exchange  # that it belongs to
    batch: list[Exchange]  # of a SYNC, QUERY or CALL: what it ends, in order
    prepared: Prepared | None = None  # of a PARSE or DESCRIBE
    before: Prepared | None = None  # of a PARSE: what had the name until then
    size: int = 0  # bytes that are kept for it


class Ledger:
    """The one place that both sides' readers write to."""

    def __init__(self, is_begun: bool) -> None:
        self.is_begun = is_begun
        self.session = Session()
        self.asked: deque[Entry] = deque()
        self.made: list[Message] = []
        self.batch: list[Exchange] = []
        """What was asked since the last Sync."""
        self.unit: Exchange | None = None
        """What further messages belong to, up to an Execute."""
        self.last: Exchange | None = None
        """What Close, Flush and Sync belong to otherwise."""
        self.statements: dict[bytes, Prepared] = {}
        self.portals: dict[bytes, Exchange] = {}
        self.is_holed = False
        """Answers lack, and no ReadyForQuery has come since."""
        self.is_pipelined = False
        """The client asks again before it is answered."""
        self.named_bytes = 0
        self.waiting_bytes = 0

    # --- asked ---

    def ask(self, entry: Entry) -> None:
        """Something was asked."""
        self.asked.append(entry)
        self.waiting_bytes += entry.size
        if entry.kind in ENDS:
            if self.is_holed and not self.is_pipelined:
                self.give_up("its answer lacks", all_but=1)
            elif len(self.asked) > 1 and not self.is_pipelined:
                self.is_pipelined = any(each.kind in ENDS for each in list(self.asked)[:-1])
        if len(self.asked) > MOST_ASKED or self.waiting_bytes > MOST_BYTES:
            self.give_up("no answer")

    def end_batch(self) -> list[Exchange]:
        """What a Sync ends: all since the one before."""
        batch, self.batch = self.batch, []
        self.unit = self.last = None
        return batch

    def give_up(self, why: str, all_but: int = 0) -> None:
        """Nobody will answer what was asked, but for the last few batches."""
        ends = [at for at, entry in enumerate(self.asked) if entry.kind in ENDS]
        count = len(self.asked)
        if all_but:
            count = ends[-1 - all_but] + 1 if len(ends) > all_but else 0
        for _ in range(count):
            entry = self.asked.popleft()
            self.waiting_bytes -= entry.size
            for exchange in [*entry.batch, *([entry.exchange] if entry.kind in ENDS else [])]:
                self.give(exchange, why)
        if not all_but:
            for exchange in self.end_batch():
                self.give(exchange, why)

    def named(self, kept: dict[bytes, K], name: bytes, value: K, size: int) -> None:
        """Something has a name from now on; what had one longest is forgotten for it."""
        kept.pop(name, None)
        kept[name] = value
        self.named_bytes += size
        while len(kept) > MOST_NAMES or self.named_bytes > MOST_BYTES:
            if len(kept) < 2:
                break
            forgotten = kept.pop(next(iter(kept)))
            self.named_bytes -= _size(forgotten)
        if self.named_bytes > MOST_BYTES:
            self.named_bytes = sum(map(_size, self.statements.values()))

    # --- answered ---

    def head(self, kinds: frozenset[int]) -> Entry | None:
        """What an answer is to; entries before it were answered in bytes that lack."""
        asked = self.asked
        while asked:
            entry = asked[0]
            if entry.kind in kinds:
                return entry
            if entry.kind in ENDS:
                return None
            asked.popleft()
            self.waiting_bytes -= entry.size
        return None

    def finish(self, state: int, begin: int, end: int, begin_ns: int, ns: int) -> bool:
        """ReadyForQuery: all up to a Sync is answered. Whether there was anything."""
        asked = self.asked
        failed = False
        while asked:
            entry = asked.popleft()
            self.waiting_bytes -= entry.size
            failed |= entry.exchange.now.error is not None
            if entry.kind not in ENDS:
                if entry.kind == PARSE and failed and entry.prepared is not None:
                    self._unname(entry.prepared, entry.before)
                continue
            batch = entry.batch
            if entry.kind != SYNC:
                batch = [*batch, entry.exchange]
            last = (batch[-1] if batch else entry.exchange).now
            if last.s_begin < 0:
                last.s_begin, last.s_begin_ns = begin, begin_ns
            last.s_end, last.s_end_ns = end, ns
            failed = False
            for exchange in batch:
                why = ""
                if exchange.is_executed and not exchange.is_done:
                    why = "skipped: an error came before it" if failed else "its answer lacks"
                failed |= exchange.now.error is not None
                if failed or exchange is batch[-1]:
                    exchange.now.state = state
                self.give(exchange, why)
            self.is_holed = False
            return True
        self.is_holed = False
        return False

    def _unname(self, prepared: Prepared, before: Prepared | None) -> None:
        """A Parse that was refused: its name is what it was."""
        if self.statements.get(prepared.name) is prepared:
            if before is None:
                del self.statements[prepared.name]
            else:
                self.statements[prepared.name] = before

    def give(self, exchange: Exchange, why: str = "") -> None:
        """An exchange is over."""
        if why and not exchange.now.is_done:
            exchange.now.lacking = why
        if exchange.is_executed:
            if exchange.more or (exchange.kind == "Query" and exchange.error is not None):
                # Several statements, or some that an error kept from being executed.
                self.made += [read(each) for each in several(exchange)]
            else:
                self.made.append(read(exchange))
        elif exchange.error is not None and exchange.prepared is not None:
            self.made.append(read(exchange))  # refused: a statement all the same
        else:
            self.made.append(step(exchange))


def _size(value: Prepared | Exchange) -> int:
    return len(value.sql) if isinstance(value, Prepared) else len(value.bind)


def several(exchange: Exchange) -> list[Exchange]:
    """A Query's answers, each with its own statement where that is sure.

    Those that an error kept from being executed are added.
    """
    answers = [exchange, *(exchange.more or ())]
    if exchange.is_unseen:
        return answers
    places = split(exchange.sql)
    failed = answers[-1].error is not None
    if places is None or len(places) < len(answers) or (len(places) > len(answers) and not failed):
        return [_together(exchange, answers)]
    if len(places) == 1:
        return answers
    if failed and len(answers) == 1 and _is_elsewhere(exchange, places[0]):
        return answers  # nothing of it was executed
    whole, at = exchange.sql, exchange.sql_at
    while len(answers) < len(places):
        skipped = exchange.another()
        skipped.state = answers[-1].state
        skipped.lacking = "skipped: an error came before it"
        answers.append(skipped)
    for answer, (begin, end) in zip(answers, places, strict=True):
        answer.sql, answer.sql_at = whole[begin:end], at + begin
    exchange.more = None
    return answers


def _is_elsewhere(exchange: Exchange, first: tuple[int, int]) -> bool:
    """Whether an error is about a place outside of the first statement."""
    if exchange.error is None:
        return False
    encoding = exchange.session.encoding
    position = trouble(exchange.error, encoding).position
    if position is None:
        return False
    place = len(
        exchange.sql.decode(encoding, "replace")[: position - 1].encode(encoding, "replace")
    )
    return not first[0] <= place <= first[1]


def _together(exchange: Exchange, answers: list[Exchange]) -> Exchange:
    """One message for several statements that cannot be told apart: the last answer's, all tags."""
    if len(answers) == 1:
        return exchange
    made = answers[-1].copied_now()
    made.begin_ns, made.before_ns = exchange.begin_ns, exchange.before_ns
    made.s_begin, made.s_begin_ns = exchange.s_begin, exchange.s_begin_ns
    made.rows = sum(each.rows for each in answers)
    made.row_bytes = sum(each.row_bytes for each in answers)
    made.first_ns = next((each.first_ns for each in answers if each.first_ns is not None), None)
    tags = [each.tag for each in answers if each.tag is not None]
    made.tag = b", ".join(tags) if tags else None
    made.more = None
    return made
