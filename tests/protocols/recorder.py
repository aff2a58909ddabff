"""Decoders for tests of what feeds decoders: one that tells all it is fed, one that reads lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netshell.flow.sides import SIDES, Side
from netshell.protocols.api import Decoder, Likeness, Message, Part
from netshell.protocols.inbox import Inbox


@dataclass(frozen=True, kw_only=True, repr=False)
class Told(Message):
    """What a decoder was told: bytes, a gap, or an end."""

    protocol: ClassVar[str] = "recorder"

    data: bytes = b""
    gap: int = 0

    @property
    def asked(self) -> str:
        return self.data.decode("latin-1") or f"{self.kind} {self.gap}"


class Recorder(Decoder):
    """Takes anything, and tells of it at once."""

    name = "recorder"
    ports = frozenset()
    most = 0

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        super().__init__(begun, client_at, server_at)
        self.begun = begun
        self._at: dict[Side, int] = {"client": client_at, "server": server_at}

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        return Likeness.SURE

    def _told(self, kind: str, side: Side, data: bytes, gap: int, time_ns: int) -> list[Message]:
        begin = self._at[side]
        self._at[side] += len(data)
        part = Part(side, begin, self._at[side], time_ns, time_ns)
        return [Told(kind=kind, parts=(part,), data=data, gap=gap)]

    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        return self._told("data", side, data, 0, time_ns)

    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        return self._told("gap", side, b"", size, time_ns)

    def close(self, side: Side, time_ns: int) -> Sequence[Message]:
        return self._told("close", side, b"", 0, time_ns)

    def rest(self, side: Side) -> bytes:
        return b""


class DatagramRecorder(Recorder):
    """The same over UDP."""

    transport = "udp"


@dataclass(frozen=True, kw_only=True, repr=False)
class Exchange(Message):
    """A line, and the line that answers it."""

    protocol: ClassVar[str] = "lines"

    line: str
    answer: str = ""

    @property
    def asked(self) -> str:
        return self.line

    @property
    def answered(self) -> str:
        return self.answer

    @property
    def problem(self) -> str:
        return self.answer if self.answer.startswith("-") else ""


class Lines(Decoder):
    """A protocol of lines: "ask ...", answered by a line each.

    "ask secure" hands over to whatever follows, "ask raw" to nothing that is read, "ask nothing"
    ends it with a reason, and "ask crash" is a mistake of this decoder.
    """

    name = "lines"
    ports = frozenset((4711,))
    most = 1000

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        super().__init__(begun, client_at, server_at)
        self._inboxes = {
            side: Inbox(side, at) for side, at in zip(SIDES, (client_at, server_at), strict=True)
        }
        self._asked: list[tuple[str, Part]] = []

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        if not client:
            return Likeness.MORE if not server else Likeness.NO
        if client[:4] == b"ask "[: len(client)]:
            return Likeness.SURE if len(client) >= 4 else Likeness.MORE
        return Likeness.LIKELY if client[:1] == b"?" else Likeness.NO

    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        inbox = self._inboxes[side]
        inbox.add(data, time_ns)
        made: list[Message] = []
        while (size := inbox.data.find(b"\n") + 1) and self.follows is None:
            if self.why_stopped:
                break
            if side == "server" and not self._asked:
                self.why_stopped = "an answer to nothing"
                break
            part = inbox.part(size)
            line = inbox.take(size).decode("latin-1").strip()
            if side == "client":
                if line == "ask crash":
                    raise ValueError("a mistake")
                self._asked.append((line, part))
                continue
            asked, place = self._asked.pop(0)
            made.append(Exchange(kind="ask", parts=(place, part), line=asked, answer=line))
            if asked == "ask nothing":
                self.why_stopped = "nothing was asked for"
            if asked in ("ask secure", "ask raw"):
                self.follows = "raw" if asked == "ask raw" else ""
        return made

    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        self.why_stopped = f"{size} bytes lack"
        return ()

    def close(self, side: Side, time_ns: int) -> Sequence[Message]:
        return ()

    def waiting(self) -> Sequence[Message]:
        return [
            Exchange(kind="ask", parts=(part,), line=line, lacking="no answer")
            for line, part in self._asked
        ]

    def rest(self, side: Side) -> bytes:
        return bytes(self._inboxes[side].data)
