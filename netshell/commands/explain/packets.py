"""Packets and captures explained."""

from __future__ import annotations

from netshell.capture.capture import Capture
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.roles import told
from netshell.commands.explain.segments import flags
from netshell.commands.explain.ttls import ttl
from netshell.commands.words import sentence
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
        lines.append("Neither TCP flags nor a TTL: no IP packet, or cut too short.")
    return Explanation("packet", line, tuple(lines), parts=tuple(parts))


def _offloaded(packet: Packet) -> list[str]:
    """That it is several packets, how that is known, and how to see them one by one."""
    found = packet.offload
    if found is None:
        return []
    sure = "It is" if found.certain else "It is likely"
    lines = [f"{sure} no packet of the wire but several, {packet.wire_len:,} bytes: {found.why}."]
    if packet.direction == "out":
        lines.append("The kernel hands it over in one piece, the network card cuts it (TSO, GSO).")
    elif packet.direction == "in":
        lines.append("It came in pieces that were put together (GRO), or from this machine itself.")
    else:
        lines.append("It was captured before a card cut it, or after pieces were put together.")
    if found.segments:
        lines.append(f"On the wire: about {found.segments} segments, where the MTU is 1,500.")
    lines.append("To see each: capture on another machine, or turn off tso, gso, gro (ethtool -K).")
    return lines


def _checksum(packet: Packet) -> list[str]:
    """What its checksum tells, unless that is the usual: it is correct."""
    found = packet.checksum
    if found is None or found.state == "correct":
        return []
    said = sentence(f"checksum {found}")
    if found.state == "not filled in":
        return [said, "Nothing is wrong with it: it was captured before a card computed it."]
    return [said]


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
        "One packet: cap[0], the first (Wireshark's frame 1); what it means: explain(cap[0]).",
        'Some of them: cap[:10], cap.filter("port 80"); with their payload: cap.show().',
        "Who talked, and what went wrong: cap.flows, explain(cap.flows[0]), cap.findings.",
        'Keep it: cap.save("some.pcap"); open it again: read("some.pcap").',
    ]
    return Explanation("capture", "a capture", tuple(lines), "pcap-filter(7)")
