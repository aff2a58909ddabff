"""TCP segments (RFC 9293): flags, relative numbers, options, and what is inside by port."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from netshell.classic.dump import sums
from netshell.classic.dump.application import ports
from netshell.classic.dump.internet import tcp_options
from netshell.classic.dump.text import Truncated, escaped

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

HEADER = 20
PROTOCOL = 6
FIN, SYN, RST, ACK, URG = 0x01, 0x02, 0x04, 0x10, 0x20
_HEADER = Struct("!HHIIBBHHH").unpack_from
_LETTERS = (
    (FIN, "F"),
    (SYN, "S"),
    (RST, "R"),
    (8, "P"),
    (ACK, "."),
    (URG, "U"),
    (64, "E"),
    (128, "W"),
)
FLAGS = tuple(
    "".join([letter for bit, letter in _LETTERS if flags & bit]) or "none" for flags in range(256)
)
"""The text of all values of the flags byte."""
_STAMPED = 32  # a header with nothing but timestamps: nearly all are
_STAMP = b"\1\1\x08\x0a"
_TIMES = Struct("!II").unpack_from
_MOST_RESET = 30  # characters of a reset's reason that are written
_WRAP = 0xFFFFFFFF


def show(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write a segment, from the addresses on."""
    scope.page.protocol = "tcp"
    write, data, at = scope.write, scope.data, scope.at
    there = scope.end - at
    start = network.at
    if data[start] >> 4 == 6:
        src, dst = data[start + 8 : start + 24], data[start + 24 : start + 40]
        direct = data[start + 6] == PROTOCOL
    else:
        src, dst = data[start + 12 : start + 16], data[start + 16 : start + 20]
        direct = data[start + 9] == PROTOCOL
    if there < 4:
        write(f"{settings.host(src)} > {settings.host(dst)}:")
        scope.truncated()
        return
    sport, dport = scope.u16(0), scope.u16(2)
    source, destination = settings.port(PROTOCOL, sport), settings.port(PROTOCOL, dport)
    if direct:
        write(f"{settings.host(src)}.{source} > {settings.host(dst)}.{destination}: ")
    else:
        write(f"{source} > {destination}: ")
    if there < HEADER:
        scope.truncated()
        return
    _, _, seq, ack, offset, flags, window, field, urgent = _HEADER(data, at)
    header = (offset >> 4) * 4
    length = scope.length
    if header < HEADER:
        write(f" tcp {(length - header) & _WRAP} [bad hdr length {header} - too short, < 20]")
        return
    if settings.quiet:
        write(f"tcp {(length - header) & _WRAP}")
        if header > length:
            write(f" [bad hdr length {header} - too long, > {length}]")
        return
    write(f"Flags [{FLAGS[flags]}]")
    base = 0
    if flags & ACK and not settings.absolute_seq:
        seq, ack, base = state.relative(src, dst, sport, dport, seq, ack, bool(flags & SYN))
    if header > length:
        write(f" [bad hdr length {header} - too long, > {length}]")
        return
    if settings.verbose and settings.checksums and not fragmented and there >= length:
        found = sums.transport(network, data[at : at + length], PROTOCOL)
        write(f", cksum 0x{field:04x}")
        write(f" (incorrect -> 0x{sums.expected(field, found):04x})" if found else " (correct)")
    length -= header
    if length:
        write(f", seq {seq}:{(seq + length) & _WRAP}")
    elif flags & (SYN | FIN | RST) or settings.verbose > 1:
        write(f", seq {seq}")
    if flags & ACK:
        write(f", ack {ack}")
    write(f", win {window}")
    if flags & URG:
        write(f", urg {urgent}")
    if header == _STAMPED and there >= _STAMPED and data[at + HEADER : at + 24] == _STAMP:
        value, echo = _TIMES(data, at + 24)
        write(f", options [nop,nop,TS val {value} ecr {echo}]")
    elif header > HEADER and not tcp_options.show(scope, header, length, flags, base, settings):
        return
    write(f", length {length}")
    if not length:
        return
    if there < header:
        write(f" [remaining caplen({there}) < header length({header})]")
        raise Truncated
    payload = scope.sub(header, length)
    if flags & RST and settings.verbose:
        _reason(payload)
        return
    printer = ports.over_tcp(sport, dport)
    if printer is not None:
        printer(payload, settings, state)


def _reason(payload: Scope) -> None:
    """The text of a reset: RFC 9293 section 3.5.3 lets one carry why it was sent."""
    write, length = payload.write, payload.length
    write(" [RST" if payload.has(0, length) else " [!RST")
    if length > _MOST_RESET:
        length = _MOST_RESET
        write("+")
    write(f" {escaped(payload.rest(0, length))}]")
