"""A statement that was asked in one piece and answered in one: kept as it came.

Most statements of a capture are counted and never shown: of these, the two pieces are all that is
noted. They are spread out, as an :class:`~netshell.protocols.postgres.exchange.Exchange`, when
somebody looks for more than a line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from netshell.protocols.api import Part
from netshell.protocols.postgres.exchange import KEPT_ROW, KEPT_ROWS, Exchange, Prepared, Session
from netshell.protocols.postgres.framing import HEADER
from netshell.protocols.postgres.told import oids
from netshell.protocols.sql_secrets import masked_sql

_QUERY, _PARSE, _BIND, _DESCRIBED, _ROW = 81, 80, 66, 84, 68


class Plain(NamedTuple):
    """What :mod:`.shortcuts` has looked at."""

    session: Session
    asked: bytes
    begin: int  # its place in the client's stream
    asked_ns: int
    answer: bytes
    s_begin: int  # its place in the server's
    answer_ns: int
    before_ns: int | None  # when what was answered before it was complete, if it waited for that
    prepared: Prepared | None  # what its Bind names, where that was prepared before
    oids: tuple[int, ...]  # and what was known of it then
    heads: bytes


def _sql(plain: Plain) -> bytes:
    if plain.prepared is not None:
        return plain.prepared.sql
    asked = plain.asked
    return asked[5:-1] if asked[0] == _QUERY else asked[6 : asked.find(0, 6)]


def _statement(plain: Plain) -> str:
    if plain.asked[0] == _QUERY:  # mostly each another one
        return masked_sql(plain.asked[5:-1], encoding=plain.session.encoding)[0]
    return _masked(_sql(plain), plain.session.encoding)


@lru_cache(maxsize=1024)
def _masked(sql: bytes, encoding: str) -> str:
    return masked_sql(sql, encoding=encoding)[0]


def _parts(plain: Plain) -> tuple[Part, ...]:
    _, asked, at, asked_ns, answer, s_at, answer_ns, *_ = plain
    return (
        Part("client", at, at + len(asked), asked_ns, asked_ns),
        Part("server", s_at, s_at + len(answer), answer_ns, answer_ns),
    )


def spread(plain: Plain) -> Exchange:
    """The same, read to the end."""
    made = asked(plain.session, plain.asked, plain.begin, plain.asked_ns, plain.prepared)
    _answered(made, plain)
    return made


def asked(session: Session, data: bytes, at: int, ns: int, known: Prepared | None) -> Exchange:
    """What was asked."""
    made = Exchange()
    made.session, made.is_executed = session, True
    made.begin, made.end, made.begin_ns, made.end_ns = at, at + len(data), ns, ns
    if data[0] == _QUERY:
        made.sql, made.sql_at, made.steps = data[5:-1], at + 5, "Q"
        return made
    made.kind = "Execute"
    place, steps = 0, "B"
    if data[0] == _PARSE:
        place = 1 + HEADER(data)[1]
        close = data.find(0, 6, place)
        known = Prepared(b"", data[6:close])
        if place - close > 3:
            known.oids = oids(data[close + 1 : place])
        made.sql_at, made.oids, steps = at + 6, known.oids, "PB"
    made.prepared = known
    end = place + 1 + HEADER(data, place)[1]
    values = data.find(0, place + 6, end) + 1
    made.bind, made.bind_at = data[values:end], at + values
    made.steps = steps + ("DES" if data[end] == _ROW else "ES")  # Describe has a row's letter
    return made


def _answered(made: Exchange, plain: Plain) -> None:
    data, at, ns = plain.answer, plain.s_begin, plain.answer_ns
    made.s_begin, made.s_end, made.s_begin_ns, made.s_end_ns = at, at + len(data), ns, ns
    made.before_ns, made.step, made.state = plain.before_ns, len(made.steps) - 1, data[-1]
    if plain.prepared is not None:
        made.oids, made.heads = plain.oids, plain.heads
    place, end, rows = 0, 0, 0
    while end < len(data) - 6:
        kind, length = HEADER(data, place)
        end = place + 1 + length
        if kind == _DESCRIBED:
            made.heads = data[place + 5 : end]
        elif kind == _ROW:
            if made.first is None:
                made.first, made.first_ns = [], ns
            if rows < KEPT_ROWS and length <= KEPT_ROW:
                made.first.append(data[place + 5 : end])
            rows += 1
            made.row_bytes += length - 6
        elif kind == 67:  # CommandComplete
            made.tag = data[place + 5 : end - 1]
        place = end
    made.rows = rows


PLAIN: Mapping[str, Callable[[Plain], Any]] = {
    "kind": lambda plain: "Query" if plain.asked[0] == _QUERY else "Execute",
    "parts": _parts,
    "statement": _statement,
    "user": lambda plain: plain.session.user,
    "database": lambda plain: plain.session.database,
    "application": lambda plain: plain.session.application,
    "error": lambda plain: "",
    "code": lambda plain: "",
    "before_ns": lambda plain: plain.before_ns,
    "together": lambda plain: 1,
    "batch_ns": lambda plain: None,
}
"""Fields that are told without spreading it out."""
