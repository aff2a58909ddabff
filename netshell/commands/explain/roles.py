"""What a packet does in its conversation: when, for whom, which states it changes, its findings."""

from __future__ import annotations

import numpy as np

from netshell.capture.capture import Capture
from netshell.commands.words import sentence
from netshell.flow.findings.words import amount, duration
from netshell.flow.flow import Flow
from netshell.flow.segments import UNKNOWN, Segments
from netshell.flow.states import Moment
from netshell.packet.packet import Packet


def told(packet: Packet) -> list[str]:
    """Lines about a packet of a capture; none for one without, or one in no conversation."""
    flow = _flow(packet)
    if flow is None:
        return []
    numbers = flow.numbers
    at = int(np.searchsorted(numbers, packet.index))
    who = "the client" if (packet.src, packet.sport) == tuple(flow.client) else "the server"
    text = (
        f"Packet {packet.index} (Wireshark's frame {packet.index + 1}) of flow {flow.number}, "
        f"{_ordinal(at + 1)} of its {len(numbers):,}, from {who}"
    )
    if at:
        before = packet.origin[int(numbers[at - 1])]  # type: ignore[index]
        apart = duration(packet.time_ns - before.time_ns)
        text += f", {apart} behind the one before (packet {before.index})"
    lines = [text + "."]
    if flow.proto != "tcp":
        return lines
    segments = flow.segments
    row = int(np.searchsorted(segments.packet, packet.index))
    if row < len(segments) and segments.packet[row] == packet.index:
        lines += _data(segments, row)
        lines += _states(flow, row)
    found = flow.findings.where(packet=packet.index)
    return [*(f"{each.kind} ({each.severity}): {each.text}" for each in found), *lines]


def _ordinal(number: int) -> str:
    """
    >>> _ordinal(1), _ordinal(12), _ordinal(1_023)
    ('1st', '12th', '1,023rd')
    """
    last = 0 if number % 100 in (11, 12, 13) else number % 10
    return f"{number:,}" + {1: "st", 2: "nd", 3: "rd"}.get(last, "th")


def _flow(packet: Packet) -> Flow | None:
    capture = packet.origin
    if not isinstance(capture, Capture):
        return None
    flows, members = capture.flows, capture.source.members()
    at = packet.index - members.first if members is not None else -1
    if members is None or not 0 <= at < len(members.flow):
        return None
    number = int(members.flow[at])
    return flows[number] if 0 <= number < len(flows) else None


def _data(segments: Segments, row: int) -> list[str]:
    """What it carries, when that was acknowledged, and what it acknowledges itself."""
    own = segments.from_client == segments.from_client[row]
    length, seq = int(segments.length[row]), int(segments.seq[row])
    lines = []
    if length:
        end = seq + length
        text = f"It carries {amount(length)}, {seq:,} to {end - 1:,} of what its side sends"
        later = np.flatnonzero(~own[row:] & (segments.ack[row:] >= end))
        if len(later):
            answer = row + int(later[0])
            apart = duration(int(segments.time_ns[answer] - segments.time_ns[row]))
            text += f"; packet {int(segments.packet[answer])} acknowledges them {apart} later"
        else:
            text += "; nothing in the capture acknowledges them"
        lines.append(text + ".")
    ack = int(segments.ack[row])
    before = np.flatnonzero(own[:row] & (segments.ack[:row] != UNKNOWN))
    if ack != UNKNOWN and len(before):
        new = ack - int(segments.ack[before[-1]])
        if new > 0:
            lines.append(f"It acknowledges {amount(new)} more, up to {ack - 1:,}.")
    return lines


def _states(flow: Flow, row: int) -> list[str]:
    """Which states it changes."""
    states = flow.states
    now: Moment = states[row]
    if not now.why:
        return []
    before = states[row - 1] if row else None
    changed = []
    for side in ("client", "server"):
        then, new = getattr(before, side, None), getattr(now, side)
        if then != new:
            changed.append(f"the {side} is {new} now" + (f", was {then}" if then else ""))
    what = f" ({now.why})" if now.why else ""
    return [sentence(f"{'; '.join(changed)}{what}")] if changed else [sentence(now.why)]
