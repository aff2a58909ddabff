"""OSI's network layer (IS-IS, ES-IS, CLNP): which of them it is, and its length."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_NAMES = {0x81: "CLNP", 0x82: "ES-IS", 0x83: "IS-IS", 0x8E: "IPv6", 0xCC: "IPv4"}


def show(scope: Scope, settings: Settings) -> None:
    """Write the protocol's name and its length."""
    scope.page.protocol = "isoclns"
    kind = scope.u8(0)
    name = _NAMES.get(kind, f"Unknown NLPID (0x{kind:02x})")
    if settings.link_header:
        scope.write(f"OSI NLPID {name} (0x{kind:02x}): ")
    scope.write(f"{name}, length {scope.length}")
