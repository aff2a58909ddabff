"""DCCP packets (RFC 4340): addresses, type, numbers; not the options, which -vv adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import sums

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

PROTOCOL = 33
_HEADER = 12
_REQUEST, _RESPONSE, _DATA, _RESET = 0, 1, 2, 7
_TYPES = (
    "Request", "Response", "Data", "Ack", "DataAck", "CloseReq", "Close", "Reset", "Sync",
    "SyncAck",
)  # fmt: skip
_SIZES = {_REQUEST: 4, _RESPONSE: 12, _DATA: 0, _RESET: 12}
_CODES = (
    "unspecified", "closed", "aborted", "no_connection", "packet_error", "option_error",
    "mandatory_error", "connection_refused", "bad_service_code", "too_busy", "bad_init_cookie",
    "aggression_penalty",
)  # fmt: skip


def show(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write a packet, from the addresses on."""
    scope.page.protocol = "dccp"
    write, length = scope.write, scope.length
    if not scope.has(0, _HEADER):
        scope.truncated()
        return
    header = 16 if length >= _HEADER and scope.u8(8) & 1 else _HEADER
    if length < header:
        write(f"truncated-dccp - {header - length} bytes missing!")
        return
    if not scope.has(0, header):
        scope.truncated()
        return
    start, width = (8, 16) if network.u8(0) >> 4 == 6 else (12, 4)
    source = settings.host(network.octets(start, width))
    destination = settings.host(network.octets(start + width, width))
    write(f"{source}.{scope.u16(0)} > {destination}.{scope.u16(2)}: DCCP")
    size = scope.u8(4) * 4
    if settings.quiet:
        write(f" {(length - size) & 0xFFFFFFFF}")
        if size > length:
            write(f" [bad hdr length {size} - too long, > {length}]")
        return
    if settings.verbose:
        write(f" (CCVal {scope.u8(5) >> 4}, CsCov {scope.u8(5) & 0x0F}")
        if scope.has(0, length):
            _checksum(scope, network)
        write(")")
    write(" ")
    _kind(scope, header, settings)


def _checksum(scope: Scope, network: Scope) -> None:
    """The checksum; it may cover less than the whole packet (RFC 4340 section 9.2)."""
    cover = scope.u8(5) & 0x0F
    covered = scope.length
    if cover:
        covered = min(scope.u8(4) * 4 + (cover - 1) * 4, scope.length)
    field = scope.u16(6)
    segment = scope.octets(0, covered)
    found = sums.transport(network, segment, PROTOCOL, scope.length)
    scope.write(f", cksum 0x{field:04x} ")
    scope.write(f"(incorrect -> 0x{sums.expected(field, found):04x})" if found else "(correct)")


def _kind(scope: Scope, header: int, settings: Settings) -> None:
    """What a packet is for, and its numbers."""
    write, kind = scope.write, scope.u8(8) >> 1 & 0x0F
    extended = header == 16
    name = f"DCCP-{_TYPES[kind]}" if kind < len(_TYPES) else f"unknown-type-{kind}"
    more = _SIZES.get(kind, 8) if kind < len(_TYPES) else 0
    if scope.length < header + more:
        write(f"truncated-{name} - {header + more - scope.length} bytes missing!")
        return
    if kind in _SIZES and not scope.has(header, more):
        scope.truncated()
        return
    write(f"{name} ")
    if kind in (_REQUEST, _RESPONSE):
        write(f"(service={scope.u32(header + (8 if kind == _RESPONSE else 0))}) ")
    elif kind == _RESET:
        code = scope.u8(header + 8)
        write(f"(code={_CODES[code] if code < len(_CODES) else 'invalid'}) ")
    if kind not in (_DATA, _REQUEST):
        number = scope.u48(header + 2) if extended else scope.u24(header + 1)
        write(f"(ack={number}) ")
    if settings.verbose >= 2:
        write(f"seq {scope.u48(10) if extended else scope.u24(9)}")
