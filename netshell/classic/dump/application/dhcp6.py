"""DHCPv6 (RFC 8415): the message's type; with -v its transaction and options."""

from __future__ import annotations

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, named

_TYPES = {
    **{1: "solicit", 2: "advertise", 3: "request", 4: "confirm", 5: "renew", 6: "rebind"},
    **{7: "reply", 8: "release", 9: "decline", 10: "reconfigure", 11: "inf-req"},
    **{12: "relay-fwd", 13: "relay-reply", 14: "leasequery", 15: "leasequery-reply"},
}
_RELAYED = (12, 13)


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message: a client's, a server's, or a relay's with another inside."""
    from netshell.classic.dump.application.dhcp6_options import show_options

    scope.enter("dhcp6").write("dhcp6")
    if not scope.has(0, 4):
        scope.truncated()
        return
    kind = scope.u8(0)
    scope.write(f" {named(_TYPES, kind, 'msgtype-%u')}")
    if not settings.verbose:
        return
    scope.write(" (")
    stop = min(scope.left(), scope.length)
    if kind in _RELAYED:
        scope.write(f"linkaddr={settings.host(scope.octets(2, 16))}")
        scope.write(f" peeraddr={settings.host(scope.octets(18, 16))}")
        show_options(scope, settings, state, 34, stop)
    else:
        scope.write(f"xid={scope.u32(0) & 0xFFFFFF:x}")
        show_options(scope, settings, state, 4, stop)
    scope.write(")")
