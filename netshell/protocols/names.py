"""The names that DNS answers in a capture gave to addresses, by who got them and when.

Only answers are looked at: UDP datagrams whose header says that they are one, on any port, and the
streams of TCP port 53. Each packet is looked at once; what was added since, when a name is asked
for.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from netshell.flow.source import Source, Stretch
from netshell.packet.ip import address_text
from netshell.protocols.dns.answered import names_of
from netshell.protocols.dns.outline import SIZE

MOST = 1 << 18
"""Names that are remembered."""

_TCP, _UDP, _DOMAIN = 6, 17, 53
_STREAMS = 1000
"""DNS connections over TCP that are looked at."""

_MOST_STREAM = 1 << 20
"""Bytes of one of them."""


class _Told:
    """The names that one address got, in the order of time."""

    __slots__ = ("names", "times")

    def __init__(self) -> None:
        self.times: list[int] = []
        self.names: list[str] = []

    def add(self, time_ns: int, name: str) -> bool:
        if self.names and self.names[-1] == name and self.times[-1] <= time_ns:
            return False
        at = bisect_right(self.times, time_ns)
        self.times.insert(at, time_ns)
        self.names.insert(at, name)
        return True

    def by(self, time_ns: int) -> tuple[int, str] | None:
        """The last one before a time, and its own."""
        at = bisect_right(self.times, time_ns)
        return (self.times[at - 1], self.names[at - 1]) if at else None


class Names:
    """The names of one capture.

    >>> names = Names()                                                # doctest: +SKIP
    >>> names.name(source, "10.0.0.2", "192.0.2.1", flow.start_ns)     # doctest: +SKIP
    'www.example.org'
    """

    def __init__(self) -> None:
        self._told: dict[str, dict[str, _Told]] = {}  # by address, and by who asked
        self._count = 0
        self._seen = 0  # packets
        self._streams: dict[int, int] = {}  # TCP flows, and the packets that they had
        self._lock = threading.Lock()  # any thread may ask

    def name(self, source: Source, client: str, server: str, start_ns: int) -> str:
        """What a client had asked for when it turned to a server at a time: what it was told last
        before; else what any other was told last; else what the capture's file says; or nothing.
        """
        self.reach(source)
        told = self._told.get(server)
        if told is not None:
            with self._lock:
                mine = told[client].by(start_ns) if client in told else None
                found = mine or max(
                    filter(None, (each.by(start_ns) for each in told.values())), default=None
                )
            if found is not None:
                return found[1]
        return first_of(source.hosts, server)

    def reach(self, source: Source) -> None:
        """Look at the packets that were added."""
        total = source.total
        if total == self._seen:
            return
        with self._lock:
            for part in source.parts():
                start, _, chunk = part
                if start + len(chunk) > self._seen:
                    for client, data, time_ns in _answers(part, max(self._seen - start, 0)):
                        self._add(client, data, time_ns)
                    self._seen = start + len(chunk)
            self._seen = max(self._seen, total)
            if source.lasting:  # of a file that is walked, each stream would cost a walk
                for client, data, time_ns in self._streamed(source):
                    self._add(client, data, time_ns)

    def _add(self, client: str, data: bytes, time_ns: int) -> None:
        for address, name in names_of(data):
            if self._count < MOST:
                told = self._told.setdefault(address, {}).setdefault(client, _Told())
                self._count += told.add(time_ns, name)

    def _streamed(self, source: Source) -> Iterator[tuple[str, bytes, int]]:
        """The answers that servers at port 53 gave over TCP."""
        flows = source.flows
        numbers = np.flatnonzero((flows.proto == _TCP) & (flows.server_port == _DOMAIN))
        for number in numbers[-_STREAMS:].tolist():
            packets = int(flows.packets[number])
            if self._streams.get(number) != packets:
                self._streams[number] = packets
                client = address_text(flows.client[number].tobytes())
                for data, time_ns in _messages(source, number):
                    yield client, data, time_ns


def first_of(hosts: Mapping[str, Sequence[str]], address: str) -> str:
    """The first name of an address, or nothing."""
    return next(iter(hosts.get(address, ())), "")


def _answers(part: Stretch, first: int) -> Iterator[tuple[str, bytes, int]]:
    """Who was sent what could be a DNS answer, its bytes, and when."""
    _, columns, chunk = part
    group = columns.group("flow")
    proto: NDArray[np.int16] = group["proto"][first:]
    rows = np.flatnonzero((proto == _UDP) & (group["payload_len"][first:] >= SIZE + 5)) + first
    if not len(rows):
        return
    begin = chunk.offset[rows] + group["payload_offset"][rows]
    size = group["payload_len"][rows].astype(np.int64)
    is_whole = group["payload_offset"][rows] + size <= chunk.captured_len[rows]
    rows, begin, size = rows[is_whole], begin[is_whole], size[is_whole]
    data = chunk.data
    # An answer (QR) to a query that went well, with at most one question.
    fits = ((data[begin + 2] & 0xF8) == 0x80) & ((data[begin + 3] & 0x4F) == 0)
    fits &= (data[begin + 4] == 0) & (data[begin + 5] <= 1)
    rows, begin, size = rows[fits], begin[fits], size[fits]
    clients, times = columns[rows].dst, chunk.time_ns[rows].tolist()
    for which, (at, length) in enumerate(zip(begin.tolist(), size.tolist(), strict=True)):
        client = address_text(clients[which].tobytes())
        yield client, data[at : at + length].tobytes(), times[which]


def _messages(source: Source, number: int) -> Iterator[tuple[bytes, int]]:
    """What a server said over TCP, message by message, to the first gap."""
    from netshell.flow.delivery import Delivery
    from netshell.flow.segments import segments_of

    held = bytearray()
    fed = 0
    for heard in Delivery().feed(segments_of(source, source.flows, number), final=True):
        if heard.side != "server":
            continue
        if heard.lacking or fed > _MOST_STREAM:
            return
        held += heard.data
        fed += len(heard.data)
        while len(held) >= 2 and len(held) >= (held[0] << 8 | held[1]) + 2:
            size = (held[0] << 8 | held[1]) + 2
            yield bytes(held[2:size]), heard.time_ns
            del held[:size]
