"""What MySQL conversations are made of, to be looked at: statements, other commands, logins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from netshell.flow.sides import Side
from netshell.protocols.api import Message
from netshell.protocols.line import one_line
from netshell.protocols.mysql.rows import Rows
from netshell.protocols.statement import Statement
from netshell.view import Line

_LINES = 40  # of one thing that is shown
_WIDE = 4096  # characters of one that are

FLAGS = {
    4: "no good index used", 5: "no index used", 8: "database dropped", 11: "slow",
    13: "read-only transaction",
}  # fmt: skip
"""What else the server's status says of a statement, by bit."""


class Outcome(NamedTuple):
    """One result of a command: rows, or an OK."""

    columns: tuple[str, ...] = ()  # empty of an OK
    rows: int | None = None  # sent; None of an OK
    affected: int | None = None  # by an OK
    last_insert_id: int = 0
    warnings: int = 0
    status: int = 0  # the server's flags after it
    info: str = ""  # the server's words: "Rows matched: 1  Changed: 1  Warnings: 0"
    changes: tuple[tuple[str, str], ...] = ()  # of the session, as the server tracks them
    first: Rows = Rows()

    @property
    def flags(self) -> tuple[str, ...]:
        """What the status says beside the transaction: "no index used"."""
        return tuple(word for bit, word in FLAGS.items() if self.status >> bit & 1)

    def __str__(self) -> str:
        warned = f", {_count(self.warnings, 'warning')}" if self.warnings else ""
        if self.rows is not None:
            return f"{_count(self.rows, 'row')}{warned}"
        if self.affected is None:
            return f"OK{warned}"
        return f"OK, {_count(self.affected, 'row')} affected{warned}"


@dataclass(frozen=True, kw_only=True, repr=False)
class MySqlStatement(Statement):
    """A statement that was executed: COM_QUERY, COM_STMT_EXECUTE or MariaDB's bulk one.

    ``rows`` are those of all results that were sent; without such, those that were affected.
    ``parameters`` of a bulk execution are its rows, each a tuple.
    """

    protocol = "mysql"

    results: tuple[Outcome, ...] = ()  # several of several statements in one, or of a CALL
    warnings: int | None = None
    last_insert_id: int | None = None
    attributes: tuple[tuple[str, Any], ...] = ()  # what the client said beside it (MySQL 8.0.23)
    infile: str = ""  # the client's file that LOAD DATA LOCAL asked for
    infile_bytes: int | None = None  # sent of it
    has_cursor: bool = False  # rows are fetched later
    assumed: str = ""  # what was not seen, and taken to be so

    @property
    def asked(self) -> str:
        return one_line(self.statement) or f"{self.kind} {self.name}".strip()

    @property
    def answered(self) -> str:
        if self.error or self.code:
            return self.problem
        if not self.results:
            return ""
        made = "; ".join(str(each) for each in self.results[:4])
        more = f"; {len(self.results) - 4} more results" if len(self.results) > 4 else ""
        file = f", {self.infile_bytes:,} bytes of {self.infile}" if self.infile_bytes else ""
        return one_line(f"{made}{more}{file}")

    @property
    def problem(self) -> str:
        return one_line(f"{self.code} {self.error}")

    @property
    def flags(self) -> tuple[str, ...]:
        """What the server said of how it was done: "no index used", "slow"."""
        return tuple(dict.fromkeys(word for each in self.results for word in each.flags))

    def facts(self) -> Iterable[tuple[str, str]]:
        """What it is, in words."""
        yield "statement", self.statement
        yield "prepared as", self.name
        yield "parameters", ", ".join(f"? = {written(each)}" for each in self.parameters)
        yield "attributes", _pairs(self.attributes)
        yield from _facts(self, self.answered)
        yield "columns", ", ".join(self.columns)
        yield "last insert id", str(self.last_insert_id or "")
        yield "flags", ", ".join(self.flags)
        yield "changed", _pairs(each for result in self.results for each in result.changes)
        yield "assumed", self.assumed

    def said(self, side: Side) -> Sequence[Line]:
        if side == "client":
            named = f" {self.name}" if self.name else ""
            return bounded([
                f"{self.kind}{named}",
                *_shown(self.statement),
                *(f"? {written(each)}" for each in self.parameters),
                *(f"{name} = {written(value)}" for name, value in self.attributes),
                *([f"{self.infile_bytes:,} bytes of {self.infile}"] if self.infile_bytes else ()),
            ])  # fmt: skip
        return bounded(_answer_lines(self, self.results))


@dataclass(frozen=True, kw_only=True, repr=False)
class Command(Message):
    """Any other command: COM_STMT_PREPARE, COM_INIT_DB, COM_PING; and an error that the server
    sends unasked ("error")."""

    protocol = "mysql"

    statement: str = ""  # that it prepares, fetches from, closes
    name: str = ""  # the prepared statement's number
    argument: str = ""  # what else it was given: a database, a process, a parameter
    user: str = ""
    database: str = ""
    placeholders: int | None = None  # in what it prepared
    columns: tuple[str, ...] = ()
    rows: int | None = None  # fetched
    results: tuple[Outcome, ...] = ()
    text: str = ""  # that the server answered with
    error: str = ""
    code: str = ""
    warnings: int | None = None
    transaction: str = ""
    assumed: str = ""

    @property
    def asked(self) -> str:
        named = (self.kind, self.name, self.argument, self.statement)
        return one_line(" ".join(each for each in named if each))

    @property
    def answered(self) -> str:
        if self.error or self.code:
            return self.problem
        if self.text:
            return one_line(self.text)
        return "; ".join(
            "OK" if each.rows is None and not each.warnings else str(each)
            for each in self.results[:4]
        )

    @property
    def problem(self) -> str:
        return one_line(f"{self.code} {self.error}")

    def facts(self) -> Iterable[tuple[str, str]]:
        """What it is, in words."""
        yield "command", self.kind
        yield "argument", self.argument
        yield "statement", self.statement
        yield "prepared as", self.name
        yield "placeholders", "" if self.placeholders is None else str(self.placeholders)
        yield from _facts(self, self.answered)
        yield "columns", ", ".join(self.columns)
        yield "assumed", self.assumed

    def said(self, side: Side) -> Sequence[Line]:
        if side == self.side:
            named = " ".join(each for each in (self.kind, self.name, self.argument) if each)
            return bounded([named, *_shown(self.statement), *([self.problem] * (side == "server"))])
        if self.text:
            return bounded(_shown(self.text))
        return bounded(_answer_lines(self, self.results))


@dataclass(frozen=True, kw_only=True, repr=False)
class Greeting(Message):
    """What a server says first."""

    protocol = "mysql"

    version: str  # as it says: "5.5.5-10.11.6-MariaDB-0+deb12u1"
    connection_id: int
    plugin: str = ""  # how it would have the client log in
    charset: str = ""
    capabilities: tuple[str, ...] = ()
    transaction: str = ""

    @property
    def server(self) -> str:
        """Its version without what is there for old replicas: "10.11.6-MariaDB-0+deb12u1"."""
        return self.version.removeprefix("5.5.5-") or self.version

    @property
    def asked(self) -> str:
        kind = "" if "mariadb" in self.version.lower() else "MySQL "
        return f"greeting {kind}{one_line(self.server)}, connection {self.connection_id}"

    def facts(self) -> Iterable[tuple[str, str]]:
        """What it is, in words."""
        yield "version", self.version
        yield "connection", str(self.connection_id)
        yield "plugin", self.plugin
        yield "charset", self.charset
        yield "capabilities", ", ".join(self.capabilities)

    def said(self, side: Side) -> Sequence[Line]:
        if side != "server":
            return []
        return [self.asked, *(f"{name}: {text}" for name, text in self.facts() if text)]


@dataclass(frozen=True, kw_only=True, repr=False)
class Login(Message):
    """How a user came in, or did not: the handshake response or COM_CHANGE_USER ("login",
    "COM_CHANGE_USER") with all that both said until the server's OK. Before a switch to TLS, only
    the request for that ("SSL request")."""

    protocol = "mysql"

    user: str = ""
    database: str = ""
    plugin: str = ""  # how it was proved who it is
    plugins: tuple[str, ...] = ()  # asked for one after the other, where the server switched
    charset: str = ""
    capabilities: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()  # what the client says of itself
    proofs: tuple[str, ...] = ()  # what was sent to prove it, each masked
    compression: str = ""
    info: str = ""
    error: str = ""
    code: str = ""
    warnings: int | None = None
    transaction: str = ""
    assumed: str = ""

    @property
    def asked(self) -> str:
        if self.kind == "SSL request":
            return "SSL request"
        to = f" to {self.database}" if self.database else ""
        by = f", {self.plugin}" if self.plugin else ""
        return one_line(f"{self.kind} {self.user or '(no user)'}{to}{by}")

    @property
    def answered(self) -> str:
        if self.error or self.code:
            return self.problem
        packed = f", then compressed ({self.compression})" if self.compression else ""
        return f"OK{packed}" if self.warnings is not None else ""

    @property
    def problem(self) -> str:
        return one_line(f"{self.code} {self.error}")

    def facts(self) -> Iterable[tuple[str, str]]:
        """What it is, in words."""
        yield "user", self.user
        yield "database", self.database
        yield "plugin", self.plugin
        yield "switched to", ", ".join(self.plugins)
        yield "charset", self.charset
        yield "attributes", _pairs(self.attributes)
        yield "capabilities", ", ".join(self.capabilities)
        yield "answered", self.answered
        yield "lacking", self.lacking

    def said(self, side: Side) -> Sequence[Line]:
        if side == "client":
            return bounded([
                self.asked,
                *(f"{name}: {value}" for name, value in self.attributes),
                *(f"proof: {each}" for each in self.proofs),
            ])  # fmt: skip
        switched = [f"switch to {each}" for each in self.plugins]
        return bounded([*switched, *([self.answered] if self.answered else ())])


# --- how things are written ---


def written(value: Any) -> str:
    """A value as SQL would have it, in a line: 'text', 5, NULL, x'00ff'."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value[:64].hex()}'{f' … {len(value):,} bytes' if len(value) > 64 else ''}"
    if isinstance(value, tuple):
        return f"({', '.join(written(each) for each in value)})"
    if type(value).__name__ == "Word" or not isinstance(value, str):
        return str(value)
    return f"'{one_line(value)}'"


def bounded(lines: Iterable[str]) -> list[Line]:
    """Not more lines than can be read, and a word about the others."""
    made = list(lines)
    if len(made) <= _LINES:
        return list(made)
    return [*made[:_LINES], f"… {len(made) - _LINES:,} more lines"]


def _shown(text: str) -> list[str]:
    lines = text[:_WIDE].splitlines()
    if len(text) > _WIDE:
        lines.append(f"… {len(text) - _WIDE:,} more characters")
    return lines


def _answer_lines(message: Any, results: Sequence[Outcome]) -> Iterator[str]:
    for each in results:
        yield f"{each}{f' ({one_line(each.info)})' if each.info else ''}"
        if each.columns:
            yield ", ".join(each.columns)
        for row in each.first.values:
            yield ", ".join(written(value) for value in row)
        if each.first.data and each.rows is not None and each.rows > len(each.first.data):
            yield f"… {each.rows - len(each.first.data):,} more rows"
        for name, value in each.changes:
            yield f"now {name} = {one_line(value)}"
    if message.problem:
        yield message.problem


def _facts(message: Any, answered: str) -> Iterator[tuple[str, str]]:
    yield "user", message.user
    yield "database", message.database
    yield "answered", answered
    yield "warnings", str(message.warnings or "")
    yield "transaction", message.transaction
    yield "lacking", message.lacking


def _pairs(pairs: Iterable[tuple[str, Any]]) -> str:
    return ", ".join(f"{name}={value}" for name, value in pairs)


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
