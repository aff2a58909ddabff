"""RIP (RFC 1058, RFC 2453, authentication RFC 4822): the command; with -v the routes."""

from __future__ import annotations

from netshell.classic.dump.numbers import BSD_FAMILIES
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, escaped, named

_COMMANDS = {
    **{1: "Request", 2: "Response", 3: "Trace on", 4: "Trace off", 5: "Poll", 6: "Poll Entry"},
}
_REQUEST, _RESPONSE, _TRACE_OFF, _POLL, _POLL_ENTRY = 1, 2, 4, 5, 6
_IPV4, _AUTHENTICATION = 2, 0xFFFF
_ROUTE = 20
_PREFIXES = {(1 << 32) - (1 << 32 - length): length for length in range(33)}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message."""
    scope.enter("rip")
    size = min(scope.left(), scope.length)
    if size < 4:
        scope.truncated()
        return
    command, version = scope.u8(0), scope.u8(1)
    indent = "\n\t" if settings.verbose else ""
    scope.write(f"{indent}RIPv{version}")
    if not version:
        _dump(scope)
        return
    scope.write(f", {named(_COMMANDS, command, 'unknown command (%u)')}, length: {scope.length}")
    if not settings.verbose:
        return
    if command in (_REQUEST, _RESPONSE):
        if version in (1, 2):
            scope.write(f", routes: {scope.length // _ROUTE}{' or less' if version == 2 else ''}")
            _entries(scope, settings, version, 4, size)
        else:
            scope.write(", unknown version")
    elif command not in (_TRACE_OFF, _POLL, _POLL_ENTRY) and settings.verbose == 1:
        _dump(scope)
    if settings.verbose > 1:
        _dump(scope)


def _dump(scope: Scope) -> None:
    scope.unknown("\n\t", 0, scope.length)


def _entries(scope: Scope, settings: Settings, version: int, at: int, stop: int) -> None:
    show_one = _first if version == 1 else _second
    while at < stop:
        size = show_one(scope, settings, at, stop - at)
        if not size:
            scope.truncated()
            return
        if stop - at < size:
            scope.write(f" [remaining entries length {stop - at} < {size}]")
            scope.invalid()
            return
        at += size


def _first(scope: Scope, settings: Settings, at: int, left: int) -> int:
    """A route of version 1: its size, 0 where it is cut off."""
    if left < _ROUTE or not scope.has(at, _ROUTE):
        return 0
    family = scope.u16(at)
    if family not in (0, _IPV4):
        scope.write(f"\n\t AFI {named(BSD_FAMILIES, family, 'Unknown (%u)')}, ")
        scope.unknown("\n\t  ", at + 4, _ROUTE - 4)
    elif scope.u16(at + 2) or scope.u64(at + 8):
        scope.unknown("\n\t  ", at, _ROUTE)
    else:
        host = settings.host(scope.octets(at + 4, 4))
        kind = "" if family else "AFI 0, "
        scope.write(f"\n\t  {kind}{host}, metric: {scope.u32(at + 16)}")
    return _ROUTE


def _second(scope: Scope, settings: Settings, at: int, left: int) -> int:
    """An entry of version 2: its size, 0 where it is cut off."""
    if left < 4:
        return 0
    family = scope.u16(at)
    if family == _AUTHENTICATION:
        return _authentication(scope, at, left)
    if family not in (0, _IPV4):
        scope.write(f"\n\t  AFI {named(BSD_FAMILIES, family, 'Unknown (%u)')}")
        scope.unknown("\n\t  ", at + 4, _ROUTE - 4)
        return _ROUTE
    if left < _ROUTE or not scope.has(at, _ROUTE):
        return 0
    prefix = _PREFIXES.get(scope.u32(at + 8), -1)
    router, host = scope.octets(at + 12, 4), settings.host(scope.octets(at + 4, 4))
    scope.write(
        f"\n\t  AFI {named(BSD_FAMILIES, family, '%u')}, {host:>15}"
        f"/{prefix:<2}, tag 0x{scope.u16(at + 2):04x}, metric: {scope.u32(at + 16)}, next-hop: "
    )
    scope.write(settings.host(router) if any(router) else "self")
    return _ROUTE


def _authentication(scope: Scope, at: int, left: int) -> int:
    kind = scope.u16(at + 2)
    if kind == 2:
        scope.write("\n\t  Simple Text Authentication data: ")
        there = scope.rest(at + 4, 16)
        text, zero, _ = there.partition(b"\0")
        scope.write(escaped(text))
        if not zero:
            scope.need(at + 4, 16)
    elif kind == 3:
        if not scope.has(at + 4, 16) or left - 4 < 16:
            return 0
        scope.write(
            f"\n\t  Auth header: Packet Len {scope.u16(at + 4)}, Key-ID {scope.u8(at + 6)}"
            f", Auth Data Len {scope.u8(at + 7)}, SeqNo {scope.u32(at + 8)}"
            f", MBZ {scope.u32(at + 12)}, MBZ {scope.u32(at + 16)}"
        )
    else:
        title = "Auth trailer:" if kind == 1 else f"Unknown ({kind}) Authentication data:"
        scope.write(f"\n\t  {title}")
        scope.unknown("\n\t  ", at + 4, left - 4)
        return left
    return _ROUTE
