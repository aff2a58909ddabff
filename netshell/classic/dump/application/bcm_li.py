"""The header that Broadcom's switches put before packets mirrored for lawful interception.

Its port is the first of those that clients get (49152), so that much of what is written as it is
something else: so does tcpdump.
"""

from __future__ import annotations

from netshell.classic.dump.internet import ip, ip6
from netshell.classic.dump.links import ethernet
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, named

_HEADER = 4
_DIRECTIONS = {1: "unused", 2: "egress", 3: "ingress"}
_KINDS = {4: "undecided", 5: "ipv4", 6: "ipv6", 7: "ethernet"}
_TAGS = {1: "single VLAN tag", 2: "double VLAN tag", 3: "untagged"}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """The header, and with -v the packet."""
    scope.enter("bcm_li")
    if scope.length < _HEADER:
        scope.write(f" (length {scope.length} < {_HEADER})")
        scope.invalid()
        return
    shim = scope.u32(0)
    kind = shim >> 25 & 0xF
    indent = "\n    " if settings.verbose else ""
    scope.write(
        f"{indent}BCM-LI-SHIM: direction {named(_DIRECTIONS, shim >> 29, 'unknown')}"
        f", pkt-type {named(_KINDS, kind, 'unknown')}"
        f", pkt-subtype {named(_TAGS, shim >> 22 & 7, 'unknown')}"
        f", li-id {shim & 0x3FFFFF}{indent}"
    )
    payload = scope.sub(_HEADER)
    if not settings.verbose:
        payload.need(0, payload.length)
        return
    version = 0
    if kind == 4:
        version = payload.u8(0) >> 4
    if kind == 5 or version == 4:
        ip.show(payload, settings, state)
    elif kind == 6 or version == 6:
        ip6.show(payload, settings, state)
    elif kind == 7:
        ethernet.show(payload, settings, state)
    elif kind == 4:
        scope.write("unknown payload")
    else:
        scope.invalid()
