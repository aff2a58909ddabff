"""Which bytes of a packet's payload are secrets of the messages of its flow, wherever it was cut.

What one payload says by itself does not tell that it begins amid a password. Asked of a capture
that has ended, its flow's messages do; of a running one, or a flow of very many bytes, reading all
of it to print a packet would cost too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from netshell.capture.capture import Capture
from netshell.flow.flow import Flow
from netshell.flow.sides import Side
from netshell.flow.source import Members
from netshell.flow.stream import Stream
from netshell.packet.packet import Packet
from netshell.packet.payload import Places
from netshell.protocols.api import Message

_TCP = 6
_MOST = 1 << 12  # flows that are remembered
_LONG = 1 << 26  # bytes of a flow, which would have to be read to look at one packet


class _FlowKnown:
    """The secrets of one flow's packets, message by message."""

    def __init__(self, flow: Flow) -> None:
        self._messages: Sequence[Message] = () if flow.bytes > _LONG else list(flow.messages)
        self._flow = flow
        self._streams: dict[Side, Stream] = {}
        self._places: dict[int, Places] = {}
        self._by_packet: dict[int, list[int]] = {}
        for at, message in enumerate(self._messages):
            for packet in message.packets:
                self._by_packet.setdefault(packet, []).append(at)
        self._unread = set(range(len(self._messages)))

    def of(self, packet: int) -> Places:
        own = self._by_packet.get(packet)
        # A packet of no message may repeat what is in any of them.
        for at in list(self._unread) if own is None else own:
            if at in self._unread:
                self._unread.discard(at)
                self._read(self._messages[at])
        return self._places.get(packet, ())

    def _read(self, message: Message) -> None:
        for side, begin, end in message.secrets:
            stream = self._streams.get(side)
            if stream is None:
                stream = self._streams[side] = self._flow.stream(side)
            for packet, first, last in stream.carried(((begin, end),)):
                self._places[packet] = (*self._places.get(packet, ()), (first, last))


class _Known:
    """The secrets of a capture's flows, found flow by flow."""

    def __init__(self, members: Members, total: int) -> None:
        self.members, self.total = members, total
        self.flows: dict[int, _FlowKnown] = {}


_known: WeakKeyDictionary[Any, _Known] = WeakKeyDictionary()


def of_packet(packet: Packet) -> Places:
    """Places in the payload of a packet, those that were sent again among them."""
    capture = packet.origin
    if not isinstance(capture, Capture) or packet.proto_number != _TCP or capture.running:
        return ()
    known = _known.get(capture)
    if known is None or known.total != len(capture):
        source, total = capture.source, len(capture)
        flows = source.flows  # asked first: members are those of flows that were looked for
        members = source.members()
        if members is None or not len(flows):
            return ()
        known = _known[capture] = _Known(members, total)
    flow = int(known.members.stretch(packet.index, 1)[0][0])
    if flow < 0:
        return ()
    if flow not in known.flows:
        if len(known.flows) >= _MOST:
            known.flows.clear()
        known.flows[flow] = _FlowKnown(capture.flows[flow])
    return known.flows[flow].of(packet.index)
