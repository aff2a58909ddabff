"""A statement and its answer, read from what was noted when somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from netshell.flow.sides import Side
from netshell.protocols.api import Message
from netshell.protocols.line import in_words
from netshell.protocols.postgres.contents import CONTENTS, counted
from netshell.protocols.postgres.exchange import Exchange
from netshell.protocols.postgres.plain import PLAIN, Plain, spread
from netshell.protocols.postgres.values import hexed
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
    _plain: ClassVar[Plain | None] = None  # or by ``read_plain``

    @property
    def time_ns(self) -> int:
        plain = self._plain
        if plain is not None:
            return plain.asked_ns
        exchange = self._exchange
        if exchange is None or exchange.begin < 0:
            return self.parts[0].time_ns
        return exchange.begin_ns  # as ``parts`` say, which all messages would be made for, else

    @property
    def since_ns(self) -> int:
        """When it was asked, or the answer before it had ended: one is executed after the other."""
        if self.batch_ns is not None:
            return self.batch_ns[0]
        return max(self.time_ns, self.before_ns or 0)

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
            return f"{counted(self.rows or 0, 'row')}, more to come"
        copied = sum(self.copied_bytes)
        if copied:
            return f"{_one_line(self.tag) or 'COPY ' + self.copy}, {counted(copied, 'byte')}"
        return _one_line(super().answered)

    def facts(self) -> Iterable[tuple[str, str]]:
        yield from super().facts()
        yield "prepared as", _one_line(self.name)
        yield "detail", _one_line(self.detail)
        yield "hint", _one_line(self.hint)
        yield "position", "" if self.position is None else f"character {self.position:,}"
        yield from ((name, _one_line(text)) for name, text in self.error_fields)
        values = [shown(value, 60) for value in self.parameters[:_MOST_LINES]]
        numbered = (f"${number} = {value}" for number, value in enumerate(values, 1))
        yield "parameters", _one_line(", ".join(numbered))
        yield "columns", _one_line(", ".join(self.columns[:_MOST_LINES]))
        yield "rows", "" if self.rows is None else f"{self.rows:,}"
        if self.first_row_ns is not None:
            yield "first row after", in_words((self.first_row_ns - self.since_ns) / 1e9)
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
            lines.append(f"... {counted(len(texts) - _MOST_LINES, 'line')} more")
        for at, value in enumerate(self.parameters[:_MOST_LINES], 1):
            lines.append(f"${at} = {shown(value)}")
        if len(self.parameters) > _MOST_LINES:
            lines.append(f"... {len(self.parameters) - _MOST_LINES:,} more parameters")
        if self.limit:
            lines.append(f"at most {counted(self.limit, 'row')}")
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
        lines.append(f"... {counted(query.rows - len(query.first_rows), 'row')} more")
    if query.copied[1]:
        lines.append(_copied(query.copied[1], query.copied_bytes[1]))
    return lines + list(query.notices)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _bounded(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}... [{counted(len(text) - _LONGEST, 'character')} more]"


def _copied(count: int, size: int) -> str:
    return f"CopyData x{count:,}, {counted(size, 'byte')}"


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


def read_plain(plain: Plain) -> Query:
    """The same of one that is plain."""
    made = _new(Query)
    _set(made, "_plain", plain)
    return made


# --- what is read when it is looked at ---


class _Lazy:
    """A field that is read from the message's exchange when it is first looked at.

    It stands in for the field's default; a message that is made with all its fields (by
    ``dataclasses.replace``) has its own.
    """

    def __init__(self, name: str, make: Callable[[Exchange], Any]) -> None:
        self._name, self._make, self._plainly = name, make, PLAIN.get(name)

    def __get__(self, message: Query | None, owner: type[Message]) -> Any:
        if message is None:
            return self
        plain = message._plain
        if plain is not None and self._plainly is not None:
            value = self._plainly(plain)
        else:
            exchange = message._exchange
            if exchange is None:
                if plain is None:
                    raise AttributeError(self._name)
                exchange = spread(plain)
                _set(message, "_exchange", exchange)
            value = self._make(exchange)
        _set(message, self._name, value)
        return value


for _field, _make in CONTENTS.items():
    setattr(Query, _field, _Lazy(_field, _make))
