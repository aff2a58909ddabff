"""A conversation message by message: what ``flow.follow()`` shows where a decoder reads the flow.

Each message stands where it began, what was asked and what was answered below each other, however
many others were under way meanwhile. What no decoder reads is shown as bytes, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

from netshell.errors import Unavailable
from netshell.flow.covered import Bytes, Covered
from netshell.flow.dialogue import FIRST, LAST, STYLES, Followed, named, packets_in_words
from netshell.flow.excerpt import INDENT, LONGEST, excerpt
from netshell.flow.held import let_go
from netshell.flow.sides import SIDES, Side
from netshell.flow.stretches import counted
from netshell.protocols.api import Message, Part, other
from netshell.protocols.line import in_words as in_words
from netshell.protocols.raw import Raw
from netshell.protocols.secrets_of import SecretsOf
from netshell.protocols.statement import Statement
from netshell.results import place, stretch
from netshell.view import Block, Line, Lines, Note, Span, Style

if TYPE_CHECKING:
    from netshell.flow.flow import Flow

COUNTED = 10_000
"""Messages up to which those with a problem are counted: that reads each of them."""


class Spoken(Followed[Message]):
    """The messages of one flow, in the order of time.

    >>> flow.follow()                                                  # doctest: +SKIP
    >>> [message.duration_s for message in flow.follow()]              # doctest: +SKIP

    Iterates, indexes and slices as :class:`~netshell.protocols.api.Message`.
    """

    def __init__(
        self,
        flow: Flow,
        messages: Sequence[Message],
        side: Side | None = None,
        lines: int | None = None,
        reveal: bool = False,
    ) -> None:
        self._flow, self._messages = flow, messages
        self._only, self._lines, self._reveal = side, lines, reveal

    def __len__(self) -> int:
        return len(self._messages)

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> Spoken: ...
    def __getitem__(self, index: int | slice) -> Message | Spoken:
        if isinstance(index, slice):
            some = self._messages[stretch(index, "messages")]
            return Spoken(self._flow, some, self._only, self._lines, self._reveal)
        message = self._messages[place(index, len(self), "messages")]
        return message.revealed() if self._reveal else message

    def __eq__(self, that: object) -> bool:
        return isinstance(that, Spoken) and list(self) == list(that)

    __hash__ = None  # type: ignore[assignment]

    def records(self) -> Sequence[Message]:
        return list(self)

    # --- shown ---

    def view(self) -> Sequence[Block]:
        blocks: list[Block] = [Lines([self._head()])]
        count = len(self)
        if count <= FIRST + LAST:
            blocks += map(self._block, range(count))
        else:
            blocks += map(self._block, range(FIRST))
            left = counted(count - FIRST - LAST, "message")
            blocks.append(Note(f"… {left} left out; [a:b] has them, cap.messages a table"))
            blocks += map(self._block, range(count - LAST, count))
        if gone := let_go(self._flow):
            blocks.append(Note(gone, "warn"))
        if self._flow.proto == "tcp":
            for side in SIDES if self._only is None else (self._only,):
                remarks = self._flow.stream(side).remarks()
                blocks += [Note(text, "warn") for text in remarks]
        return blocks

    def _head(self) -> Line:
        flow = self._flow
        names = list(dict.fromkeys(m.protocol for m in self._messages if not isinstance(m, Raw)))
        counted_in = self._messages if len(self) <= COUNTED else ()
        problems = sum(bool(message.problem) for message in counted_in)
        lacking = sum(bool(message.lacking) for message in counted_in)
        return [
            Span(f"{flow.proto} ", "key"),
            Span(str(flow.client), "sent"), " > ", *named(flow),
            f", {', '.join(names)}, {counted(len(self), 'message')}",
            Span(f", {problems:,} with a problem" if problems else "", "bad"),
            Span(f", {lacking:,} not whole" if lacking else "", "warn"),
        ]  # fmt: skip

    def _block(self, at: int) -> Lines:
        return Lines(list(self._shown(self[at])))

    def _shown(self, message: Message) -> Iterator[Line]:
        """A message: what its side said, what the other one did."""
        if isinstance(message, Raw):
            yield from self._unread(message)
            return
        for side in (message.side, other(message.side)):
            parts = [part for part in message.parts if part.side == side]
            if parts and self._only in (None, side):
                yield from self._half(message, side, parts)
        if message.lacking:
            yield Span(f"{INDENT}[{message.lacks}]", "warn")

    def _half(self, message: Message, side: Side, parts: Sequence[Part]) -> Iterator[Line]:
        said = list(message.said(side))
        problem = message.problem
        is_answer = side != message.side
        style: Style = "bad" if problem and is_answer else STYLES[side]
        if not is_answer:
            style = asking_style(message)
        if not is_answer and _is_long(message):
            said = [message.kind, *said]  # the place is not to stand within the statement
            style = "key"
        head = _cut(_plain(said[0]), self._lines) if said else counted(_size(parts))
        answer_ns = message.answer_ns if is_answer else None  # HTTP's may have others before it
        begin_ns = parts[0].time_ns if answer_ns is None else answer_ns
        yield [
            Span(f"{self._since(begin_ns)} ", "quiet"), Span(side, STYLES[side]), " ",
            Span(head, style),
            Span(f"{_took(message) if is_answer else ''}, {_where(message, parts)}", "quiet"),
        ]  # fmt: skip
        rows = said[1:]
        room = len(rows) if self._lines is None else self._lines
        for row in rows[:room]:
            yield _indented(row, STYLES[side], self._lines)
        if len(rows) > room:
            left = counted(len(rows) - room, "line")
            yield Span(f"{INDENT}… {left} left out; lines=None shows them", "quiet")
        if is_answer and problem and not any(problem in _plain(row) for row in said):
            yield Span(f"{INDENT}{_cut(problem, self._lines)}", "bad")

    # --- what is not read ---

    def _unread(self, message: Raw) -> Iterator[Line]:
        """What stands behind the place where a decoder stopped, of both sides."""
        begins = {part.side: part.begin for part in message.parts}
        for side in SIDES if self._only is None else (self._only,):
            begin = begins.get(side, self._read_up_to(side))
            source, end = self._bytes(side)
            if end <= begin and side not in begins:
                continue
            times = [part.time_ns for part in message.parts if part.side == side]
            yield [
                Span(f"{self._since((times or [message.time_ns])[0])} ", "quiet"),
                Span(side, STYLES[side]), f" {counted(end - begin)} ",
                Span(f"not read: {message.reason}", "bad" if message.problem else "warn"),
            ]  # fmt: skip
            yield from excerpt(source, begin, end, self._lines, style=STYLES[side])

    def _read_up_to(self, side: Side) -> int:
        ends = (p.end for m in self._messages for p in m.parts if p.side == side)
        return max(ends, default=0)

    def _bytes(self, side: Side) -> tuple[Bytes, int]:
        """What a side sent, secrets covered, and how much it is."""
        from netshell.flow.dialogue import Dialogue

        source = Dialogue(self._flow).sides[SIDES.index(side)]
        return source if self._reveal else Covered(source, SecretsOf(self._messages, side)), len(
            source
        )

    def _since(self, time_ns: int) -> str:
        return f"{(time_ns - self._flow.start_ns) / 1e9:.6f}"


def asking_style(message: Message) -> Style:
    """How what was asked is drawn: a statement in the colours of SQL."""
    return "sql" if isinstance(message, Statement) and message.statement else "key"


def _is_long(message: Message) -> bool:
    """Whether it is a statement of several lines."""
    return isinstance(message, Statement) and "\n" in message.statement.strip()


def _plain(line: Line) -> str:
    """A line's text."""
    if isinstance(line, str):
        return line
    if isinstance(line, Span):
        return line.text
    return "".join(part if isinstance(part, str) else part.text for part in line)


def _cut(text: str, lines: int | None) -> str:
    """A line's text, the end of a long one left out where lines are."""
    return text if lines is None or len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _indented(line: Line, style: Style, lines: int | None) -> Line:
    if isinstance(line, str):
        return Span(INDENT + _cut(line, lines), style) if line else ""
    if isinstance(line, Span):
        return Span(INDENT + _cut(line.text, lines), line.style or style)
    return [INDENT, *line]


def _size(parts: Sequence[Part]) -> int:
    return sum(part.end - part.begin for part in parts)


def _took(message: Message) -> str:
    """How long an answer took: to its first byte, and to its last one where that is later."""
    if message.answer_ns is None:
        return ""
    first = (message.answer_ns - message.since_ns) / 1e9
    whole = message.duration_s
    text = f" after {in_words(first)}"
    if whole is not None and whole - first > first / 100:
        text += f", whole after {in_words(whole)}"
    return text


def _where(message: Message, parts: Sequence[Part]) -> str:
    talk = message._talk
    packets = () if talk is None else talk.packets_of(parts)
    return packets_in_words(packets) if packets else counted(_size(parts))


def spoken(flow: Flow, side: Side | None, lines: int | None, reveal: bool) -> Spoken | None:
    """What a flow said, message by message; None where no decoder reads it."""
    messages = _messages(flow)
    if all(isinstance(message, Raw) for message in messages):
        return None
    return Spoken(flow, messages, side, lines, reveal)


def of_flow(flow: Flow) -> tuple[SecretsOf, SecretsOf]:
    """Where a flow's messages have secrets, in what the client and what the server sent."""
    messages = _messages(flow)
    return SecretsOf(messages, "client"), SecretsOf(messages, "server")


def _messages(flow: Flow) -> Sequence[Message]:
    try:
        return list(flow.messages)
    except Unavailable:  # packets that nobody reads messages from: they are bytes then
        return ()
