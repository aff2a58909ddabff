"""Rx, the transport of AFS (its header and acknowledgments), on the ports that AFS has.

What the calls of AFS say is not read: their packets are written as any other's.
"""

from __future__ import annotations

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, named

_HEADER = 28
_DATA, _ACK = 1, 2
_TYPES = {
    **{_DATA: "data", _ACK: "ack", 3: "busy", 4: "abort", 5: "ackall", 6: "challenge"},
    **{7: "response", 8: "debug", 9: "params", 13: "version"},
}
# A flag, the only type that has it (0: all), its name
_FLAGS = (
    (0x01, 0, "client-init"),
    (0x02, 0, "req-ack"),
    (0x04, 0, "last-pckt"),
    (0x08, 0, "more-pckts"),
    (0x10, 0, "free-pckt"),
    (0x20, _ACK, "slow-start"),
    (0x20, _DATA, "jumbogram"),
)
_REASONS = {
    **{1: "ack requested", 2: "duplicate packet", 3: "out of sequence", 4: "exceeds window"},
    **{5: "no buffer space", 6: "ping", 7: "ping response", 8: "delay", 9: "idle"},
}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A packet; its length in parentheses."""
    write = scope.enter("rx").write
    if not scope.has(0, _HEADER):
        write(f" [|rx] ({scope.length})")
        return
    kind, flags = scope.u8(20), scope.u8(21)
    write(f" rx {named(_TYPES, kind, 'type %u')}")
    if settings.verbose > 1:
        write(f" cid {scope.u32(4):08x} call# {scope.u32(8)}")
    if settings.verbose:
        write(f" seq {scope.u32(12)} ser {scope.u32(16)}")
    if settings.verbose > 2:
        write(f" secindex {scope.u8(23)} serviceid {scope.u16(26)}")
    if settings.verbose > 1:
        names = [f"<{name}>" for bit, only, name in _FLAGS if flags & bit and only in (0, kind)]
        if names:
            write(f" {','.join(names)}")
    if kind == _ACK and scope.length >= _HEADER:
        _acknowledgment(scope, settings)
    write(f" ({scope.length})")


def _acknowledgment(scope: Scope, settings: Settings) -> None:
    """Which packets were received, from the first that was not on."""
    at = _HEADER
    if not scope.has(at, 18):
        scope.write(" [|ack]")
        return
    if settings.verbose > 2:
        scope.write(f" bufspace {scope.u16(at)} maxskew {scope.u16(at + 2)}")
    first, count = scope.u32(at + 4), scope.u8(at + 17)
    reason = named(_REASONS, scope.u8(at + 16), "#%u")
    scope.write(f" first {first} serial {scope.u32(at + 12)} reason {reason}")
    at += 18
    if not scope.has(at, count):
        scope.write(" [|ack]")
        return
    received = scope.octets(at, count)
    for value, word in ((1, "acked"), (0, "nacked")):
        runs = _runs(received, value, first)
        if runs:
            scope.write(f" {word} {runs}")
    at += count + 3
    if settings.verbose > 1:
        for title in ("ifmtu", "maxmtu", "rwind", "maxpackets"):
            if not scope.has(at, 4):
                return
            scope.write(f" {title} {scope.u32(at)}")
            at += 4


def _runs(received: bytes, value: int, first: int) -> str:
    """The numbers of the packets that have a value, those in a row as a range."""
    runs: list[tuple[int, int]] = []
    for index, one in enumerate(received):
        if one != value:
            continue
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    numbers = [tuple((first + index) & 0xFFFFFFFF for index in run) for run in runs]
    return ",".join(f"{start}-{end}" if start != end else str(start) for start, end in numbers)
