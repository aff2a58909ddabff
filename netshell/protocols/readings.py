"""All conversations of a capture, read as far as it goes: what is new is read once.

Packets of flows that no decoder reads are passed over many at a time; so are acknowledgments that
tell nothing. What is left goes to its flow's :class:`~netshell.protocols.reading.Reading`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from netshell.flow.delivery import PATIENCE_NS
from netshell.flow.flow_columns import BY_PORT, FlowColumns
from netshell.flow.reuse import ACK, FIN, RST, SYN
from netshell.flow.segments import segments_of
from netshell.flow.sides import SIDES
from netshell.flow.source import Held, Stretch
from netshell.protocols.api import Message, Signs
from netshell.protocols.lanes import TCP, Lanes
from netshell.protocols.reading import Reading
from netshell.protocols.talk import Talk
from netshell.protocols.uncollected import uncollected

_BLOCK = 1 << 14
"""Packets looked at together."""

_MANY = 1000
"""Messages of which an eighth more than the packets' own is not kept."""

_PLAIN = ACK | SYN | FIN | RST
_MOST, _HALF = 0xFFFF_FFFF, 1 << 31
_OVER_NS = 31 * PATIENCE_NS
"""What waits longer waits for packets, not for time."""


class Belonging(Protocol):
    """Which flow packets are in: :class:`~netshell.flow.source.Members`."""

    @property
    def first(self) -> int:
        """The packet from which on it is known."""
        ...

    def stretch(self, start: int, count: int) -> tuple[NDArray[np.int32], NDArray[np.int8]]: ...


class Packets(Protocol):
    """What is read: a source of packets that are all at hand."""

    def parts(self) -> Iterable[Stretch]: ...
    @property
    def flows(self) -> FlowColumns: ...
    def members(self) -> Belonging | None: ...


class Readings:
    """The conversations of one capture; any thread may ask."""

    def __init__(
        self, decoders: Iterable[type[Signs]] | None = None, only: int | None = None
    ) -> None:
        """``only``: the number of the one flow that is read."""
        if decoders is None:
            from netshell.protocols.decoders import DECODERS

            decoders = DECODERS
        self._decoders, self._only = tuple(decoders), only
        self._lock = threading.RLock()
        self._clear()

    def _clear(self) -> None:
        self.total = 0
        """Packets read; those that were let go before count too."""
        self.let_go = 0
        """Packets that were let go before they could be read."""
        self.is_final = False
        """Whether it was told that no more come."""
        self._log: list[Message] = []
        self._seen: list[int] = []  # how far the capture was when each came
        self._dropped = 0  # of the log
        self._flows: FlowColumns | None = None
        self._readings: dict[int, Reading] = {}
        self._lanes = Lanes(self._only)
        self._first = 0  # the number of the oldest packet held, when messages were let go
        self._left: set[int] = set()  # flows that went with their packets: they may go on
        self._late: dict[int, int] = {}  # flows out of order that wait: since when

    # --- what was read ---

    def since(self, count: int) -> tuple[list[Message], int]:
        """The messages behind the first ``count``, as they were complete, and how many there are
        by now."""
        with self._lock:
            return self._log[max(count - self._dropped, 0) :], self._dropped + len(self._log)

    def messages(self, until_ns: int | None = None) -> list[Message]:
        """All messages up to now in the order of time, with those that are not complete yet.

        ``until_ns`` is the moment, of a capture that runs: so long those wait.
        """
        with self._lock:
            return in_time([*self._log, *_waiting_until(self._waiting(), until_ns)])

    def of(self, flow: int, until_ns: int | None = None) -> list[Message]:
        """The same of one flow."""
        with self._lock:
            found = [message for message in self._log if message.flow == flow]
            reading = self._readings.get(flow)
            if reading is not None and reading.talk is not None:
                found += _waiting_until(reading.talk.waiting(), until_ns)
            return in_time(found)

    def waiting(self) -> list[Message]:
        """Those that are not complete yet."""
        with self._lock:
            return self._waiting()

    def talk(self, flow: int) -> Talk | None:
        """The conversation of a flow that is being read."""
        with self._lock:
            reading = self._readings.get(flow)
            return None if reading is None else reading.talk

    @property
    def is_pending(self) -> bool:
        """Whether time alone may bring more: a gap is told when waiting for it is over."""
        return bool(self._late)

    def _waiting(self) -> list[Message]:
        return [
            message
            for reading in self._readings.values()
            if reading.talk is not None
            for message in reading.talk.waiting()
        ]

    # --- reading ---

    def reach(
        self, source: Packets, is_final: bool = False, now_ns: int = 0, most: int | None = None
    ) -> bool:
        """Read what is new, of ``most`` packets; whether that was all. ``is_final``: no more will
        come. ``now_ns`` is the time of a capture that runs."""
        with self._lock:
            parts = tuple(source.parts())
            end = parts[-1][0] + len(parts[-1][2]) if parts else 0
            if end == self.total and self.is_final >= is_final and not self._late:
                return True
            if self.is_final:  # packets were added to a capture that had ended: from the start
                self._clear()
            begin = max(self.total, parts[0][0] if parts else 0)
            is_all = most is None or end - begin <= most
            if most is not None and not is_all:
                parts = tuple(_first(parts, begin + most))
                now_ns = now_ns and _last_ns(parts)  # then: what follows is there
            try:
                with uncollected(end - self.total > _BLOCK):
                    self._read(source, parts, is_final and is_all, now_ns)
            except BaseException:  # Ctrl-C in the midst: the next one begins from the start
                self._clear()
                raise
            return is_all

    def _read(self, source: Packets, parts: Sequence[Stretch], is_final: bool, now_ns: int) -> None:
        flows = source.flows
        members = source.members()
        assert members is not None
        self._flows = flows
        self._lanes.grow(flows, {each.transport for each in self._decoders})
        first = parts[0][0] if parts else 0
        first = max(first, members.first)  # some are let go before their flows are counted
        if first > self.total:
            self.let_go += first - self.total
            self.total = first
        fresh: set[int] = set()
        for start, columns, chunk in parts:
            size = len(chunk)
            for at in range(max(self.total - start, 0), size, _BLOCK):
                until = min(at + _BLOCK, size)
                which = slice(at, until)
                flow, side = members.stretch(start + at, until - at)
                self._block(start + at, columns[which], chunk[which], flow, side, fresh)
            self.total = max(self.total, start + size)
        self._deliver(parts, flows, members, fresh, is_final, now_ns)
        if first - self._first > len(self._readings) // 4:  # a look costs as much
            self._first = first
            self._forget(first)
        if is_final:
            self._finish()

    def _block(
        self, start: int, columns: Any, chunk: Any, flow: NDArray[np.int32],
        side: NDArray[np.int8], fresh: set[int],
    ) -> None:  # fmt: skip
        picked = self._lanes.pick(start, columns, chunk, flow, side)
        if picked is None:
            return
        rows, group = picked.rows, columns.group("flow")
        each = zip(
            rows.tolist(), flow[rows].tolist(), side[rows].tolist(),
            group["tcp_flags"][rows].tolist(), group["seq"][rows].tolist(),
            group["ack"][rows].tolist(), picked.size.tolist(), picked.begin.tolist(),
            picked.end.tolist(), chunk.time_ns[rows].tolist(), picked.is_part.tolist(),
            strict=True,
        )  # fmt: skip
        memory = memoryview(chunk.data)
        readings, log = self._readings, self._log
        before = len(log)
        for row, number, way, bits, seq, ack, length, first, last, time_ns, is_part in each:
            reading = readings.get(number)
            if reading is None:
                if not self._lanes.is_read[number]:
                    continue
                reading = readings[number] = self._begun(number)
            packet = start + row
            talk = reading.talk
            if talk is not None and reading.delivery is None and bits & _PLAIN == ACK:
                # As Reading.segment would, of most packets: in order, whole, none lacks.
                following = reading.following
                is_next = seq == following[way] and length == last - first
                if is_next and not reading.ended[way] and 0 <= following[1 - way] - ack < _HALF:
                    reading.acked[1 - way] = True
                    if length:
                        reading.given[way] = True
                        following[way] = (seq + length) & _MOST
                        made = talk.feed(
                            reading.sides[way], memory[first:last].tobytes(), time_ns, packet
                        )
                        if made:
                            log += made
                        if talk.is_over:
                            self._end(number)
                    continue
            if not reading.is_stream:
                lacking = length - (last - first) + is_part
                log += reading.datagram(way, memory[first:last].tobytes(), lacking, time_ns, packet)
            elif reading.delivery is not None:
                reading.last = packet
                fresh.add(number)
                if bits & RST:
                    reading.reset(way, seq, packet, time_ns)
                continue
            else:
                knew = reading.known
                found = reading.segment(
                    way, bits, seq, ack, length, memory[first:last], time_ns, packet
                )
                if found is None:
                    reading.delay(packet)
                    reading.last = packet
                    fresh.add(number)
                    if bits & RST:
                        reading.reset(way, seq, packet, time_ns)
                    continue
                log += found
                if not knew[way] and reading.knows(way):
                    knew[way] = self._lanes.knows[2 * number + way] = True
                if bits & FIN and all(reading.ended):
                    if reading.talk is not None:
                        log += reading.talk.finish()  # nothing more can come
                    self._end(number)
                    continue
            talk = reading.talk
            if talk is not None and talk.is_over:
                self._end(number)
        self._seen += [start + len(flow)] * (len(log) - before)

    def _begun(self, number: int) -> Reading:
        flows = self._flows
        assert flows is not None
        reading = Reading(number, int(flows.proto[number]) == TCP, self._opened)
        reading.sides = SIDES[::-1] if flows.client_side[number] else SIDES
        return reading

    def _opened(self, reading: Reading) -> Talk:
        """The conversation of a flow that says something; by now it is known who is who."""
        flows = self._flows
        assert flows is not None
        reading.sides = SIDES[::-1] if flows.client_side[reading.flow] else SIDES
        return self._talk(reading.flow)

    def _talk(self, number: int) -> Talk:
        assert self._flows is not None
        return talk_of(self._flows, number, self._decoders, number not in self._left)

    def _end(self, number: int) -> None:
        """Nothing of a flow is read any more."""
        self._lanes.is_read[number] = False
        self._late.pop(number, None)
        self._readings.pop(number, None)

    # --- what is out of order ---

    def _deliver(
        self, parts: Sequence[Stretch], flows: FlowColumns, members: Belonging, fresh: set[int],
        is_final: bool, now_ns: int,
    ) -> None:  # fmt: skip
        """Give on what has become readable of flows out of order."""
        due = {
            number
            for number, since in self._late.items()
            if is_final or (now_ns - since >= PATIENCE_NS)
        }
        wanted = sorted(number for number in fresh | due if number in self._readings)
        if not wanted:
            return
        before = len(self._log)
        firsts = {number: self._wants(number) for number in wanted}
        for numbers in _together(wanted, firsts):
            least = min(firsts[number] for number in numbers)
            some = [part for part in parts if part[0] + len(part[2]) > least]
            chosen = np.array(numbers, np.intp)
            segments = segments_of(_Part(some, flows, members), flows, chosen)
            for number in numbers:
                reading = self._readings[number]
                own = segments.of(number)
                self._log += reading.deliver(own, is_final, now_ns)
                if reading.is_over:
                    self._end(number)
                elif reading.delivery is None:
                    self._late.pop(number, None)
                elif number in fresh:
                    self._late[number] = now_ns
                elif now_ns - self._late[number] > _OVER_NS:
                    del self._late[number]
        self._seen += [self.total] * (len(self._log) - before)

    def _wants(self, number: int) -> int:
        reading = self._readings[number]
        assert reading.delivery is not None
        return min(reading.delivery.wants, reading.last)

    def _finish(self) -> None:
        before = len(self._log)
        for reading in self._readings.values():
            if reading.talk is not None:
                self._log += reading.talk.finish()
        self._seen += [self.total] * (len(self._log) - before)
        self._readings.clear()
        self._late.clear()
        self._lanes.is_read[:] = False
        self.is_final = True

    def _forget(self, first: int) -> None:
        """Let go of messages and conversations whose packets were."""
        if self._seen and self._seen[0] <= first:
            count = int(np.searchsorted(self._seen, first, "right"))
            if (8 if count > _MANY else 2) * count >= len(self._seen):  # what is behind moves
                del self._log[:count], self._seen[:count]
                self._dropped += count
        before = len(self._log)
        for number, reading in [*self._readings.items()]:
            if self._lanes.seen[number] < first:
                self._leave(number, reading)
            elif reading.talk is not None:
                reading.talk.forget(first)
        self._seen += [first] * (len(self._log) - before)

    def _leave(self, number: int, reading: Reading) -> None:
        """Let go of a conversation that has no packet any more."""
        if reading.talk is not None:
            self._log += reading.talk.finish()
            self._left.add(number)
        del self._readings[number]
        self._late.pop(number, None)


def _first(parts: Iterable[Stretch], end: int) -> Iterator[Stretch]:
    """The packets before number ``end``."""
    for start, columns, chunk in parts:
        if start + len(chunk) <= end:
            yield start, columns, chunk
        elif start < end:
            yield start, columns[: end - start], chunk[: end - start]


def _last_ns(parts: Sequence[Stretch]) -> int:
    """The time of the last packet."""
    return next((int(chunk.time_ns[-1]) for _, _, chunk in reversed(parts) if len(chunk)), 0)


class _Part(Held):
    """Some of the packets that are read, once more."""

    def __init__(self, parts: Sequence[Stretch], flows: FlowColumns, members: Belonging) -> None:
        super().__init__(parts, flows)
        self._belonging = members

    def members(self) -> Any:
        return self._belonging


def talk_of(
    flows: FlowColumns, number: int, decoders: Iterable[type[Signs]], is_first: bool = True
) -> Talk:
    """A conversation for a flow of a table; not ``is_first``: one was before it."""
    is_stream = int(flows.proto[number]) == TCP
    ports = int(flows.server_port[number]), int(flows.client_port[number])
    seen = int(flows.flags_out[number]) | int(flows.flags_back[number])
    begun = not is_stream or (is_first and bool(seen & SYN))
    return Talk(
        "tcp" if is_stream else "udp", ports, begun, decoders, number,
        may_turn=int(flows.known_by[number]) >= BY_PORT, is_guarded=True,
        addresses=(flows.client[number].tobytes(), flows.server[number].tobytes()),
    )  # fmt: skip


def in_time(messages: Iterable[Message]) -> list[Message]:
    """Messages in the order of time."""
    return sorted(messages, key=lambda message: message.time_ns)


def _waiting_until(waiting: Sequence[Message], until_ns: int | None) -> Sequence[Message]:
    for message in waiting if until_ns is not None else ():
        message.__dict__["_until_ns"] = until_ns  # they are frozen
    return waiting


def _together(numbers: Sequence[int], firsts: dict[int, int]) -> Iterable[Sequence[int]]:
    """Flows looked at in one go: those that want few packets are not to wait for old ones."""
    if len(numbers) < 2:
        return [numbers]
    order = sorted(numbers, key=lambda number: firsts[number])
    middle = firsts[order[len(order) // 2]]
    old = [number for number in order if firsts[number] < middle]
    new = [number for number in order if firsts[number] >= middle]
    return [sorted(each) for each in (old, new) if each]
