"""What is said beside statements: the start, preparing, notifications, cancelling, the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netshell.flow.sides import Side
from netshell.protocols.api import Message
from netshell.protocols.line import one_line
from netshell.protocols.postgres.contents import lacking, sql_of
from netshell.protocols.postgres.exchange import Exchange
from netshell.protocols.postgres.told import STATES, heads, trouble
from netshell.protocols.postgres.values import type_name
from netshell.view import Line


@dataclass(frozen=True, kw_only=True, repr=False)
class Startup(Message):
    """How a connection began: who it is for, how the client proved that, what the server said."""

    protocol: ClassVar[str] = "postgres"

    version: str  # of the protocol: "3.0"
    user: str = ""
    database: str = ""  # the user's name where none was given
    application: str = ""
    parameters: tuple[tuple[str, str], ...] = ()  # all that the client gave
    methods: tuple[str, ...] = ()  # of authentication: "SCRAM-SHA-256", "MD5", ... "ok"
    settings: tuple[tuple[str, str], ...] = ()  # the server's: ParameterStatus
    negotiated: str = ""  # the version and options that the server does not know
    pid: int | None = None  # of the server's process
    key: str = ""  # to cancel with: masked
    error: str = ""
    code: str = ""  # SQLSTATE
    severity: str = ""
    detail: str = ""
    hint: str = ""
    notices: tuple[str, ...] = ()
    transaction: str = ""

    @property
    def asked(self) -> str:
        who = f"user={self.user} database={self.database}"
        program = f" application_name={self.application}" if self.application else ""
        return one_line(f"StartupMessage {self.version} {who}{program}")

    @property
    def answered(self) -> str:
        if self.error:
            return self.problem
        method = next((each for each in self.methods if each != "ok"), "trust")
        server = dict(self.settings).get("server_version", "")
        words = [f"PostgreSQL {server}" if server else "", f"pid {self.pid}" if self.pid else ""]
        told = ", ".join([each for each in [*words, method] if each])
        return one_line(told) if self.methods else ""

    @property
    def problem(self) -> str:
        return one_line(f"{self.code} {self.error}")

    def said(self, side: Side) -> Sequence[Line]:
        if side == self.side:
            lines: list[Line] = [self.asked]
            return lines + [one_line(f"{name} = {value}") for name, value in self.parameters]
        if not self.methods and not self.error:
            return []
        lines = [self.answered]
        lines += [f"authentication: {each}" for each in self.methods]
        lines += [self.negotiated] if self.negotiated else []
        lines += [one_line(f"{name} = {value}") for name, value in self.settings]
        lines += [f"process {self.pid}, key {self.key}"] if self.pid is not None else []
        lines += [f"detail: {self.detail}"] if self.detail else []
        lines += [f"hint: {self.hint}"] if self.hint else []
        return [*lines, *self.notices]


@dataclass(frozen=True, kw_only=True, repr=False)
class Encryption(Message):
    """SSLRequest or GSSENCRequest: whether what follows may be encrypted."""

    protocol: ClassVar[str] = "postgres"

    is_accepted: bool | None = None  # None without an answer
    error: str = ""  # what a server said that does not know the question

    @property
    def asked(self) -> str:
        return self.kind

    @property
    def answered(self) -> str:
        if self.is_accepted is None:
            return one_line(self.error)
        kind = "TLS" if self.kind == "SSLRequest" else "GSSAPI encryption"
        return f"yes, {kind} follows" if self.is_accepted else "no, it goes on unencrypted"

    @property
    def problem(self) -> str:
        return one_line(self.error)


@dataclass(frozen=True, kw_only=True, repr=False)
class Cancel(Message):
    """CancelRequest: end what another connection's server process is doing. There is no answer."""

    protocol: ClassVar[str] = "postgres"

    pid: int
    key: str  # masked

    @property
    def asked(self) -> str:
        return f"CancelRequest pid {self.pid}"


@dataclass(frozen=True, kw_only=True, repr=False)
class Notification(Message):
    """What somebody's NOTIFY brought."""

    protocol: ClassVar[str] = "postgres"

    channel: str
    payload: str = ""
    pid: int = 0  # of the process that notified

    @property
    def asked(self) -> str:
        payload = f" {self.payload!r}" if self.payload else ""
        return one_line(f"NOTIFY {self.channel}{payload} from pid {self.pid}")


@dataclass(frozen=True, kw_only=True, repr=False)
class Told(Message):
    """What the server says without being asked: an error that ends the connection, a notice, a
    setting that changed."""

    protocol: ClassVar[str] = "postgres"

    severity: str = ""
    code: str = ""  # SQLSTATE
    text: str = ""
    detail: str = ""
    hint: str = ""

    @property
    def asked(self) -> str:
        return one_line(f"{self.severity} {self.code} {self.text}")

    @property
    def problem(self) -> str:
        return one_line(f"{self.code} {self.text}") if self.kind == "ErrorResponse" else ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Step(Message):
    """A message that executes nothing, with its answer: Parse, Bind, Describe, Close, Sync,
    FunctionCall, Terminate."""

    protocol: ClassVar[str] = "postgres"

    name: str = ""  # of the statement or portal
    statement: str = ""  # its SQL
    parameter_types: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    error: str = ""
    code: str = ""
    notices: tuple[str, ...] = ()
    transaction: str = ""

    @property
    def asked(self) -> str:
        return " ".join([self.kind, *self.name.split(), *self.statement.split()])

    @property
    def answered(self) -> str:
        if self.error:
            return self.problem
        if len(self.parts) < 2:
            return ""
        return f"{len(self.columns):,} columns" if self.columns else "ok"

    @property
    def problem(self) -> str:
        return one_line(f"{self.code} {self.error}")

    def said(self, side: Side) -> Sequence[Line]:
        if side == self.side:
            types = ", ".join(self.parameter_types)
            return [self.asked, *([f"parameters: {types}"] if types else [])]
        if not self.answered:
            return []
        return [self.answered, *([", ".join(self.columns)] if self.columns else []), *self.notices]


def step(exchange: Exchange) -> Step:
    """The message of an exchange that executed nothing."""
    encoding = exchange.session.encoding
    text, hidden = sql_of(exchange)
    places: tuple[tuple[Side, int, int], ...] = ()
    if exchange.sql_at >= 0:
        at = exchange.sql_at
        places = tuple(("client", at + begin, at + end) for begin, end in hidden.places)
    prepared = exchange.prepared
    name = exchange.portal if prepared is None else prepared.name
    said = None if exchange.error is None else trouble(exchange.error, encoding)
    return Step(
        kind=exchange.kind,
        parts=exchange.parts(),
        lacking=lacking(exchange),
        secrets=places,
        name=name.decode(encoding, "replace"),
        statement=text,
        parameter_types=tuple(type_name(oid) for oid in exchange.oids),
        columns=tuple(head.name for head in heads(exchange.heads, encoding)),
        error="" if said is None else said.message,
        code="" if said is None else said.code,
        notices=tuple(str(trouble(each, encoding)) for each in exchange.notices or ()),
        transaction=STATES.get(exchange.state, ""),
    )


def told(kind: str, body: bytes, exchange: Exchange) -> Told:
    """The message of an ErrorResponse or a NoticeResponse that nobody asked for."""
    said = trouble(body, exchange.session.encoding)
    return Told(
        kind=kind, parts=exchange.parts(), severity=said.severity, code=said.code,
        text=said.message, detail=said.detail, hint=said.hint,
    )  # fmt: skip
