"""A packet's values, name by name: for programs, and for the table below its line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netshell.packet.packet import Packet


@dataclass(frozen=True, slots=True)
class PacketFields:
    """A packet's values as plain data; None for what it does not have."""

    index: int
    time_ns: int
    iface: str
    direction: str
    captured_len: int
    wire_len: int
    vlan: int | None
    tunnel: str
    proto: str
    src: str
    sport: int | None
    dst: str
    dport: int | None
    ttl: int | None
    hops: int | None
    flags: str | None
    seq: int | None
    ack: int | None
    relative_seq: int | None
    relative_ack: int | None
    window: int | None
    options: str | None
    payload_len: int
    comment: str


def fields(packet: Packet) -> PacketFields:
    """All of them at once."""
    flags, hops, options = packet.flags, packet.hops, packet.options
    return PacketFields(
        index=packet.index,
        time_ns=packet.time_ns,
        iface=packet.iface,
        direction=packet.direction,
        captured_len=packet.captured_len,
        wire_len=packet.wire_len,
        vlan=packet.vlan,
        tunnel=packet.tunnel,
        proto=packet.proto,
        src=packet.src,
        sport=packet.sport,
        dst=packet.dst,
        dport=packet.dport,
        ttl=packet.ttl,
        hops=None if hops is None else hops.passed,
        flags=None if flags is None else str(flags),
        seq=packet.seq,
        ack=packet.ack,
        relative_seq=packet.relative_seq,
        relative_ack=packet.relative_ack,
        window=packet.window,
        options=None if options is None else str(options),
        payload_len=packet.payload_len,
        comment=packet.comment,
    )


COMMENTS = 20
"""Lines of comments that are shown of a packet."""


def rows(packet: Packet) -> list[tuple[str, str]]:
    """Names and values in the order of the headers, and only what there is."""
    cut = packet.captured_len < packet.wire_len
    size = f"{packet.wire_len} bytes" + (f", {packet.captured_len} captured" if cut else "")
    found = [("frame", size)]
    said = packet.comment.splitlines()
    found += [("comment", text) for text in said[:COMMENTS]]
    if len(said) > COMMENTS:
        found.append(("comments", f"{len(said) - COMMENTS:,} lines more in .comment"))
    if packet.offload:
        found.append(("offload", str(packet.offload)))
    if packet.iface:
        found.append(("interface", f"{packet.iface} {packet.direction}".rstrip()))
    if packet.vlan is not None:
        found.append(("VLAN", str(packet.vlan)))
    if packet.tunnel:
        ends = f"{packet.outer_src or '?'} > {packet.outer_dst or '?'}"
        found.append(("tunnel", f"{packet.tunnel}, {ends}"))
    if packet.fragment:
        offset, more = packet.fragment
        found.append(("fragment", f"from byte {offset}, {'more follow' if more else 'the last'}"))
    hops = packet.hops
    if hops:
        likely = f", likely {hops.initial} at the start" if hops.initial else ""
        found.append(("TTL", f"{packet.ttl}{likely}: {hops}"))
    if packet.flags is not None:
        found.append(("flags", f"{packet.flags}  ({packet.flags.letters})"))
        for name, number, counted in (
            ("seq", packet.seq, packet.relative_seq),
            ("ack", packet.ack, packet.relative_ack),
        ):
            if number is not None:
                note = "" if counted is None else f"  ({counted} from the start)"
                found.append((name, f"{number}{note}"))
        if packet.window_raw is not None:
            shift = packet.window_shift
            how = "scale unknown" if shift is None else f"{packet.window_raw} << {shift}"
            found.append(("window", f"{packet.window}  ({how})"))
        if packet.options:
            found.append(("options", str(packet.options)))
    if packet.checksum:
        found.append(("checksum", str(packet.checksum)))
    found.append(("payload", f"{packet.payload_len} bytes"))
    return found
