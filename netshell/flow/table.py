"""The flow table: every conversation of a capture, as columns, built a stretch at a time.

A flow is what goes between two endpoints (address and port) over one protocol; TCP ports used
again are another flow (:mod:`netshell.flow.reuse`). Every packet with an IP header is in one: later
fragments in that of the first one (:mod:`netshell.flow.fragments`), others without ports (ICMP,
headers cut short) in that of their addresses and protocol.

:class:`FlowTable` is fed in capture order. Invariant: what it holds does not depend on where the
stretches were cut. Flows are numbered by their first packets. It keeps some 300 bytes a flow and
none a packet: :func:`packets_of` finds a flow's packets when they are wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.flow.flow_columns import BY_FIRST, BY_PORT, BY_SYN, BY_SYN_ACK
from netshell.flow.flow_columns import NEVER as NEVER
from netshell.flow.flow_columns import FlowColumns as FlowColumns
from netshell.flow.fragments import Fragments, ports
from netshell.flow.index import in_order
from netshell.flow.pairs import Numbered, Pairs
from netshell.flow.reuse import ACK, RST, SYN, UNKNOWN, evidence, first_in, last_in, new_starts
from netshell.packet.columns import BITS, Columns, Group

Numbers = Callable[[NDArray[np.intp]], tuple[Any, Any]]
"""Sequence and acknowledgment numbers of rows."""

Observer = Callable[[NDArray[np.int32], NDArray[np.int8]], object]

_BLOCK = 1 << 16
"""Packets worked on together: enough to share what a call costs, few enough for the cache."""

_TCP = 6
_NONE = 1 << 30  # behind every flow's number
_ABSENT = np.int16(-0x8000)  # the bit that flags have where there are none
_WELL_KNOWN, _EPHEMERAL = 1024, 32768  # RFC 6335 section 6; where Linux begins to pick ports

_STATE: dict[str, tuple[str, int, int]] = {  # dtype, sides, value at first
    "pair": ("int32", 1, 0),
    "first": ("int64", 1, 0),  # number of its first packet
    "end": ("int64", 1, -1),  # number of the first packet of the next flow on its ports; -1: none
    "first_side": ("int8", 1, 0),
    "client": ("int8", 1, UNKNOWN),  # the side that SYNs make the client
    "syn_seen": ("bool", 1, 0),  # one of them the client's own
    "first_ns": ("int64", 1, 0),
    "last_ns": ("int64", 1, 0),
    "packets": ("int64", 2, 0),
    "bytes": ("int64", 2, 0),
    "flags": ("int16", 2, 0),
    "base": ("int64", 2, UNKNOWN),  # what each side counts from (flow.reuse)
    "syn_ns": ("int64", 1, NEVER),  # the client's last SYN before the SYN,ACK
    "syn_ack_ns": ("int64", 1, NEVER),  # the server's first
    "ack_ns": ("int64", 1, NEVER),  # the client's first behind it
    "watched": ("bool", 1, 0),  # whether its next packet may tell something new of the above
}


class FlowTable:
    """The flows of the packets given so far.

    >>> table = FlowTable()
    >>> table.extend(decode(chunk))
    >>> table.columns().bytes_out
    """

    def __init__(self, observer: Observer | None = None) -> None:
        """``observer`` is told each packet's flow (-1: none) and side, in capture order."""
        self._observer = observer
        self._hidden = _NONE  # the flow of the packets without an IP header, once there is one
        self.packets = 0
        """Packets given so far."""
        self._skipped = 0
        self._count = 0
        self._pairs = Pairs()
        self._fragments = Fragments()
        self._current = np.zeros(0, np.intp)  # the last flow of each pair
        self._state = _fresh(64)

    @property
    def without_ip(self) -> int:
        """Packets that are in no flow, for want of an IP header."""
        return self.packets - self._skipped - int(self.columns().packets.sum())

    def skip(self, count: int) -> None:
        """Packets that were let go before they were given: they keep their numbers."""
        self.packets += count
        self._skipped += count

    def extend(self, columns: Columns) -> None:
        """Take the next N packets into account; raises nothing."""
        for at in range(0, len(columns), _BLOCK):
            part = columns[at : at + _BLOCK]
            self._extend(part, partial(_numbers, part.group("flow")))

    def _extend(self, columns: Columns, numbers: Numbers) -> None:
        numbered = self._pairs.number(self._fragments.filled(columns))
        pair, side = numbered.pair, numbered.side.view(np.int8)
        if self._pairs.count > len(self._current):
            room = np.zeros(max(self._pairs.count, 2 * len(self._current)), np.intp)
            room[: len(self._current)] = self._current
            self._current = room
        flags, time = columns.tcp_flags, columns.time_ns
        again = self._used_again(flags, numbers, pair, side, numbered)
        starts = np.concatenate([numbered.fresh_at, again])
        starts.sort()
        self._grow(len(starts))
        made = np.arange(self._count, self._count + len(starts))
        self._count += len(starts)
        self._current[numbered.fresh] = made[np.searchsorted(starts, numbered.fresh_at)]
        flow = self._current.take(pair)
        if len(again):
            self._divide(flow, pair, again, made[np.searchsorted(starts, again)])
        state = self._state
        state["pair"][made] = pair[starts]
        state["first"][made] = self.packets + starts
        state["first_side"][made] = side[starts]
        state["first_ns"][made] = state["last_ns"][made] = time[starts]
        state["watched"][made] = columns.proto[starts] == _TCP
        if self._observer is not None:
            self._tell(columns, flow, side, self._observer)
        self._count_up(time, columns.wire_len, flags, flow, side)
        self.packets += len(columns)
        state["watched"][flow[np.flatnonzero((flags & (_ABSENT | SYN)) == SYN)]] = True
        watched = np.flatnonzero(state["watched"].take(flow))
        if len(watched):
            rows = in_order(flow[watched], watched)
            self._learn(rows, time[rows], flags[rows], flow[rows], side[rows], numbers)

    def _tell(self, columns: Columns, flow: Any, side: Any, observer: Observer) -> None:
        """Flows by the numbers that :meth:`columns` gives them."""
        bare = np.flatnonzero(columns.group("flow")["ip_version"] == 0)
        if len(bare):
            self._hidden = int(flow[bare[0]])
        told = (flow - (flow > self._hidden)).astype(np.int32)
        told[bare] = -1
        observer(told, side)

    def _count_up(self, time: Any, size: Any, flags: Any, flow: Any, side: Any) -> None:
        """What is a sum, an extreme or a union over a flow's packets."""
        state = self._state
        way = 2 * flow.astype(np.intp) + side
        np.add.at(state["packets"].reshape(-1), way, 1)
        np.add.at(state["bytes"].reshape(-1), way, size.astype(np.int64))
        if (time[1:] >= time[:-1]).all():
            last = state["last_ns"]
            before = last[flow]
            last[flow] = time  # of several, the last one stays
            late = np.flatnonzero(before > time)
            if len(late):
                np.maximum.at(last, flow[late], before[late])
                np.minimum.at(state["first_ns"], flow[late], time[late])
        else:
            np.maximum.at(state["last_ns"], flow, time)
            np.minimum.at(state["first_ns"], flow, time)
        seen = state["flags"].reshape(-1)
        new = np.flatnonzero(flags & ~seen.take(way) > 0)
        np.bitwise_or.at(seen, way[new], flags[new])

    # --- ports used again ---

    def _used_again(
        self, flags: Any, numbers: Numbers, pair: Any, side: Any, numbered: Numbered
    ) -> NDArray[np.intp]:
        """The rows of SYNs that start another flow on a pair that already has one."""
        bare = (flags & (_ABSENT | SYN | ACK)) == SYN
        bare[numbered.fresh_at] = False
        suspects = np.flatnonzero(bare)
        if not len(suspects):
            return suspects
        marked = np.zeros(self._pairs.count, np.bool_)
        marked[pair[suspects]] = True
        rows = np.flatnonzero(marked[pair])
        rows = in_order(pair[rows], rows)
        known = pair[rows] < self._pairs.count - len(numbered.fresh)
        base = self._state["base"][self._current[pair[rows]]]
        carried = np.where(known[:, None], base, UNKNOWN)
        return rows[new_starts(pair[rows], side[rows], flags[rows], *numbers(rows), carried)]

    def _divide(self, flow: Any, pair: Any, again: Any, made: Any) -> None:
        """Give the packets behind each new start their own flow, and end the one before."""
        starts_flow = np.full(len(pair), -1, np.intp)
        starts_flow[again] = made
        marked = np.zeros(self._pairs.count, np.bool_)
        marked[pair[again]] = True
        rows = np.flatnonzero(marked[pair])
        rows = in_order(pair[rows], rows)
        value = starts_flow[rows]
        begin = np.diff(pair[rows], prepend=-1) != 0
        old = begin & (value < 0)
        value[old] = flow[rows[old]]
        index = np.maximum.accumulate(np.where(value >= 0, np.arange(len(rows)), 0))
        value = value[index]
        previous = np.where(begin, flow[rows], np.concatenate([value[:1], value[:-1]]))
        flow[rows] = value
        ending = np.flatnonzero(starts_flow[rows] >= 0)
        self._state["end"][previous[ending]] = self.packets + rows[ending]
        last = np.flatnonzero(np.diff(pair[rows], append=-1) != 0)
        self._current[pair[rows[last]]] = value[last]

    # --- beginnings and handshakes ---

    def _learn(
        self, rows: Any, time: Any, flags: Any, flow: Any, side: Any, numbers: Numbers
    ) -> None:
        """What the first segments of connections tell; sorted by flow, each in capture order."""
        state = self._state
        begin = np.flatnonzero(np.diff(flow, prepend=-1) != 0)
        end = np.append(begin[1:], len(flow))
        flows, sizes = flow[begin], end - begin
        is_tcp = flags >= 0
        bare = is_tcp & ((flags & (SYN | ACK)) == SYN)
        answer = is_tcp & ((flags & (SYN | ACK)) == (SYN | ACK))
        # What a side counts from: its last SYN,ACK says it, else what is seen of it first.
        places = np.empty((2, len(flows)), np.intp)
        for which in (0, 1):
            own = side == which
            first = first_in(is_tcp & (own | ((flags & ACK) > 0)), begin, end)
            last = last_in(answer & own, begin, end)
            known = state["base"][flows, which] != UNKNOWN
            places[which] = np.where(last >= 0, last, np.where(known, -1, first))
        ways, told = np.nonzero(places >= 0)
        at = places[ways, told]
        _, value = evidence(flags[at], *numbers(rows[at]), side[at] == ways)
        state["base"][flows[told], ways] = value
        implied = np.where(bare, side, 1 - side)
        client = state["client"][flows]
        client = _first_known(client, UNKNOWN, implied, bare | answer, begin, end)
        state["client"][flows] = client
        by_client = side == np.repeat(client, sizes)
        by_server = side == np.repeat(1 - client, sizes)
        asked = bare & by_client
        state["syn_seen"][flows] |= last_in(asked, begin, end) >= 0
        # Until the SYN,ACK the last SYN counts (RFC 6298 leaves it open which one was answered).
        answered = state["syn_ack_ns"][flows]
        first = np.where(answered == NEVER, first_in(answer & by_server, begin, end), -1)
        until = np.where(first >= 0, first, np.where(answered == NEVER, end, begin))
        last = last_in(asked, begin, until)
        state["syn_ns"][flows] = np.where(last >= 0, time[last], state["syn_ns"][flows])
        answered = np.where(first >= 0, time[first], answered)
        state["syn_ack_ns"][flows] = answered
        done = state["ack_ns"][flows]
        third = by_client & is_tcp & ((flags & (SYN | ACK | RST)) == ACK)
        found = first_in(third, np.where(first >= 0, first, begin), end)
        found = np.where((done == NEVER) & (answered != NEVER), found, -1)
        done = np.where(found >= 0, time[found], done)
        state["ack_ns"][flows] = done
        waiting = (answered != NEVER) & (done == NEVER)
        state["watched"][flows] = waiting | (state["base"][flows] == UNKNOWN).any(axis=1)

    # --- the result ---

    def columns(self) -> FlowColumns:
        """The flows of this moment; what is given later does not change it."""
        state = {name: array[: self._count] for name, array in self._state.items()}
        addresses, ports, proto, version = self._pairs.ends(state["pair"])
        if not version.all():  # the packets without an IP header
            shown = np.flatnonzero(version)
            state = {name: array[shown] for name, array in state.items()}
            addresses, ports, proto = addresses[shown], ports[shown], proto[shown]
            version = version[shown]
        client, known_by = _clients(state, ports)
        each = np.arange(len(client))
        server = 1 - client
        return FlowColumns(
            client=addresses[each, client],
            client_port=ports[each, client],
            server=addresses[each, server],
            server_port=ports[each, server],
            ip_version=version,
            proto=proto,
            known_by=known_by,
            packets_out=state["packets"][each, client],
            packets_back=state["packets"][each, server],
            bytes_out=state["bytes"][each, client],
            bytes_back=state["bytes"][each, server],
            first_ns=state["first_ns"].copy(),
            last_ns=state["last_ns"].copy(),
            flags_out=state["flags"][each, client],
            flags_back=state["flags"][each, server],
            syn_ns=state["syn_ns"].copy(),
            syn_ack_ns=state["syn_ack_ns"].copy(),
            ack_ns=state["ack_ns"].copy(),
            first=state["first"].copy(),
            end=state["end"].copy(),
            client_side=client.astype(np.int8),
            base_out=state["base"][each, client],
            base_back=state["base"][each, server],
        )

    def _grow(self, more: int) -> None:
        """Room for so many flows more."""
        needed, room = self._count + more, len(self._state["first"])
        if needed <= room:
            return
        grown = _fresh(max(needed, 2 * room))
        for name, array in self._state.items():
            grown[name][:room] = array
        self._state = grown


def packets_of(
    columns: Columns, number: int, flows: FlowColumns, flow: int, fragments: Fragments
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The numbers of one flow's packets among N, and which of them the client sent.

    ``number`` is that of the first of the N; ``fragments`` went through those before them, from
    the flow's first packet on.
    """
    client_port, server_port = flows.client_port[flow], flows.server_port[flow]
    client, server = flows.client[flow], flows.server[flow]
    begin = max(int(flows.first[flow]) - number, 0)
    end = len(columns) if flows.end[flow] < 0 else max(int(flows.end[flow]) - number, 0)
    part = columns[begin:end]
    sport, dport = ports(fragments.filled(part))
    out = (sport == client_port) & (dport == server_port)
    back = (sport == server_port) & (dport == client_port)
    same = (part.proto == flows.proto[flow]) & (part.ip_version == flows.ip_version[flow])
    rows = np.flatnonzero((out | back) & same)
    few = part[rows]
    source, target = few.src, few.dst
    sent = out[rows] & (source == client).all(axis=1) & (target == server).all(axis=1)
    answered = back[rows] & (source == server).all(axis=1) & (target == client).all(axis=1)
    among = sent | answered
    return rows[among] + (begin + number), sent[among]


def _numbers(group: Group, rows: Any) -> tuple[Any, Any]:
    """The sequence and acknowledgment numbers of some packets; -1 where they are missing."""
    known = group["mask"][rows]
    seq, ack = (
        np.where(known & BITS[name] > 0, group[name][rows].astype(np.int64), -1)
        for name in ("seq", "ack")
    )
    return seq, ack


def _fresh(room: int) -> dict[str, NDArray[Any]]:
    return {
        name: np.full(room if sides == 1 else (room, sides), value, dtype)
        for name, (dtype, sides, value) in _STATE.items()
    }


def _first_known(carried: Any, unknown: int, value: Any, shown: Any, begin: Any, end: Any) -> Any:
    """What each flow had, else its first value shown."""
    first = first_in(shown, begin, end)
    return np.where(carried != unknown, carried, np.where(first >= 0, value[first], unknown))


def _clients(state: dict[str, NDArray[Any]], ports: Any) -> tuple[Any, Any]:
    """Which side of each flow is the client, and how that is known."""
    client = state["first_side"].astype(np.intp)
    known_by = np.full(len(client), BY_FIRST, np.int8)
    for limit in (_EPHEMERAL, _WELL_KNOWN):  # the surer one last
        service = (ports >= 0) & (ports < limit)
        told = service[:, 0] != service[:, 1]
        told &= (ports >= 0).all(axis=1)
        client = np.where(told, service[:, 0].astype(np.intp), client)
        known_by[told] = BY_PORT
    told = state["client"] >= 0
    client = np.where(told, state["client"], client).astype(np.intp)
    known_by[told] = np.where(state["syn_seen"][told], BY_SYN, BY_SYN_ACK)
    return client, known_by
