"""What messages of all SQL protocols have alike: a statement, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from netshell.protocols.api import Message


class Unread(bytes):
    """A bound value in a binary form whose type was not seen: nobody knows what it says."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True, repr=False)
class Statement(Message):
    """One statement that a client had executed, with the server's answer."""

    statement: str  # SQL as sent; of a prepared one, what was prepared; "" if that was not seen
    name: str = ""  # the prepared statement's name or number
    parameters: tuple[Any, ...] = ()  # bound values: None, bool, int, float, str, bytes, ...
    user: str = ""  # "" where the start was not seen
    database: str = ""
    application: str = ""  # what the client's program calls itself
    rows: int | None = None  # sent, or affected; None where the server did not say
    columns: tuple[str, ...] = ()  # names of what was sent
    tag: str = ""  # how the server called what it did: "INSERT 0 1"
    error: str = ""  # the server's words
    code: str = ""  # the error's number: SQLSTATE, MySQL's with its SQLSTATE
    transaction: str = ""  # the state after it: "idle", "in transaction", "failed"; "" not known
    first_row_ns: int | None = None  # when the first row could be read
    together: int = 1  # statements answered in one go, this one among them: see ``duration_s``
    batch_ns: tuple[int, int] | None = None  # those: when they were asked, when all were answered

    @property
    def since_ns(self) -> int:
        return self.time_ns if self.batch_ns is None else self.batch_ns[0]

    @property
    def duration_s(self) -> float | None:
        """To its answer's last byte; None without an answer.

        What each of several statements took that were sent together and answered in one go cannot
        be known: each has the time of all of them then, and ``together`` says how many they are.
        """
        if self.batch_ns is None or self.answer_ns is None:
            return super().duration_s
        return (self.batch_ns[1] - self.batch_ns[0]) / 1e9

    def facts(self) -> Iterable[tuple[str, str]]:
        yield from super().facts()
        if self.together > 1:
            yield "together", f"{self.together:,} statements, answered in one go in that time"

    @property
    def asked(self) -> str:
        return " ".join(self.statement.split()) or " ".join([self.kind, *self.name.split()])

    @property
    def answered(self) -> str:
        if self.error:
            return self.problem
        if self.tag:
            return self.tag
        return "" if self.rows is None else f"{self.rows:,} row{'' if self.rows == 1 else 's'}"

    @property
    def problem(self) -> str:
        return " ".join([*self.code.split(), *self.error.split()])
