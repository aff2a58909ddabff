"""This machine as Linux knows it: every answer is the kernel's own, asked over netlink.

The prompt's banner asks for the default route: what else there is, is imported when asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.errors import NetshellError
from netshell.host import fib
from netshell.host.names import by_index

if TYPE_CHECKING:
    from netshell.host.interfaces import Interface
    from netshell.host.routes import Route
    from netshell.host.sockets import SocketRows, Wanted

_LOOPBACK = 1  # its index, in every namespace


def list_sockets(wanted: Wanted) -> SocketRows:
    """The TCP and UDP sockets that are wanted (sock_diag)."""
    from netshell.host import diag, links
    from netshell.host.carrier import Carriers

    held = links.holdings()
    names = by_index()
    carriers = Carriers(
        ((each.address.address, names.get(each.link, str(each.link))) for each in held),
        names,
        names.get(_LOOPBACK, ""),
        _leads_to,
    )
    return diag.dump(wanted, carriers)


def list_interfaces() -> list[Interface]:
    """Every interface, with its addresses and counters (RTM_GETLINK, RTM_GETADDR)."""
    from netshell.host import links

    return links.interfaces()


def find_route(address: str, source: str = "", mark: int = 0, uid: int | None = None) -> Route:
    """The route to an address (RTM_GETROUTE). See :func:`netshell.host.fib.route`."""
    return fib.route(address, source, mark, uid)


def interface_names() -> list[str]:
    """The interfaces' names only: cheap enough for every press of Tab."""
    return list(by_index().values())


def addresses() -> list[str]:
    """The addresses of this machine, as text."""
    from netshell.host import links

    return [held.address.address for held in links.holdings()]


def _leads_to(remote: str, local: str) -> str:
    try:
        return fib.route(remote, local).iface
    except NetshellError:  # the address was taken away since, say: one socket must not hide all
        return ""
