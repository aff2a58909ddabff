"""Spanning tree: 802.1D, rapid, multiple, shortest path bridging (IEEE 802.1Q clause 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.text import bits, named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_PLAIN, _RAPID, _MULTIPLE, _SHORTEST = 0, 2, 3, 4
_VERSIONS = {_PLAIN: "802.1d", _RAPID: "802.1w", _MULTIPLE: "802.1s", _SHORTEST: "802.1aq"}
_CONFIG, _RAPID_TYPE, _CHANGE = 0x00, 0x02, 0x80
_TYPES = {_CONFIG: "Config", _RAPID_TYPE: "Rapid STP", _CHANGE: "Topology Change"}
_FLAGS = {
    0x01: "Topology change",
    0x02: "Proposal",
    0x10: "Learn",
    0x20: "Forward",
    0x40: "Agreement",
    0x80: "Topology change ACK",
}
_ROLES = ("Unknown", "Alternate", "Root", "Designated")
_HEADER = 36
_MULTIPLE_LEAST = 102
_TREES = 102  # where the instances' own messages begin
_TREE = 16
_CONFIGURATION = 64


def show(scope: Scope, settings: Settings) -> None:
    """Write a bridge's message."""
    scope.page.protocol = "stp"
    write, length = scope.write, scope.length
    if length < 4:
        scope.invalid()
        return
    if scope.u16(0):
        write(f"unknown STP version, length {length}")
        return
    version = scope.u8(2)
    write(f"STP {named(_VERSIONS, version, 'Unknown STP protocol (0x%02x)')}")
    if version not in _VERSIONS:
        return
    kind = scope.u8(3)
    write(f", {named(_TYPES, kind, 'Unknown BPDU Type (0x%02x)')}")
    if kind == _CONFIG:
        if length < _HEADER - 1:
            scope.invalid()
        else:
            _configuration(scope, settings)
    elif kind == _RAPID_TYPE and version == _RAPID:
        if length < _HEADER:
            scope.invalid()
        else:
            _configuration(scope, settings)
    elif (
        kind == _RAPID_TYPE
        and version in (_MULTIPLE, _SHORTEST)
        and not _many(scope, version, settings)
    ):
        scope.invalid()


def _bridge(scope: Scope, offset: int) -> str:
    octets = scope.octets(offset, 8)
    return f"{octets[:2].hex()}.{octets[2:].hex(':')}"


def _times(scope: Scope) -> str:
    age, most, hello, delay = (scope.u16(offset) / 256 for offset in (27, 29, 31, 33))
    text = f"\n\tmessage-age {age:.2f}s, max-age {most:.2f}s"
    return f"{text}, hello-time {hello:.2f}s, forwarding-delay {delay:.2f}s"


def _configuration(scope: Scope, settings: Settings) -> None:
    write, flags = scope.write, scope.u8(4)
    write(f", Flags [{bits(_FLAGS, flags, 'none')}]")
    write(f", bridge-id {_bridge(scope, 17)}.{scope.u16(25):04x}, length {scope.length}")
    if not settings.verbose:
        return
    write(_times(scope))
    write(f"\n\troot-id {_bridge(scope, 5)}, root-pathcost {scope.u32(13)}")
    if scope.u8(2) == _RAPID:
        write(f", port-role {_ROLES[flags >> 2 & 3]}")


def _many(scope: Scope, version: int, settings: Settings) -> bool:
    """Messages with a tree for each of several VLANs; False where lengths contradict."""
    length = scope.length
    if length < _MULTIPLE_LEAST or scope.u8(35):
        return False
    size = scope.u16(36) + 2
    if length < _HEADER + size:
        return False
    _trees(scope, settings)
    if version == _SHORTEST:
        more = scope.u16(36 + size) + 2
        if length < _HEADER + size + more or more < 87:
            return False
        if settings.verbose:
            _shortest(scope.sub(_HEADER + size))
    return True


def _digest(scope: Scope, offset: int, count: int = 16) -> str:
    return scope.octets(offset, count).hex()


def _trees(scope: Scope, settings: Settings) -> None:
    write, flags = scope.write, scope.u8(4)
    write(f", CIST Flags [{bits(_FLAGS, flags, 'none')}], length {scope.length}")
    if not settings.verbose:
        return
    write(f"\n\tport-role {_ROLES[flags >> 2 & 3]}, ")
    write(f"CIST root-id {_bridge(scope, 5)}, CIST ext-pathcost {scope.u32(13)}")
    write(f"\n\tCIST regional-root-id {_bridge(scope, 17)}, ")
    write(f"CIST port-id {scope.u16(25):04x},")
    write(_times(scope))
    write(f"\n\tv3len {scope.u16(36)}, MCID Name ")
    scope.string(39, 32)
    write(f", rev {scope.u16(71)},\n\t\tdigest {_digest(scope, 73)}, ")
    write(f"CIST int-root-pathcost {scope.u32(89)},")
    write(f"\n\tCIST bridge-id {_bridge(scope, 93)}, ")
    write(f"CIST remaining-hops {scope.u8(101)}")
    left, offset = scope.u16(36) - _CONFIGURATION, _TREES
    while left >= _TREE:
        tree, flags = scope.u16(offset + 1) & 0x0FFF, scope.u8(offset)
        write(f"\n\tMSTI {tree}, Flags [{bits(_FLAGS, flags, 'none')}]")
        write(f", port-role {_ROLES[flags >> 2 & 3]}")
        cost = scope.u32(offset + 9)
        write(f"\n\t\tMSTI regional-root-id {_bridge(scope, offset + 1)}, pathcost {cost}")
        bridge, port, hops = (scope.u8(offset + at) for at in (13, 14, 15))
        write(f"\n\t\tMSTI bridge-prio {bridge >> 4}, port-prio {port >> 4}, hops {hops}")
        left -= _TREE
        offset += _TREE


def _shortest(scope: Scope) -> None:
    write = scope.write
    write(f"\n\tv4len {scope.u16(0)}, AUXMCID Name ")
    scope.string(3, 32)
    write(f", Rev {scope.u16(35)},\n\t\tdigest {_digest(scope, 37)}")
    agreement, form, convention = scope.u8(53), scope.u8(55), scope.u8(56)
    edges, digest = scope.u16(57), _digest(scope, 67, 20)
    write(
        f"\n\tAgreement num {agreement >> 6}, Discarded Agreement num {agreement >> 4 & 3}"
        f", Agreement valid-flag {agreement >> 3 & 1},\n\tRestricted role-flag: "
        f"{agreement >> 2 & 1}, Format id {form >> 4} cap {form}, Convention id "
        f"{convention >> 4} cap {convention},\n\tEdge count {edges}, Agreement digest {digest}"
    )
