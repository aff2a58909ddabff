"""RPL, the routing protocol of low-power networks, in ICMPv6 (RFC 6550 section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_MODES = {0: "nonstoring", 1: "storing", 2: "nonstoring-multicast", 3: "storing-multicast"}
_OPTIONS = {
    0: "pad1",
    1: "padN",
    2: "metrics",
    3: "routinginfo",
    4: "config",
    5: "rpltarget",
    6: "transitinfo",
    8: "destprefix",
    9: "rpltargetdesc",
}
_OBJECT = 24  # length of an information object without options
_SHORT = " [|length too short]"
_SHORT_REPLY = " [|dao-length too short]"


def show(scope: Scope, code: int, settings: Settings) -> None:
    """Write a message by its code; `scope` begins behind the checksum."""
    write, verbose = scope.write, settings.verbose
    if code & 0x80:
        write(", (SEC) [worktodo]")
        return
    write(", (CLR)")
    if code == 0:
        write("DODAG Information Solicitation")
    elif code == 1:
        write("DODAG Information Object")
        if verbose:
            _object(scope, settings)
    elif code == 2:
        write("Destination Advertisement Object")
        if verbose:
            _advertisement(scope, settings)
    elif code == 3:
        write("Destination Advertisement Object Ack")
        if verbose:
            _reply(scope, settings)
    else:
        write(f"RPL message, unknown code {code}")


def _object(scope: Scope, settings: Settings) -> None:
    if scope.length < _OBJECT:
        scope.write(f" [length {scope.length} < {_OBJECT}]")
        scope.invalid()
        return
    graph = settings.host(scope.octets(8, 16))
    mode = scope.u8(4)
    scope.write(
        f" [dagid:{graph},seq:{scope.u8(5)},instance:{scope.u8(0)},rank:{scope.u16(2)},"
        f"{'grounded,' if mode & 0x80 else ''}mop:{named(_MODES, mode >> 3 & 7, 'mop%u')},"
        f"prf:{mode & 7}]"
    )
    if settings.verbose > 1:
        _options(scope.sub(_OBJECT, scope.length - _OBJECT), settings)


def _graph(scope: Scope, flag: int, settings: Settings, short: str) -> tuple[str, int] | None:
    """The graph a message is about, and where its options begin; None, with a mark, if cut off."""
    if not scope.has(0, 4):
        scope.truncated()
        return None
    if scope.length < 4:
        scope.write(short)
        return None
    if not scope.u8(1) & flag:
        return "<elided>", 4
    if not scope.has(4, 16):
        scope.truncated()
        return None
    if scope.length < 20:
        scope.write(short)
        return None
    return settings.host(scope.octets(4, 16)), 20


def _advertisement(scope: Scope, settings: Settings) -> None:
    if not scope.has(0, 20):
        scope.truncated()
        return
    found = _graph(scope, 0x40, settings, _SHORT)
    if found is None:
        return
    graph, offset = found
    flags = scope.u8(1)
    scope.write(
        f" [dagid:{graph},seq:{scope.u8(3)},instance:{scope.u8(0)}"
        f"{',acK' if flags & 0x80 else ''}{',Dagid' if flags & 0x40 else ''},{flags:02x}]"
    )
    if settings.verbose > 1:
        _options(scope.sub(offset, scope.length - offset), settings)


def _reply(scope: Scope, settings: Settings) -> None:
    found = _graph(scope, 0x80, settings, _SHORT_REPLY)
    if found is None:
        return
    graph, offset = found
    scope.write(f" [dagid:{graph},seq:{scope.u8(2)},instance:{scope.u8(0)},status:{scope.u8(3)}]")
    if settings.verbose > 1:
        _options(scope.sub(offset, scope.length - offset), settings)


def _options(scope: Scope, settings: Settings) -> None:
    offset = 0
    while offset < scope.length:
        kind, size = scope.u8(offset), 1
        if kind == 0:
            scope.write(" opt:pad1")
        else:
            if scope.length - offset < 2:
                scope.truncated()
                return
            size = scope.u8(offset + 1) + 2
            scope.write(f" opt:{named(_OPTIONS, kind, 'subopt:%u')} len:{size} ")
            if not scope.has(offset, size) or scope.length - offset < size:
                scope.truncated()
                return
            if settings.verbose > 2:
                scope.hexadecimal(" ", offset + 2, size - 2)
        offset += size
