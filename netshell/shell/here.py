"""Where this machine stands in the network: the interface that leads out of it, and its resolver.

Asked again before every prompt, because a cable, a VPN or a namespace changes it in between; the
kernel answers in microseconds.
"""

from __future__ import annotations

from typing import NamedTuple

from netshell import host
from netshell.errors import NetshellError


class Here(NamedTuple):
    """The way out. Without one ``gateway`` is "" and ``online`` False."""

    iface: str = ""
    """The default route's interface; without one, the first that has an address; else ""."""
    address: str = ""
    gateway: str = ""
    online: bool = False


def look() -> Here:
    """What the kernel says now. A system that cannot be asked counts as offline."""
    try:
        route = host.default_route()
        if route is not None:
            return Here(route.iface, route.source, route.gateway, online=True)
        return _without_way_out()
    except (NetshellError, OSError):
        # The prompt comes whatever the network is like; the verbs tell what is wrong with it.
        return Here()


def interface() -> str:
    """The interface that the prompt names."""
    return look().iface


def _without_way_out() -> Here:
    for each in host.list_interfaces():
        if "LOOPBACK" in each.flags or "UP" not in each.flags:
            continue
        for address in each.addresses:
            if address.scope == "global":
                return Here(each.name, address.address)
    return Here()
