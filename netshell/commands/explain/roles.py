"""What a packet does in its conversation: when, for whom, which states it changes, its findings."""

from __future__ import annotations

import numpy as np

from netshell.capture.capture import Capture
from netshell.catalogue import ENGLISH, language, text
from netshell.catalogue.said import again
from netshell.commands.explain.connections import happened
from netshell.commands.explain.said import amount, sentence, side
from netshell.flow.amounts import duration
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
    who = "client" if (packet.src, packet.sport) == tuple(flow.client) else "server"
    values: dict[str, object] = {
        "packet": packet.index,
        "frame": packet.index + 1,
        "flow": flow.number,
        "ordinal": ordinal(at + 1, language()),
        "count": len(numbers),
        "side": text(f"packet.from.{who}"),
    }
    if at:
        before = packet.origin[int(numbers[at - 1])]  # type: ignore[index]
        apart = duration(packet.time_ns - before.time_ns)
        lines = [text("packet.behind", span=apart, before=before.index, **values)]
    else:
        lines = [text("packet.place", **values)]
    if flow.proto != "tcp":
        return lines
    segments = flow.segments
    row = int(np.searchsorted(segments.packet, packet.index))
    if row < len(segments) and segments.packet[row] == packet.index:
        lines += _data(segments, row)
        lines += _states(flow, row)
    found = flow.findings.where(packet=packet.index)
    named = [
        text("packet.finding", kind=each.kind, severity=each.severity, text=again(each.text))
        for each in found
    ]
    return [*named, *lines]


def ordinal(number: int, lang: str) -> str:
    """
    >>> ordinal(1, "en"), ordinal(12, "en"), ordinal(1_023, "en"), ordinal(1_023, "ko")
    ('1st', '12th', '1,023rd', '1,023')
    """
    if lang != ENGLISH:
        return f"{number:,}"
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
        carried: dict[str, object] = {"amount": amount(length), "first": seq, "last": end - 1}
        later = np.flatnonzero(~own[row:] & (segments.ack[row:] >= end))
        if len(later):
            answer = row + int(later[0])
            apart = duration(int(segments.time_ns[answer] - segments.time_ns[row]))
            number = int(segments.packet[answer])
            lines.append(text("packet.carries.acked", packet=number, span=apart, **carried))
        else:
            lines.append(text("packet.carries.open", **carried))
    ack = int(segments.ack[row])
    before = np.flatnonzero(own[:row] & (segments.ack[:row] != UNKNOWN))
    if ack != UNKNOWN and len(before):
        new = ack - int(segments.ack[before[-1]])
        if new > 0:
            lines.append(text("packet.acks", amount=amount(new), last=ack - 1))
    return lines


def _states(flow: Flow, row: int) -> list[str]:
    """Which states it changes."""
    states = flow.states
    now: Moment = states[row]
    if not now.why:
        return []
    before = states[row - 1] if row else None
    changed = []
    for name in ("client", "server"):
        then, new = getattr(before, name, None), getattr(now, name)
        if then and then != new:
            changed.append(text("packet.now_was", side=side(name), state=new, before=then))
        elif then != new:
            changed.append(text("packet.now", side=side(name), state=new))
    why = happened(now.why)
    if not changed:
        return [sentence(why)]
    return [sentence(text("packet.changed", what="; ".join(changed), why=why))]
