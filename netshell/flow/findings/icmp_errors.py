"""What ICMP says about the segments of a capture: errors that quote them.

An error has the headers of the packet it is about inside (RFC 792, RFC 4443 section 3.1). They are
looked for when a finding that they explain is put into words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netshell.flow.findings.handshakes import columns, flow_at
from netshell.flow.findings.once import once
from netshell.packet import ip
from netshell.packet.icmp import describe

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

_MAPPED = bytes(10) + b"\xff\xff"
_TYPES = {4: (3, 11), 6: (1, 2, 3)}  # unreachable, (too big,) time exceeded
MOST = 100_000  # a flood of them is not read to its end


@dataclass(frozen=True, slots=True)
class Error:
    """One ICMP error: its packet, what it says, and the MTU it names (0: none)."""

    packet: int
    text: str
    too_big: bool
    mtu: int
    seq: int | None  # of the segment it quotes, as written there; None if that was cut off


@dataclass(frozen=True, slots=True)
class Errors:
    """All of a capture: by address and port of both ends of what they quote, sender first."""

    by_ends: Mapping[bytes, list[Error]]
    whole: bool  # whether all packets of the capture were there to be looked at


@once
def _errors(run: Running) -> Errors:
    found: dict[bytes, list[Error]] = {}
    seen = looked = 0
    source = run.segments.source
    for start, fields, chunk in source.parts():
        seen += len(chunk)
        proto = fields.group("flow")["proto"]
        for row in np.flatnonzero((proto == ip.ICMP) | (proto == ip.ICMPV6)).tolist():
            first = fields.at("payload_offset", row)
            if first < 0 or looked >= MOST:
                continue
            version = 4 if proto[row] == ip.ICMP else 6
            message = chunk.frame(row)[first:]
            if not message or message[0] not in _TYPES[version]:
                continue
            looked += 1
            ends, seq = _quoted(message[8:], version)
            if ends is not None:
                found.setdefault(ends, []).append(_error(start + row, message, version, seq))
    return Errors(found, seen == source.total and looked < MOST)


def about(run: Running, row: int) -> list[Error]:
    """The ICMP errors about what the sender of a row sent in its flow.

    One that quotes a number that was never sent is forged, or about something else (RFC 5927 4.1).
    """
    segments, flow = run.segments, flow_at(run, row)
    flows, number = columns(run), int(segments.numbers[flow])
    ends = [
        flows.client[number].tobytes() + int(flows.client_port[number]).to_bytes(2),
        flows.server[number].tobytes() + int(flows.server_port[number]).to_bytes(2),
    ]
    if not segments.from_client[row]:
        ends.reverse()
    found = _errors(run).by_ends.get(b"".join(ends), [])
    base = int(segments.base[flow, int(not segments.from_client[row])])
    if not found or base < 0:
        return found
    rows = np.arange(int(segments.begin[flow]), int(segments.begin[flow + 1]))
    rows = rows[segments.from_client[rows] == segments.from_client[row]]
    low, high = int(segments.seq[rows].min()), int(segments.end[rows].max())
    return [
        each
        for each in found
        if each.seq is None or (each.seq - base - low) % (1 << 32) <= high - low
    ]


def are_all_known(run: Running) -> bool:
    """Whether an error that was captured would have been found."""
    return _errors(run).whole


def _quoted(header: bytes, version: int) -> tuple[bytes | None, int | None]:
    """Addresses and ports of a quoted TCP segment, as the keys have them, and its number."""
    if version == 4:
        if len(header) < 20 or header[9] != ip.TCP:
            return None, None
        size = (header[0] & 15) * 4
        source, target = _MAPPED + header[12:16], _MAPPED + header[16:20]
    else:
        if len(header) < 40 or header[6] != ip.TCP:
            return None, None
        size, source, target = 40, header[8:24], header[24:40]
    ports = header[size : size + 4]
    if len(ports) < 4:
        return None, None
    seq = header[size + 4 : size + 8]
    number = int.from_bytes(seq) if len(seq) == 4 else None
    return source + ports[:2] + target + ports[2:], number


def _error(packet: int, message: bytes, version: int, seq: int | None) -> Error:
    kind, code = message[0], message[1]
    too_big = (kind, code) == (3, 4) if version == 4 else kind == 2
    mtu = int.from_bytes(message[6:8] if version == 4 else message[4:8]) if too_big else 0
    name = "ICMP" if version == 4 else "ICMPv6"
    return Error(packet, f"{name} {describe(message[:2], version)}", too_big, mtu, seq)
