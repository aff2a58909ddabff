"""A command on its way to be a message: what was asked, and what was answered so far."""

from __future__ import annotations

from collections.abc import Callable, Generator
from copy import copy
from typing import Any

from netshell.flow.sides import Side
from netshell.protocols.api import Message, Part
from netshell.protocols.mysql.framing import HEAD, Packet
from netshell.protocols.mysql.messages import Command, Login, MySqlStatement, Outcome
from netshell.protocols.mysql.session import Prepared, Session
from netshell.protocols.secret import places_of_values, values_of

Answer = Generator[None, Packet, None]
"""Reads the packets that answer a command, one after the other, and ends with the last one."""
NO_ANSWER = "no answer"
CUT_OFF = "its answer is not all there"
_RESULTS = 1000  # of one command that are kept
_LACKS = 100  # gaps of one that are


class Exchange:
    """A command and its answer. :meth:`message` is a picture of it, and changes nothing."""

    __slots__ = (
        "_values", "answer", "argument", "assumed", "attributes", "begin", "bind", "code",
        "columns", "database", "end", "end_ns", "error", "first_row_ns", "has_cursor", "in_rows",
        "infile", "infile_bytes", "is_statement", "kind", "lacks", "login", "name", "next",
        "outcomes",
        "parameters", "parts", "placeholders", "prepared", "rows", "secrets", "session", "side",
        "size", "statement", "talks", "text", "time_ns", "transaction", "user", "whole",
    )  # fmt: skip

    def __init__(self, kind: str, session: Session, packet: Packet) -> None:
        self.kind = kind
        self.session = session
        self.user, self.database = session.user, session.database
        self.assumed = session.assumed
        # The part that goes on, and those before it.
        self.side: Side = packet.side
        self.begin, self.end = packet.begin, packet.end
        self.time_ns, self.end_ns = packet.time_ns, packet.end_ns
        self.parts: list[Part] = []
        self.size = len(packet.data)  # bytes of it that are kept
        self.next = packet.last + 1 & 0xFF  # the number of the packet that follows
        self.answer: Answer | None = None
        self.talks = False  # whether the client has a word in the answer
        self.is_statement = False
        self.statement = self.name = self.argument = self.text = ""
        self.attributes: tuple[tuple[str, Any], ...] = ()
        self.parameters: tuple[Any, ...] = ()
        self.bind: Callable[[Exchange, bool], None] | None = None  # reads its parameters
        self.prepared: Prepared | None = None
        self.login: dict[str, Any] | None = None
        self.whole = True  # whether places of single bytes in it are known
        self.secrets: list[tuple[Side, int, int]] = []
        self.lacks: list[str] = []
        self._values: tuple[str, ...] | None = None
        # The answer.
        self.outcomes: list[Outcome] = []
        self.columns: tuple[str, ...] = ()  # of the result that is being read
        self.rows: int | None = None  # of it
        self.in_rows = False  # whether nothing but rows and their end comes
        self.first_row_ns: int | None = None
        self.placeholders: int | None = None
        self.infile = ""
        self.infile_bytes: int | None = None
        self.has_cursor = False
        self.error = self.code = self.transaction = ""

    def extend(self, packet: Packet) -> None:
        """A further packet belongs to it."""
        if packet.side == self.side:
            self.end, self.end_ns = packet.end, packet.end_ns
        else:
            self.touch(packet.side, packet.begin, packet.end, packet.time_ns, packet.end_ns)

    def touch(self, side: Side, begin: int, end: int, time_ns: int, end_ns: int) -> None:
        """Further bytes belong to it."""
        if side == self.side:
            self.end, self.end_ns = end, end_ns
            return
        self.parts.append(self._part())
        self.side, self.begin, self.end, self.time_ns, self.end_ns = (
            side,
            begin,
            end,
            time_ns,
            end_ns,
        )

    @property
    def unanswered(self) -> str:
        """What lacks of it where nothing more comes."""
        return CUT_OFF if self.parts else NO_ANSWER

    def _part(self) -> Part:
        return Part(self.side, self.begin, self.end, self.time_ns, self.end_ns)

    def hide(self, packet: Packet, begin: int = 0, end: int | None = None) -> None:
        """Bytes of a packet's data are secret; of a compressed one, it is all of it."""
        if not self.whole:
            self.secrets.append((packet.side, packet.begin, packet.end))
            return
        # What reaches the end of what is kept may go on in what is not.
        is_whole = end is not None and end < len(packet.data)
        stop = min(packet.begin + HEAD + (end or 0), packet.end) if is_whole else packet.end
        if stop > packet.begin + HEAD + begin:
            self.secrets.append((packet.side, packet.begin + HEAD + begin, stop))

    def hide_all(self, packet: Packet) -> None:
        """All of a packet is secret; with those before it, it is one place."""
        last = self.secrets[-1] if self.secrets else None
        if last is not None and last[0] == packet.side and last[2] >= packet.begin - 2 * HEAD:
            self.secrets[-1] = packet.side, last[1], packet.end
        else:
            self.secrets.append((packet.side, packet.begin, packet.end))

    def values(self) -> tuple[str, ...]:
        """The secret values of what was asked, once it is answered."""
        if self._values is None:
            self._values = values_of(self.statement, self.parameters)
        return self._values

    def conceal(self, packet: Packet) -> tuple[str, ...]:
        """The same; where a packet that answers repeats them is secret, too."""
        values = self.values()
        for begin, end in places_of_values(packet.data, values) if values else ():
            self.hide(packet, begin, end)
        return values

    def lack(self, size: int) -> None:
        """Bytes of it were not captured."""
        if len(self.lacks) < _LACKS:
            self.lacks.append(f"{size:,} byte{' lacks' if size == 1 else 's lack'}")

    def result(self, made: Outcome) -> None:
        """A further result; of very many, the last ones are added up."""
        if len(self.outcomes) < _RESULTS:
            self.outcomes.append(made)
            return
        last = self.outcomes[-1]
        self.outcomes[-1] = made._replace(
            rows=_sum(last.rows, made.rows), affected=_sum(last.affected, made.affected),
            warnings=last.warnings + made.warnings,
        )  # fmt: skip

    def settle(self, keep: bool = True) -> None:
        """What was sent before it is answered: its parameters can be read now."""
        bind, self.bind = self.bind, None
        if bind is not None:
            bind(self, keep)

    def message(self, lacking: str = "") -> Message:
        """It, as far as it is known."""
        if self.bind is not None:
            picture = copy(self)
            picture.lacks, picture.secrets = self.lacks.copy(), self.secrets.copy()
            picture.settle(keep=False)
            return picture.message(lacking)
        outcomes = tuple(self.outcomes)
        if self.login is not None:
            return Login(**self._common(lacking), **self.login)
        if len(outcomes) == 1 and self.rows is None:
            columns, rows, affected, inserted, warnings, _, info, _, _ = outcomes[0]
        else:
            columns, rows, affected, inserted, warnings, info = self._added_up()
        if not self.is_statement:
            return Command(
                statement=self.statement, name=self.name, argument=self.argument, text=self.text,
                placeholders=self.placeholders, columns=columns or self.columns, results=outcomes,
                rows=rows, warnings=warnings if outcomes else None, **self._common(lacking),
            )  # fmt: skip
        fields = self._common(lacking)
        fields.update(
            statement=self.statement, name=self.name, parameters=self.parameters,
            rows=affected if rows is None else rows, columns=columns or self.columns, tag=info,
            results=outcomes, warnings=warnings if outcomes else None, attributes=self.attributes,
            last_insert_id=inserted if affected is not None else None, infile=self.infile,
            infile_bytes=self.infile_bytes, has_cursor=self.has_cursor,
            first_row_ns=self.first_row_ns,
        )  # fmt: skip
        # There are many: __init__ of a frozen dataclass sets each field by a call.
        made = object.__new__(MySqlStatement)
        object.__setattr__(made, "__dict__", fields)
        return made

    def _common(self, lacking: str) -> dict[str, Any]:
        """The fields that all messages have."""
        lacks = self.lacks
        if lacks:
            more = f"; {len(lacks) - 3} more" if len(lacks) > 3 else ""
            lacking = "; ".join(lacks[:3]) + more
        return {
            "kind": self.kind, "parts": (*self.parts, self._part()), "lacking": lacking,
            "secrets": tuple(self.secrets), "user": self.user, "database": self.database,
            "error": self.error, "code": self.code, "transaction": self.transaction,
            "assumed": self.assumed,
        }  # fmt: skip

    def _added_up(self) -> tuple[tuple[str, ...], int | None, int | None, int, int, str]:
        """Of all results: the first columns, rows sent, rows affected, the first number inserted,
        warnings, the first words."""
        rows, affected = self.rows, None
        for each in self.outcomes:
            rows, affected = _sum(rows, each.rows), _sum(affected, each.affected)
        inserted = [each.last_insert_id for each in self.outcomes if each.affected is not None]
        return (
            next((each.columns for each in self.outcomes if each.columns), ()),
            rows, affected, inserted[0] if inserted else 0,
            sum(each.warnings for each in self.outcomes),
            next((each.info for each in self.outcomes if each.info), ""),
        )  # fmt: skip


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other
