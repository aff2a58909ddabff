"""A command that waits for its reply, and the message that both become."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netshell.flow.sides import Side
from netshell.protocols.api import Part
from netshell.protocols.masking import mask
from netshell.protocols.redis.concealing import (
    LEAST,
    SENSITIVE,
    concealed,
    failure,
    has_secret_answer,
    masked,
    masked_answer,
    may_hide,
    places_in,
    secret_arguments,
)
from netshell.protocols.redis.message import RedisMessage, command_message
from netshell.protocols.redis.reader import Value
from netshell.protocols.redis.telling import in_error, in_script, script_at
from netshell.protocols.redis.values import MOST_KEPT, Beginning, Failure
from netshell.protocols.secret import hide_values, places_of_values, values_of

_FEW, _SHORT = 4, 64


class Command:
    """What a client sent, with what came of its reply up to now."""

    __slots__ = (
        "arguments", "command", "cost", "count", "database", "expects", "has_secret_answer",
        "hidden", "inline", "lacking", "left_out", "no_reply", "part", "queued", "replies",
        "reply_parts", "told", "version",
    )  # fmt: skip

    def __init__(self, side: Side, value: Value, version: int, database: int | None) -> None:
        words = value.value
        name = words[0] if words else ""
        if isinstance(name, bytes):
            name = name.decode("latin-1")
        self.command = name.upper() if isinstance(name, str) else ""  # a null names nothing
        self.arguments: list[Any] = words[1:]
        self.part = Part(side, value.begin, value.end, value.time_ns, value.end_ns)
        self.inline = value.kind == " "
        self.left_out = value.left_out
        self.cost = min(value.end - value.begin, MOST_KEPT) + 64 * len(words)
        self.version, self.database = version, database
        self.hidden: tuple[tuple[Side, int, int], ...] = ()
        self.has_secret_answer = self.no_reply = False
        self.lacking = ""
        self.expects, self.count = 1, 0  # replies
        self.replies: list[Any] = []
        self.reply_parts: list[Part] = []
        self.queued: tuple[str, ...] = ()
        self.told: Sequence[tuple[int, Command]] = ()  # of EXEC: what has secrets in it, by place
        if self.command in SENSITIVE and may_hide(self.command, words):
            self._hide(side, value.places)
        for at, each in enumerate(self.arguments):
            is_text = isinstance(each, str | bytes)  # not the null of a damaged command
            if is_text and len(each) >= LEAST and (new := concealed(each)) is not each:
                self.arguments[at] = new
                places = value.places[at + 1 : at + 2]
                inside = [one for place in places for one in places_in(each, *place)]
                self.hidden += tuple((side, *one) for one in inside)

    def _hide(self, side: Side, places: Sequence[tuple[int, int]]) -> None:
        self.has_secret_answer = has_secret_answer(self.command, self.arguments)
        hidden = []
        for at, shown in secret_arguments(self.command, self.arguments):
            self.arguments[at] = masked(self.arguments[at], shown)
            if at + 1 < len(places):
                begin, end = places[at + 1]
                hidden.append((side, begin, end))
        at = script_at(self.command, self.arguments)
        if at >= 0 and isinstance(script := self.arguments[at], str):
            octets = script.encode("utf-8", "surrogatepass")
            inside = in_script(octets)
            if inside:
                self.arguments[at] = mask(octets, inside)
            for begin, end in places[at + 1 : at + 2]:
                if inside and end - begin > len(octets):  # what is not kept of it is secret, too
                    hidden.append((side, begin, end))
                else:
                    hidden += [(side, begin + one, begin + last) for one, last in inside]
        self.hidden = tuple(hidden)

    def shorten(self) -> None:
        """Keep a few words of it."""
        few = self.arguments[:_FEW]
        self.left_out += len(self.arguments) - len(few)
        self.arguments = [
            _short(each) if isinstance(each, str | bytes) and len(each) > _SHORT else each
            for each in few
        ]
        self.cost = _FEW * (_SHORT + 64)

    def message(self, lacking: str = "") -> RedisMessage:
        """It without a reply."""
        return RedisMessage(
            kind="command",
            parts=(self.part,),
            lacking=", ".join(filter(None, [self.lacking, lacking])),
            secrets=self.hidden,
            command=self.command,
            arguments=tuple(self.arguments),
            no_reply=self.no_reply,
            inline=self.inline,
            left_out=self.left_out,
            command_bytes=self.part.end - self.part.begin,
            database=self.database,
            version=self.version,
        )


def _short(value: str | bytes) -> str:
    shown = value[:_SHORT]
    plain = shown if isinstance(shown, str) else shown.decode("utf-8", "backslashreplace")
    return Beginning(plain, value.size if isinstance(value, Beginning) else len(value))


def answered(command: Command, value: Value) -> RedisMessage:
    """A command with its reply."""
    said: Any = value.value
    hidden: tuple[tuple[Side, int, int], ...] = command.hidden
    server: Side = "server"
    error = str(said) if isinstance(said, Failure) else ""
    if command.has_secret_answer and not error and said not in ("OK", "QUEUED"):
        said, places = masked_answer(command.command, command.arguments, said, value.places)
        hidden += tuple((server, begin, end) for begin, end in places)
    if command.told and isinstance(said, list):
        said = _executed(command, said)
        if said is not value.value:
            hidden += ((server, value.begin, value.end),)
    if error:
        if hidden and (values := values_of(*command.arguments)):
            told = error.encode()
            at = value.begin + 1
            error = hide_values(error, values)
            said = failure(error)
            hidden += tuple((server, at + b, at + e) for b, e in places_of_values(told, values))
        elif inside := in_error(error.encode()):
            error = mask(error.encode(), inside)
            said = failure(error)
            hidden += tuple((server, value.begin + 1 + b, value.begin + 1 + e) for b, e in inside)
    elif type(said) is not int and said != "OK":
        said, places_inside = reply_concealed(value, said)
        hidden += tuple((server, *place) for place in places_inside)
    part = Part("server", value.begin, value.end, value.time_ns, value.end_ns)
    size = value.end - value.begin
    parts: tuple[Part, ...] = (command.part, part)
    if command.replies:
        parts = (command.part, *command.reply_parts)
        size = sum(each.end - each.begin for each in command.reply_parts)
        said = command.replies if command.expects > 1 else said
    return command_message(
        kind="command",
        parts=parts,
        lacking=command.lacking,
        secrets=hidden,
        command=command.command,
        arguments=tuple(command.arguments),
        reply=said,
        error=error,
        is_answered=True,
        inline=command.inline,
        attributes=value.attributes,
        queued=command.queued,
        left_out=command.left_out + value.left_out,
        command_bytes=command.part.end - command.part.begin,
        reply_bytes=size,
        database=command.database,
        version=command.version,
    )


def _executed(command: Command, said: list[Any]) -> list[Any]:
    """What EXEC is answered, the secrets of what it executed masked: the same object if there are
    none."""
    made = list(said)
    for at, inner in command.told:
        if at >= len(made):
            break
        if isinstance(made[at], Failure):
            made[at] = failure(hide_values(made[at], values_of(*inner.arguments)))
        elif inner.has_secret_answer:
            made[at], _ = masked_answer(inner.command, inner.arguments, made[at], ())
    return made if any(new is not old for new, old in zip(made, said, strict=True)) else said


def reply_concealed(value: Value, said: Any) -> tuple[Any, Sequence[tuple[int, int]]]:
    """What a server said with its secrets masked, and their places: of what is no single string,
    all of it."""
    new = concealed(said)
    if new is said:
        return said, ()
    if value.kind == "$" and isinstance(said, str | bytes):
        octets = said.encode("utf-8", "surrogatepass") if isinstance(said, str) else said
        begin = value.end - 2 - len(octets)
        if begin > value.begin and not isinstance(said, Beginning):
            return new, places_in(said, begin, value.end - 2)
    return new, ((value.begin, value.end),)


def reply_mode(command: Command) -> str:
    """ON, OFF or SKIP of CLIENT REPLY; empty for other commands."""
    said = command.arguments
    if command.command != "CLIENT" or len(said) != 2 or not isinstance(said[1], str):
        return ""
    mode = said[1].upper()
    is_it = isinstance(said[0], str) and said[0].upper() == "REPLY"
    return mode if is_it and mode in ("ON", "OFF", "SKIP") else ""
