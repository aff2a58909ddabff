"""How a capture shows itself: a line about it, its first and last packets, and what to know.

Of a large capture, the packets between are left out; of a file that nobody has looked into yet,
only those that are shown are decoded.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from netshell.capture.store import holding
from netshell.errors import BadArgument, brief
from netshell.flow.given import yes_or_no
from netshell.packet.line import INDENT
from netshell.packet.packet import Packet
from netshell.packet.peeking import revealing
from netshell.results import Result
from netshell.view import Block, Line, Lines, Note, Span

if TYPE_CHECKING:
    from netshell.capture.capture import Capture
    from netshell.protocols.folded import Fold, Left

FIRST_LINES, LAST_LINES = 30, 10  # packets a capture shows of itself when it has more


class Listing(Result):
    """Packets with their payloads, as ``Capture.show`` gives them."""

    def __init__(
        self, packets: Capture, payload: str, fold: object = True, reveal: object = False
    ) -> None:
        if not isinstance(payload, str) or payload not in ("ascii", "hex", "none"):
            raise BadArgument(
                "unknown payload style",
                where=f"{brief(payload)}",
                next_step="use ascii, hex or none",
            )
        self._packets = packets
        self._payload = payload
        self._fold = yes_or_no(fold, "fold")
        self._reveal = revealing(reveal)

    def records(self) -> Any:
        return self._packets.records()

    def view(self) -> Sequence[Block]:
        packets = list(self._packets)
        items: Iterable[Packet | Fold | Left] = packets
        if self._fold and packets and packets[0].time_ns <= packets[-1].time_ns:
            items = self._folded(packets)
        return _dated(items, self._payload, reveal=self._reveal, packets=packets)

    def _folded(self, packets: Sequence[Packet]) -> Iterator[Packet | Fold | Left]:
        messages = self._packets.messages
        members = self._packets.source.members()
        if not len(messages) or members is None:
            yield from packets
            return
        from netshell.protocols.folded import Carrier, folded, thinned

        flows, sides = members.stretch(0, len(packets))
        each = zip(packets, flows.tolist(), sides.tolist(), strict=True)
        carriers = [
            Carrier(at, flow, side, packet.time_ns, packet.payload_len, _flags(packet))
            for at, (packet, flow, side) in enumerate(each)
        ]
        for item in thinned(folded(carriers, messages)):
            yield packets[item] if isinstance(item, int) else item


def _flags(packet: Packet) -> int:
    columns, row = packet.place
    return columns.at("tcp_flags", row)


def blocks(capture: Capture) -> Sequence[Block]:
    """All of it."""
    out: list[Block] = [Lines([_head(capture)])]
    total, first = len(capture), capture.first
    if total - first <= FIRST_LINES + LAST_LINES:
        out += _dated(capture[first:total])
    else:
        begun = list(capture[first : first + FIRST_LINES])
        left_out = total - first - FIRST_LINES - LAST_LINES
        last, is_whole = _last(capture, LAST_LINES)
        text = f"… {left_out:,} packets left out; .show(fold=False) has them all"
        text = text if is_whole else f"{text}; from here on, numbers are absolute"
        out += _dated([*begun, *last], between=(len(begun), Note(text)))
    out += [Note(text, "warn") for text in capture.notes]
    if capture._hint:
        out.append(Note(capture._hint, "warn"))
    if capture.problem is not None:
        out.append(Note(str(capture.problem), "bad"))
    return out


def _dated(
    items: Iterable[Packet | Fold | Left],
    payload: str = "none",
    between: tuple[int, Block] | None = None,
    reveal: bool = False,
    packets: Sequence[Packet] = (),
) -> list[Block]:
    """Packets as lines, messages with theirs below; where they are of several days, each day's
    date above its first one.

    ``between`` is what stands before the item at that place; messages number ``packets``.
    """
    shown = list(items)
    days = [_day(_first(item, packets).time_ns) for item in shown]
    out: list[Block] = []
    before = days[0] if len(set(days)) == 1 else ""
    for at, (item, day) in enumerate(zip(shown, days, strict=True)):
        if between is not None and at == between[0]:
            out.append(between[1])
        if day != before:
            out.append(Lines([Span(day, "head")]))
            before = day
        if isinstance(item, Packet):
            out.append(item.lines(payload, reveal=reveal))
        else:
            out.append(Lines(list(_below(item, packets, payload, reveal))))
    return out


def _first(item: Packet | Fold | Left, packets: Sequence[Packet]) -> Packet:
    return item if isinstance(item, Packet) else packets[item.first]


def _below(
    fold: Fold | Left, packets: Sequence[Packet], payload: str, reveal: bool
) -> Iterator[Line]:
    """A message's line, and its packets' lines below, of many the first and last ones."""
    yield fold.head(reveal)
    first, left, last = fold.shown()
    for number in first:
        yield from _indented(packets[number], payload, reveal)
    if left:
        size = sum(packets[number].payload_len for number in left)
        yield Span(
            f"{INDENT}… {len(left):,} packets, {size:,} bytes, from {left[0]} to {left[-1]}; "
            "show(fold=False) has each",
            "quiet",
        )
    for number in last:
        yield from _indented(packets[number], payload, reveal)


def _indented(packet: Packet, payload: str, reveal: bool) -> Iterator[Line]:
    for line in packet.lines(payload, reveal=reveal).lines:
        yield [INDENT, *((line,) if isinstance(line, str | Span) else line)]


def _day(time_ns: int) -> str:
    """The local date, as packets' lines have the local time."""
    try:
        return time.strftime("%Y-%m-%d", time.localtime(time_ns // 10**9))
    except (OverflowError, ValueError, OSError):  # a time stamp no calendar has
        return "a day that no calendar has"


def _last(capture: Capture, count: int) -> tuple[list[Packet], bool]:
    """The last packets, and whether they know their relative numbers.

    These rest on all packets before. Where that is a large file that nobody has looked at yet,
    it is not decoded as a whole only to show its end.
    """
    parts = capture._store.parts()
    total = parts[-1].end
    if capture._run is not None or not capture._baselines.is_far(total):
        return list(capture[total - count : total]), True
    found = []
    for number in range(total - count, total):
        part = parts[holding(parts, number)]
        found.append(capture._packet(part, number - part.start, (-1, -1, -1)))
    return found, False


def _head(capture: Capture) -> Sequence[str | Span]:
    if capture._run is None:
        plural = "" if len(capture) == 1 else "s"
        lost = f", {capture.dropped:,} dropped when they were captured" if capture.dropped else ""
        text = capture._origin or f"{len(capture):,} packet{plural}"
        return [Span(text, "head"), Span(lost, "bad")]
    stats = capture.stats
    state = Span("● capturing", "good") if capture.running else Span("captured", "head")
    lost = f"{stats.dropped:,} dropped"
    if stats.dropped_by_interface:
        lost += f", {stats.dropped_by_interface:,} dropped by the interface"
    return [
        state,
        f"{source(capture)}: {stats.received:,} received, ",
        Span(lost, "bad" if stats.dropped or stats.dropped_by_interface else ""),
        f", {stats.let_go:,} let go" if stats.let_go else "",
        f", {stats.written:,} written" if stats.written else "",
        Span(f", {stats.unwritten:,} not written" if stats.unwritten else "", "bad"),
    ]


def source(capture: Capture, applied: str | None = None) -> str:
    """Where packets are from; ``applied`` is a filter that chose among those of this one."""
    text = f" on {', '.join(capture.ifaces)}" if capture.ifaces else ""
    if applied:
        text += f', filter "{applied}"'
    if capture.filter_text:
        text += f'{", of" if applied else ","} filter "{capture.filter_text}"'
    return text
