"""MPLS label stacks (RFC 3032) and what is guessed to be behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.internet import ip, ip6

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_NAMES = {0: "IPv4 explicit NULL", 1: "router alert", 2: "IPv6 explicit NULL", 3: "implicit NULL"}
_RESERVED = 16


def show(scope: Scope, settings: Settings, state: State) -> None:
    """Write the labels and the packet behind them."""
    scope.page.protocol = "mpls"
    write, verbose = scope.write, settings.verbose
    write("MPLS")
    offset, entry = 0, 0
    while not entry & 0x100:
        if scope.length - offset < 4:
            scope.invalid()
            scope.need(offset, max(scope.length - offset, 0))
            return
        entry = scope.u32(offset)
        label = entry >> 12
        write(f"{chr(10) + chr(9) if offset and verbose else ' '}(label {label}")
        if verbose and label < _RESERVED:
            write(f" ({_NAMES.get(label, 'rsvd')})")
        write(f", tc {entry >> 9 & 7}{', [S]' if entry & 0x100 else ''}, ttl {entry & 0xFF})")
        offset += 4
    inside = scope.sub(offset, scope.length - offset)
    if label in (0, 3):
        first = 0x45
    elif label == 2:
        first = 0x60
    elif inside.length < 1:
        return
    else:
        first = inside.u8(0)
    separator = "\n\t" if verbose else " "
    if 0x45 <= first <= 0x4F:
        write(separator)
        ip.show(inside, settings, state)
    elif 0x60 <= first <= 0x6F:
        write(separator)
        ip6.show(inside, settings, state)
    elif 0x81 <= first <= 0x83:
        from netshell.classic.dump.links import osi

        write(separator)
        osi.show(inside, settings, state)
    elif not settings.suppress:
        inside.dump()
