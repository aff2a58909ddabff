"""The kernel's route to an address: RTM_GETROUTE, the question that ``ip route get`` asks.

The kernel itself walks its policy rules and tables, so nothing is guessed here. A route that
leads nowhere is answered by an errno, which is the same for the same kind everywhere
(``fib_props`` in the kernel's ``net/ipv4/fib_semantics.c``). Source: rtnetlink(7), ip-route(8).
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from netshell.errors import BadArgument, NetshellError, NotFound
from netshell.host import names, netlink
from netshell.host.netlink import address_text, attribute, number
from netshell.host.routes import Hop, Kind, Route

if TYPE_CHECKING:
    from netshell.host.links import Holding

_NEW_ROUTE, _GET_ROUTE = 24, 26
# struct rtmsg: family, destination and source prefix, tos, table, protocol, scope, type, flags
_ROUTE: Final = struct.Struct("=BBBBBBBBI")
_HOP: Final = struct.Struct("=HBBI")  # struct rtnexthop: length, flags, hops, interface

_GET_LINK, _MTU, _EXT_MASK, _SKIP_STATS = 18, 4, 29, 8
_LINK: Final = struct.Struct("=BxHIII")  # struct ifinfomsg: family, type, index, flags, change

_DST, _SRC, _OIF, _GATEWAY, _PRIORITY, _PREFSRC, _METRICS, _MULTIPATH = 1, 2, 4, 5, 6, 7, 8, 9
_TABLE, _MARK, _VIA, _UID = 15, 16, 18, 25
_METRIC_MTU: Final = 2

_LOOKUP_TABLE, _FIB_MATCH = 0x1000, 0x2000  # RTM_F_LOOKUP_TABLE, RTM_F_FIB_MATCH

_KINDS: Final[dict[int, Kind]] = {
    1: "unicast",
    2: "local",
    3: "broadcast",
    4: "anycast",
    5: "multicast",
    6: "blackhole",
    7: "unreachable",
    8: "prohibit",
    9: "throw",
    10: "nat",
}
_REFUSED: Final[dict[int, Kind]] = {
    errno.EINVAL: "blackhole",
    errno.EHOSTUNREACH: "unreachable",
    errno.EACCES: "prohibit",
    errno.ENETUNREACH: "none",
    errno.ESRCH: "none",
    errno.EAGAIN: "none",
}
_DEFAULT, _MAIN, _LOCAL = 253, 254, 255
_TABLES: Final = {_DEFAULT: "default", _MAIN: "main", _LOCAL: "local"}
_TABLE_NAMES: Final = ("/usr/share/iproute2/rt_tables", "/etc/iproute2/rt_tables")


class Target(NamedTuple):
    """An address to ask about, in the kernel's form."""

    text: str
    family: int
    raw: bytes
    scope: int  # the interface's index of a link-local address, else 0


def target(address: str) -> Target:
    """The address, with its scope (``fe80::1%eth0``) resolved.

    Raises BadArgument for what is no address, NotFound for a scope that is no interface.
    """
    bare, percent, zone = address.partition("%")
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    try:
        raw = socket.inet_pton(family, bare)
    except (OSError, ValueError):
        raise BadArgument("not an address", where=repr(address)) from None
    if family == socket.AF_INET6 and raw[:12] == bytes(10) + b"\xff\xff":
        return Target(socket.inet_ntop(socket.AF_INET, raw[12:]), socket.AF_INET, raw[12:], 0)
    return Target(address, family, raw, _index(zone, address) if percent else 0)


def route(address: str, source: str = "", mark: int = 0, uid: int | None = None) -> Route:
    """The kernel's route to an address, in this thread's network namespace.

    ``source``, ``mark`` and ``uid`` are what policy rules may look at besides the destination.
    Raises BadArgument for a link-local IPv6 address whose interface is not named and not clear,
    or a source that this machine does not have.
    """
    to = target(address)
    body = b""
    near = b""
    if source:
        from_ = target(source)
        if from_.family != to.family:
            raise BadArgument(
                f"source {source}", why=f"{address} is not of the same family", next_step="omit it"
            )
        near = from_.raw
        body += attribute(_SRC, near)
    scope = to.scope or _link_scope(to)
    if scope:
        body += attribute(_OIF, scope.to_bytes(4, netlink.ORDER))
    if mark:
        body += attribute(_MARK, _u32(mark, "mark"))
    if uid is not None:
        body += attribute(_UID, _u32(uid, "uid"))
    head = (to.family, len(to.raw) * 8, len(near) * 8, 0, 0, 0, 0, 0)
    body = attribute(_DST, to.raw) + body
    with netlink.Netlink(netlink.ROUTE) as kernel:
        try:
            question = _ROUTE.pack(*head, _LOOKUP_TABLE) + body
            buffer, message = kernel.ask(_GET_ROUTE, question)
            found = read_route(buffer, message.start, message.end)
        except OSError as error:
            return _refusal(to, source, error)
        try:
            question = _ROUTE.pack(*head, _LOOKUP_TABLE | _FIB_MATCH) + body
            buffer, message = kernel.ask(_GET_ROUTE, question)
            entry = read_route(buffer, message.start, message.end)
        except OSError:
            entry = found._replace(hops=(), length=-1)  # before Linux 4.13: the entry is not told
        if entry.hops and all(hop.iface == "" for hop in entry.hops):
            entry = entry._replace(hops=())
        mtu = found.mtu or _link_mtu(kernel, found.link)
        table = _LOCAL if found.table == _MAIN and _is_local(kernel, entry) else found.table
    return Route(
        destination=to.text,
        iface=names.of(found.link),
        source=found.source or source,
        gateway=found.gateway,
        table=table_name(table),
        mtu=mtu,
        kind=found.kind,
        on_link=not found.gateway,
        metric=entry.metric,
        prefix=_prefix(entry),
        hops=entry.hops,
    )


class Entry(NamedTuple):
    """One route message, as numbers and text."""

    kind: Kind
    link: int
    source: str
    gateway: str
    table: int
    mtu: int
    metric: int
    destination: str
    length: int
    hops: tuple[Hop, ...]


def read_route(buffer: bytes, start: int, end: int) -> Entry:
    """One route message. Raises NetshellError if its lengths do not fit."""
    if end - start < _ROUTE.size:
        raise NetshellError(
            "cannot read the kernel's answer", why=f"a route of {end - start} bytes"
        )
    family, length, _src, _tos, table, _proto, _scope, kind, _flags = _ROUTE.unpack_from(
        buffer, start
    )
    if family not in (socket.AF_INET, socket.AF_INET6):
        raise NetshellError("cannot read the kernel's answer", why=f"a route of family {family}")
    found = netlink.attributes(buffer, start + _ROUTE.size, end)
    metrics = found.get(_METRICS, b"")
    source, destination = found.get(_PREFSRC), found.get(_DST)
    return Entry(
        kind=_KINDS.get(kind, "none"),
        link=number(found.get(_OIF)),
        source=address_text(family, source) if source else "",
        gateway=_gateway(family, found),
        table=number(found.get(_TABLE), table),
        mtu=number(netlink.attributes(metrics, 0, len(metrics)).get(_METRIC_MTU)),
        metric=number(found.get(_PRIORITY)),
        destination=address_text(family, destination) if destination else "",
        length=length,
        hops=_hops(family, found.get(_MULTIPATH, b"")),
    )


def table_name(table: int) -> str:
    """A routing table as ip-route(8) names it, by /etc/iproute2/rt_tables; else its number."""
    return _TABLES.get(table) or _named_tables().get(table) or str(table)


@cache
def _named_tables() -> dict[int, str]:
    names: dict[int, str] = {}
    for path in map(Path, _TABLE_NAMES):
        try:
            lines = path.read_text("utf-8", "backslashreplace").splitlines()
        except OSError:
            continue  # iproute2 is not installed here: numbers it is
        for line in lines:
            words = line.partition("#")[0].split()
            if len(words) == 2 and words[0].isdecimal():
                names[int(words[0])] = words[1]
    return names


def _is_local(kernel: netlink.Netlink, entry: Entry) -> bool:
    """Whether an entry that the kernel says is of the table main stands in the table local.

    As long as there are no rules of one's own, the kernel keeps both in one (``fib_trie_table``
    in its ``net/ipv4/fib_trie.c``) and calls it main. Told so by a dump of the table local alone.
    """
    if entry.kind == "unicast" or entry.length < 0:
        return False
    body = _ROUTE.pack(socket.AF_INET, 0, 0, 0, _LOCAL, 0, 0, 0, 0)
    try:
        kernel.be_strict()
        reply = kernel.dump(_GET_ROUTE, body)
    except OSError:  # before Linux 4.20 no table can be asked for alone
        return False
    held = (
        read_route(buffer, message.start, message.end)
        for buffer in reply.buffers
        for message in netlink.walk(buffer)
        if message.type == _NEW_ROUTE
    )
    wanted = (_LOCAL, entry.kind, entry.destination, entry.length)
    return any((each.table, each.kind, each.destination, each.length) == wanted for each in held)


def _link_mtu(kernel: netlink.Netlink, index: int) -> int:
    """One interface's MTU, without its statistics; 0 if it is gone."""
    body = _LINK.pack(0, 0, index, 0, 0)
    body += attribute(_EXT_MASK, _SKIP_STATS.to_bytes(4, netlink.ORDER))
    try:
        buffer, message = kernel.ask(_GET_LINK, body)
    except OSError:
        return 0  # it went away between two questions: no MTU is the answer
    return number(netlink.attributes(buffer, message.start + _LINK.size, message.end).get(_MTU))


def _holdings() -> Sequence[Holding]:
    from netshell.host.links import holdings  # only the unusual questions need them

    return holdings()


def _gateway(family: int, found: dict[int, bytes]) -> str:
    gateway = found.get(_GATEWAY)
    if gateway:
        return address_text(family, gateway)
    via = found.get(_VIA)  # struct rtvia: the gateway's own family, then its address
    if via and len(via) > 2:
        return address_text(number(via[:2]), via[2:])
    return ""


def _hops(family: int, raw: bytes) -> tuple[Hop, ...]:
    hops: list[Hop] = []
    start = 0
    while len(raw) - start >= _HOP.size:
        length, _flags, weight, index = _HOP.unpack_from(raw, start)
        if length < _HOP.size or start + length > len(raw):
            raise NetshellError("cannot read the kernel's answer", why=f"a hop of {length} bytes")
        found = netlink.attributes(raw, start + _HOP.size, start + length)
        hops.append(Hop(names.of(index), _gateway(family, found), weight + 1))
        start += (length + 3) & ~3
    return tuple(hops)


def _prefix(entry: Entry) -> str:
    if entry.length < 0:
        return ""
    if entry.length == 0:
        return "default"
    return f"{entry.destination}/{entry.length}"


def _refusal(to: Target, source: str, error: OSError) -> Route:
    if source and source not in {held.address.address for held in _holdings()}:
        raise BadArgument(
            f"source {source}",
            why="no interface of this machine has that address",
            next_step="see ifaces()",
        ) from None
    kind = _REFUSED.get(error.errno or 0)
    if kind is None:
        raise netlink.refused("cannot ask for the route", error, where=f"to {to.text}") from None
    return Route(destination=to.text, iface="", kind=kind)


def _link_scope(to: Target) -> int:
    """The interface for a link-local address without one, if only one can be meant."""
    if to.family != socket.AF_INET6 or not (to.raw[0] == 0xFE and to.raw[1] & 0xC0 == 0x80):
        return 0
    able = {
        held.link
        for held in _holdings()
        if held.address.family == "IPv6" and held.address.scope == "link"
    }
    own = {held.link for held in _holdings() if held.address.address == to.text}
    if len(own or able) == 1:
        return (own or able).pop()
    able_names = [names.of(index) for index in sorted(own or able)]
    raise BadArgument(
        f"{to.text} is an address on every link",
        why=f"it could be on {', '.join(able_names)}" if able_names else "no interface has IPv6",
        next_step=f"say which, as {to.text}%{able_names[0]}" if able_names else "",
    )


def _index(zone: str, address: str) -> int:
    found = names.index_of(zone)
    if not found:
        there = ", ".join(names.by_index().values())
        raise NotFound(
            f"no interface {zone!r}", where=f"for {address}", next_step=f"one of {there}"
        )
    return found


def _u32(value: int, what: str) -> bytes:
    if not isinstance(value, int) or not 0 <= value < 2**32:
        raise BadArgument(f"{what} {value!r}", why="not a number from 0 to 4294967295")
    return value.to_bytes(4, netlink.ORDER)
