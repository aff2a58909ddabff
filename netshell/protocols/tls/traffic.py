"""What is seen once a handshake is over: how much was sent, and what is not data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netshell.flow.amounts import amount
from netshell.flow.sides import Side
from netshell.protocols.api import Message
from netshell.protocols.tls.numbers import MEANINGS
from netshell.view import Line


@dataclass(frozen=True, kw_only=True, repr=False)
class ApplicationData(Message):
    """All encrypted data of a connection, told once, at its end.

    Bytes are those of the records without their headers: some 20 to 40 a record more than were
    meant. In TLS 1.3 tickets, key updates and alerts are among them: they look the same.
    """

    protocol: ClassVar[str] = "tls"

    records_sent: int = 0  # by the side that sent first
    size: int = 0
    answer_records: int = 0  # by the other one
    answer_size: int = 0
    refused: bool = False  # all that the server sent is as long as an alert: seemingly it is one

    @property
    def asked(self) -> str:
        return f"application data, {_amount(self.records_sent, self.size)}"

    @property
    def answered(self) -> str:
        return _amount(self.answer_records, self.answer_size) if self.answer_records else ""

    @property
    def problem(self) -> str:
        return "the server sent but one record, as long as an alert" if self.refused else ""

    def said(self, side: Side) -> Sequence[Line]:
        if side == self.side:
            return [f"{self.asked} sent"]
        return [f"application data, {self.answered} sent"] if self.answer_records else []


def _amount(records: int, size: int) -> str:
    return f"{amount(records, 'record')}, {amount(size)}"


@dataclass(frozen=True, kw_only=True, repr=False)
class Alert(Message):
    """An alert by itself; one that ends a handshake is in that."""

    protocol: ClassVar[str] = "tls"

    level: str = ""  # "warning", "fatal"; "" of an encrypted one
    description: str = ""  # "close_notify"; "" of an encrypted one

    @property
    def asked(self) -> str:
        if not self.description:
            return "encrypted alert"
        return f"alert {self.description}"

    @property
    def problem(self) -> str:
        return "" if self.description in ("", "close_notify", "user_canceled") else self.asked

    def said(self, side: Side) -> Sequence[Line]:
        if side != self.side:
            return []
        if not self.description:
            return [self.asked, "what it says is not to be seen; at the end it is close_notify"]
        meaning = MEANINGS.get(self.description)
        return [f"{self.asked}, {self.level}", *([meaning] if meaning else [])]


@dataclass(frozen=True, kw_only=True, repr=False)
class Rehandshake(Message):
    """Handshake records behind the handshake, up to TLS 1.2: a renegotiation, encrypted."""

    protocol: ClassVar[str] = "tls"

    records_sent: int = 0  # by the side that began it
    answer_records: int = 0
    is_complete: bool = False  # both sides have changed their keys

    @property
    def asked(self) -> str:
        return f"renegotiation, encrypted, {amount(self.records_sent, 'record')}"

    @property
    def answered(self) -> str:
        if self.is_complete:
            return f"new keys, {amount(self.answer_records, 'record')}"
        return amount(self.answer_records, "record") if self.answer_records else ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Heartbeat(Message):
    """A heartbeat, RFC 6520; in clear, one that asks for more than it brings is told."""

    protocol: ClassVar[str] = "tls"

    size: int = 0  # bytes of the record
    claimed: int | None = None  # bytes that it says it brings; None of an encrypted one

    @property
    def asked(self) -> str:
        return f"{self.kind}, {amount(self.size)}"

    @property
    def problem(self) -> str:
        if self.claimed is None or self.claimed <= self.size:
            return ""
        return f"claims {amount(self.claimed)} and has {amount(self.size)} (Heartbleed)"
