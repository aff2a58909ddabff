"""The routing table as ``netstat -r`` and route(8) print it, net-tools 2.10's layout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from netshell.classic.peer_names import Names
from netshell.host.procnet import Group, TableRoute
from netshell.view import clean

_UP, _GATEWAY, _HOST, _REJECT = 0x1, 0x2, 0x4, 0x200
_COLUMN = 15  # an address is cut to this

_FLAGS4 = (
    (0x8, "R"),
    (0x10, "D"),
    (0x20, "M"),
    (0x10000, "d"),
    (0x20000, "a"),
    (0x40000, "c"),
    (0x200000, "o"),
    (0x400000, "e"),
    (0x1000000, "c"),
    (0x2000000, "f"),
    (0x4000000, "p"),
    (0x80000000, "l"),
    (0x40, "u"),
    (0x80, "w"),
    (0x100, "i"),
)
_FLAGS6 = (
    (_UP, "U"),
    (_REJECT, "!"),
    (_GATEWAY, "G"),
    (_HOST, "H"),
    (0x10000, "D"),
    (0x40000, "A"),
    (0x1000000, "C"),
    (0x20000, "a"),
    (0x400000, "e"),
    (0x20, "m"),
    (0x200000, "n"),
    (0x2000000, "f"),
)
_CACHE = 0x1000000

_HEAD = "Destination     Gateway         Genmask         "
_HEADS = {
    0: _HEAD + "Flags   MSS Window  irtt Iface",
    1: _HEAD + "Flags Metric Ref    Use Iface",
    2: _HEAD + "Flags Metric Ref    Use Iface    MSS   Window irtt",
}


def routes4(found: Iterable[TableRoute], extended: int, names: Names) -> Iterator[str]:
    """The IPv4 table; ``extended`` is how often -e was given."""
    level = min(extended, 2)
    yield "Kernel IP routing table"
    yield _HEADS[level]
    for route in found:
        if not route.flags & _UP:
            continue
        where = _destination(route, names)[:_COLUMN]
        mask = str(IPv4Network((0, route.prefix)).netmask)
        flags = _flags4(route.flags)
        iface = clean(route.iface)
        head = f"{where:<15} {_gateway(route, names):<15} {mask:<15} {flags:<5} "
        if route.flags & _REJECT:
            head = f"{where:<15} -               {mask:<15} {flags:<5} "
            line = (
                "    - -          - -",
                f"{route.metric:<6} -  {route.use:>7} -",
                f"{route.metric:<6} -  {route.use:>7} -        -     -      -",
            )[level]
        else:
            line = (
                f"{route.mtu:>5} {route.window:<5} {route.irtt:>6} {iface}",
                f"{route.metric:<6} {route.refs:<2} {route.use:>7} {iface}",
                f"{route.metric:<6} {route.refs:<3} {route.use:>6} {iface[:6]:<6}   "
                f"{route.mtu:<5} {route.window:<6} {route.irtt}",
            )[level]
        yield head + line


def routes6(found: Iterable[TableRoute], names: Names) -> Iterator[str]:
    """The IPv6 table."""
    yield "Kernel IPv6 routing table"
    yield "Destination                    Next Hop                   Flag Met Ref  Use If"
    for route in found:
        if route.flags & _CACHE:
            continue
        where = f"{clean(names.host(route.destination, True))}/{route.prefix}"
        flags = "".join(letter for bit, letter in _FLAGS6 if route.flags & bit)
        metric = route.metric - 2**32 if route.metric >= 2**31 else route.metric
        yield (
            f"{where:<30} {clean(names.host(route.gateway, True)):<26} {flags:<4} {metric:<3}"
            f" {route.refs:<1} {route.use:>6} {clean(route.iface)}"
        )


def group_lines(found: Iterable[Group], names: Names) -> Iterator[str]:
    """The multicast groups: ``netstat -g``."""
    yield "IPv6/IPv4 Group Memberships"
    yield "Interface       RefCnt Group"
    yield "--------------- ------ ---------------------"
    for group in found:
        address = clean(names.host(group.address, ":" in group.address))
        yield f"{clean(group.iface):<15} {group.users:<6} {address}"


def _flags4(bits: int) -> str:
    flags = "U" + ("G" if bits & _GATEWAY else "")
    if bits & _REJECT:
        flags = "!"
    flags += "H" if bits & _HOST else ""
    return flags + "".join(letter for bit, letter in _FLAGS4 if bits & bit)


def _destination(route: TableRoute, names: Names) -> str:
    if not names.hosts:
        return route.destination
    if route.destination == "0.0.0.0":
        return "default"
    if route.flags & _HOST or _has_host_bits(route):
        return clean(names.host(route.destination, False))
    return clean(names.network(route.destination))


def _has_host_bits(route: TableRoute) -> bool:
    network = IPv4Network((route.destination, route.prefix), strict=False)
    return str(network.network_address) != route.destination


def _gateway(route: TableRoute, names: Names) -> str:
    return clean(names.host(route.gateway, False))[:_COLUMN]
