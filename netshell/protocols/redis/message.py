"""A Redis command with its reply, or what the server sent by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

from netshell.protocols.api import Message
from netshell.protocols.line import in_words
from netshell.protocols.redis.values import MOST_VALUES, Failure, listed, quoted
from netshell.view import Line

_LINES = 40
_SHOWN = 12
"""Arguments in a line."""

_LONGEST = 400
"""Characters of a line."""


@dataclass(frozen=True, kw_only=True, repr=False)
class RedisMessage(Message):
    """One command and its reply (RESP2, RESP3).

    ``kind`` is "command"; "push" for what comes unasked: published messages, invalidations;
    "monitor" for a line of MONITOR; "reply" for one whose command was not seen.

    Strings are texts where they are UTF-8, else bytes; of long ones, the beginning is kept, and
    of large replies so many values. A map is a dict, sets and pushes are lists as they came.
    """

    protocol: ClassVar[str] = "redis"

    command: str = ""  # "GET", in capitals
    arguments: tuple[Any, ...] = ()
    reply: Any = None
    error: str = ""  # the reply, if it is an error: "WRONGTYPE Operation against ..."
    is_answered: bool = False  # whether ``reply`` is one: None is a value, too
    no_reply: bool = False  # the client asked for none (CLIENT REPLY OFF)
    inline: bool = False  # the command was typed as a line
    attributes: Mapping[Any, Any] | None = None  # that RESP3 gave beside the reply
    queued: tuple[str, ...] = ()  # of EXEC: the commands it executed
    left_out: int = 0  # arguments and values that are not kept
    command_bytes: int = 0
    reply_bytes: int = 0
    database: int | None = None  # None: not known
    version: int = 2  # of the protocol, as far as it was seen: RESP2 or RESP3

    @property
    def asked(self) -> str:
        if self.kind == "push":
            return _cut(f"push {_words(self.reply)}")
        if self.kind in ("monitor", "reply"):
            return _cut(f"{self.kind} {quoted(self.reply, _LONGEST)}")
        return _cut(" ".join([self.command, *_arguments(self.arguments)]))

    @property
    def answered(self) -> str:
        if self.kind != "command":
            return ""
        if self.no_reply:
            return "no reply wanted"
        if not self.is_answered:
            return ""
        if self.error:
            return _cut(f"error {self.error}")
        if isinstance(self.reply, str) and self.reply_bytes == len(self.reply) + 3:
            return str(self.reply)  # a simple string: OK, QUEUED
        problem = self.problem  # of a command that EXEC ran
        return f"{quoted(self.reply)}, {_cut(problem)}" if problem else quoted(self.reply)

    @property
    def problem(self) -> str:
        if self.error or not isinstance(self.reply, list) or self.command != "EXEC":
            return self.error
        return next((str(each) for each in self.reply if isinstance(each, Failure)), "")

    def said(self, side: str) -> Sequence[Line]:
        if self.kind == "command" and side == self.side:
            return [self.asked]
        if self.kind != "command" and side != self.side:
            return []
        if not self.is_answered:
            return [self.answered] if self.answered else []
        return list(self._reply_lines())

    def _reply_lines(self) -> Iterator[str]:
        """The reply as redis-cli lists it."""
        value = self.reply
        if not isinstance(value, list | dict) or not value:
            yield self.answered or self.asked
            return
        yield f"{quoted(value)}, {self.reply_bytes:,} bytes"
        lines = list(islice(listed(value), _LINES + 1))
        yield from lines[:_LINES]
        if self.left_out:
            yield f"… and {self.left_out:,} values that are not kept"
        elif len(lines) > _LINES:
            yield f"… {quoted(value)} in all"

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "kind", f"{self.protocol} {self.kind}"
        yield "command", "" if self.kind != "command" else self.asked
        yield "reply" if self.kind == "command" else self.kind, self.answered or self.asked
        yield "executed", ", ".join(self.queued)
        took = self.duration_s
        yield "took", "" if took is None else in_words(took)
        yield "database", "" if self.database is None else str(self.database)
        yield "size", f"{self.command_bytes:,} bytes, reply {self.reply_bytes:,} bytes"
        yield "not kept", f"{self.left_out:,} values" if self.left_out else ""
        yield "lacking", self.lacking


def _arguments(arguments: Sequence[Any]) -> Iterator[str]:
    for each in arguments[:_SHOWN]:
        plain = isinstance(each, str) and 0 < len(each) <= 60 and each.isprintable()
        yield str(each) if plain and not _SPECIAL.intersection(each) else quoted(each)
    if len(arguments) > _SHOWN:
        more = len(arguments) - _SHOWN
        yield f"… {more:,}{'+' * (len(arguments) >= MOST_VALUES - 1)} more"


def command_message(**told: Any) -> RedisMessage:
    """``RedisMessage(...)`` in a third of the time; every field without a default is given."""
    made = object.__new__(RedisMessage)
    made.__dict__.update(told)
    return made


_SPECIAL = frozenset(" \"'\\")


def _words(value: Any) -> str:
    """A push: its kind and what is in it."""
    if isinstance(value, list) and value:
        return " ".join([str(value[0]), *map(quoted, value[1:_SHOWN])])
    return quoted(value)


def _cut(text: str) -> str:
    text = text.replace("\r", " ").replace("\n", " ")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
