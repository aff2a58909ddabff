"""Novell's IPX: addresses, and what is inside by its socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_HEADER = 30
_SOCKETS = {
    0x0451: "ipx-ncp",
    0x0455: "ipx-netbios",
    0x0456: "ipx-diags",
    0x0553: "ipx-nwlink-dgm",
}


def show(scope: Scope, settings: Settings) -> None:
    """Write a packet."""
    scope.page.protocol = "ipx"
    write = scope.write
    if not settings.link_header:
        write("IPX ")
    write(f"{_end(scope, 18)} > ")
    write(f"{_end(scope, 6)}: ")
    length = scope.u16(2)
    if length < _HEADER:
        write(f"[length {length} < {_HEADER}]")
        scope.invalid()
        return
    socket = scope.u16(16)
    write(f"{_SOCKETS.get(socket, f'ipx-#{socket:x}')} {length - _HEADER}")


def _end(scope: Scope, offset: int) -> str:
    """Network, node and socket."""
    network, node = scope.octets(offset, 4).hex(), scope.octets(offset + 4, 6).hex(":")
    return f"{network}.{node}.{scope.u16(offset + 10):04x}"
