"""SCTP packets and their chunks (RFC 9260)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_HEADER = 12
_DATA, _INIT, _INIT_ACK, _SACK = 0, 1, 2, 3
_CHUNKS = {
    0x00: "DATA",
    0x01: "INIT",
    0x02: "INIT ACK",
    0x03: "SACK",
    0x04: "HB REQ",
    0x05: "HB ACK",
    0x06: "ABORT",
    0x07: "SHUTDOWN",
    0x08: "SHUTDOWN ACK",
    0x09: "OP ERR",
    0x0A: "COOKIE ECHO",
    0x0B: "COOKIE ACK",
    0x0C: "ECN ECHO",
    0x0D: "ECN CWR",
    0x0E: "SHUTDOWN COMPLETE",
    0xC0: "FOR CUM TSN",
    0xC1: "REL CTRL",
    0xC2: "REL CTRL ACK",
}
_PAYLOADS = {
    1: "ISDN Q.921",
    2: "M2UA",
    3: "M3UA",
    4: "SUA",
    5: "M2PA",
    6: "V5.2",
    7: "H.248",
    8: "BICC",
    9: "TALI",
    10: "DUA",
    11: "ASAP",
    12: "ENRP",
    13: "H.323",
    14: "Q.IPC",
    15: "SIMCO",
    16: "DDPSC",
    17: "DDPSSC",
    18: "S1AP",
    19: "RUA",
    20: "HNBAP",
    21: "ForCES HP",
    22: "ForCES MP",
    23: "ForCES LP",
    24: "SBc-AP",
    25: "NBAP",
    27: "X2AP",
}
_CHANNELS = {6704: "ForCES HP", 6705: "ForCES MP", 6706: "ForCES LP"}
_CHANNEL_PAYLOADS = (21, 22, 23)
_WRAP = 0xFFFFFFFF


class _Bad(Exception):
    """A chunk is shorter than its kind has to be."""


def show(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write a packet, from the addresses on, and its chunks."""
    scope.page.protocol = "sctp"
    write = scope.write
    if scope.length < _HEADER:
        write(f"truncated-sctp - {_HEADER - scope.length} bytes missing!")
        return
    if not scope.has(0, _HEADER):
        scope.truncated()
        return
    sport, dport = scope.u16(0), scope.u16(2)
    start, width = (8, 16) if network.u8(0) >> 4 == 6 else (12, 4)
    source = settings.host(network.octets(start, width))
    destination = settings.host(network.octets(start + width, width))
    write(f"{source}.{sport} > {destination}.{dport}: sctp")
    channel = False
    for port in (sport, dport):
        if port in _CHANNELS:
            write(f"[{_CHANNELS[port]}]")
            channel = True
    _chunks(scope, settings, channel)


def _chunks(scope: Scope, settings: Settings, channel: bool) -> None:
    """All chunks; the length that is left wraps as tcpdump's does, and the bytes end the walk."""
    write, offset, number = scope.write, _HEADER, 0
    left = scope.length - _HEADER
    separator = "\n\t" if settings.verbose >= 2 else " ("
    while left:
        number += 1
        if left < 4:
            write(f"{separator}{number}) [chunk descriptor cut off at end of packet]")
            return
        if not scope.has(offset, 4):
            scope.truncated()
            return
        kind, flags, size = scope.u8(offset), scope.u8(offset + 1), scope.u16(offset + 2)
        if size < 4:
            write(f"{separator}{number}) [Bad chunk length {size}, < size of chunk descriptor]")
            return
        padding = -size % 4
        if left < padding:
            write(f"{separator}{number}) [Bad chunk length {size}, > remaining data in packet]")
            return
        if not scope.has(offset, size):
            scope.truncated()
            return
        write(f"{separator}{number}) [{named(_CHUNKS, kind, 'Unknown chunk type: 0x%x')}] ")
        chunk = scope.sub(offset + 4, size - 4)
        try:
            if kind == _DATA:
                channel = _data(chunk, flags, channel, settings)
            elif kind in (_INIT, _INIT_ACK):
                _initiation(chunk)
            elif kind == _SACK:
                _acknowledgment(chunk)
        except _Bad:
            write(f"bogus chunk length {size}]")
            return
        if settings.verbose < 2:
            separator = ", ("
        offset += size
        left = (left - size) & _WRAP
        if padding:
            if not scope.has(offset, padding):
                scope.truncated()
                return
            offset += padding
            left = (left - padding) & _WRAP


def _data(chunk: Scope, flags: int, channel: bool, settings: Settings) -> bool:
    """User data; whether it is, or was before, one that ForCES channels carry."""
    write = chunk.write
    marks = f"{'(U)' if flags & 4 else ''}{'(B)' if flags & 2 else ''}{'(E)' if flags & 1 else ''}"
    if marks:
        write(f"{marks} ")
    if chunk.length < 12:
        raise _Bad
    payload = chunk.u32(8)
    write(f"[TSN: {chunk.u32(0)}] [SID: {chunk.u16(4)}] [SSEQ {chunk.u16(6)}] ")
    write(f"[PPID {named(_PAYLOADS, payload, '0x%x')}] ")
    channel = channel or payload in _CHANNEL_PAYLOADS
    if chunk.length == 12:
        raise _Bad
    if not channel and settings.verbose >= 2:
        write("[Payload")
        if not settings.suppress:
            write(":")
            chunk.dump(12)
        write("]")
    return channel


def _initiation(chunk: Scope) -> None:
    if chunk.length < 16:
        raise _Bad
    chunk.write(
        f"[init tag: {chunk.u32(0)}] [rwnd: {chunk.u32(4)}] [OS: {chunk.u16(8)}] "
        f"[MIS: {chunk.u16(10)}] [init TSN: {chunk.u32(12)}] "
    )


def _acknowledgment(chunk: Scope) -> None:
    if chunk.length < 12:
        raise _Bad
    write, acked, gaps, repeated = chunk.write, chunk.u32(0), chunk.u16(8), chunk.u16(10)
    write(f"[cum ack {acked}] [a_rwnd {chunk.u32(4)}] [#gap acks {gaps}] [#dup tsns {repeated}] ")
    offset = 12
    for number in range(1, gaps + 1):
        if offset == chunk.length:
            break
        if offset + 4 > chunk.length:
            raise _Bad
        start = (acked + chunk.u16(offset)) & _WRAP
        end = (acked + chunk.u16(offset + 2)) & _WRAP
        write(f"\n\t\t[gap ack block #{number}: start = {start}, end = {end}] ")
        offset += 4
    for number in range(1, repeated + 1):
        if offset == chunk.length:
            break
        if offset + 4 > chunk.length:
            raise _Bad
        write(f"\n\t\t[dup TSN #{number}: {chunk.u32(offset)}] ")
        offset += 4
