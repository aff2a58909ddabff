"""Messages as users hold them: what the conversations of a capture said, in the order of time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from netshell.columns import as_asked
from netshell.errors import BadArgument, brief
from netshell.flow.asked import ms
from netshell.flow.called import checked_call
from netshell.flow.given import nearest, whole_number
from netshell.flow.shown import endpoint
from netshell.protocols.api import Message
from netshell.protocols.statement import Statement
from netshell.results import Data, Records
from netshell.view import Block, Cell, Column, Note, Span, Table

if TYPE_CHECKING:
    from netshell.protocols.live import LiveMessages

SHOWN = 40  # messages a table shows of itself when it has more

Wanted = Callable[[Message], bool]
"""Whether a message is asked for."""


class Messages(Records[Message]):
    """What was said, in the order of time: requests with their answers where a protocol has such.

    >>> cap.messages, cap.messages.slowest(10)                         # doctest: +SKIP
    >>> cap.messages.where(protocol="http", problem=True)              # doctest: +SKIP
    >>> for message in cap.messages.live(): ...                        # doctest: +SKIP

    Of a running capture, those of this moment; what is asked and not answered yet says so.
    Secrets in them are masked, unless :meth:`revealed`.
    """

    heads = (
        Column("time", keep=4),
        Column("flow", "right", keep=2),
        Column("protocol", keep=3),
        Column("client", shrink=True, least=18, keep=6, wrap=True),
        Column("server", shrink=True, least=18, keep=5, wrap=True),
        Column("took", "right", keep=1),
        Column("message", shrink=True, least=44, wrap=True),
    )
    empty = "no messages"
    called = "messages"
    is_brief = True
    table_name = "messages"

    def __init__(
        self,
        rows: Sequence[Message] = (),
        remarks: Sequence[str] = (),
        wanted: Sequence[Wanted] = (),
        live: Callable[[], Any] | None = None,
    ) -> None:
        """``remarks`` is what is to be said about all of them; ``wanted`` chose these, and chooses
        those to come, which ``live`` gives."""
        super().__init__(rows)
        self.remarks = tuple(remarks)
        self._wanted = tuple(wanted)
        self._live = live

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled, or copied: the messages of this moment; no more come."""
        return type(self), (list(self._rows), self.remarks)

    # --- chosen ---

    @checked_call
    def where(
        self,
        protocol: str | None = None,
        kind: str | None = None,
        *,
        host: str | None = None,
        port: int | None = None,
        flow: int | None = None,
        text: str | None = None,
        problem: bool | None = None,
        lacking: bool | None = None,
        min_duration_s: float | None = None,
    ) -> Messages:
        """Those of which all is true that is asked for.

        >>> cap.messages.where("http", host="10.0.0.0/8", min_duration_s=0.2)  # doctest: +SKIP
        >>> cap.messages.where(text="orders", problem=True)            # doctest: +SKIP

        ``protocol`` and ``kind`` (a decoder's word, "GET", "query") in any case, ``host`` (an
        address or a network) and ``port`` at either end, ``flow`` by its number, ``text`` in what
        was asked or answered; ``problem``: whether the protocol tells of one; ``lacking``: whether
        anything of it is not there (an answer, bytes); ``min_duration_s``: it took that
        long, or waits that long by now. Raises BadArgument for a value that cannot be meant.
        """
        from netshell.protocols import wanted as choice

        given: list[Wanted] = []
        if protocol is not None:
            known = {message.protocol for message in self._rows}
            given.append(choice.of_protocol(protocol, known))
        if kind is not None:
            given.append(choice.of_kind(kind))
        if host is not None:
            given.append(choice.at_host(host))
        if port is not None:
            given.append(choice.at_port(port))
        if flow is not None:
            given.append(choice.of_flow(flow))
        if text is not None:
            given.append(choice.with_text(text))
        if problem is not None:
            given.append(choice.with_problem(problem))
        if lacking is not None:
            given.append(choice.which_lack(lacking))
        if min_duration_s is not None:
            given.append(choice.as_slow_as(min_duration_s))
        rows = [message for message in self._rows if all(each(message) for each in given)]
        return self._chosen(rows, given)

    @checked_call
    def top(self, count: int = 10, by: str = "duration") -> Messages:
        """The ``count`` greatest by "duration" (default), "wait" (to the answer's first byte) or
        "bytes".

        >>> cap.messages.top(5, by="bytes")                            # doctest: +SKIP

        Those of unknown time are out; of statements that were answered in one go, whose single
        times are not known, the first one stands for all. Raises BadArgument for another order.
        """
        count = whole_number(count, "bad count", "use 0 messages or more")
        if not isinstance(by, str) or by not in ORDERS:
            raise BadArgument(f"order {brief(by)}", next_step=nearest(by, ORDERS))
        found = [(value, message) for message in self._rows if (value := ORDERS[by](message)) >= 0]
        found.sort(key=lambda each: -each[0])
        rows = [message for _, message in found]
        made = self._chosen((rows if by == "bytes" else _each_batch_once(rows))[:count])
        unknown = len(self) - len(found)
        if unknown and len(made) < count:
            made.remarks += (without_time(unknown, "message"),)
        return made

    @checked_call
    def slowest(self, count: int = 10) -> Messages:
        """The ``count`` whose last byte of the answer came latest after what was asked; those that
        wait for one while the capture runs count by now."""
        return self.top(count)

    def revealed(self) -> Messages:
        """The same ones with nothing masked: passwords, tokens, cookies as they were sent."""
        return self._chosen([message.revealed() for message in self._rows])

    @checked_call
    def live(self) -> LiveMessages:
        """These messages as they come, while the capture runs.

        >>> for message in sniff_host("db1", 5432).messages.live(): ...    # doctest: +SKIP

        At netshell's prompt, they are printed above it: first those there are, then each once it
        is complete. Iterated, it gives the same, waits for the next one, and ends with the
        capture, :meth:`LiveMessages.stop` or Ctrl-C. Raises BadArgument for messages that no
        capture gives more of.
        """
        from netshell.protocols.live import LiveMessages

        if self._live is None:
            raise BadArgument(
                "these messages are not live",
                why="they were picked from others, or copied",
                next_step="use cap.messages.live(), cap.messages.where(...).live()",
            )
        return LiveMessages(self._live(), self._wanted)

    def _chosen(self, rows: Sequence[Message], wanted: Sequence[Wanted] = ()) -> Messages:
        live = self._live if wanted else None
        return Messages(rows, self.remarks, (*self._wanted, *wanted), live)

    def with_rows(self, rows: Sequence[Message]) -> Messages:
        return Messages(rows)

    # --- shown ---

    @property
    def counts(self) -> Mapping[str, int]:
        """How many there are of each protocol, the most frequent first."""
        found: dict[str, int] = {}
        for message in self._rows:
            found[message.protocol] = found.get(message.protocol, 0) + 1
        return dict(sorted(found.items(), key=lambda each: -each[1]))

    def row(self, record: Message) -> Sequence[Cell]:
        ends = record.ends
        client, server = ("", "") if ends is None else (str(ends[0]), str(ends[1]))
        return (
            clock(record.time_ns),
            "" if record.flow < 0 else str(record.flow),
            record.protocol,
            endpoint(client),
            endpoint(server),
            took(record),
            summary(record),
        )

    def view(self) -> Sequence[Block]:
        rows = [self.row(each) for each in self._rows[:SHOWN]]
        table = Table(self.heads, rows, empty=self.empty)
        blocks: list[Block] = [as_asked("messages", table)]
        if len(self) > SHOWN:
            left = len(self) - SHOWN
            blocks.append(Note(f"… {left:,} messages left out; [a:b], .top(n) and .where() choose"))
        return (*blocks, *self.notes())

    def notes(self) -> Sequence[Block]:
        return [Note(text, "warn") for text in self.remarks]

    def records(self) -> Any:
        return [message.records() for message in self._rows]

    def data(self) -> Iterator[Mapping[str, Data]]:
        from netshell.protocols.tabled import fields

        yield fields(self._rows)


def without_time(count: int, called: str) -> str:
    """What is said of those that are not among the slowest, where all others are."""
    if count == 1:
        return f"1 {called} is left out: how long it took is not known"
    called = {"message": "messages", "query": "queries"}[called]
    return f"{count:,} {called} are left out: how long they took is not known"


def _each_batch_once(messages: Sequence[Message]) -> list[Message]:
    seen: set[tuple[int, tuple[int, int]]] = set()
    found: list[Message] = []
    for message in messages:
        batch_ns = message.batch_ns if isinstance(message, Statement) else None
        if batch_ns is not None:
            if (message.flow, batch_ns) in seen:
                continue
            seen.add((message.flow, batch_ns))
        found.append(message)
    return found


def summary(message: Message) -> Span:
    """A message in a line: what was asked, and what became of it."""
    text = _brief(message.asked)
    if answered := message.answered:
        text += f" → {_brief(answered)}"
    if isinstance(message, Statement) and message.together > 1:
        text += f" ({message.together:,} together)"
    if message.side == "server":
        text = f"← {text}"
    if message.lacking:
        text += f" [{message.lacks}]"
    return Span(text, "bad" if message.problem else "warn" if message.lacking else "")


def took(message: Message) -> str:
    """How long it took to its answer's last byte; "> 3.2 s" of what still waits."""
    if message.running_s is not None:
        return f"> {ms(message.running_s * 1e3)}"
    return "" if message.duration_s is None else ms(message.duration_s * 1e3)


def _brief(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


_LONGEST = 300  # characters


def clock(time_ns: int) -> str:
    """The time of day here, as packets are printed with."""
    seconds, rest = divmod(time_ns, 10**9)
    return f"{_second(seconds)}.{rest // 1000:06d}"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    try:
        return time.strftime("%H:%M:%S", time.localtime(seconds))
    except (OverflowError, OSError, ValueError):  # a clock far off
        return str(seconds)


def _wait_s(message: Message) -> float:
    return -1.0 if message.answer_ns is None else (message.answer_ns - message.since_ns) / 1e9


def _duration_s(message: Message) -> float:
    took_s = message.duration_s if message.running_s is None else message.running_s
    return -1.0 if took_s is None else took_s


def _bytes(message: Message) -> float:
    return sum(part.end - part.begin for part in message.parts)


ORDERS: dict[str, Callable[[Message], float]] = {
    "duration": _duration_s,
    "wait": _wait_s,
    "bytes": _bytes,
}
