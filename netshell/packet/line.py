"""A packet as one line: time, where, who to whom, what, what it says, and then the details.

The order is by worth: on a terminal of 80 columns what is cut off or wraps is the window, the TTL
and the options. Every piece is printable when it leaves this module.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING

from netshell.packet import arp, icmp, ip, link, offload, peeking
from netshell.packet.chunk import INCOMING, OUTGOING
from netshell.packet.payload import payload_lines
from netshell.packet.seq import MODULUS
from netshell.packet.tcp import EOL, NOP, flags_text
from netshell.view import Line, Lines, Span, Style, clean

if TYPE_CHECKING:
    from netshell.packet.packet import Packet
    from netshell.packet.table import Columns

Piece = tuple[str, Style]

INDENT = "    "
COMMENTS = 20  # lines of comments that are shown below a packet

_FIN, _SYN, _RST, _ACK = 0x01, 0x02, 0x04, 0x10
_ICMP, _ICMPV6 = 1, 58
_WAYS: dict[int, tuple[str, Style]] = {INCOMING: ("In  ", "received"), OUTGOING: ("Out ", "sent")}
_NO_WAY: tuple[str, Style] = ("", "")


def text(packet: Packet, payload: str, first_ns: int | None, reveal: object = False) -> str:
    """The packet as plain text, payload lines indented below it."""
    first = "".join([piece for piece, _ in pieces(packet, first_ns)])
    if isinstance(payload, str) and payload == "none":
        return first
    shown = payload_lines(peeking.shown(packet, reveal), payload)
    return "\n".join([first, *(INDENT + row for row in shown)])


def block(packet: Packet, payload: str, first_ns: int | None, reveal: object = False) -> Lines:
    """The same as a view block, with what somebody wrote to the packet below its line."""
    lines: list[Line] = [[Span(*piece) for piece in pieces(packet, first_ns)]]
    said = packet.comment.splitlines()
    lines += [Span(f"{INDENT}# {text}", "key") for text in said[:COMMENTS]]
    if len(said) > COMMENTS:
        left = len(said) - COMMENTS
        lines.append(Span(f"{INDENT}# … {left:,} lines left out; .comment has them", "quiet"))
    if not isinstance(payload, str) or payload != "none":
        columns, row = packet.place
        style = _WAYS.get(columns.at("direction", row), _NO_WAY)[1]
        shown = payload_lines(peeking.shown(packet, reveal), payload)
        lines += [Span(INDENT + text, style) for text in shown]
    return Lines(lines)


def pieces(packet: Packet, first_ns: int | None) -> list[Piece]:
    """The line in pieces of one meaning each; joined they are the line."""
    columns, row = packet.place
    columns.load()
    where = f"{_time(columns.at('time_ns', row), first_ns)} "
    if packet.iface:
        where += f"{clean(packet.iface)} "
    way, side = _WAYS.get(columns.at("direction", row), _NO_WAY)
    flags = columns.at("tcp_flags", row)
    out: list[Piece] = [(where, "quiet"), (way + _ends(packet, columns, row), side)]
    if flags >= 0:
        out.append((f" {flags_text(flags)}", _flags_style(flags)))
        out.append((_numbers(packet, columns, row, flags), ""))
    else:
        out.append((f" {_what(packet, columns, row)}", ""))
    captured, wire = columns.at("captured_len", row), columns.at("wire_len", row)
    if wire > offload.USUAL and offload.is_offloaded(packet, wire):
        out.append((" offloaded", "key"))
    said = peeking.summary(packet, columns, row, flags >= 0)
    if said:
        out.append((f" {said}", "key"))
    details = _details(packet, columns, row)
    if details:
        out.append((details, "quiet"))
    if captured < wire:
        out.append((f" [{captured} of {wire} bytes captured]", "warn"))
    return out


def _flags_style(flags: int) -> Style:
    if flags & _RST:
        return "bad"
    return "key" if flags & (_SYN | _FIN) else ""


def _numbers(packet: Packet, columns: Columns, row: int, flags: int) -> str:
    """Sequence and acknowledgment number, window and length of a segment."""
    seq_base, ack_base, shift = packet.baseline
    length = columns.at("payload_len", row)
    seq = columns.at("seq", row)
    if seq_base >= 0:
        seq = (seq - seq_base) % MODULUS
    shown = f" seq {seq}:{seq + length}" if length > 0 else f" seq {seq}"
    if flags & _ACK:
        ack = columns.at("ack", row)
        if ack_base >= 0:
            ack = (ack - ack_base) % MODULUS
        shown += f" ack {ack}"
    window = columns.at("window", row)
    if window < 0:
        return shown
    if shift < 0 and not flags & _SYN:  # the handshake was not seen
        shown += f" win {window} raw"
    else:
        shown += f" win {window << max(shift, 0)}"
    return shown + _len(length)


def _ends(packet: Packet, columns: Columns, row: int) -> str:
    if not columns.at("ip_version", row):
        return f"{packet.src or '?'} > {packet.dst or '?'}"
    target = columns.address("dst", row)
    if target == ip.UNSPECIFIED:  # the header was cut before its end
        return f"{packet.src or '?'} > ?"
    source = ip.endpoint_text(columns.address("src", row), columns.at("sport", row))
    return f"{source} > {ip.endpoint_text(target, columns.at('dport', row))}"


def _what(packet: Packet, columns: Columns, row: int) -> str:
    """What a packet that is not TCP is about."""
    length = _len(columns.at("payload_len", row))
    version = columns.at("ip_version", row)
    if not version:
        return _no_ip(packet, columns.at("ethertype", row), length)
    number = columns.at("proto", row)
    if number in (_ICMP, _ICMPV6) and not columns.at("fragment_offset", row):
        name = "ICMP" if number == _ICMP else "ICMPv6"
        return f"{name} {icmp.describe(packet.payload, version)}{length}"
    return f"{'IP' if number < 0 else ip.protocol_name(number)}{length}"


def _len(length: int) -> str:
    return f" len {length}" if length >= 0 else ""


def _no_ip(packet: Packet, ethertype: int, length: str) -> str:
    if ethertype == link.ARP:
        message = arp.decode(packet.payload)
        if message is not None:
            return str(message)
    if not ethertype:
        return f"link type {packet.link}{length}"
    name = link.ETHERTYPES.get(ethertype)
    return f"ethertype 0x{ethertype:04x}{f' ({name})' if name else ''}{length}"


def _details(packet: Packet, columns: Columns, row: int) -> str:
    shown = ""
    offset, more = columns.at("fragment_offset", row), columns.at("more_fragments", row)
    if offset or more:
        shown = f" frag {offset}{'+' if more else ''} of id {columns.at('ip_id', row)}"
    ttl = columns.at("ttl", row)
    if ttl >= 0:
        shown += f" ttl {ttl} ({_hops(ttl)})"
    if columns.at("data_offset", row) > 20:
        options = packet.options
        if options is not None:
            named = [str(option) for option in options if option.kind not in (NOP, EOL)]
            if options.remark:
                named.append(f"[{options.remark}]")
            if named:
                shown += f" <{','.join(named)}>"
    vlan = columns.at("vlan", row)
    if vlan >= 0:
        inner = columns.at("inner_vlan", row)
        shown += f" vlan {vlan}.{inner}" if inner >= 0 else f" vlan {vlan}"
    tunnel = packet.tunnel
    return f"{shown} {tunnel}" if tunnel else shown


@lru_cache(maxsize=256)
def _hops(ttl: int) -> str:
    return str(ip.hops(ttl))


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
