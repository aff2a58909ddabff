"""Which bytes of a packet's payload are secrets of the messages of its flow, wherever it was cut.

What one payload says by itself does not tell that it begins amid a password. Asked of a capture
that has ended, its flow's messages do; of a running one, or a flow of very many bytes, reading all
of it to print a packet would cost too much.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from netshell.capture.capture import Capture
from netshell.flow.sides import SIDES
from netshell.flow.source import Members
from netshell.packet.packet import Packet
from netshell.packet.payload import Places
from netshell.protocols.spoken import of_flow

_TCP = 6
_MOST = 1 << 12  # flows that are remembered
_LONG = 1 << 26  # bytes of a flow, which would have to be read to look at one packet


class _Known:
    """The secrets of a capture's flows, found flow by flow."""

    def __init__(self, members: Members, total: int) -> None:
        self.members, self.total = members, total
        self.flows: dict[int, dict[int, Places]] = {}


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
        known.flows[flow] = _of_flow(capture, flow)
    return known.flows[flow].get(packet.index, ())


def _of_flow(capture: Capture, number: int) -> dict[int, Places]:
    """The same of all packets of a flow that have any."""
    flow = capture.flows[number]
    found: dict[int, Places] = {}
    if flow.bytes > _LONG:
        return found
    for side in SIDES:
        if places := of_flow(flow, side):
            for packet, begin, end in flow.stream(side).carried(places):
                found[packet] = (*found.get(packet, ()), (begin, end))
    return found
