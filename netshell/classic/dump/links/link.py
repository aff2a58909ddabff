"""Link headers: which printer a capture's link type has, and what an EtherType stands for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from netshell.classic.dump.internet import ip
from netshell.classic.dump.links import ethernet

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

Link = Callable[["Scope", "Settings", "State"], int]
"""A printer of whole packets; how many bytes the link header had."""

Ends = tuple[bytes, bytes]
"""The hardware addresses of a frame: where it comes from, where it goes."""

_BSD_IPV6 = (24, 28, 30)


def raw(scope: Scope, settings: Settings, state: State) -> int:
    """DLT_RAW, DLT_IPV4, DLT_IPV6: no header at all."""
    scope.page.protocol = "raw"
    if settings.link_header:
        scope.write("ip: ")
    ip.show_any(scope, settings, state)
    return 0


def null(scope: Scope, settings: Settings, state: State) -> int:
    """DLT_NULL and DLT_LOOP: an address family, in the byte order of whoever captured it."""
    from netshell.classic.dump.internet import ip6
    from netshell.classic.dump.numbers import BSD_FAMILIES

    scope.page.protocol = "null"
    family = int.from_bytes(scope.octets(0, 4), "little")
    if family & 0xFFFF0000:
        family = int.from_bytes(family.to_bytes(4, "little"), "big")
    if settings.quiet:
        header = BSD_FAMILIES.get(family, f"Unknown AF {family}")
    else:
        header = f"AF {BSD_FAMILIES.get(family, 'Unknown')} ({family})"
    header += f", length {scope.length}: "
    if settings.link_header:
        scope.write(header)
    inside = scope.sub(4, scope.length - 4)
    if family == 2:
        ip.show(inside, settings, state)
    elif family in _BSD_IPV6:
        ip6.show(inside, settings, state)
    else:
        if not settings.link_header:
            scope.write(header)
        if not settings.suppress:
            inside.dump(0, inside.left())
    return 4


def _later(module: str, function: str = "show") -> Link:
    """A printer of this folder that is loaded when a packet needs it."""

    def show(scope: Scope, settings: Settings, state: State) -> int:
        found = import_module(f"netshell.classic.dump.links.{module}")
        length: int = getattr(found, function)(scope, settings, state)
        return length

    return show


def unsupported(scope: Scope, settings: Settings, state: State) -> int:
    """A link type without a printer, of tcpdump or here: that it is one, and its bytes."""
    scope.enter("unsupported").write("UNSUPPORTED")
    scope.dump(0, scope.left())
    return 0


LINKS: dict[int, Link] = {
    0: null,
    1: ethernet.show,
    9: _later("ppp", "show_link"),
    12: raw,
    14: raw,
    50: _later("ppp", "show_serial"),
    51: _later("pppoe"),  # PPPoE without the Ethernet header
    101: raw,
    104: _later("chdlc"),
    108: null,
    113: _later("sll"),
    228: raw,
    229: raw,
    239: _later("nflog"),
    276: _later("sll", "show2"),
}
"""By DLT or LINKTYPE number: the few that differ (12, 14 and 101; 108) stand here both ways."""
