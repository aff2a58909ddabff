"""Routing protocols over IP: what each message is, and OSPF's greetings in full.

OSPF (RFC 2328, RFC 5340), PIM (RFC 7761), EIGRP (RFC 7868), RSVP (RFC 2205).
With -v, tcpdump writes more of the other messages than this does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.text import bits, named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_HELLO = 1
_OSPF = {
    _HELLO: "Hello",
    2: "Database Description",
    3: "LS-Request",
    4: "LS-Update",
    5: "LS-Ack",
}
_AUTHENTICATIONS = {0: "none", 1: "simple", 2: "MD5"}
_DIGEST = 16  # bytes behind a packet that is authenticated by MD5
_OPTIONS = {
    0x01: "MultiTopology",
    0x02: "External",
    0x04: "Multicast",
    0x08: "NSSA",
    0x10: "LLS",
    0x20: "Demand Circuit",
    0x40: "Opaque",
    0x80: "Up/Down",
}
_PIM = {
    0: "Hello",
    1: "Register",
    2: "Register Stop",
    3: "Join / Prune",
    4: "Bootstrap",
    5: "Assert",
    6: "Graft",
    7: "Graft Acknowledgement",
    8: "Candidate RP Advertisement",
    9: "Prune Refresh",
    10: "DF Election",
    11: "ECMP Redirect",
}
_EIGRP = {1: "Update", 3: "Query", 4: "Reply", 5: "Hello", 6: "IPX SAP", 7: "Probe"}
_RSVP = {
    1: "Path",
    2: "Resv",
    3: "PathErr",
    4: "ResvErr",
    5: "PathTear",
    6: "ResvTear",
    7: "ResvConf",
    12: "Bundle",
    13: "Acknowledgement",
    14: "Hello (Old)",
    15: "Refresh",
    20: "Hello",
}


def show_ospf(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write an OSPF packet; its version is IP's."""
    if network.u8(0) >> 4 == 6:
        _ospf3(scope, settings)
        return
    scope.page.protocol = "ospf2"
    write, method = scope.write, scope.u16(14)
    if method == 2:
        scope = scope.sub(0, (scope.length - _DIGEST) & 0xFFFFFFFF)
        scope.end -= _DIGEST
    kind = scope.u8(1)
    name = named(_OSPF, kind, "unknown LS-type %u")
    write(f"OSPFv{scope.u8(0)}, {name}, length {scope.length}")
    if kind not in _OSPF or not settings.verbose:
        return
    length = scope.u16(2)
    if length != scope.length:
        write(f" [len {length}]")
    _router(scope, settings)
    if not scope.has(16, 8):
        scope.truncated()
        return
    write(f", Authentication Type: {_AUTHENTICATIONS.get(method, 'unknown')} ({method})")
    if method == 1:
        write("\n\tSimple text password: ")
        scope.string(16, 8)
    elif method == 2:
        write(f"\n\tKey-ID: {scope.u8(18)}, Auth-Length: {scope.u8(19)}")
        write(f", Crypto Sequence Number: 0x{scope.u32(20):08x}")
    elif method:
        return
    if scope.u8(0) != 2:
        write(f" ospf [version {scope.u8(0)}]")
    elif kind == _HELLO:
        _greeting(scope, min(length, scope.length), settings)


def _router(scope: Scope, settings: Settings) -> None:
    """Which router, of which area."""
    scope.write(f"\n\tRouter-ID {settings.host(scope.octets(4, 4))}")
    area = scope.octets(8, 4)
    scope.write(f", Area {settings.host(area)}" if any(area) else ", Backbone Area")


def _greeting(scope: Scope, end: int, settings: Settings) -> None:
    """A hello of OSPFv2 (RFC 2328 section A.3.2)."""
    write, host = scope.write, settings.host
    write(f"\n\tOptions [{bits(_OPTIONS, scope.u8(30), 'none')}]")
    hello, dead, mask = scope.u16(28), scope.u32(32), host(scope.octets(24, 4))
    write(f"\n\t  Hello Timer {hello}s, Dead Timer {dead}s, Mask {mask}")
    write(f", Priority {scope.u8(31)}")
    designated, backup = scope.octets(36, 4), scope.octets(40, 4)
    if any(designated):
        write(f"\n\t  Designated Router {host(designated)}")
    if any(backup):
        write(f", Backup Designated Router {host(backup)}")
    if end > 44:
        write("\n\t  Neighbor List:")
    for offset in range(44, end, 4):
        write(f"\n\t    {host(scope.octets(offset, 4))}")


def _ospf3(scope: Scope, settings: Settings) -> None:
    scope.page.protocol = "ospf3"
    write, kind = scope.write, scope.u8(1)
    name = named(_OSPF, kind, "unknown packet type (%u)")
    write(f"OSPFv{scope.u8(0)}, {name}, length {scope.length}")
    if kind not in _OSPF or not settings.verbose:
        return
    length = scope.u16(2)
    if length > scope.length:
        write(f" [len {length}]")
        return
    _router(scope, settings)
    if scope.u8(14):
        write(f", Instance {scope.u8(14)}")


def show_pim(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write what a PIM message is."""
    scope.page.protocol = "pim"
    version, kind = scope.u8(0) >> 4, scope.u8(0) & 0x0F
    name = _PIM.get(kind, "Unknown Type")
    if version != 2:
        scope.write(f"PIMv{version}, length {scope.length}")
    elif settings.verbose:
        scope.write(f"PIMv2, length {scope.length}\n\t{name}")
    else:
        scope.write(f"PIMv2, {name}, length {scope.length}")


def show_eigrp(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write what an EIGRP message is."""
    scope.page.protocol = "eigrp"
    if not scope.has(0, 20):
        scope.truncated()
        return
    version = scope.u8(0)
    if version != 2:
        scope.write(f"EIGRP version {version} packet not supported")
        return
    scope.write(f"EIGRP {named(_EIGRP, scope.u8(1), 'unknown (%u)')}, length: {scope.length}")


def show_rsvp(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write what an RSVP message is."""
    scope.page.protocol = "rsvp"
    if not scope.has(0, 8):
        scope.truncated()
        return
    version = scope.u8(0) >> 4
    if version != 1:
        scope.write(f"ERROR: RSVP version {version} packet not supported")
        return
    name = named(_RSVP, scope.u8(1), "unknown (%u)")
    scope.write(f"RSVPv1 {name} Message, length: {scope.length}")
