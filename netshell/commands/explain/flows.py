"""Conversations explained: what a colleague would write about one, with its own numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from netshell.catalogue import counted, language, source, text
from netshell.catalogue.said import again
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import amount, sentence, side
from netshell.commands.explain.troubles import Troubles, stood_still
from netshell.errors import Unavailable
from netshell.flow.amounts import duration
from netshell.flow.facts import rate
from netshell.flow.findings import rows_of
from netshell.flow.findings.running import Running
from netshell.flow.findings.turns import slow_turns
from netshell.flow.flow import Flow
from netshell.flow.held import NONE_HELD, let_go
from netshell.flow.offers import DEFAULT_MSS
from netshell.flow.segments import Segments

_KNOWN_BY = {"SYN": "syn", "SYN,ACK": "syn", "port": "port"}

_BACK_NS = 1_000_000
"""Packets of several queues are captured out of their order by less than that."""


def flow(flow: Flow) -> Explanation:
    """The whole story: who, how it opened, how much, how fast, what went wrong, how it ended."""
    lines, where = [_who(flow)], source("flow.all")
    if gone := let_go(flow):
        key = "gone" if gone == NONE_HELD else "gone_some"
        lines.append(sentence(text(f"flow.{key}", text=gone)))
    segments = _segments(flow)
    if segments is None or not len(segments):
        lines.append(_amounts(flow))
        if flow.proto == "udp":
            lines.append(text("flow.udp"))
        return Explanation("flow", str(flow), tuple(lines))
    if flow.client == flow.server:
        lines += [_amounts(flow), text("flow.itself")]
        return Explanation("flow", str(flow), tuple(lines), where)
    rows = rows_of(segments)
    lines += [*_opening(flow), *_traffic(flow), *_clock(segments)]
    troubles = Troubles(flow, segments, rows)
    lines += [*troubles.told(), *stood_still(rows.running), *_times(flow, rows.running, troubles)]
    lines += [_ending(flow, troubles), *troubles.advice()]
    return Explanation("flow", str(flow), tuple(lines), where)


def _segments(flow: Flow) -> Segments | None:
    """Its TCP segments; None for a flow made by hand."""
    try:
        return flow.segments
    except Unavailable:
        return None


def _who(flow: Flow) -> str:
    at = datetime.fromtimestamp(flow.start_ns // 10**9, UTC)
    return text(
        f"flow.who.{_KNOWN_BY.get(flow.known_by, 'first')}",
        client=flow.client,
        server=flow.server,
        proto=flow.proto,
        span=duration(round(flow.duration_s * 1e9)),
        start=f"{at:%Y-%m-%d %H:%M:%S}",
    )


def _amounts(flow: Flow) -> str:
    return text(
        "flow.amounts",
        sent=amount(flow.client_packets, "packet"),
        sent_bytes=amount(flow.client_bytes),
        received=amount(flow.server_packets, "packet"),
        received_bytes=amount(flow.server_bytes),
    )


def _opening(flow: Flow) -> Iterator[str]:
    shaken = flow.handshake
    yield sentence(text("flow.handshake", text=shaken.told(language())))
    if shaken.client is not None and shaken.server is not None:
        default = DEFAULT_MSS[6 if ":" in flow.client.address else 4]
        one, other = shaken.client.mss, shaken.server.mss
        yield text(
            "flow.largest",
            client=_mss(one, default, "named"),
            server=_mss(other, default, "named" if one is None else "plain"),
        )


def _mss(mss: int | None, default: int, how: str) -> str:
    if mss is None:
        return text("flow.mss.default", mss=default)
    return text(f"flow.mss.{how}", mss=mss)


def _traffic(flow: Flow) -> Iterator[str]:
    """How much each side sent, how fast, and how soon it acknowledged what it got."""
    if not (flow.detail("client_unique_bytes") or flow.detail("server_unique_bytes")):
        yield text("flow.no_data")
        return
    for name in ("client", "server"):
        payload, again = (
            flow.detail(f"{name}_{each}") for each in ("unique_bytes", "retransmitted_bytes")
        )
        if not payload:
            yield text("flow.sent.nothing", side=side(name))
            continue
        parts = _parts(int(payload), flow.detail(f"{name}_bytes_per_s"), int(again or 0))
        trip = flow.detail(f"{name}_data_rtt_ms")
        if trip is None:
            yield text("flow.sent.data", side=side(name), parts=parts)
            continue
        median, least = _ms(trip), _ms(flow.detail(f"{name}_data_rtt_min_ms"))
        values = {"side": side(name), "parts": parts, "median": median}
        if median == least:
            yield text("flow.sent.acked", **values)
        else:
            yield text("flow.sent.acked_least", least=least, **values)


def _parts(payload: int, speed: float | None, again: int) -> str:
    key = ("both" if again else "speed") if speed else ("again" if again else "amount")
    values = {"amount": amount(payload)}
    if speed:
        values["speed"] = _speed(speed)
    if again:
        values["again"] = amount(again)
    return text(f"flow.part.{key}", **values)


def _speed(bytes_per_s: float) -> str:
    if bytes_per_s < 1:
        return text("flow.slow_speed")
    if bytes_per_s < 999.5:
        return text("flow.speed", amount=amount(round(bytes_per_s)))
    return rate(bytes_per_s)


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
        first = int(segments.packet[back[0] + 1])
        yield text("flow.clock", times=counted("amount.times", len(back)), packet=first)


def _times(flow: Flow, run: Running, troubles: Troubles) -> Iterator[str]:
    """Where the time went: at the server, or on the way."""
    first, longest = flow.detail("first_byte_ms"), flow.detail("longest_wait_ms")
    if first is None or longest is None:
        return
    turns = slow_turns(run)
    count = len(turns.answer)
    told = text("flow.first", first=_ms(first))
    if count == 1 and (troubles.is_told("slow_server") or troubles.is_told("slow_network")):
        if first < longest:  # all that the finding does not say itself
            yield text("flow.times.plain", text=told)
        return
    if longest > first:
        told = text("flow.first_slowest", first=_ms(first), longest=_ms(longest))
    if not count:
        yield text("flow.times.plain", text=told)
        return
    server, network = int(turns.server_ns.sum()), int(turns.network_ns.sum())
    bounded = bool(turns.at_most.any())
    if bounded and server < network:
        yield text("flow.times.unknown", text=told)
        return
    slowest = int(np.argmax(turns.server_ns + turns.network_ns))
    who = "server" if server >= network else "network"
    yield text(
        f"flow.times.{who}{'_doubt' if turns.doubtful.any() else ''}",
        text=told,
        answers=amount(count, "answer"),
        packet=int(flow.segments.packet[turns.answer[slowest]]),
        server=_bound("least", server, bounded),
        network=_bound("most", network, bounded),
    )


def _bound(key: str, ns: int, bounded: bool) -> str:
    return text(f"flow.{key}", span=duration(ns)) if bounded else duration(ns)


def _ending(flow: Flow, troubles: Troubles) -> str:
    closed = flow.teardown
    if troubles.is_told("close_wait"):  # which has for how long, and why
        return text("flow.end", text=replace(closed, waiting_s=None).told(language()))
    said = text("flow.end", text=closed.told(language()))
    if closed.why and not troubles.is_told("connection_reset"):  # which has the reason, too
        said += f" {sentence(again(closed.why))}"
    return said
