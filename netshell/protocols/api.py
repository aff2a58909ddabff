"""What a decoder is, and what it makes: messages.

By its signs a protocol is told without being read; what reads it is loaded with the first
conversation that is in it: a decoder, one for each. It is fed what both sides sent in the order
they could read it, as :mod:`netshell.flow.delivery` gives it, in pieces of any size, and gives each
message when its last byte is there. The same bytes in other pieces give the same messages.

The promise of every decoder, whatever comes: it never raises, it takes time linear in the bytes,
and keeps at most ``most`` bytes of each side. What it cannot read ends it with a reason in
``why_stopped``; what is unread by then is in ``rest``, and shown raw.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import wraps
from typing import Any, ClassVar, NamedTuple, Protocol, Self

from netshell.flow.key import Endpoint
from netshell.flow.sides import SIDES, Side, checked
from netshell.protocols.line import in_words
from netshell.results import Single
from netshell.view import Line, clean


class Likeness(IntEnum):
    """How much a conversation's first bytes look like a protocol."""

    NO = 0
    MORE = 1
    """Not to be told yet."""
    LIKELY = 2
    """Others could begin so, too: taken on the protocol's ports only."""
    SURE = 3


class Part(NamedTuple):
    """A stretch of what one side sent that a message was in: bytes ``begin`` to ``end``
    (exclusive) of ``flow.stream(side)``."""

    side: Side
    begin: int
    end: int
    time_ns: int  # when its first byte could be read
    end_ns: int  # when its last one could


class Peek(NamedTuple):
    """What one packet's payload says by itself."""

    text: str  # a few words, secrets masked
    secrets: tuple[tuple[int, int], ...] = ()  # bytes begin to end (exclusive) of the payload


class Conversation(Protocol):
    """What a message asks of the conversation that it is of."""

    @property
    def flow(self) -> int: ...
    @property
    def ends(self) -> tuple[Endpoint, Endpoint] | None: ...
    def packets_of(self, parts: Iterable[Part]) -> tuple[int, ...]: ...


class Place(NamedTuple):
    """The same of a message by itself: out of a pickle, or a copy."""

    flow: int
    ends: tuple[Endpoint, Endpoint] | None
    packets: tuple[int, ...]

    def packets_of(self, parts: Iterable[Part]) -> tuple[int, ...]:
        """Those of the message."""
        return self.packets


def _of_a_side(said: Callable[..., Any]) -> Callable[..., Any]:
    """A method that takes a side, and raises BadArgument for what is none."""

    @wraps(said)
    def call(self: Message, side: Side) -> Any:
        return said(self, checked(side))

    return call


@dataclass(frozen=True, kw_only=True, repr=False)
class Message(Single):
    """One thing said: a request with its answer where the protocol has such, else by itself.

    Subclasses add the protocol's own fields. What is secret is in them as
    :class:`~netshell.protocols.secret.Masked`. Texts from the wire stay as they came: what draws
    them cleans them.
    """

    protocol: ClassVar[str] = ""

    kind: str  # the protocol's word for it: "GET", "Query", "handshake"
    parts: tuple[Part, ...]  # where it was, in the order of time; the first one's side began it
    lacking: str = ""  # what of it is not there, and why: "no answer", "1,448 bytes lack"
    secrets: tuple[tuple[Side, int, int], ...] = ()  # bytes that are masked, as in ``Part``

    _talk: ClassVar[Conversation | None] = None  # set by it: whose message this is
    _until_ns: ClassVar[int | None] = None  # of what waits while its capture runs: the moment

    def __getstate__(self) -> dict[str, Any]:
        """Pickled, or copied: by itself, without its conversation."""
        return {**self.__dict__, "_talk": Place(self.flow, self.ends, self.packets)}

    @property
    def flow(self) -> int:
        """The number of its flow in the capture, -1 of a message made by hand."""
        return -1 if self._talk is None else self._talk.flow

    @property
    def packets(self) -> tuple[int, ...]:
        """The numbers of the packets that it came in, ascending; those of neighbours too, where
        several messages are in one packet."""
        return () if self._talk is None else self._talk.packets_of(self.parts)

    @property
    def ends(self) -> tuple[Endpoint, Endpoint] | None:
        """The flow's client and server; None of a message made by hand."""
        return None if self._talk is None else self._talk.ends

    @property
    def side(self) -> Side:
        """Who began it: "client" or "server"."""
        return self.parts[0].side

    @property
    def time_ns(self) -> int:
        """When its first byte could be read."""
        return self.parts[0].time_ns

    @property
    def end_ns(self) -> int:
        """When its last byte could."""
        return max([part.end_ns for part in self.parts])

    @property
    def answer_ns(self) -> int | None:
        """When the first byte of the other side's answer could be read; None without one."""
        return next((part.time_ns for part in self.parts if part.side != self.parts[0].side), None)

    @property
    def since_ns(self) -> int:
        """From when its duration counts: its first byte, where a protocol knows no better."""
        return self.time_ns

    @property
    def duration_s(self) -> float | None:
        """From its first byte to the answer's last one; None without an answer."""
        return None if self.answer_ns is None else (self.end_ns - self.since_ns) / 1e9

    @property
    def running_s(self) -> float | None:
        """So long it waited for its answer when it was asked for, in a capture that runs; None if
        none is to come any more."""
        until_ns = self._until_ns
        return None if until_ns is None else max(until_ns - self.since_ns, 0) / 1e9

    @property
    def lacks(self) -> str:
        """What lacks, in words: ``lacking``, and how long it waits by now."""
        if self.running_s is None:
            return self.lacking
        if self.lacking == "no answer":
            return f"no answer yet, {self.running_s:,.1f} s"
        return f"{self.lacking or 'not complete'} yet, {self.running_s:,.1f} s"

    @property
    def asked(self) -> str:
        """What was said, in a line: "GET /index.html".

        As it came, as all fields are: ``str(message)`` and what is drawn are safe for a terminal,
        ``print(message.asked)`` is not.
        """
        raise TypeError(f"{type(self).__name__} says nothing")

    @property
    def answered(self) -> str:
        """What was answered, in a line, as it came: "200 OK, text/html, 1,234 bytes"; empty
        without one."""
        return ""

    @property
    def problem(self) -> str:
        """What went wrong as the protocol itself tells it ("404 Not Found"); else empty."""
        return ""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "said" in cls.__dict__:
            cls.said = _of_a_side(cls.__dict__["said"])  # type: ignore[method-assign]

    def said(self, side: Side) -> Sequence[Line]:
        """What one side said, in lines to read, without an indent: the first one is its head.
        Raises BadArgument for what is no side."""
        side = checked(side)
        text = self.asked if side == self.side else self.answered
        return [text] if text else []

    def facts(self) -> Iterable[tuple[str, str]]:
        yield "message", f"{self.protocol} {self.kind}"
        if self.ends is not None:
            yield "flow", f"{self.flow}, {self.ends[0]} > {self.ends[1]}"
        yield "packets", ", ".join(map(str, self.packets[:_FEW])) + "…" * (len(self.packets) > _FEW)
        yield "asked", self.asked if self.side == "client" else f"{self.asked} (by the server)"
        yield "answered", self.answered
        if self.answer_ns is not None and self.duration_s is not None:
            yield "first byte after", in_words((self.answer_ns - self.since_ns) / 1e9)
            yield "last byte after", in_words(self.duration_s)
        yield "problem", self.problem
        yield "lacking", self.lacks

    def revealed(self) -> Self:
        """The same one with nothing masked: passwords, tokens, cookies as they were sent."""
        from netshell.protocols.secret import revealed

        made = revealed(self)
        if self._until_ns is not None and made is not self:
            made.__dict__["_until_ns"] = self._until_ns  # it is frozen
        return made

    def records(self) -> dict[str, Any]:
        """What all messages have, and the protocol's own fields by name."""
        from netshell.protocols.tabled import plain

        ends = self.ends
        own = [each.name for each in fields(self) if each.name not in _COMMON]
        return {
            "protocol": self.protocol,
            "kind": self.kind,
            "time_ns": self.time_ns,
            "flow": self.flow,
            "client": "" if ends is None else str(ends[0]),
            "server": "" if ends is None else str(ends[1]),
            "side": self.side,
            "asked": self.asked,
            "answered": self.answered,
            "problem": self.problem,
            "lacking": self.lacking,
            "answer_ns": self.answer_ns,
            "duration_s": self.duration_s,
            "packets": list(self.packets),
            "parts": list(self.parts),
            "fields": {name: plain(getattr(self, name)) for name in own},
        }

    def __str__(self) -> str:
        answered = f" → {self.answered}" if self.answered else ""
        lacking = f" [{self.lacks}]" if self.lacking else ""
        return clean(f"{self.protocol} {self.asked}{answered}{lacking}")


_COMMON = frozenset(each.name for each in fields(Message))
_FEW = 12  # packets that are named


class Signs(ABC):
    """What a protocol is told by, without reading it: light, for every packet's line asks it."""

    name: ClassVar[str]
    """What messages call it, and a switch to it: "http"."""
    ports: ClassVar[frozenset[int]]
    """Where it is usually spoken: a hint only."""
    transport: ClassVar[str] = "tcp"
    """What it goes over: "tcp", or "udp", where :meth:`Decoder.feed` is given whole datagrams."""

    @classmethod
    @abstractmethod
    def decoder(cls) -> type[Decoder]:
        """Who reads it."""

    @classmethod
    @abstractmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        """Whether a conversation is in this protocol, by what each side said first.

        Either may be empty, and cut anywhere. Not ``begun``: it is from the midst of one.
        """

    @classmethod
    def peek(cls, data: bytes, on_port: bool) -> Peek | None:
        """What one packet's payload says, looked at alone; None if that is not sure.

        ``on_port``: one of the packet's ports is one of ``ports``.
        """
        return None


class Decoder(Signs):
    """Reads one conversation in one protocol."""

    most: ClassVar[int]
    """Bytes it keeps of one side at most."""

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        """``begun``: what comes first is the first that was said; else it may be amid a message.
        ``client_at`` and ``server_at`` are the places of the first bytes in each side's stream."""
        self.why_stopped = ""
        """Why it reads no further; empty as long as it does."""
        self.follows: str | None = None
        """Once it has ended in order: the name of the decoder that reads what follows, "raw" for
        bytes that none knows, or "" for whatever it looks like."""

    @classmethod
    def decoder(cls) -> type[Decoder]:
        """Itself: what reads a protocol has its signs."""
        return cls

    @abstractmethod
    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        """What is complete with these further bytes of one side; ``data`` is not empty."""

    @abstractmethod
    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        """The same where ``size`` bytes of a side lack. They take no places in its stream."""

    def close(self, side: Side, time_ns: int) -> Sequence[Message]:
        """The same where a side has said that it sends no more (FIN, or RST by either)."""
        return ()

    def waiting(self) -> Sequence[Message]:
        """What is not complete yet, as far as it is there: asked and not answered, half sent.

        Changes nothing: asked while a capture runs, and at its end.
        """
        return ()

    @abstractmethod
    def rest(self, side: Side) -> bytes:
        """What it was given of a side and has not made a message of, once it reads no further."""


def other(side: Side) -> Side:
    """The side that answers."""
    return SIDES[1 - SIDES.index(side)]
