"""A statement and its answer, read from what was noted when somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from netshell.flow.sides import Side
from netshell.protocols.api import Message
from netshell.protocols.postgres.exchange import Exchange
from netshell.protocols.postgres.told import STATES, Head, heads, tag_count, trouble
from netshell.protocols.postgres.values import decoded, fields, hexed, is_binary, type_name
from netshell.protocols.secret import MASK, Masked
from netshell.protocols.sql_secrets import NOTHING, Hidden, masked_sql
from netshell.protocols.statement import Statement
from netshell.view import Line

_WIDEST = 200
"""Characters of a value in ``said``."""
_LONGEST = 4096
"""Characters of a line of a statement in ``said``."""
_MOST_LINES = 30
"""Lines of a statement in ``said``."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Query(Statement):
    """A statement of a Query, or one Execute, with the server's answer.

    >>> [each.statement for each in cap.queries() if each.code == "23505"]     # doctest: +SKIP
    """

    protocol: ClassVar[str] = "postgres"

    portal: str = ""  # what was executed
    limit: int = 0  # rows that Execute asked for at most; 0 is all
    is_suspended: bool = False  # there are more rows: PortalSuspended
    types: tuple[str, ...] = ()  # the columns' types: "int4", "text[]", "oid 16399"
    first_rows: tuple[tuple[Any, ...], ...] = ()  # the first few rows
    row_bytes: int = 0  # bytes of all rows' values, with their lengths
    severity: str = ""  # the error's: ERROR, FATAL, PANIC
    detail: str = ""
    hint: str = ""
    position: int | None = None  # of the character the error is about, in what was sent, from 1
    error_fields: tuple[tuple[str, str], ...] = ()  # where, schema, table, constraint ...
    notices: tuple[str, ...] = ()  # "WARNING 25P01: there is no transaction in progress"
    copy: str = ""  # COPY "in", "out", or "both" (replication)
    copied: tuple[int, int] = (0, 0)  # CopyData messages of the client and of the server
    copied_bytes: tuple[int, int] = (0, 0)  # their bytes
    before_ns: int | None = None  # when the answer before it ended, where it was asked by then

    _exchange: ClassVar[Exchange | None] = None  # set by ``read``: what it is read from

    @property
    def time_ns(self) -> int:
        exchange = self._exchange
        if exchange is None or exchange.begin < 0:
            return self.parts[0].time_ns
        return exchange.begin_ns  # as ``parts`` say, which all messages would be made for, else

    @property
    def duration_s(self) -> float | None:
        """From when it was asked, or the answer before it had ended, to its answer's end.

        Statements that are asked together are executed one after the other: each has its own
        time. None without an answer.
        """
        if self.answer_ns is None:
            return None
        return (self.end_ns - max(self.time_ns, self.before_ns or 0)) / 1e9

    @property
    def asked(self) -> str:
        if self.statement or not self.portal:
            return super().asked
        return " ".join([super().asked, "portal", *self.portal.split()])

    @property
    def answered(self) -> str:
        if self.error:
            return self.problem
        if self.is_suspended:
            return f"{_counted(self.rows or 0, 'row')}, more to come"
        copied = sum(self.copied_bytes)
        if copied:
            return f"{_one_line(self.tag) or 'COPY ' + self.copy}, {_counted(copied, 'byte')}"
        return _one_line(super().answered)

    def facts(self) -> Iterable[tuple[str, str]]:
        yield from super().facts()
        yield "detail", _one_line(self.detail)
        yield "hint", _one_line(self.hint)
        yield "position", "" if self.position is None else f"character {self.position:,}"
        yield from ((name, _one_line(text)) for name, text in self.error_fields)
        values = [shown(value, 60) for value in self.parameters[:_MOST_LINES]]
        yield "parameters", _one_line(", ".join(values))
        yield "columns", _one_line(", ".join(self.columns[:_MOST_LINES]))
        yield "rows", "" if self.rows is None else f"{self.rows:,}"
        if self.first_row_ns is not None:
            yield "first row after", f"{(self.first_row_ns - self.time_ns) / 1e6:,.3f} ms"
        yield "user", _one_line(f"{self.user}, database {self.database}" if self.user else "")
        yield "application", _one_line(self.application)
        yield "transaction", self.transaction
        yield "notices", _one_line("; ".join(self.notices))

    def said(self, side: Side) -> Sequence[Line]:
        if side != self.side:
            return _answer_lines(self)
        texts = self.statement.strip().splitlines() or [self.asked]
        lines: list[Line] = [_bounded(text) for text in texts[:_MOST_LINES]]
        if len(texts) > _MOST_LINES:
            lines.append(f"... {_counted(len(texts) - _MOST_LINES, 'line')} more")
        for at, value in enumerate(self.parameters[:_MOST_LINES], 1):
            lines.append(f"${at} = {shown(value)}")
        if len(self.parameters) > _MOST_LINES:
            lines.append(f"... {len(self.parameters) - _MOST_LINES:,} more parameters")
        if self.limit:
            lines.append(f"at most {_counted(self.limit, 'row')}")
        if self.copied[0]:
            lines.append(_copied(self.copied[0], self.copied_bytes[0]))
        return lines


def _answer_lines(query: Query) -> list[Line]:
    if not query.answered and not query.columns:
        return []
    lines: list[Line] = [query.answered]
    if query.error:
        lines += [f"{query.severity} at character {query.position}"] if query.position else []
        lines += [f"detail: {query.detail}"] if query.detail else []
        lines += [f"hint: {query.hint}"] if query.hint else []
        lines += [f"{name}: {text}" for name, text in query.error_fields]
    if query.columns:
        lines.append(" | ".join(query.columns))
    for row in query.first_rows:
        lines.append(" | ".join([shown(value, 60) for value in row]))
    if query.columns and query.rows and query.rows > len(query.first_rows):
        lines.append(f"... {_counted(query.rows - len(query.first_rows), 'row')} more")
    if query.copied[1]:
        lines.append(_copied(query.copied[1], query.copied_bytes[1]))
    return lines + list(query.notices)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _bounded(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}... [{_counted(len(text) - _LONGEST, 'character')} more]"


def _copied(count: int, size: int) -> str:
    return f"CopyData x{count:,}, {_counted(size, 'byte')}"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def shown(value: Any, widest: int = _WIDEST) -> str:
    """A value in a line, as SQL writes it, cut where it is long."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = hexed(value) if isinstance(value, bytes) else str(value)
    return text if len(text) <= widest else f"{text[:widest]}... ({len(text):,} characters)"


_new, _set = object.__new__, object.__setattr__


def read(exchange: Exchange) -> Query:
    """The message of an exchange that is complete."""
    made = _new(Query)
    _set(made, "_exchange", exchange)
    return made


# --- what is read when it is looked at ---


class _Lazy:
    """A field that is read from the message's exchange when it is first looked at.

    It stands in for the field's default; a message that is made with all its fields (by
    ``dataclasses.replace``) has its own.
    """

    def __init__(self, name: str, make: Callable[[Exchange], Any]) -> None:
        self._name, self._make = name, make

    def __get__(self, message: Message | None, owner: type[Message]) -> Any:
        if message is None:
            return self
        known = message.__dict__
        if "_exchange" not in known:
            raise AttributeError(self._name)
        value = known[self._name] = self._make(known["_exchange"])
        return value


def sql_of(exchange: Exchange) -> tuple[str, Hidden]:
    """The statement's text, masked, and what is secret in it."""
    prepared = exchange.prepared
    sql, cut = exchange.sql, exchange.cut
    if prepared is not None:
        sql, cut = prepared.sql, prepared.cut
    if not sql:
        return "", NOTHING
    text, hidden = masked_sql(sql, encoding=exchange.session.encoding)
    if cut:
        more = f"... [{cut:,} more bytes]"
        text = Masked(text + more, text.whole + more) if isinstance(text, Masked) else text + more
    return text, hidden


def _secrets(exchange: Exchange) -> tuple[tuple[Side, int, int], ...]:
    hidden = sql_of(exchange)[1]
    if hidden is NOTHING:
        return ()
    found: list[tuple[Side, int, int]] = []
    if exchange.sql_at >= 0:
        at = exchange.sql_at
        found += [("client", at + begin, at + end) for begin, end in hidden.places]
    if hidden.numbers and exchange.bind:
        bound = _bound(exchange)
        place = exchange.bind_at + len(exchange.bind) - bound.after
        for number, value in enumerate(bound.values):
            place += 4
            if number in hidden.numbers and value:
                found.append(("client", place, place + len(value)))
            place += len(value or b"")
    return tuple(found)


class _Bound:
    """What a Bind says after its names: formats, values, formats of the result."""

    __slots__ = ("after", "formats", "is_cut", "result", "values")

    def __init__(self, data: bytes) -> None:
        self.formats: tuple[int, ...] = ()
        self.values: list[bytes | None] = []
        self.result: tuple[int, ...] = ()
        self.is_cut = False  # the last value is what is kept of it
        self.after = 0  # bytes from the first value's length to the end
        try:
            self.formats, at = _formats(data, 0)
            count, at = int.from_bytes(data[at : at + 2], "big"), at + 2
            self.after = len(data) - at
            self.values, at = fields(data, at, count, may_end=True)
            self.is_cut = at > len(data)
            self.result = _formats(data, at)[0]
        except ValueError:
            return  # cut: what is there


def _formats(data: bytes, at: int) -> tuple[tuple[int, ...], int]:
    count = int.from_bytes(data[at : at + 2], "big")
    at += 2
    end = at + 2 * count
    if end > len(data):
        raise ValueError("cut")
    return tuple([data[each + 1] for each in range(at, end, 2)]), end


def _bound(exchange: Exchange) -> _Bound:
    found = exchange.__dict__.get("_bound")
    if found is None:
        found = exchange.__dict__["_bound"] = _Bound(exchange.bind)
    return found


def _parameters(exchange: Exchange) -> tuple[Any, ...]:
    if not exchange.bind:
        return ()
    bound, encoding = _bound(exchange), exchange.session.encoding
    oids = exchange.oids
    secret = sql_of(exchange)[1].numbers
    found: list[Any] = []
    for at, data in enumerate(bound.values):
        oid = oids[at] if at < len(oids) else 0
        value = None
        if data is not None:
            value = decoded(data, oid, is_binary(bound.formats, at), encoding)
            if bound.is_cut and at == len(bound.values) - 1:
                value = f"{hexed(value) if isinstance(value, bytes) else value}... [cut]"
        found.append(Masked(MASK, str(value)) if at in secret and value is not None else value)
    return tuple(found)


def _heads(exchange: Exchange) -> tuple[Head, ...]:
    found = exchange.__dict__.get("_heads")
    if found is None:
        found = heads(exchange.heads, exchange.session.encoding)
        exchange.__dict__["_heads"] = found
    return found


def _first_rows(exchange: Exchange) -> tuple[tuple[Any, ...], ...]:
    if not exchange.first:
        return ()
    encoding, found = exchange.session.encoding, _heads(exchange)
    formats = tuple(head.format for head in found)
    if exchange.bind:
        result = _bound(exchange).result
        formats = result if len(result) > 1 else result * len(found)
    rows: list[tuple[Any, ...]] = []
    for body in exchange.first:
        if exchange.copy:
            rows.append((_copied_row(body, encoding),))
            continue
        try:
            values, _ = fields(body, 2, min(int.from_bytes(body[:2], "big"), len(body)))
        except ValueError:
            continue  # longer than what is kept
        oids = [head.oid for head in found] if len(found) == len(values) else [0] * len(values)
        rows.append(
            tuple(
                None
                if data is None
                else decoded(data, oid, at < len(formats) and formats[at] == 1, encoding)
                for at, (data, oid) in enumerate(zip(values, oids, strict=True))
            )
        )
    return tuple(rows)


def _copied_row(body: bytes, encoding: str) -> str:
    if any(each < 32 and each not in b"\t\r\n" for each in body):
        return hexed(body)
    return body.decode(encoding, "replace").rstrip("\n")


def _rows(exchange: Exchange) -> int | None:
    if exchange.heads or exchange.rows or exchange.is_suspended:
        return exchange.rows
    return None if exchange.tag is None else tag_count(exchange.tag)


def _error(name: str) -> Callable[[Exchange], Any]:
    def read_error(exchange: Exchange) -> Any:
        if exchange.error is None:
            return None if name == "position" else () if name == "others" else ""
        return getattr(trouble(exchange.error, exchange.session.encoding), name)

    return read_error


def _notices(exchange: Exchange) -> tuple[str, ...]:
    encoding = exchange.session.encoding
    return tuple(str(trouble(each, encoding)) for each in exchange.notices or ())


def _name(exchange: Exchange) -> str:
    name = b"" if exchange.prepared is None else exchange.prepared.name
    return name.decode(exchange.session.encoding, "replace")


def _tag(exchange: Exchange) -> str:
    return "" if exchange.tag is None else exchange.tag.decode("utf-8", "replace")


def lacking(exchange: Exchange) -> str:
    """What of an exchange is not there."""
    reasons = [exchange.lacking] if exchange.lacking else []
    if exchange.is_unseen:
        reasons.append("what was asked lacks")
    prepared = exchange.prepared
    if prepared is not None and prepared.why:
        reasons.append(prepared.why)
    if exchange.lost:
        reasons.append(f"{_counted(exchange.lost, 'byte')} lack")
    return ", ".join(reasons)


_READ: Mapping[str, Callable[[Exchange], Any]] = {
    "kind": lambda exchange: exchange.kind,
    "parts": Exchange.parts,
    "lacking": lacking,
    "secrets": _secrets,
    "statement": lambda exchange: sql_of(exchange)[0],
    "name": _name,
    "parameters": _parameters,
    "user": lambda exchange: exchange.session.user,
    "database": lambda exchange: exchange.session.database,
    "application": lambda exchange: exchange.session.application,
    "rows": _rows,
    "columns": lambda exchange: tuple(head.name for head in _heads(exchange)),
    "types": lambda exchange: tuple(type_name(head.oid) for head in _heads(exchange)),
    "tag": _tag,
    "error": _error("message"),
    "code": _error("code"),
    "severity": _error("severity"),
    "detail": _error("detail"),
    "hint": _error("hint"),
    "position": _error("position"),
    "error_fields": _error("others"),
    "notices": _notices,
    "transaction": lambda exchange: STATES.get(exchange.state, ""),
    "first_row_ns": lambda exchange: exchange.first_ns,
    "first_rows": _first_rows,
    "row_bytes": lambda exchange: exchange.row_bytes,
    "portal": lambda exchange: exchange.portal.decode(exchange.session.encoding, "replace"),
    "limit": lambda exchange: exchange.limit,
    "is_suspended": lambda exchange: exchange.is_suspended,
    "copy": lambda exchange: exchange.copy,
    "copied": lambda exchange: (exchange.given, exchange.copied),
    "copied_bytes": lambda exchange: (exchange.given_bytes, exchange.copied_bytes),
    "before_ns": lambda exchange: exchange.before_ns,
}

for _field, _make in _READ.items():
    setattr(Query, _field, _Lazy(_field, _make))
