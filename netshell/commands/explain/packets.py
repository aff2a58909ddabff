"""Packets and captures explained."""

from __future__ import annotations

from netshell.capture.capture import Capture
from netshell.catalogue import counted, source, text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.roles import told
from netshell.commands.explain.segments import flags
from netshell.commands.explain.ttls import ttl
from netshell.packet.packet import Packet


def packet(packet: Packet) -> Explanation:
    parts = []
    if packet.flags is not None:
        parts.append(flags(packet.flags))
    if packet.ttl is not None:
        parts.append(ttl(packet.ttl))
    line = packet.line(payload="none")
    lines = [*told(packet), *_offloaded(packet), *_checksum(packet)]
    if not parts:
        lines.append(text("packet.neither"))
    return Explanation("packet", line, tuple(lines), parts=tuple(parts))


def _offloaded(packet: Packet) -> list[str]:
    """That it is several packets, how that is known, and how to see them one by one."""
    found = packet.offload
    if found is None:
        return []
    sure = "sure" if found.certain else "likely"
    where = packet.direction if packet.direction in ("out", "in") else "unknown"
    lines = [
        text(f"packet.offload.{sure}", bytes=packet.wire_len, why=found.why),
        text(f"packet.offload.{where}"),
    ]
    if found.segments:
        lines.append(text("packet.offload.segments", count=found.segments))
    return [*lines, text("packet.offload.act")]


def _checksum(packet: Packet) -> list[str]:
    """What its checksum tells, unless that is the usual: it is correct."""
    found = packet.checksum
    if found is None or found.state == "correct":
        return []
    said = text("packet.checksum.said", checksum=found)
    return [said, text("packet.checksum.fine")] if found.state == "not filled in" else [said]


def capture(capture: Capture) -> Explanation:
    key = "runs" if capture.running else "holds"
    lines = [counted(f"packet.capture.{key}", len(capture))]
    if capture.filter_text:
        lines.append(text("packet.capture.filter", filter=capture.filter_text))
    if capture.ifaces:
        lines.append(text("packet.capture.ifaces", ifaces=", ".join(capture.ifaces)))
    lines += [text(f"packet.capture.{each}") for each in ("packet", "some", "flows", "keep")]
    subject = text("packet.capture.subject")
    return Explanation("capture", subject, tuple(lines), source("packet.capture"))
