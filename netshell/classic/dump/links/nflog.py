"""Packets that Linux's netfilter logged (LINKTYPE_NFLOG): fields, and the packet in one of them.

The fields' lengths and kinds are in the byte order of the machine that captured: little-endian
here, as libpcap gives them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.internet import ip, ip6

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_HEADER = 4
_PAYLOAD = 9
_IPV4, _IPV6 = 2, 10
_FAMILIES = {_IPV4: "IPv4", _IPV6: "IPv6"}


def show(scope: Scope, settings: Settings, state: State) -> int:
    """Write a packet; how long its headers are."""
    scope.page.protocol = "nflog"
    captured, length = scope.left(), scope.length
    if captured < _HEADER:
        scope.truncated()
        return captured
    family, version = scope.u8(0), scope.u8(1)
    if version:
        scope.write(f"version {version} (unknown)")
        return _HEADER
    if settings.link_header:
        _header(scope, family, length, settings)
    offset = _HEADER
    while length > offset:
        if captured - offset < 4:
            scope.truncated()
            return offset
        size = int.from_bytes(scope.octets(offset, 2), "little")
        size = (size + 3) & 0xFFFC  # wraps as its 16 bits do
        if size < 4 or captured - offset < size:
            scope.truncated()
            return offset
        if int.from_bytes(scope.octets(offset + 2, 2), "little") == _PAYLOAD:
            offset += 4
            break
        offset += size
    inside = scope.sub(offset, (length - offset) & 0xFFFFFFFF)
    if family == _IPV4:
        ip.show(inside, settings, state)
    elif family == _IPV6:
        ip6.show(inside, settings, state)
    else:
        if not settings.link_header:
            _header(scope, family, inside.length + _HEADER, settings)
        if not settings.suppress:
            inside.dump(0, captured - offset)
    return offset


def _header(scope: Scope, family: int, length: int, settings: Settings) -> None:
    scope.write(f"version {scope.u8(1)}, resource ID {scope.u16(2)}")
    if settings.quiet:
        scope.write(f", {_FAMILIES.get(family, f'Unknown NFLOG (0x{family:02x})')}")
    else:
        scope.write(f", family {_FAMILIES.get(family, 'Unknown')} ({family})")
    scope.write(f", length {length}: ")
