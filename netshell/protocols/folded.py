"""Packets put together by what they say: below each message, the packets that carried it.

A packet stands below the first message that it carries a part of. So do packets of the same flow
without data between a message's first and last one, and acknowledgments right behind it. All
others stay by themselves. Messages are where their first packets were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from netshell.packet.line import INDENT
from netshell.protocols.api import Message
from netshell.protocols.secret import revealed
from netshell.protocols.spoken import asking_style, in_words
from netshell.view import Line, Span

FIRST, LAST = 4, 2
"""Packets of a message that are shown where it has more."""

FIRST_ABOVE, LAST_ABOVE = 12, 4
"""Messages in the packets of the one before that are shown where more are in them."""

FIRST_TOLD, LAST_TOLD = 300, 100
"""Messages that are shown of a capture that has more, with what lies between them."""

_LONGEST = 100  # characters of what was asked, and of what was answered
_ACK_NS = 500_000_000  # an acknowledgment waits so long at most (RFC 9293 section 3.8.6.3)
_ACK = 0x10


class Carrier(NamedTuple):
    """What is to be known of a packet to fold it."""

    number: int
    flow: int  # -1: of none
    side: int  # 0: the client sent it
    time_ns: int
    data: int  # bytes of its payload
    flags: int  # of TCP, -1 without


Shown = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Packets below a message: the first ones, those left out, the last ones."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A message and the numbers of the packets below it, in order."""

    message: Message
    packets: tuple[int, ...]
    above: int = 0  # further packets of it, which stand below a message before

    @property
    def first(self) -> int:
        """The packet that it stands at."""
        return self.message.packets[0]

    def shown(self) -> Shown:
        """The packets to show first, those to leave out, and those to show last."""
        packets = self.packets
        if len(packets) <= FIRST + LAST + 1:
            return packets, (), ()
        return packets[:FIRST], packets[FIRST:-LAST], packets[-LAST:]

    def head(self, reveal: bool = False) -> Line:
        """The line that says the message."""
        message = revealed(self.message) if reveal else self.message
        answered = _cut(message.answered)
        arrow = "← " if message.side == "server" else ""
        where = _numbers(self.message.packets)
        where += f" ({self.above:,} above)" if self.above and self.packets else ""
        where += " (above)" if self.above and not self.packets else ""
        took = message.duration_s
        return [
            Span(f"{message.protocol} ", "head"),
            arrow,
            Span(_cut(message.asked), asking_style(message)),
            " → " if answered else "",
            Span(answered, "bad" if message.problem else "good"),
            Span(f" [{message.lacking}]" if message.lacking else "", "warn"),
            Span(f", {where}{'' if took is None else f', {in_words(took)}'}", "quiet"),
        ]


@dataclass(frozen=True, slots=True)
class Left:
    """What is left out between others, by how much it is."""

    first: int  # the packet that it begins at
    messages: int
    packets: int = 0  # none: those of the message before

    def shown(self) -> Shown:
        """None of its packets."""
        return (), (), ()

    def head(self, reveal: bool = False) -> Line:
        """The line that stands for it, and says what shows it."""
        said = f"{self.messages:,} messages"
        if not self.packets:
            text = f"{said} in the same packets left out; cap.messages has them"
            return Span(f"{INDENT}… {text}", "quiet")
        plural = "" if self.packets == 1 else "s"
        text = f"{said} with {self.packets:,} packet{plural} left out; "
        return Span(f"… {text}cap.messages has them, show(fold=False) each packet", "quiet")


def thinned(items: Iterable[Fold | int]) -> list[Fold | int | Left]:
    """The same without what would be too much to read: of many messages in the same packets, and
    of many in all, only the first and last ones are drawn."""
    shown = list(_few_above(items))
    told = [at for at, item in enumerate(shown) if isinstance(item, Fold)]
    if len(told) <= FIRST_TOLD + LAST_TOLD + 1:
        return shown
    begin, end = told[FIRST_TOLD], told[-LAST_TOLD]
    first, messages, packets = cast("Fold", shown[begin]).first, 0, 0
    for item in shown[begin:end]:
        messages += item.messages if isinstance(item, Left) else isinstance(item, Fold)
        packets += len(item.packets) if isinstance(item, Fold) else isinstance(item, int)
    return [*shown[:begin], Left(first, messages, packets), *shown[end:]]


def _few_above(items: Iterable[Fold | int]) -> Iterator[Fold | int | Left]:
    """Of messages whose packets stand above, behind each other, the first and last ones."""
    run: list[Fold] = []
    for item in items:
        if isinstance(item, Fold) and not item.packets:
            run.append(item)
            continue
        yield from _few(run)
        run = []
        yield item
    yield from _few(run)


def _few(run: Sequence[Fold]) -> Iterator[Fold | Left]:
    left = len(run) - FIRST_ABOVE - LAST_ABOVE
    if left <= 1:
        yield from run
        return
    yield from run[:FIRST_ABOVE]
    yield Left(run[FIRST_ABOVE].first, left)
    yield from run[-LAST_ABOVE:]


def folded(carriers: Iterable[Carrier], messages: Iterable[Message]) -> Iterator[Fold | int]:
    """Messages with their packets, and the numbers of packets that none has."""
    carriers = list(carriers)
    carried = [(message, packets) for message in messages if (packets := message.packets)]
    told = [message for message, _ in carried]
    numbers = [packets for _, packets in carried]
    owner: dict[int, int] = {}
    for at, packets in enumerate(numbers):
        for number in packets:
            owner.setdefault(number, at)
    owner |= dict(_silent(carriers, owner, [packets[-1] for packets in numbers]))
    below: dict[int, list[int]] = {}
    for carrier in carriers:
        if carrier.number in owner:
            below.setdefault(owner[carrier.number], []).append(carrier.number)
    behind: dict[int, list[int]] = {}  # messages whose packets are all above
    for at, packets in enumerate(numbers):
        if at not in below and packets[0] in owner:
            behind.setdefault(owner[packets[0]], []).append(at)
    given: set[int] = set()
    for carrier in carriers:
        mine = owner.get(carrier.number)
        if mine is None:
            yield carrier.number
        elif mine not in given:
            given.add(mine)
            for at in (mine, *behind.get(mine, ())):
                own = below.get(at, [])
                above = len(set(numbers[at]).difference(own))
                yield Fold(told[at], tuple(own), above)


def _silent(
    carriers: Iterable[Carrier], owner: Mapping[int, int], lasts: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Packets without data that belong to a message: those between its own, and its ACK."""
    current: dict[int, int] = {}  # the message that a flow is at
    ended: dict[int, Carrier] = {}  # its last packet
    for carrier in carriers:
        flow, number = carrier.flow, carrier.number
        if number in owner:
            at = current.get(flow)
            if at is None or lasts[at] <= number or lasts[owner[number]] > number:
                current[flow] = owner[number]
            if lasts[current[flow]] <= number:
                ended[flow] = carrier
            continue
        if flow < 0 or carrier.data > 0 or flow not in current:
            continue
        is_between = lasts[current[flow]] > number
        if is_between or _acknowledges(carrier, ended.get(flow)):
            yield number, current[flow]
        else:
            ended.pop(flow, None)


def _acknowledges(carrier: Carrier, end: Carrier | None) -> bool:
    """Whether a packet says nothing but what of a message has arrived."""
    return (
        end is not None
        and carrier.flags == _ACK
        and carrier.side != end.side
        and carrier.time_ns - end.time_ns <= _ACK_NS
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def _numbers(packets: Sequence[int]) -> str:
    if len(packets) == 1:
        return f"packet {packets[0]}"
    return f"packets {packets[0]}-{packets[-1]}"
