"""Packets and captures explained."""

from __future__ import annotations

from netshell.capture.capture import Capture
from netshell.commands.explain.explanation import Explanation
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
    nothing = () if parts else ("Neither TCP flags nor a TTL: no IP packet, or cut too short.",)
    return Explanation("packet", line, nothing, parts=tuple(parts))


def capture(capture: Capture) -> Explanation:
    held = len(capture)
    packets = "1 packet" if held == 1 else f"{held} packets"
    runs = ", and goes on: cap.stop() ends it" if capture.running else ""
    lines = [f"It holds {packets}{runs}."]
    if capture.filter_text:
        lines.append(f"Only what fits the filter: {capture.filter_text}")
    if capture.ifaces:
        lines.append(f"Captured on {', '.join(capture.ifaces)}.")
    lines += [
        "One packet: cap[0]; what it means: explain(cap[0]).",
        'Some of them: cap[:10], cap.filter("port 80"); with their payload: cap.show().',
        'Keep it: cap.save("some.pcap"); open it again: read("some.pcap").',
    ]
    return Explanation("capture", "a capture", tuple(lines), "pcap-filter(7)")
