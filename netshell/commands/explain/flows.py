"""Conversations explained: what a colleague would write about one, with its own numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.troubles import Troubles, stood_still
from netshell.commands.words import sentence
from netshell.errors import Unavailable
from netshell.flow.facts import rate
from netshell.flow.findings import rows_of
from netshell.flow.findings.running import Running
from netshell.flow.findings.turns import slow_turns
from netshell.flow.findings.words import amount, duration
from netshell.flow.flow import Flow
from netshell.flow.held import NONE_HELD, let_go
from netshell.flow.offers import DEFAULT_MSS
from netshell.flow.segments import Segments

_SURE = {"SYN": "", "SYN,ACK": "", "port": " (the client, by the ports)"}


_BACK_NS = 1_000_000
"""Packets of several queues are captured out of their order by less than that."""

_ITSELF = (
    "Both ends have the same address and port, so no packet tells which of them sent it: all count "
    "as the client's, and what findings, handshake and ending say of two sides does not hold here."
)


def flow(flow: Flow) -> Explanation:
    """The whole story: who, how it opened, how much, how fast, what went wrong, how it ended."""
    lines = [_who(flow)]
    if gone := let_go(flow):
        rest = "" if gone == NONE_HELD else ": what follows is about what is left"
        lines.append(sentence(gone + rest))
    segments = _segments(flow)
    if segments is None or not len(segments):
        lines.append(_amounts(flow))
        if flow.proto == "udp":
            lines.append("UDP opens and closes nothing, and sends nothing again by itself.")
        return Explanation("flow", str(flow), tuple(lines))
    if flow.client == flow.server:
        lines += [_amounts(flow), _ITSELF]
        return Explanation("flow", str(flow), tuple(lines), "RFC 9293")
    rows = rows_of(segments)
    lines += [*_opening(flow), *_traffic(flow), *_clock(segments)]
    troubles = Troubles(flow, segments, rows)
    lines += [*troubles.told(), *stood_still(rows.running), *_times(flow, rows.running, troubles)]
    lines += [_ending(flow, troubles), *troubles.advice()]
    return Explanation("flow", str(flow), tuple(lines), "RFC 9293")


def _segments(flow: Flow) -> Segments | None:
    """Its TCP segments; None for a flow made by hand."""
    try:
        return flow.segments
    except Unavailable:
        return None


def _who(flow: Flow) -> str:
    at = datetime.fromtimestamp(flow.start_ns // 10**9, UTC)
    sure = _SURE.get(flow.known_by, " (it sent the first packet seen)")
    lasted = duration(round(flow.duration_s * 1e9))
    return (
        f"{flow.client}{sure} talked to {flow.server} over {flow.proto} for {lasted}, from "
        f"{at:%Y-%m-%d %H:%M:%S} UTC on."
    )


def _amounts(flow: Flow) -> str:
    return (
        f"It sent {amount(flow.client_packets, 'packet')} ({amount(flow.client_bytes)}) and "
        f"received {amount(flow.server_packets, 'packet')} ({amount(flow.server_bytes)})."
    )


def _opening(flow: Flow) -> Iterator[str]:
    shaken = flow.handshake
    yield sentence(f"handshake: {shaken}")
    if shaken.client is not None and shaken.server is not None:
        default = DEFAULT_MSS[6 if ":" in flow.client.address else 4]
        one, other = (
            f"{default:,} (its SYN names none)" if each.mss is None else f"{each.mss:,} bytes (MSS)"
            for each in (shaken.client, shaken.server)
        )
        if shaken.client.mss is not None:
            other = other.removesuffix(" bytes (MSS)")
        yield f"Largest segments: the client takes {one}, the server {other}."


def _traffic(flow: Flow) -> Iterator[str]:
    """How much each side sent, how fast, and how soon it acknowledged what it got."""
    if not (flow.detail("client_unique_bytes") or flow.detail("server_unique_bytes")):
        yield "No data went either way."
        return
    for side, verb in (("client", "The client sent"), ("server", "The server sent")):
        payload, again = (
            flow.detail(f"{side}_{name}") for name in ("unique_bytes", "retransmitted_bytes")
        )
        if not payload:
            yield f"{verb} no data."
            continue
        speed = flow.detail(f"{side}_bytes_per_s")
        text = f"{verb} {amount(int(payload))}"
        if speed:
            text += f", {_speed(speed)} over the whole time"
        if again:
            text += f"; {amount(int(again))} were sent again"
        trip = flow.detail(f"{side}_data_rtt_ms")
        if trip is not None:
            least = flow.detail(f"{side}_data_rtt_min_ms")
            text += f". It acknowledged what it got after {_ms(trip)}"
            if _ms(trip) != _ms(least):
                text += f" in the median, {_ms(least)} at the least"
        yield text + "."


def _speed(bytes_per_s: float) -> str:
    """
    >>> _speed(3.33e11), _speed(1e9), _speed(139.2)
    ('333 GB/s', '1 GB/s', '139 bytes/s')
    """
    if bytes_per_s < 1:
        return "less than 1 byte/s"
    return f"{amount(round(bytes_per_s))}/s" if bytes_per_s < 999.5 else rate(bytes_per_s)


def _ms(ms: float) -> str:
    """
    >>> _ms(8812.4), _ms(35.2), _ms(0.167)
    ('8.812 s', '35.2 ms', '167.0 µs')
    """
    return duration(round(ms * 1e6))


def _clock(segments: Segments) -> Iterator[str]:
    """That times cannot be trusted, where they go backwards."""
    back = np.flatnonzero(np.diff(segments.time_ns) <= -_BACK_NS)
    if len(back):
        times = "once" if len(back) == 1 else f"{len(back):,} times"
        yield (
            f"The times of its packets go backwards {times} (first at packet "
            f"{int(segments.packet[back[0] + 1])}): the clock was set, or packets are not in their "
            "order. What is said of times and rates is no measure then."
        )


def _times(flow: Flow, run: Running, troubles: Troubles) -> Iterator[str]:
    """Where the time went: at the server, or on the way."""
    first, longest = flow.detail("first_byte_ms"), flow.detail("longest_wait_ms")
    if first is None or longest is None:
        return
    turns = slow_turns(run)
    count = len(turns.answer)
    said = troubles.is_told("slow_server") or troubles.is_told("slow_network")
    text = f"The first answer began {_ms(first)} behind the request"
    if count == 1 and said:  # all that the finding does not say itself
        if first < longest:
            yield text + "."
        return
    if longest > first:
        text += f", the slowest after {_ms(longest)}"
    if not count:
        yield text + "."
        return
    server, network = int(turns.server_ns.sum()), int(turns.network_ns.sum())
    slowest = int(np.argmax(turns.server_ns + turns.network_ns))
    packet = int(flow.segments.packet[turns.answer[slowest]])
    who = "the server" if server >= network else "the network"
    doubt = ", if these were requests and answers" if turns.doubtful.any() else ""
    least, most = ("at least ", "at most ") if turns.at_most.any() else ("", "")
    if most and server < network:
        yield f"{text}. How much of that passed on the network cannot be told."
        return
    yield (
        f"{text}. {amount(count, 'answer')} took 200 ms or more (the slowest in packet {packet}): "
        f"{least}{duration(server)} of that passed at the server, {most}{duration(network)} on the "
        f"network, so "
        f"{who} took the time{doubt}."
    )


def _ending(flow: Flow, troubles: Troubles) -> str:
    closed = flow.teardown
    text = sentence(f"its end: {closed}")
    if troubles.is_told("close_wait"):  # which has for how long, and why
        text = sentence(f"its end: {replace(closed, waiting_s=None)}")
    elif closed.why and not troubles.is_told("connection_reset"):  # which has the reason, too
        text += f" {sentence(closed.why)}"
    return text
