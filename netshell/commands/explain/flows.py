"""Conversations explained: what a colleague would write about one, with its own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.verdicts import Verdict, harmless_kinds, verdict_on
from netshell.commands.words import sentence
from netshell.errors import Unavailable
from netshell.flow.findings import rows_of
from netshell.flow.findings.finding import Finding
from netshell.flow.findings.meanings import MEANINGS
from netshell.flow.findings.rule import SEVERITIES
from netshell.flow.findings.running import Running
from netshell.flow.findings.turns import slow_turns
from netshell.flow.findings.words import amount, duration
from netshell.flow.flow import Flow
from netshell.flow.held import NONE_HELD, let_go
from netshell.flow.offers import DEFAULT_MSS
from netshell.flow.segments import Segments

TROUBLES = 3  # kinds of findings that are told one by one
FIRST = 3  # packets of a kind that are named
ADVICE = 2

_BRINGS = {
    "zero_window_probe": "zero_window",
    "zero_window_probe_ack": "zero_window",
    "duplicate_ack": "retransmission",
    "fast_retransmission": "retransmission",
    "spurious_retransmission": "retransmission",
    "keep_alive_ack": "keep_alive",
    "lost_segment": "ack_lost_segment",
}
"""Kinds that come with others: their advice is the same."""

_USUAL = ("keep_alive", "keep_alive_ack", "reused_ports")  # nothing has to be done about these
_RETRANSMISSIONS = ("fast_retransmission", "spurious_retransmission")  # that say more
_SURE = {"SYN": "", "SYN,ACK": "", "port": " (the client, by the ports)"}


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
    findings = list(rows)
    verdict, harmless = verdict_on(flow, segments), harmless_kinds(rows)
    lines += [*_opening(flow), *_traffic(flow), *_troubles(findings, verdict, harmless)]
    lines += [*_times(flow, rows.running), _ending(flow), *_advice(findings, verdict, harmless)]
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
            text += (
                f". It acknowledged what it got after {_ms(trip)} in the median, {_ms(least)} at "
                "the least"
            )
        yield text + "."


def _speed(bytes_per_s: float) -> str:
    for unit, size in (("MB", 1e6), ("kB", 1e3)):
        if bytes_per_s >= size:
            return f"{bytes_per_s / size:.3g} {unit}/s"
    return f"{amount(round(bytes_per_s))}/s" if bytes_per_s >= 1 else "less than 1 byte/s"


def _ms(ms: float) -> str:
    """
    >>> _ms(8812.4), _ms(35.2), _ms(0.167)
    ('8.81 s', '35.2 ms', '0.167 ms')
    """
    if ms >= 999.5:
        return f"{ms / 1000:,.{max(0, 2 - int(ms >= 9995) - int(ms >= 99_950))}f} s"
    return f"{float(f'{ms:.3g}'):g} ms"


def _troubles(
    findings: Sequence[Finding], verdict: Verdict, harmless: frozenset[str]
) -> Iterator[str]:
    """What is remarkable, by kind, the worst first."""
    kinds = _by_kind(findings)
    if not kinds:
        yield verdict.what or "Nothing went wrong, as far as the capture shows."
        return
    if verdict.is_strange:
        yield verdict.what
    for kind, found in kinds[:TROUBLES]:
        packets = ", ".join(str(each.packet) for each in found[:FIRST])
        more = f" and {len(found) - FIRST:,} more" if len(found) > FIRST else ""
        word = "packet" if len(found) == 1 else "packets"
        if len(found) == 1 or kind in harmless:
            yield f"{kind} ({found[0].severity}), {word} {packets}{more}: {found[0].text}"
        else:
            yield f"{kind} ({found[0].severity}), {word} {packets}{more}: {MEANINGS[kind].what}"
    if left := kinds[TROUBLES:]:
        named = ", ".join(f"{kind} ({len(found):,})" for kind, found in left)
        yield f"Also: {named}."


def _by_kind(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """Worse than chat, the most severe first, then the most frequent; keep-alives last."""
    kinds: dict[str, list[Finding]] = {}
    special = {each.packet for each in findings if each.kind in _RETRANSMISSIONS}
    for finding in findings:
        if finding.kind == "retransmission" and finding.packet in special:
            continue
        if finding.severity != SEVERITIES[0]:
            kinds.setdefault(finding.kind, []).append(finding)

    def weight(each: tuple[str, list[Finding]]) -> tuple[bool, int, int]:
        kind, found = each
        return kind in _USUAL, -SEVERITIES.index(found[0].severity), -len(found)

    return sorted(kinds.items(), key=weight)


def _times(flow: Flow, run: Running) -> Iterator[str]:
    """Where the time went: at the server, or on the way."""
    first, longest = flow.detail("first_byte_ms"), flow.detail("longest_wait_ms")
    if first is None or longest is None:
        return
    text = f"The first answer began {_ms(first)} behind the request"
    if longest > first:
        text += f", the slowest after {_ms(longest)}"
    turns = slow_turns(run)
    count = len(turns.answer)
    if not count:
        yield text + "."
        return
    server, network = int(turns.server_ns.sum()), int(turns.network_ns.sum())
    slowest = int(np.argmax(turns.server_ns + turns.network_ns))
    packet = int(flow.segments.packet[turns.answer[slowest]])
    who = "the server" if server >= network else "the network"
    yield (
        f"{text}. {amount(count, 'answer')} took 200 ms or more (the slowest in packet {packet}): "
        f"{duration(server)} of that passed at the server, {duration(network)} on the network, so "
        f"{who} took the time."
    )


def _ending(flow: Flow) -> str:
    closed = flow.teardown
    text = sentence(f"its end: {closed}")
    return f"{text} {sentence(closed.why)}" if closed.why else text


def _advice(
    findings: Sequence[Finding], verdict: Verdict, harmless: frozenset[str]
) -> Iterator[str]:
    """What to do about the worst."""
    told: list[str] = []
    listed = [kind for kind, _ in _by_kind(findings) if kind not in harmless]
    # Only kinds that were named: each one's own advice where the one it comes with is not.
    kinds = [brings if (brings := _BRINGS.get(kind)) in listed else kind for kind in listed]
    if "syn_unanswered" in kinds or "mtu_black_hole" in kinds:  # which is why it is sent again
        kinds = [kind for kind in kinds if kind != "retransmission"]
    for kind in kinds:
        if kind not in told and kind not in _USUAL and len(told) < ADVICE:
            told.append(kind)
            yield f"To do ({kind}): {MEANINGS[kind].act}"
    if not told:
        yield f"To do: {verdict.act or 'nothing.'}"
