"""Redis: commands with their replies, in the order they were sent; pushes beside them.

Replies come in the order of commands, so the oldest that waits is the one that is answered. What
does not keep to that: pushes (RESP3 marks them; in RESP2 a subscriber's messages look like
replies), subscriptions (a reply for each channel), MONITOR, CLIENT REPLY.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from netshell.flow.sides import SIDES, Side
from netshell.protocols.api import Decoder, Message, Part
from netshell.protocols.masking import mask
from netshell.protocols.redis.concealing import CREDENTIALS, pairs_masked
from netshell.protocols.redis.message import RedisMessage
from netshell.protocols.redis.pending import Command, answered, reply_concealed, reply_mode
from netshell.protocols.redis.reader import Reader, Value, Wrong
from netshell.protocols.redis.signs import RedisSigns
from netshell.protocols.redis.telling import in_monitored
from netshell.protocols.redis.values import MOST_VALUES, Failure, key

MOST_WAITING = 4096
"""Commands of a conversation that may wait for replies; further ones are told without."""

MOST_HELD = 1 << 19
"""Bytes of what these say that are kept; of further ones, a few words."""

_SUBSCRIBING = frozenset(
    {"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE"}
)
_PUBLISHED = frozenset({"message", "pmessage", "smessage"})
_CHANGING = frozenset(
    {"MULTI", "EXEC", "DISCARD", "HELLO", "SELECT", "MONITOR", "RESET", "PSYNC"}
)  # fmt: skip
_TYPES = frozenset(b"+-:$*_,#!=(%~>|")
REPLICATION = "what follows is replication: the data set, and commands to the replica"
_COMMAND = re.compile(rb"\n(\*[1-9]\d{0,6}\r\n\$[1-9]\d{0,3}\r\n[A-Za-z])")
_MESSAGE = re.compile(rb"\n((?:>[1-9]\d{0,3}\r\n\$\d{1,3}|\*[34]\r\n\$[78])\r\n[a-z])")
_HEAD = 24
"""Bytes that the head of a command can have."""
_MOST_CHANNELS = 1 << 13
_MONITORED = re.compile(r"\d+\.\d+ \[")
_QUEUED_SHOWN = 100


class RedisDecoder(RedisSigns, Decoder):
    """Reads a conversation of RESP2 or RESP3."""

    most: ClassVar[int] = 1 << 20

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        super().__init__(begun, client_at, server_at)
        self._readers = {"client": Reader(client_at, True), "server": Reader(server_at)}
        self._readers["client"].wants_places = True
        self._waiting: deque[Command] = deque()
        self._held = 0  # bytes of them
        self._untold = 0  # commands behind them, told already, whose replies are to come
        self._version = 2
        self._database: int | None = 0 if begun else None
        self._subscribed: dict[str, set[int]] = {}  # channels' hashes, by SUBSCRIBE's first letter
        self._monitors = False
        self._replies, self._skips = True, False  # CLIENT REPLY
        self._queued: list[str] | None = None  # the commands since MULTI
        self._told: list[tuple[int, Command]] = []  # of them, what has secrets, by place
        self._count = 0  # of them
        self._lost = dict.fromkeys(SIDES, not begun)  # whether a side's values are to be found
        self._dropped = dict.fromkeys(SIDES, 0)  # bytes that lack, or were passed over
        self._tail = dict.fromkeys(SIDES, b"\n")  # of what was passed over last, while lost
        self._is_turn = False  # the client has said something, and the server nothing since
        self._is_tentative = False  # the server's first value after it was found is not read yet

    # --- fed ---

    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        if self.why_stopped:
            return ()
        if self._lost[side]:
            data = self._found(side, data)
            if not data:
                return ()
        reader = self._readers[side]
        made: list[Message] = []
        try:
            reader.feed(data, time_ns)
            if side == "client":
                while (value := reader.next()) is not None:
                    self._commanded(value, made)
            else:
                self._read_replies(reader, made)
        except Wrong as error:
            if self._is_tentative:  # it was not there that replies began
                behind = reader.pass_over()
                made += self.gap("server", 0, time_ns)
                self._dropped["server"] -= len(behind)
                self._readers["server"].at -= len(behind)
                return [*made, *self.feed("server", behind, time_ns)] if behind else made
            self.why_stopped = f"{side}: {error}"
        return made

    def _read_replies(self, reader: Reader, made: list[Message]) -> None:
        while not self.why_stopped:
            waiting = self._waiting
            if waiting and waiting[0].command == "SYNC":
                made.append(self._done().message())
                self.why_stopped = REPLICATION
                break
            reader.wants_places = bool(waiting) and waiting[0].has_secret_answer
            if (value := reader.next()) is None:
                break
            self._replied(value, made)

    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        if self.why_stopped:
            return ()
        why = f"{size:,} bytes of the {side} lack"
        made = [self._unanswered(each, f"no answer: {why}") for each in self._waiting]
        self._waiting.clear()
        self._held = self._untold = 0
        for each in SIDES:
            old = self._readers[each]
            self._dropped[each] += old.unread
            self._readers[each] = Reader(old.at_end, each == "client")
            self._lost[each] = True
        self._dropped[side] += size
        self._readers["client"].wants_places = True
        self._tail = dict.fromkeys(SIDES, b"\n")
        self._is_turn, self._queued = False, None
        return made

    def waiting(self) -> Sequence[Message]:
        made: list[Message] = []
        server, client = self._readers["server"], self._readers["client"]
        for at, command in enumerate(self._waiting):
            if not at and server.is_amid:
                made.append(self._unanswered(command, "its answer has not come whole"))
            else:
                made.append(self._unanswered(command, "no answer"))
        if client.is_amid and not self.why_stopped:
            made.append(self._half(client))
        return made

    def rest(self, side: Side) -> bytes:
        return self._readers[side].rest()

    def _unanswered(self, command: Command, lacking: str) -> RedisMessage:
        made = command.message(lacking)
        if not command.replies:
            return made
        return replace(
            made,
            parts=(command.part, *command.reply_parts),
            reply=list(command.replies),
            is_answered=True,
            lacking=f"{len(command.replies)} of {command.expects} replies",
        )

    def _half(self, reader: Reader) -> RedisMessage:
        """A command of which the end has not come."""
        begin, time_ns, words, places = reader.half()
        value = Value("*", words, begin, reader.at_end, time_ns, time_ns, 0, places, None)
        command = Command("client", value, self._version, self._database)
        if command.command in CREDENTIALS:
            end = reader.at_end  # the last word may go on beyond it
            came = [(first, min(last, end)) for first, last in places[1:] if first <= end]
            command.hidden = tuple(("client", *place) for place in came)
        return command.message("its end has not come")

    # --- what the client says ---

    def _commanded(self, value: Value, made: list[Message]) -> None:
        if not value.value:  # an empty line, an empty array: Redis says nothing to it
            return
        command = Command("client", value, self._version, self._database)
        dropped = sum(self._dropped.values())
        if dropped:
            command.lacking = f"{dropped:,} bytes before it lack, or belong to no command"
            self._dropped = dict.fromkeys(SIDES, 0)
        self._is_turn = True
        mode = reply_mode(command)
        if mode == "ON":
            self._replies, self._skips = True, False
        elif mode or not self._replies or self._skips:
            self._replies = self._replies and mode != "OFF"
            self._skips = mode == "SKIP"
            command.no_reply = True
            made.append(command.message())
            return
        if self._untold or len(self._waiting) >= MOST_WAITING:
            self._untold += 1
            made.append(command.message(f"more than {MOST_WAITING:,} commands wait for replies"))
            return
        if self._held + command.cost > MOST_HELD:
            command.shorten()
        self._held += command.cost
        self._waiting.append(command)

    # --- what the server says ---

    def _replied(self, value: Value, made: list[Message]) -> None:
        self._is_tentative = False
        said, kind, waiting = value.value, value.kind, self._waiting
        if kind in ">*" and said and isinstance(said[0], str):
            word = said[0]
            if word.upper() in _SUBSCRIBING and len(said) == 3 and self._is_subscription(kind):
                self._confirmed(value, made)
                return
            if kind == ">" or (word in _PUBLISHED and self._is_published()):
                made.append(self._alone("push", value))
                return
        if kind == "+" and self._monitors and _MONITORED.match(str(said)):
            made.append(self._monitored(value))
            return
        if not waiting:
            why = "its command was told before" if self._untold else "no command"
            self._untold = max(self._untold - 1, 0)
            made.append(self._alone("reply", value, why))
            return
        command = self._done()
        if not isinstance(said, Failure):
            self._changed(command, said)
        made.append(answered(command, value))

    def _done(self) -> Command:
        """The oldest that waits; it does no longer."""
        command = self._waiting.popleft()
        self._held -= command.cost
        return command

    def _is_subscription(self, kind: str) -> bool:
        """Whether what looks like the confirmation of a subscription is one."""
        waits = bool(self._waiting) and self._waiting[0].command in _SUBSCRIBING
        return kind == ">" or waits or any(self._subscribed.values())

    def _is_published(self) -> bool:
        """Whether an array that looks like a published message is one: RESP2 has no other."""
        return self._version == 2 and (any(self._subscribed.values()) or not self._waiting)

    def _confirmed(self, value: Value, made: list[Message]) -> None:
        """A channel was subscribed, or is not any more: a reply for each channel named."""
        word, channel, _ = value.value
        name = word.upper()
        channels = self._subscribed.setdefault(name.replace("UN", "")[0], set())
        before = len(channels)
        if "UN" in name:
            channels.discard(hash(key(channel)))
        elif before < _MOST_CHANNELS:
            channels.add(hash(key(channel)))
        command = self._waiting[0] if self._waiting else None
        if command is None or command.command != name:
            made.append(self._alone("push", value))
            return
        if not command.replies:
            named = len(command.arguments) + command.left_out
            command.expects = named or max(before, 1)
        command.count += 1
        if len(command.replies) < MOST_VALUES:
            command.replies.append(value.value)
        part = Part("server", value.begin, value.end, value.time_ns, value.end_ns)
        last = command.reply_parts[-1:]
        if last and last[0].end == part.begin:
            command.reply_parts[-1] = last[0]._replace(end=part.end, end_ns=part.end_ns)
        else:
            command.reply_parts.append(part)
        if command.count >= command.expects:
            made.append(answered(self._done(), value))

    def _changed(self, command: Command, said: Any) -> None:
        """What a successful command changes about those that follow."""
        name, arguments = command.command, command.arguments
        if said == "QUEUED" and self._queued is not None:
            if len(self._queued) < _QUEUED_SHOWN:
                self._queued.append(command.message().asked)
            if (command.hidden or command.has_secret_answer) and self._count < MOST_VALUES:
                self._told.append((self._count, command))
            self._count += 1
        elif name not in _CHANGING:
            return
        elif name == "MULTI":
            self._queued, self._told, self._count = [], [], 0
        elif name in ("EXEC", "DISCARD"):
            command.queued = tuple(self._queued or ()) if name == "EXEC" else ()
            command.told = self._told if name == "EXEC" else ()
            if any(each.startswith(("SELECT", "SWAPDB")) for each in command.queued):
                self._database = None
            self._queued, self._told = None, []
        elif name == "HELLO" and arguments:
            self._version = 3 if arguments[0] == "3" else 2
            command.version = self._version
        elif name == "SELECT":
            number = arguments[0] if arguments else ""
            plain = isinstance(number, str) and number.isdecimal() and len(number) < 10
            self._database = int(number) if plain else None
        elif name == "MONITOR":
            self._monitors = True
        elif name == "RESET":
            self._version, self._database, self._monitors, self._queued = 2, 0, False, None
            self._subscribed.clear()
        elif name == "PSYNC":
            self.why_stopped = REPLICATION

    def _monitored(self, value: Value) -> RedisMessage:
        """A line of MONITOR, its secrets masked as in the command that it tells of."""
        octets = str(value.value).encode("utf-8", "surrogateescape")
        hidden = in_monitored(octets)
        made = self._alone("monitor", value)
        if not hidden:
            return made
        at = value.begin + 1
        secrets = tuple((made.side, at + begin, at + end) for begin, end in hidden)
        return replace(made, reply=mask(octets, hidden), secrets=secrets)

    def _alone(self, kind: str, value: Value, lacking: str = "") -> RedisMessage:
        """What the server said without being asked."""
        told = value.value
        if kind == "reply" and isinstance(told, list | dict):
            told = pairs_masked(told)  # of CONFIG GET, HGETALL: what was asked is not known
        said, places = reply_concealed(value, told)
        if told is not value.value:
            places = ((value.begin, value.end),)
        side: Side = "server"
        return RedisMessage(
            kind=kind,
            parts=(Part("server", value.begin, value.end, value.time_ns, value.end_ns),),
            lacking=lacking,
            secrets=tuple((side, *place) for place in places),
            reply=said,
            error=str(value.value) if isinstance(value.value, Failure) else "",
            is_answered=True,
            attributes=value.attributes,
            left_out=value.left_out,
            reply_bytes=value.end - value.begin,
            database=self._database,
            version=self._version,
        )

    # --- amid a conversation, and behind gaps ---

    def _found(self, side: Side, data: bytes) -> bytes:
        """What follows once a side's values are found again; what is before is passed over.

        Of the client it is a whole command's head; of the server the first byte that comes after
        that: then the replies' order is known.
        """
        reader = self._readers[side]
        if side == "server" and not self._lost["client"]:
            fits = self._is_turn and data[0] in _TYPES
            self._is_turn, self._is_tentative = False, fits
            if fits:
                self._lost[side] = False
                return data
        looked = self._tail[side] + data
        found = (_COMMAND if side == "client" else _MESSAGE).search(looked)
        if found is not None:
            at = found.start(1)
            self._lost[side] = False
            passed = at - (len(looked) - len(data))  # of these bytes; less: it began before
            reader.at += passed
            self._dropped[side] += passed
            return looked[at:]
        return self._passed(side, looked, len(data))

    def _passed(self, side: Side, looked: bytes, size: int) -> bytes:
        self._dropped[side] += size
        self._readers[side].at += size
        self._tail[side] = looked[-_HEAD:]
        return b""
