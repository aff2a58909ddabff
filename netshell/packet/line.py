"""A packet as one line: time, where, who to whom, what, and then the details.

The order is by worth: on a terminal of 80 columns what is cut off or wraps is the window, the TTL
and the options. Every piece is printable when it leaves this module.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING

from netshell.packet import arp, icmp, ip, link
from netshell.packet.payload import payload_lines
from netshell.packet.tcp import EOL, NOP, Flags
from netshell.view import Line, Lines, Span, Style, clean

if TYPE_CHECKING:
    from netshell.packet.packet import Packet

Piece = tuple[str, Style]

INDENT = "    "


def text(packet: Packet, payload: str, first_ns: int | None) -> str:
    """The packet as plain text, payload lines indented below it."""
    first = "".join([piece for piece, _ in pieces(packet, first_ns)])
    if payload == "none":
        return first
    return "\n".join([first, *(INDENT + row for row in payload_lines(packet.payload, payload))])


def block(packet: Packet, payload: str, first_ns: int | None) -> Lines:
    """The same as a view block."""
    lines: list[Line] = [[Span(*piece) for piece in pieces(packet, first_ns)]]
    style = _side(packet)
    lines += [Span(INDENT + row, style) for row in payload_lines(packet.payload, payload)]
    return Lines(lines)


def pieces(packet: Packet, first_ns: int | None) -> list[Piece]:
    """The line in pieces of one meaning each; joined they are the line."""
    out: list[Piece] = [(_time(packet.time_ns, first_ns) + " ", "quiet")]
    if packet.iface:
        out.append((f"{clean(packet.iface)} ", "quiet"))
    if packet.direction:
        out.append(("Out " if packet.direction == "out" else "In  ", _side(packet)))
    out.append((_ends(packet), _side(packet)))
    flags = packet.flags
    if flags is not None:
        _tcp(packet, flags, out)
    else:
        out.append((f" {_what(packet)}", ""))
    out.append((_details(packet), "quiet"))
    remark = _remark(packet)
    if remark:
        out.append((f" [{remark}]", "warn"))
    return out


def _tcp(packet: Packet, flags: Flags, out: list[Piece]) -> None:
    style: Style = ""
    if flags & Flags.RST:
        style = "bad"
    elif flags & (Flags.SYN | Flags.FIN):
        style = "key"
    out.append((f" {flags}", style))
    length = packet.payload_len
    seq = packet.relative_seq
    if seq is None:
        seq = packet.seq
    if seq is None:
        return  # cut off behind the ports
    numbers = f" seq {seq}:{seq + length}" if length else f" seq {seq}"
    ack = packet.relative_ack
    if ack is None:
        ack = packet.ack
    if ack is not None:
        numbers += f" ack {ack}"
    window = packet.window
    if window is not None:
        unscaled = packet.window_shift is None and not flags & Flags.SYN
        numbers += f" win {window} raw" if unscaled else f" win {window}"
    out.append((f"{numbers} len {length}", ""))


def _side(packet: Packet) -> Style:
    direction = packet.direction
    return "sent" if direction == "out" else "received" if direction == "in" else ""


def _ends(packet: Packet) -> str:
    sport, dport = packet.sport, packet.dport
    src, dst = packet.src, packet.dst
    if sport is None or dport is None:
        return f"{src or '?'} > {dst or '?'}"
    if packet.ip_version == 6 and ":" in src + dst:
        return f"[{src}]:{sport} > [{dst}]:{dport}"
    return f"{src}:{sport} > {dst}:{dport}"


def _what(packet: Packet) -> str:
    """What a packet that is not TCP is about."""
    if not packet.ip_version:
        ethertype = packet.ethertype
        message = arp.decode(packet.payload) if ethertype == link.ARP else None
        if message is not None:
            return str(message)
        if not ethertype:
            return f"link type {packet.link} len {packet.payload_len}"
        name = link.ETHERTYPES.get(ethertype)
        kind = f"ethertype 0x{ethertype:04x}" + (f" ({name})" if name else "")
        return f"{kind} len {packet.payload_len}"
    proto = packet.proto
    if proto in ("icmp", "icmpv6") and not (packet.fragment and packet.fragment[0]):
        shown = "ICMPv6" if proto == "icmpv6" else "ICMP"
        return (
            f"{shown} {icmp.describe(packet.payload, packet.ip_version)} len {packet.payload_len}"
        )
    number = packet.proto_number
    name = "IP" if number is None else ip.protocol_name(number)
    return f"{name} len {packet.payload_len}"


def _details(packet: Packet) -> str:
    text = ""
    fragment = packet.fragment
    if fragment:
        offset, more = fragment
        text += f" frag {offset}{'+' if more else ''} of id {packet.ip_id}"
    ttl, hops = packet.ttl, packet.hops
    if hops is not None:
        text += f" ttl {ttl} ({hops})"
    options = packet.options
    if options is not None:
        shown = [str(option) for option in options if option.kind not in (NOP, EOL)]
        if options.remark:
            shown.append(f"[{options.remark}]")
        if shown:
            text += f" <{','.join(shown)}>"
    if packet.vlan is not None:
        text += f" vlan {packet.vlan}"
    return text


def _remark(packet: Packet) -> str:
    captured, wire = packet.captured_len, packet.wire_len
    if captured < wire:
        return f"{captured} of {wire} bytes captured"
    return ""


def _time(time_ns: int, first_ns: int | None) -> str:
    if first_ns is not None:
        since = (time_ns - first_ns) // 1000
        sign = "-" if since < 0 else ""
        return f"{sign}{abs(since) // 1_000_000}.{abs(since) % 1_000_000:06d}"
    seconds, rest = divmod(time_ns, 1_000_000_000)
    return f"{_clock(seconds)}.{rest // 1000:06d}"


@lru_cache(maxsize=64)
def _clock(seconds: int) -> str:
    try:
        return time.strftime("%H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):  # a time stamp no calendar has
        return str(seconds)
