"""What was asked and is not answered yet, and what both sides know by a name.

The server answers in order. What the client sends is put together up to an Execute, one
:class:`~netshell.protocols.postgres.exchange.Exchange` each: its ``steps`` are a letter for every
message that wants an answer, ``step`` counts those that have theirs. ReadyForQuery answers a Sync,
a Query or a FunctionCall, and with it all before: then they are given.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TypeVar

from netshell.protocols.api import Message
from netshell.protocols.postgres.exchange import Exchange, Prepared, Session
from netshell.protocols.postgres.query import read
from netshell.protocols.postgres.splitting import split
from netshell.protocols.postgres.steps import step
from netshell.protocols.postgres.told import trouble

MOST_ASKED = 20_000
"""Exchanges that may wait for an answer."""
MOST_NAMES = 10_000
MOST_BYTES = 4 << 20
"""Bytes of texts and values that may wait, and that may have a name."""

ENDS = "SQF"
"""The steps that ReadyForQuery answers: Sync, Query, FunctionCall."""

K = TypeVar("K", Prepared, Exchange)


class Ledger:
    """The one place that both sides' readers write to."""

    def __init__(self, is_begun: bool) -> None:
        self.is_begun = is_begun
        self.session = Session()
        self.asked: deque[Exchange] = deque()
        """What waits for answers, in order; what has all of its own may still be the last."""
        self.answered: list[Exchange] = []
        """What has its answers, but for ReadyForQuery."""
        self.unit: Exchange | None = None
        """What further messages belong to, up to an Execute."""
        self.last: Exchange | None = None
        """What Close, Flush and Sync belong to otherwise."""
        self.made: list[Message] = []
        self.statements: dict[bytes, Prepared] = {}
        self.portals: dict[bytes, Exchange] = {}
        self.is_holed = False
        """Answers lack, and no ReadyForQuery has come since."""
        self.is_unsure = not is_begun
        """Something may have been asked that was not seen, and is not answered yet."""
        self.is_pipelined = False
        """The client asks again before it is answered."""
        self._named_bytes = 0
        self.waiting_bytes = 0
        """Of what was asked, that are kept."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits, and nothing lacks."""
        return not (
            self.asked or self.answered or self.unit or self.last or self.is_unsure or self.is_holed
        )

    # --- asked ---

    def waits(self, exchange: Exchange, size: int) -> None:
        """A whole batch was asked, by itself."""
        prepared = exchange.prepared
        self.ask(exchange)
        if exchange.steps[0] == "P" and prepared is not None:
            exchange.replaced = self.statements.get(prepared.name)
            self.named(self.statements, prepared.name, prepared, len(prepared.sql))
        if exchange.steps != "Q":
            self.named(self.portals, exchange.portal, exchange, 0)
        self.waiting_bytes += size
        self.end_batch()

    def ask(self, exchange: Exchange) -> None:
        """Something new was asked."""
        asked = self.asked
        if self.waiting_bytes > MOST_BYTES:
            waiting = [*self.answered, *asked]
            self.waiting_bytes = sum([len(each.sql) + len(each.bind) for each in waiting])
        if len(asked) >= MOST_ASKED or self.waiting_bytes > MOST_BYTES:
            self.give_up("no answer")
        self.asked.append(exchange)

    def end_batch(self) -> None:
        """The client waits for ReadyForQuery now, or sends on without waiting."""
        self.unit = self.last = None
        asked = self.asked
        if len(asked) > 1 and not self.is_pipelined:
            if self.is_holed:
                self.give_up("its answer lacks", is_last_kept=True)
            else:
                self.is_pipelined = asked[-2].steps[-1:] in ENDS

    def give_up(self, why: str, is_last_kept: bool = False) -> None:
        """Nobody will answer what was asked; but perhaps the last batch."""
        waiting = list(self.asked)
        count = len(waiting)
        if is_last_kept:
            ends = [at for at, each in enumerate(waiting[:-1]) if each.steps[-1:] in ENDS]
            count = ends[-1] + 1 if ends else 0
        given = waiting[:count]
        if count or not is_last_kept:
            given = [*self.answered, *given]
            self.answered.clear()
        for _ in range(count):
            self.asked.popleft()
        tie(given)
        if not self.asked:
            self.unit = self.last = None
            self.waiting_bytes = 0
        for exchange in given:
            self.give(exchange, why)

    def named(self, kept: dict[bytes, K], name: bytes, value: K, size: int) -> None:
        """Something has a name from now on; what had one longest is forgotten for it."""
        if not name:
            kept[name] = value
            return
        kept.pop(name, None)
        kept[name] = value
        self._named_bytes += size
        if self._named_bytes > MOST_BYTES:
            portals = sum([len(each.bind) for each in self.portals.values()])
            self._named_bytes = portals + sum([len(p.sql) for p in self.statements.values()])
        while len(kept) > MOST_NAMES or (self._named_bytes > MOST_BYTES and len(kept) > 1):
            forgotten = kept.pop(next(iter(kept)))
            data = forgotten.sql if isinstance(forgotten, Prepared) else forgotten.bind
            self._named_bytes -= len(data)

    # --- answered ---

    def head(self, steps: str) -> Exchange | None:
        """What an answer to one of some steps is to; None if nothing that waits is.

        Steps before it were answered in bytes that lack.
        """
        asked = self.asked
        while asked:
            exchange = asked[0]
            waiting = exchange.steps[exchange.step :]
            for at, letter in enumerate(waiting):
                if letter in steps:
                    exchange.step += at
                    return exchange
            if exchange.steps[-1:] in ENDS or len(asked) == 1:
                return None
            self.answered.append(asked.popleft())
        return None

    def finish(self, state: int, begin: int, end: int, begin_ns: int, ns: int) -> bool:
        """ReadyForQuery: all up to a Sync is answered. Whether there was anything."""
        batch, self.answered = self.answered, []
        asked = self.asked
        while asked:
            exchange = asked.popleft()
            batch.append(exchange)
            if exchange.steps[-1:] in ENDS:
                break
        if not asked:
            self.waiting_bytes = 0
        self.is_holed = False
        if not batch:
            return False
        last = batch[-1].now
        if last.s_begin < 0:
            last.s_begin, last.s_begin_ns = begin, begin_ns
        last.s_end, last.s_end_ns = end, ns
        if len(batch) == 1 and last.error is None:
            self.is_unsure = False
            last.state = state
            if batch[0].more:
                tie(batch)
            self.give(batch[0], "" if last.is_done or not last.is_executed else "its answer lacks")
            return True
        failed = False
        is_unsure, self.is_unsure = self.is_unsure, False
        tie(batch)
        for exchange in batch if is_unsure and len(batch) > 1 else ():
            exchange.now.lacking = "the answer may be another's, asked before"
        for exchange in batch:
            if failed and exchange.step < 1 and exchange.steps[:1] == "P":
                self._unname(exchange)
            now = exchange.now
            if now.error is not None:
                failed = True
                if exchange.steps[exchange.step : exchange.step + 1] == "P":
                    self._unname(exchange)
            if failed or exchange is batch[-1]:
                now.state = state
            self.give(
                exchange, "skipped: an error came before it" if failed else "its answer lacks"
            )
        return True

    def _unname(self, exchange: Exchange) -> None:
        """A Parse that was refused, or skipped: its name is what it was."""
        prepared = exchange.prepared
        if prepared is not None and self.statements.get(prepared.name) is prepared:
            if exchange.replaced is None:
                del self.statements[prepared.name]
            else:
                self.statements[prepared.name] = exchange.replaced

    def give(self, exchange: Exchange, why: str = "") -> None:
        """An exchange is over; ``why`` it lacks an answer, if it does."""
        now = exchange.now
        if not exchange.is_executed:
            if now.error is not None and exchange.prepared is not None:
                self.made.append(read(exchange))  # refused: a statement all the same
            else:
                if why and exchange.step < len(exchange.steps.rstrip("S")) and now.error is None:
                    exchange.lacking = why
                self.made.append(step(exchange))
            return
        if why and not now.is_done:
            now.lacking = why
        if exchange.more or (exchange.kind == "Query" and exchange.error is not None):
            # Several statements, or some that an error kept from being executed.
            self.made += [read(each) for each in several(exchange)]
        else:
            self.made.append(read(exchange))


def tie(batch: Sequence[Exchange]) -> None:
    """Find the statements of a batch that were answered in one go.

    The server keeps answers back until it has 8 KiB of them, or has to wait: where a statement's
    answer begins with the bytes that end the one before it, nobody can tell when that one was done.
    """
    group: list[Exchange] = []
    for exchange in batch:
        for each in (exchange, *(exchange.more or ())):
            if not each.is_executed or each.s_begin < 0:
                continue
            if group and each.s_begin_ns > group[-1].s_end_ns:
                _tie(group)
                group = []
            group.append(each)
    _tie(group)


def _tie(group: Sequence[Exchange]) -> None:
    if len(group) < 2:
        return
    first = group[0]
    begin_ns = first.s_begin_ns if first.begin < 0 else first.begin_ns
    span = max(begin_ns, first.before_ns or 0), max([each.s_end_ns for each in group])
    for each in group:
        each.together, each.batch_ns = len(group), span


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
    made.together, made.batch_ns = 1, None
    made.rows = sum(each.rows for each in answers)
    made.row_bytes = sum(each.row_bytes for each in answers)
    made.first_ns = next((each.first_ns for each in answers if each.first_ns is not None), None)
    tags = [each.tag for each in answers if each.tag is not None]
    made.tag = b", ".join(tags) if tags else None
    made.more = None
    return made
