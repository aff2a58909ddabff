"""What this machine knows: sockets, interfaces, routes, processes.

Each platform has a module with the same functions; one ``if`` picks, and one contract test holds
for all of them. The functions here ask the platform, or the machine that :func:`pretend` put in
its place.

To add a platform: write ``host/<name>.py`` with these functions, add it to the ``if`` and to
``tests/host/test_contract.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if sys.platform == "linux":
    from netshell.host import linux as _platform
else:
    from netshell.host import portable as _platform

if TYPE_CHECKING:
    from netshell.host.interfaces import Interface
    from netshell.host.routes import Route
    from netshell.host.sockets import SocketRows, Wanted

# Addresses that are surely elsewhere: a root name server's, by which "the default route" is found
# as the kernel sees it, policy rules and split VPN routes included. Nothing is sent to them.
_ELSEWHERE = ("198.41.0.4", "2001:503:ba3e::2:30")


class Machine(Protocol):
    """What a platform answers."""

    def list_sockets(self, wanted: Wanted) -> SocketRows: ...
    def list_interfaces(self) -> list[Interface]: ...
    def find_route(
        self, address: str, source: str = "", mark: int = 0, uid: int | None = None
    ) -> Route: ...
    def interface_names(self) -> list[str]: ...
    def addresses(self) -> list[str]: ...


_machine: Machine = _platform


def list_sockets(wanted: Wanted) -> SocketRows:
    """The sockets that are wanted. Raises NetshellError where the system does not say."""
    return _machine.list_sockets(wanted)


def list_interfaces() -> list[Interface]:
    """Every interface with its addresses and counters."""
    return _machine.list_interfaces()


def find_route(address: str, source: str = "", mark: int = 0, uid: int | None = None) -> Route:
    """The route to a literal address. Raises BadArgument for what is none."""
    return _machine.find_route(address, source, mark, uid)


def interface_names() -> list[str]:
    """The interfaces' names."""
    return _machine.interface_names()


def addresses() -> list[str]:
    """This machine's own addresses, as text."""
    return _machine.addresses()


def default_route() -> Route | None:
    """The way to the rest of the world: IPv4's, else IPv6's; None without one."""
    for address in _ELSEWHERE:
        found = _machine.find_route(address)
        if found.usable and found.kind == "unicast":
            return found
    return None


@contextmanager
def pretend(machine: Machine) -> Iterator[None]:
    """Ask another machine (see ``netshell.host.fake``) while the block runs; for tests."""
    global _machine
    before, _machine = _machine, machine
    try:
        yield
    finally:
        _machine = before
