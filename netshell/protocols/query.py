"""One statement that a client had executed, as the wire tells it: who, what, how long, and how it
went.

Of a statement's duration, one part is the network's: the way from where it was captured to the
server and back. The rest is the server's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from netshell.flow.asked import ms
from netshell.flow.key import Endpoint
from netshell.protocols.line import brief, one_line
from netshell.protocols.messages import clock as of_day
from netshell.protocols.normal import Dialect, fingerprint_of, normalise
from netshell.protocols.secret import Masked
from netshell.protocols.statement import Statement
from netshell.results import Single
from netshell.view import Block, Cell, Column, Lines, Note, Span, Style, Table, clean

NOWHERE = Endpoint("", 0)


@dataclass(frozen=True, kw_only=True, repr=False, slots=True)  # without: 2 KB more for each
class Query(Single):
    """One executed statement. Times are those of packets, where they were captured."""

    time_ns: int  # when the client's first byte of it was seen
    statement: str  # as sent; of a prepared one, what was prepared
    parameters: tuple[Any, ...] = ()  # bound values, in order
    name: str = ""  # the prepared statement's name or number
    duration_s: float | None = None  # to the answer's last byte; None without an answer
    together: int = 1  # statements answered in one go, this one among them: that is all of them's
    since_ns: int | None = None  # from when it counts, where that is not ``time_ns``
    first_row_s: float | None = None  # to the first row's; None where it is not known
    network_ms: float | None = None  # of that, there and back; None where it was not measured
    running_s: float | None = None  # so long by now, where the answer may still come
    rows: int | None = None
    error: str = ""  # the server's words
    code: str = ""  # SQLSTATE, or MySQL's number with it
    transaction: str = ""  # the state after it: "idle", "in transaction", "failed"
    user: str = ""
    database: str = ""
    application: str = ""  # what the client calls itself
    process: str = ""  # the client's, of this machine; else the server's: "python3[1234]"
    flow: int = -1
    client: Endpoint = NOWHERE
    server: Endpoint = NOWHERE
    protocol: str = ""
    kind: str = ""  # the protocol's word for how it was sent
    tag: str = ""  # the server's word for what it did
    lacking: str = ""  # what of it was not seen
    packets: tuple[int, ...] = ()
    normalised: str = ""
    """The statement without its values: what such statements have in common."""
    fingerprint: str = ""
    """A short hash of that."""
    hints: tuple[str, ...] = ()
    """To the optimiser, in comments."""
    tags: dict[str, str] = field(default_factory=dict, hash=False)
    """What the application says of itself in comments (sqlcommenter, marginalia)."""

    @property
    def server_s(self) -> float | None:
        """The duration without the network's part; not below 0."""
        network_s = self.network_s
        if self.duration_s is None or network_s is None:
            return None
        return self.duration_s - network_s

    @property
    def network_s(self) -> float | None:
        """The network's part of the duration: of statements sent one behind the other without
        waiting, most pay it together."""
        if self.duration_s is None or self.network_ms is None:
            return None
        return min(self.network_ms / 1e3, self.duration_s)

    @property
    def share_s(self) -> float | None:
        """The duration; of statements answered in one go, an equal share of it for each."""
        return None if self.duration_s is None else self.duration_s / self.together

    @property
    def begin_ns(self) -> int:
        """From when the duration counts: of statements answered in one go, the first one's time."""
        return self.time_ns if self.since_ns is None else self.since_ns

    @property
    def style(self) -> Style:
        """What that is drawn in."""
        return "sql" if self.statement else "quiet"

    @property
    def end_ns(self) -> int:
        """When the answer was there; without one, when it was asked."""
        return self.begin_ns + round((self.duration_s or 0.0) * 1e9)

    @property
    def batch(self) -> tuple[int, int] | None:
        """What those have in common that were answered in one go; None of one by itself."""
        return (self.flow, self.begin_ns) if self.together > 1 else None

    @property
    def said(self) -> str:
        """The statement; of one that was prepared before the capture began, its name."""
        if self.statement:
            return self.statement
        return f"(statement {self.name}, not seen)" if self.name else f"({self.kind})"

    @property
    def dialect(self) -> Dialect:
        """Whose SQL it is."""
        return "mysql" if self.protocol == "mysql" else "postgres"

    @property
    def problem(self) -> str:
        """The error with its code, or what lacks; empty if all went well."""
        lacking = self.lacking if self.running_s is None else ""
        return f"{self.code} {self.error}".strip() or lacking

    def __str__(self) -> str:
        said = f" → {self.problem}" if self.problem else counted_rows(self.rows)
        return clean(f"{clock(self.time_ns)} {self._took_long} {brief(self.said)}{said}")

    @property
    def took(self) -> str:
        """How long it took, or takes, in words."""
        if self.duration_s is not None:
            several = f" for {self.together:,}" if self.together > 1 else ""
            return f"{ms(self.duration_s * 1e3)}{several}"
        if self.running_s is not None:
            return f"running {self.running_s:,.1f} s"
        return "no answer" if "no answer" in self.lacking else ""

    @property
    def _took_long(self) -> str:
        several = self.together > 1 and self.duration_s is not None
        return f"{self.took} together" if several else self.took

    def view(self) -> Sequence[Block]:
        from netshell.protocols.query_layout import laid_out

        facts: list[tuple[Cell, Cell]] = [
            (Span(name, "key"), text) for name, text in self.facts() if text
        ]
        if self.error or self.code:
            facts.append((Span("error", "key"), Span(f"{self.code} {self.error}".strip(), "bad")))
        if self.lacking and self.running_s is None:
            facts.append((Span("lacking", "key"), Span(self.lacking, "warn")))
        blocks: list[Block] = [Table(_FACTS, facts), Lines([""])]
        lines, left = laid_out(self.said, self.dialect)
        blocks.append(Lines([Span(line, self.style) for line in lines]))
        if left:
            blocks.append(Note(f"… {left:,} characters left out; query.statement has them"))
        if self.parameters:
            rows = [
                (Span(f"${number}", "key"), *value_and_type(value))
                for number, value in enumerate(self.parameters[:_PARAMETERS], 1)
            ]
            blocks += [Lines([""]), Table(_VALUES, rows)]
            if len(self.parameters) > _PARAMETERS:
                left = len(self.parameters) - _PARAMETERS
                blocks.append(Note(f"… {left:,} more; query.parameters has them"))
        return blocks

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "query", f"{self.protocol} {self.kind}, {clock(self.time_ns, True)}"
        yield "client", str(self.client) if self.client != NOWHERE else ""
        yield "server", str(self.server) if self.server != NOWHERE else ""
        yield "process", self.process
        yield "application", self.application
        yield "database", self.database
        yield "user", self.user
        yield "took", self._timing()
        yield "prepared as", self.name
        yield "rows", "" if self.rows is None else f"{self.rows:,}"
        yield "answer", self.tag
        yield "transaction", self.transaction
        yield "packets", _numbers(self.packets)
        yield "flow", "" if self.flow < 0 else str(self.flow)
        yield "fingerprint", self.fingerprint
        yield "hints", ", ".join(self.hints)
        yield "tags", ", ".join(f"{name}={value}" for name, value in self.tags.items())

    def _timing(self) -> str:
        if self.duration_s is None:
            return self.took
        parts = []
        if self.network_s is not None:
            parts.append(f"network {ms(self.network_s * 1e3)}")
        first = self.first_row_s
        if first is None:
            if self.server_s is not None:
                parts.append(f"server {ms(self.server_s * 1e3)}")
        else:
            to_first = max(first - (self.network_s or 0.0), 0.0)
            name = "to the first row" if self.network_ms is None else "server to the first row"
            parts.append(f"{name} {ms(to_first * 1e3)}")
            if self.duration_s - first >= 1e-6:
                parts.append(f"the rows {ms((self.duration_s - first) * 1e3)}")
        split = f" = {' + '.join(parts)}" if parts else ""
        if self.together > 1:
            split += "; they were answered in one go, what each took is not known"
        return f"{self._took_long}{split}"


_FACTS = (Column("field"), Column("value", shrink=True, least=20, wrap=True))
_VALUES = (
    Column("parameter"), Column("value", shrink=True, least=20, wrap=True), Column("type", keep=1),
)  # fmt: skip
_PARAMETERS = 100  # that are shown
_LONG = 500  # characters of a parameter that are


def query_of(
    message: Statement,
    network: Callable[[Statement], float | None] = lambda message: None,
    process: Callable[[Statement], str] = lambda message: "",
    running_s: float | None = None,
) -> Query:
    """A message as a query. ``network`` gives the way to its server and back in ms, ``process`` who
    its client is; ``running_s`` is of one that is not answered yet."""
    dialect: Dialect = "mysql" if message.protocol == "mysql" else "postgres"
    statement, name, flow = message.statement, message.name, message.flow
    text, fingerprint, hints, tags = normalise(statement, dialect)
    if not statement and name:  # on another connection, the name is another statement's
        text = f"(statement {one_line(name)}, not seen)"
        fingerprint = fingerprint_of(f"{flow} {text}")
    time_ns, since_ns, first = message.time_ns, message.since_ns, message.first_row_ns
    client, server = message.ends or (NOWHERE, NOWHERE)
    if message.side == "server":  # who is the client was a guess; who asks for it is
        client, server = server, client
    return Query(
        time_ns=time_ns,
        statement=statement,
        name=name,
        parameters=message.parameters,
        duration_s=message.duration_s,
        together=message.together,
        since_ns=None if since_ns == time_ns else since_ns,
        first_row_s=None if first is None or message.together > 1 else (first - since_ns) / 1e9,
        network_ms=network(message),
        running_s=running_s,
        rows=message.rows,
        error=message.error,
        code=message.code,
        transaction=message.transaction,
        user=message.user,
        database=message.database,
        application=message.application,
        process=process(message),
        flow=flow,
        client=client,
        server=server,
        protocol=message.protocol,
        kind=message.kind,
        tag=message.tag,
        lacking=message.lacking,
        packets=message.packets,
        normalised=text,
        fingerprint=fingerprint,
        hints=hints,
        tags=dict(tags),
    )


# --- in words -----------------------------------------------------------------------------------


def clock(time_ns: int, with_date: bool = False) -> str:
    """The time of day here to the millisecond, as packets are printed with; or the whole moment
    in UTC."""
    if not with_date:
        return of_day(time_ns)[:-3]
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time_ns // 10**9)
    except OverflowError:  # a time stamp no calendar has
        return f"{time_ns // 10**9}"
    return f"{moment:%Y-%m-%d %H:%M:%S}.{time_ns % 10**9 // 1000:06} UTC"


def counted_rows(rows: int | None) -> str:
    return "" if rows is None else f" → {rows:,} row{'' if rows == 1 else 's'}"


def value_and_type(value: Any) -> tuple[str, str]:
    """A bound value as SQL would have it, bounded, and what it is.

    >>> value_and_type("it's"), value_and_type(None)
    (("'it''s'", 'text'), ('NULL', ''))
    """
    if value is None:
        return "NULL", ""
    if isinstance(value, Masked):
        return str(value), "secret"
    if isinstance(value, str):
        quoted = value[:_LONG].replace("'", "''")
        return f"'{quoted}'{_more(len(value))}", "text"
    if isinstance(value, bytes | bytearray | memoryview):
        data = bytes(value[: _LONG // 2])
        return f"\\x{data.hex()}{_more(2 * len(value))}", f"{len(value):,} bytes"
    if isinstance(value, int) and abs(value) >= _HUGE:
        return "a huge number", "int"
    return str(value)[:_LONG], type(value).__name__


_HUGE = 10**100


def _more(size: int) -> str:
    return "…" if size > _LONG else ""


def values_line(parameters: Sequence[Any], most: int = 80) -> str:
    """Bound values in a line.

    >>> values_line((1, "a", None))
    "1, 'a', NULL"
    """
    text = ", ".join(value_and_type(value)[0] for value in parameters[:20])
    return text if len(text) <= most and len(parameters) <= 20 else f"{text[: most - 1]}…"


def _numbers(packets: Sequence[int]) -> str:
    if not packets:
        return ""
    few = ", ".join(map(str, packets[:8]))
    return few if len(packets) <= 8 else f"{few} … {packets[-1]} ({len(packets):,} packets)"
