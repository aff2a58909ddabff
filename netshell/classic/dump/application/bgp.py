"""BGP-4 (RFC 4271) over TCP: its name; with -v every message that begins in the segment.

The attributes of updates are in ``bgp_attributes``.
"""

from __future__ import annotations

from netshell.classic.dump.numbers import FAMILIES
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, escaped, named

_MARKER = b"\xff" * 16
_HEADER = 19
_OPEN, _UPDATE, _NOTIFICATION, _KEEPALIVE, _REFRESH = range(1, 6)
_MESSAGES = {
    **{_OPEN: "Open", _UPDATE: "Update", _NOTIFICATION: "Notification"},
    **{_KEEPALIVE: "Keepalive", _REFRESH: "Route Refresh"},
}
SUBFAMILIES = {
    **{0: "Reserved", 1: "Unicast", 2: "Multicast", 3: "Unicast+Multicast"},
    **{4: "labeled Unicast", 5: "Multicast VPN", 64: "Tunnel", 65: "VPLS", 66: "MDT"},
    **{70: "EVPN", 128: "labeled VPN Unicast", 129: "labeled VPN Multicast"},
    **{130: "labeled VPN Unicast+Multicast", 132: "Route Target Routing Information"},
}
_CAPABILITIES = {
    1: "Multiprotocol Extensions",
    2: "Route Refresh",
    3: "Cooperative Route Filtering",
    4: "Multiple Routes to a Destination",
    5: "Extended Next Hop Encoding",
    8: "Multiple Labels",
    64: "Graceful Restart",
    65: "32-Bit AS Number",
    67: "Dynamic Capability",
    68: "Multisession BGP",
    69: "Multiple Paths",
    70: "Enhanced Route Refresh",
    71: "Long-lived Graceful Restart",
    128: "Route Refresh (Cisco)",
}
_WITHOUT_DATA = (2, 71, 128)
_OPTIONS = {1: "Authentication Information", 2: "Capabilities Advertisement"}
_PATHS = {1: "Receive", 2: "Send", 3: "Both"}
_CEASE = 6
# An error's name, what stands before its subcode, and the subcodes' names
_ERRORS: dict[int, tuple[str, str, dict[int, str]]] = {
    1: (
        "Message Header Error",
        ", subcode ",
        {1: "Connection Not Synchronized", 2: "Bad Message Length", 3: "Bad Message Type"},
    ),
    2: (
        "OPEN Message Error",
        ", subcode ",
        {
            1: "Unsupported Version Number",
            2: "Bad Peer AS",
            3: "Bad BGP Identifier",
            4: "Unsupported Optional Parameter",
            5: "Authentication Failure",
            6: "Unacceptable Hold Time",
            7: "Capability Message Error",
        },
    ),
    3: (
        "UPDATE Message Error",
        ", subcode ",
        {
            1: "Malformed Attribute List",
            2: "Unrecognized Well-known Attribute",
            3: "Missing Well-known Attribute",
            4: "Attribute Flags Error",
            5: "Attribute Length Error",
            6: "Invalid ORIGIN Attribute",
            7: "AS Routing Loop",
            8: "Invalid NEXT_HOP Attribute",
            9: "Optional Attribute Error",
            10: "Invalid Network Field",
            11: "Malformed AS_PATH",
        },
    ),
    4: ("Hold Timer Expired", "", {}),
    5: (
        "Finite State Machine Error",
        " subcode ",
        {
            0: "Unspecified Error",
            1: "In OpenSent State",
            2: "In OpenConfirm State",
            3: "In Established State",
        },
    ),
    _CEASE: (
        "Cease",
        ", subcode ",
        {
            1: "Maximum Number of Prefixes Reached",
            2: "Administrative Shutdown",
            3: "Peer Unconfigured",
            4: "Administrative Reset",
            5: "Connection Rejected",
            6: "Other Configuration Change",
            7: "Connection Collision Resolution",
        },
    ),
    7: (
        "Capability Message Error",
        " subcode ",
        {
            1: "Invalid Action Value",
            2: "Invalid Capability Length",
            3: "Malformed Capability Value",
            4: "Unsupported Capability Code",
        },
    ),
}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A segment: its messages, found by their markers."""
    scope.enter("bgp").write(": BGP")
    if not settings.verbose:
        return
    octets = scope.rest()
    start = 0
    while True:
        at = octets.find(_MARKER, start)
        if at < 0:
            return
        if not scope.has(at, _HEADER):
            scope.truncated()
            return
        if at != start:
            scope.truncated()
        size, kind = scope.u16(at + 16), scope.u8(at + 18)
        if size < _HEADER:
            scope.write(f"\nmessage length {size} < {_HEADER}")
            scope.invalid()
            return
        if not scope.has(at, size):
            scope.write(f"\n[|BGP {named(_MESSAGES, kind, 'Unknown Message Type')}]")
            return
        scope.write(f"\n\t{named(_MESSAGES, kind, 'Unknown')} Message ({kind}), length: {size}")
        _message(scope.sub(at, size), settings, kind)
        start = at + size


def _message(message: Scope, settings: Settings, kind: int) -> None:
    if kind == _OPEN:
        complete = _open(message, settings)
    elif kind == _UPDATE:
        from netshell.classic.dump.application import bgp_attributes

        complete = bgp_attributes.show_update(message, settings, _HEADER)
    elif kind == _NOTIFICATION:
        complete = _notification(message)
    elif kind == _REFRESH:
        complete = _refresh(message, settings)
    else:
        complete = True
        if kind != _KEEPALIVE:
            message.write(f"\n\t  no Message {kind} decoder")
            message.unknown("\n\t  ", 0, message.length)
    if not complete:
        message.truncated()


def families(scope: Scope, at: int, sub: int) -> str:
    """An address family at `at` and the subsequent one at `sub`."""
    family, subfamily = scope.u16(at), scope.u8(sub)
    return (
        f"AFI {named(FAMILIES, family, 'Unknown')} ({family})"
        f", SAFI {named(SUBFAMILIES, subfamily, 'Unknown')} ({subfamily})"
    )


def _open(message: Scope, settings: Settings) -> bool:
    if not message.has(0, 29) or message.length < 29:
        return False
    write = message.write
    size = message.u8(28)
    write(
        f"\n\t  Version {message.u8(19)}, my AS {message.u16(20)}, "
        f"Holdtime {message.u16(22)}s, ID {settings.host(message.octets(24, 4))}"
        f"\n\t  Optional parameters, length: {size}"
    )
    at, stop = 29, 29 + size
    while at < stop:
        if not message.has(at, 2) or message.length < at + 2:
            return False
        kind, inner = message.u8(at), message.u8(at + 1)
        if at + 2 + inner > stop:
            write(f"\n\t     Option {kind}, length: {inner}, goes past the end of the options")
            break
        write(f"\n\t    Option {named(_OPTIONS, kind, 'Unknown')} ({kind}), length: {inner}")
        if kind != 2:
            write(f"\n\t      no decoder for option {kind}")
        elif not _capabilities(message, settings, at + 2, inner):
            message.truncated()
        at += 2 + inner
    return True


def _capabilities(message: Scope, settings: Settings, at: int, size: int) -> bool:
    write, stop = message.write, at + size
    while at < stop:
        if not message.has(at, 2):
            return False
        kind, inner = message.u8(at), message.u8(at + 1)
        write(f"\n\t      {named(_CAPABILITIES, kind, 'Unknown')} ({kind}), length: {inner}")
        at += 2
        if not message.has(at, inner):
            return False
        least = {1: 4, 64: 2, 65: 4}.get(kind, 0)
        if inner < least:
            write(f" (too short, < {least})")
            return True
        if kind == 1:
            write(f"\n\t\t{families(message, at, at + 3)}")
        elif kind == 8:
            for step in range(at, at + inner // 4 * 4, 4):
                write(f"\n\t\t{families(message, step, step + 2)}, Count: {message.u8(step + 3)}")
        elif kind == 64:
            flags = message.u16(at)
            restarting = "R" if flags & 0x8000 else "none"
            write(f"\n\t\tRestart Flags: [{restarting}], Restart Time {flags & 0xFFF}s")
            for step in range(at + 2, at + 2 + (inner - 2) // 4 * 4, 4):
                kept = "yes" if message.u8(step + 3) & 0x80 else "no"
                write(f"\n\t\t  {families(message, step, step + 2)}")
                write(f", Forwarding state preserved: {kept}")
        elif kind == 65:
            write(f"\n\t\t 4 Byte AS {message.u32(at)}")
        elif kind == 69:
            _paths(message, at, inner)
        elif kind not in _WITHOUT_DATA:
            write(f"\n\t\tno decoder for Capability {kind}")
            if settings.verbose <= 1:
                message.unknown("\n\t\t", at, inner)
        if settings.verbose > 1 and inner:
            message.unknown("\n\t\t", at, inner)
        at += inner
    return True


def _paths(message: Scope, at: int, size: int) -> None:
    """Which families have several paths to a destination (RFC 7911)."""
    if not size:
        message.write(" (bogus)")
    for step in range(at, at + size // 4 * 4, 4):
        both = named(_PATHS, message.u8(step + 3), "Bogus (0x%02x)")
        message.write(f"\n\t\t{families(message, step, step + 2)}, Send/Receive: {both}")
    if size % 4:
        message.invalid()


def _notification(message: Scope) -> bool:
    if not message.has(0, 21):
        return False
    if message.length < 21:
        return True
    major, minor = message.u8(19), message.u8(20)
    name, before, minors = _ERRORS.get(major, ("Unknown Error", "", {}))
    message.write(f", {name} ({major})")
    if before:
        message.write(f"{before}{named(minors, minor, 'Unknown')} ({minor})")
    if major == _CEASE:
        if minor == 1 and message.length >= 28:
            message.write(f", {families(message, 21, 23)}, Max Prefixes: {message.u32(24)}")
        if minor in (2, 4) and message.length > 21:
            _farewell(message)
    return True


def _farewell(message: Scope) -> None:
    """What the operator has to say about it (RFC 9003)."""
    size, at = message.u8(21), 21
    if size > message.length - 22:
        message.write(", invalid Shutdown Communication length")
    elif not size:
        message.write(", empty Shutdown Communication")
        at += 1
    else:
        message.write(f', Shutdown Communication (length: {size}): "')
        message.write(f'{escaped(message.octets(22, size))}"')
        at += 1 + size
    left = message.length - at
    if left:
        message.write(f", Data: (length: {left})")
        message.hexadecimal("\n\t\t", at, left)


def _refresh(message: Scope, settings: Settings) -> bool:
    if not message.has(0, 23):
        return False
    if message.length < 23:
        return True
    message.write(f"\n\t  {families(message, 19, 22)}")
    if settings.verbose > 1:
        message.unknown("\n\t  ", 0, message.length)
    return True
