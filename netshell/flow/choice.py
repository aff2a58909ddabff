"""Which flows are meant, and in which order: what ``where()``, ``sort()`` and ``top()`` take."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netshell.errors import BadArgument, brief
from netshell.flow import ending
from netshell.flow.ending import PHRASES
from netshell.flow.flow import KNOWN_BY
from netshell.flow.given import is_word, nearest, whole_number
from netshell.flow.kept import DetailTable
from netshell.flow.reuse import FIN, RST
from netshell.flow.source import Source
from netshell.flow.state import State
from netshell.flow.table import NEVER, FlowColumns
from netshell.packet.ip import PROTOCOLS

if TYPE_CHECKING:
    from netshell.flow.segments import Segments

Chosen = NDArray[np.intp]
Mask = NDArray[np.bool_]

_TCP = 6


# --- orders -------------------------------------------------------------------------------------


def order(columns: FlowColumns, details: DetailTable, chosen: Chosen, by: str) -> NDArray[Any]:
    """What some flows are ordered by, a number of each; -1 where it is not known.

    Raises BadArgument for an order that does not exist.
    """
    if not is_word(by):
        raise BadArgument(f"order {brief(by)}", next_step=nearest("", ORDERS))
    if by in _OF_COLUMNS:
        values: NDArray[Any] = _OF_COLUMNS[by](columns)[chosen]
        return values
    names = _OF_DETAILS.get(by)
    if names is None:
        raise BadArgument(f"order {by!r}", next_step=nearest(by, ORDERS))
    found = details.take(chosen, names).values()
    known = [np.where(data.missing, 0, data.values) for data in found]
    nowhere = np.logical_and.reduce([data.missing for data in found])
    whole: NDArray[Any] = np.where(nowhere, -1, np.sum(known, axis=0))
    if by == "rtt":
        shaken = _handshake(columns)[chosen]
        whole = np.where(shaken >= 0, shaken, whole)
    return whole


def _handshake(columns: FlowColumns) -> NDArray[Any]:
    seen = (columns.syn_ns != NEVER) & (columns.ack_ns != NEVER)
    return np.where(seen, columns.ack_ns - np.where(seen, columns.syn_ns, 0), -1e6) / 1e6


_OF_COLUMNS: dict[str, Callable[[FlowColumns], NDArray[Any]]] = {
    "bytes": lambda columns: columns.bytes_out + columns.bytes_back,
    "sent": lambda columns: columns.bytes_out,
    "received": lambda columns: columns.bytes_back,
    "packets": lambda columns: columns.packets,
    "start": lambda columns: columns.first_ns,
    "last": lambda columns: columns.last_ns,
    "duration": lambda columns: columns.last_ns - columns.first_ns,
    "handshake": _handshake,
}

_OF_DETAILS = {
    "wait": ("longest_wait_ms",),
    "first byte": ("first_byte_ms",),
    "rtt": ("client_data_rtt_min_ms", "server_data_rtt_min_ms"),
    "data rtt": ("client_data_rtt_ms", "server_data_rtt_ms"),
    "retransmitted": ("client_retransmitted_packets", "server_retransmitted_packets"),
    "findings": ("finding_count",),
    "payload": ("client_unique_bytes", "server_unique_bytes"),
    "throughput": ("client_bytes_per_s", "server_bytes_per_s"),
}

ORDERS = (*_OF_COLUMNS, *_OF_DETAILS)
"""What flows can be ordered by."""

SLOW = ("wait", "first byte", "rtt", "handshake", "data rtt", "duration")
"""Those of them that are times somebody waits."""


# --- choosing -----------------------------------------------------------------------------------


def with_port(columns: FlowColumns, port: object) -> Mask:
    """Which flows have an end with that port, or with one of several."""
    several = isinstance(port, Iterable) and not isinstance(port, str | bytes)
    ports: list[int] = []
    for each in port if several else [port]:  # type: ignore[attr-defined]
        ports.append(whole_number(each, "port", _PORTS, most=65535))
        if len(ports) > 65536:  # a generator may have no end
            raise BadArgument("more ports than there are", next_step=_PORTS)
    found: Mask = np.isin(columns.client_port, ports) | np.isin(columns.server_port, ports)
    return found


_PORTS = "use numbers from 0 to 65535: 443, or [80, 443]"


def with_host(columns: FlowColumns, host: object, *ends: str) -> Mask:
    """Which flows have an end ("client", "server") in an address or a network."""
    try:
        network = ip_network(str(host), strict=False)
    except ValueError as error:
        raise BadArgument(
            f"{ends[0] if len(ends) == 1 else 'host'} {brief(host, 80)}",
            why="it is no address and no network",
            next_step='use an address or a network: "10.0.0.1", "10.0.0.0/8"',
        ) from error
    wanted, mask = _octets(network.network_address), _octets(network.netmask)
    if isinstance(network, IPv4Network):
        mask[:12] = 0xFF
    found = np.zeros(len(columns), np.bool_)
    for end in ends:
        found |= (getattr(columns, end) & mask == wanted).all(axis=1)
    found &= columns.ip_version == (6 if isinstance(network, IPv6Network) else 4)
    return found


def with_proto(columns: FlowColumns, proto: str | int) -> Mask:
    found: Mask = columns.proto == _number(proto)
    return found


def known_as(columns: FlowColumns, known_by: str) -> Mask:
    if not is_word(known_by) or known_by not in KNOWN_BY:
        raise BadArgument(f"known_by {known_by!r}", next_step=nearest(known_by, KNOWN_BY))
    found: Mask = columns.known_by == KNOWN_BY.index(known_by)
    return found


def with_finding(details: DetailTable, chosen: Chosen, kind: str) -> Mask:
    """Which of some flows have a finding of a kind."""
    from netshell.flow.findings import FINDINGS

    kinds = [rule.kind for rule in FINDINGS]
    if not is_word(kind) or kind not in kinds:
        raise BadArgument(f"finding {kind!r}", next_step=nearest(kind, kinds))
    return details.having(kind, chosen)


def ended_so(details: DetailTable, chosen: Chosen, ended: str) -> Mask:
    """Which of some flows ended in a way whose phrase has these words: "RST", "no answer"."""
    meant = [bool(phrase) and str(ended).lower() in phrase.lower() for phrase in PHRASES]
    if not any(meant) or not ended:
        raise BadArgument(f"ended {ended!r}", next_step=nearest(ended, ENDINGS))
    found = details.take(chosen, ["ended"])["ended"]
    mask: Mask = np.array(meant)[found.values]
    return mask


ENDINGS = (
    "FIN", "FIN by client", "unacknowledged", "RST", "RST by server", "refused", "aborted",
    "cut off", "unknown there", "no answer", "unfinished", "timeout", "still open",
)  # fmt: skip
"""Words of the phrases that say how a flow ended."""

_WITHOUT_FIN = (
    State.LISTEN, State.SYN_SENT, State.SYN_RECEIVED, State.ESTABLISHED, State.CLOSED
)  # fmt: skip
_BEHIND = (State.CLOSED, State.TIME_WAIT, State.LAST_ACK, State.CLOSING)


def in_state(source: Source, columns: FlowColumns, chosen: Chosen, text: object) -> Mask:
    """Which of some flows have an end in a state, when the capture ended or now.

    Each is followed, which takes about a millisecond, unless its flags or its plain end tell.
    """
    from netshell.flow.plain import NOT_PLAIN, STATES, plain_states
    from netshell.flow.segments import segments_of
    from netshell.flow.tracker import TIME_WAIT_NS, end_ns, states_at, track

    state = State.parse(str(text))
    possible = (columns.proto[chosen] == _TCP) & (columns.client_port[chosen] >= 0)
    if state not in _WITHOUT_FIN:
        possible &= ((columns.flags_out | columns.flags_back)[chosen] & FIN) > 0
    mask = np.zeros(len(chosen), np.bool_)
    segments = segments_of(source, source.flows, np.unique(chosen[possible]))
    if not len(segments):
        return mask
    now = end_ns(segments)
    if state is State.TIME_WAIT:
        possible &= now - columns.last_ns[chosen] < TIME_WAIT_NS
    plain = segments.numbers[_closed_plainly(segments)]
    if state is State.CLOSED:  # the one that closed last
        mask[possible] = np.isin(chosen[possible], plain)
    if state is State.CLOSED or state not in _BEHIND:
        possible &= ~np.isin(chosen, plain)
    told = plain_states(segments)[np.searchsorted(segments.numbers, chosen[possible])]
    mask[possible] |= (told == STATES.index(state)).any(axis=1)
    possible[possible] = (told == NOT_PLAIN).any(axis=1)
    rows = np.flatnonzero(possible)
    for row, number in zip(rows.tolist(), chosen[rows].tolist(), strict=True):
        one = segments.of(number)
        if len(one):
            mask[row] = state in states_at(track(one, now), now)
    return mask


def _closed_plainly(segments: Segments) -> Mask:
    """Which flows end with the last of two FINs' acknowledgments, each FIN sent once, no RST."""
    ends = ending.endings(segments)
    begin, end = segments.begin[:-1], segments.begin[1:]
    counts = []
    for flag in (FIN, RST):
        count = np.append(0, np.cumsum((segments.flags & flag) > 0))
        counts.append(count[end] - count[begin])
    plain: Mask = (ends.kind == ending.CLOSED) & (counts[0] == 2) & (counts[1] == 0)
    plain &= (ends.acked.max(axis=1) == end - 1) & (ends.acked.min(axis=1) >= 0)
    return plain


def _number(proto: str | int) -> int:
    for number, name in PROTOCOLS.items():
        if isinstance(proto, str) and name.lower() == proto.lower():
            return number
    use = 'a number from 0 to 255, or a name such as "tcp", "udp", "icmp"'
    if isinstance(proto, str):
        raise BadArgument(f"protocol {brief(proto)}", next_step=use)
    return whole_number(proto, "protocol", use, most=255)


def _octets(address: IPv4Address | IPv6Address) -> NDArray[np.uint8]:
    whole = address.packed if address.version == 6 else b"\0" * 10 + b"\xff\xff" + address.packed
    return np.frombuffer(whole, np.uint8).copy()
