"""What an OSI network layer protocol identifier stands for: the protocol's name and length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.internet import ip, ip6

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_NAMES = {
    0x00: "NULL",
    0x08: "Q.933",
    0x09: "LMI",
    0x80: "SNAP",
    0x81: "CLNP",
    0x82: "ES-IS",
    0x83: "IS-IS",
    0x84: "CONS",
    0x85: "IDRP",
    0xC1: "ISIS_SPB",
    0xB1: "FRF.15",
    0xCC: "IPv4",
    0xCF: "PPP",
    0x8A: "X25 ES-IS",
    0x8E: "IPv6",
}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """Write a packet of IP in full, one of another protocol by its name and length."""
    scope.page.protocol = "isoclns"
    write, length, kind = scope.write, scope.length, scope.u8(0)
    separator = "" if settings.link_header else ", "
    if settings.link_header:
        write(f"OSI NLPID {_NAMES.get(kind, 'Unknown')} (0x{kind:02x}): ")
    if kind == 0xCC:
        ip.show(scope.sub(1, length - 1), settings, state)
    elif kind == 0x8E:
        ip6.show(scope.sub(1, length - 1), settings, state)
    elif kind == 0xCF:
        from netshell.classic.dump.links import ppp

        ppp.show(scope.sub(1, length - 1), settings, state)
    elif kind == 0x00:
        write(f"{separator}length: {length}")
    elif kind in (0x08, 0x81, 0x82, 0x83):
        write(f"{_NAMES[kind]}, length {length}")
    else:
        if not settings.link_header:
            write(f"OSI NLPID 0x{kind:02x} unknown")
        write(f"{separator}length: {length}")
        if length > 1:
            scope.unknown("\n\t", 0, length)
