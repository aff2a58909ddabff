"""A capture's packets as flows, segments and findings look at them again.

Nothing is kept here: it is asked of the capture each time, so it is as old as the capture is then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from netshell.flow.source import Members, Source, Stretch
from netshell.flow.table import FlowColumns
from netshell.packet.packet import Packet

if TYPE_CHECKING:
    from netshell.capture.capture import Capture
    from netshell.capture.conversations import Conversations
    from netshell.capture.store import Store
    from netshell.protocols.messages import Messages
    from netshell.protocols.names import Names
    from netshell.protocols.queries import Queries


class InMemory:
    """The packets of a :class:`~netshell.capture.capture.Capture`."""

    lasting = True

    def __init__(self, capture: Capture, store: Store, conversations: Conversations) -> None:
        self._capture = capture
        self._store = store
        self._conversations = conversations

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled, or copied: the packets and flows of this moment."""
        flows = self.flows  # before the members: what comes meanwhile is in no flow
        return Snapshot, (self._capture, flows, self.members(), self.until_ns)

    def parts(self) -> Sequence[Stretch]:
        return [(part.start, part.columns, part.chunk) for part in self._store.parts()]

    def packet(self, number: int) -> Packet:
        return self._capture[number]

    @property
    def flows(self) -> FlowColumns:
        return self._conversations.reach(self._store.parts())

    def members(self) -> Members:
        return self._conversations.members()

    def messages(self, flow: int) -> Messages:
        return self._capture.spoken.of(self, flow)

    def queries(self, flow: int, reveal: bool = False) -> Queries:
        from netshell.capture.queried import queries

        found = self.messages(flow)
        waiting = self._capture.spoken.readings.waiting() if self.running else ()
        return queries(found, self, self._capture.owners, reveal, waiting)

    def name(self, client: str, server: str, start_ns: int) -> str:
        return self._capture.hostnames.name(self, client, server, start_ns)

    @property
    def running(self) -> bool:
        return self._capture.running

    @property
    def total(self) -> int:
        return self._store.total

    @property
    def until_ns(self) -> int | None:
        if self._capture._run is None:  # a file's packets, or chosen ones
            return None
        return self._store.ended_ns if self._store.ended else time.time_ns()

    @property
    def hosts(self) -> Mapping[str, Sequence[str]]:
        return self._capture.remarks.hosts


class Snapshot:
    """The same as they were at one moment, with a capture that has ended."""

    running = False
    lasting = True

    def __init__(
        self, capture: Capture, flows: FlowColumns, members: Members, until_ns: int | None
    ) -> None:
        self._capture, self._members = capture, members
        self.flows, self.until_ns = flows, until_ns

    def parts(self) -> Sequence[Stretch]:
        return [(part.start, part.columns, part.chunk) for part in self._capture._store.parts()]

    def packet(self, number: int) -> Packet:
        return self._capture[number]

    def members(self) -> Members:
        return self._members

    def messages(self, flow: int) -> Messages:
        return _alone(self, flow)

    def queries(self, flow: int, reveal: bool = False) -> Queries:
        from netshell.capture.queried import queries

        return queries(self.messages(flow), self, self._capture.owners, reveal)

    def name(self, client: str, server: str, start_ns: int) -> str:
        return self._capture.hostnames.name(self, client, server, start_ns)

    @property
    def total(self) -> int:
        return len(self._capture)

    @property
    def hosts(self) -> Mapping[str, Sequence[str]]:
        return self._capture.remarks.hosts


class Walked:
    """The packets of files, walked each time they are looked at; their flows were counted once."""

    running = False
    lasting = False
    until_ns = None
    hosts: Mapping[str, Sequence[str]] = MappingProxyType({})

    def __init__(
        self,
        walk: Callable[[], Iterable[Stretch]],
        packet: Callable[[int], Packet],
        flows: FlowColumns,
        total: int,
    ) -> None:
        self._walk, self._packet = walk, packet
        self.flows, self.total = flows, total
        self._names: Names | None = None

    def parts(self) -> Iterable[Stretch]:
        return self._walk()

    def packet(self, number: int) -> Packet:
        return self._packet(number)

    def members(self) -> None:
        return None

    def messages(self, flow: int) -> Messages:
        return _alone(self, flow)

    def queries(self, flow: int, reveal: bool = False) -> Queries:
        from netshell.capture.queried import queries

        return queries(self.messages(flow), self, None, reveal)

    def name(self, client: str, server: str, start_ns: int) -> str:
        from netshell.protocols.names import Names

        self._names = self._names or Names()
        return self._names.name(self, client, server, start_ns)


def _alone(source: Source, flow: int) -> Messages:
    """The messages of a flow of a capture that goes on no more."""
    from netshell.protocols.messages import Messages
    from netshell.protocols.reading_alone import messages_of

    return Messages(messages_of(source, flow))
