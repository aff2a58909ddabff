"""This machine as psutil and a UDP socket know it: for systems without netlink.

What these cannot tell is left empty rather than guessed: timers, tcp_info and queues of sockets,
and on systems without ``route get`` the gateway and the routing table.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Literal

from netshell.errors import BadArgument, NetshellError, NotFound, NotPermitted
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.carrier import Carriers
from netshell.host.interfaces import Address, Counters, Interface
from netshell.host.routes import Kind, Route
from netshell.host.sockets import NOWHERE, PlainRows, Socket, SocketRows, Wanted

_HAS_ROUTE_GET = sys.platform not in ("linux", "win32")

_REFUSED: dict[int, Kind] = {
    errno.ENETUNREACH: "none",
    errno.EHOSTUNREACH: "unreachable",
    errno.EACCES: "prohibit",
    errno.EADDRNOTAVAIL: "none",
}


def list_sockets(wanted: Wanted) -> SocketRows:
    """The sockets that are wanted, as psutil lists them; without permission, one's own only."""
    import psutil  # 30 ms, and only used where there is no netlink

    links = _links(psutil)
    pairs = ((each.address, link.name) for link in links for each in link.addresses)
    loopback = next((link.name for link in links if link.loopback), "")
    carriers = Carriers(pairs, {}, loopback, _leads_to)
    found, denied = _connections(psutil)
    names: dict[int, tuple[str, str]] = {}
    merged: dict[Any, Socket] = {}
    for each in found:
        record = _socket(each, carriers, psutil, names)
        # Each process that holds a socket makes an entry of its own.
        key = (record.proto, record.local, record.remote, record.state, each.fd, record.pid)
        merged.setdefault(key, record)
    records = list(merged.values())
    unseen = sum(
        record.pid is None and record.state != State.TIME_WAIT and wanted.matches_ends(record)
        for record in records
    )
    kept = [record for record in records if wanted.matches(record)]
    return PlainRows(kept, unseen, denied or (unseen > 0 and _unprivileged()))


def list_interfaces() -> list[Interface]:
    """Every interface, with its addresses and counters."""
    import psutil

    return _links(psutil)


def find_route(address: str, source: str = "", mark: int = 0, uid: int | None = None) -> Route:
    """The route to an address, by connecting a UDP socket: nothing is sent.

    Raises BadArgument for what is no address, and for ``mark`` and ``uid``, which only Linux's
    kernel can be asked about.
    """
    if mark or uid is not None:
        raise BadArgument("mark and uid", why="only Linux's routes can be asked about them")
    family, sockaddr = _sockaddr(address)
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            if source:
                probe.bind(_sockaddr(source)[1])
            with contextlib.suppress(OSError):  # only broadcast addresses need it
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            probe.connect(sockaddr)
            near = str(probe.getsockname()[0]).partition("%")[0]
        except OSError as error:
            return _refusal(address, source, error)
    own = {each.address: link for link in list_interfaces() for each in link.addresses}
    if address in own or address.startswith("127."):
        link = next((link for link in own.values() if link.loopback), own.get(near))
        kind: Kind = "local"
    else:
        link, kind = own.get(near), "unicast"
    told = {} if kind == "local" else _route_get(address, family)
    name = told.get("interface") or (link.name if link else "")
    gateway = told.get("gateway", "")
    mtu = next((each.mtu for each in list_interfaces() if each.name == name), 0)
    on_link = kind == "local" or (bool(told) and not gateway)
    return Route(address, name, near, gateway, mtu=mtu, kind=kind, on_link=on_link)


def interface_names() -> list[str]:
    """The interfaces' names."""
    return [name for _index, name in socket.if_nameindex()]


def addresses() -> list[str]:
    """The addresses of this machine, as text."""
    return [each.address for link in list_interfaces() for each in link.addresses]


def _connections(psutil: Any) -> tuple[list[Any], bool]:
    try:
        return psutil.net_connections("inet"), False
    except psutil.AccessDenied:
        pass  # macOS tells all only to root: ask process by process below
    found = []
    for process in psutil.process_iter():
        try:
            listed = process.net_connections("inet")
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue  # another user's, or gone: the caller says that some are not seen
        found += [_WithPid(each, process.pid) for each in listed]
    return found, True


class _WithPid:
    """A process's own connection, with the pid that the system-wide list has."""

    def __init__(self, connection: Any, pid: int) -> None:
        self.fd, self.type, self.status = connection.fd, connection.type, connection.status
        self.laddr, self.raddr, self.pid = connection.laddr, connection.raddr, pid
        self.family = connection.family


def _socket(
    each: Any, carriers: Carriers, psutil: Any, names: dict[int, tuple[str, str]]
) -> Socket:
    proto: Literal["tcp", "udp"] = "udp" if each.type == socket.SOCK_DGRAM else "tcp"
    local = _endpoint(each.laddr) if each.laddr else NOWHERE
    remote = _endpoint(each.raddr) if each.raddr else NOWHERE
    state: State | Literal[""]
    if proto == "udp":
        state = State.ESTABLISHED if each.raddr else ""
    else:
        state = State.parse(each.status)
    process, user = ("", "") if each.pid is None else _who(each.pid, psutil, names)
    return Socket(
        proto,
        local,
        remote,
        state,
        each.pid,
        process,
        user,
        None,
        None,
        iface=carriers(local.address, remote.address),
    )


def _who(pid: int, psutil: Any, names: dict[int, tuple[str, str]]) -> tuple[str, str]:
    if pid not in names:
        try:
            process = psutil.Process(pid)
            names[pid] = (process.name(), process.username())
        except psutil.Error:
            names[pid] = ("", "")  # it ended, or is another user's
    return names[pid]


def _endpoint(address: Any) -> Endpoint:
    text = address.ip.partition("%")[0]
    return Endpoint(text.removeprefix("::ffff:") if "." in text else text, address.port)


def _links(psutil: Any) -> list[Interface]:
    stats, counted = psutil.net_if_stats(), psutil.net_io_counters(pernic=True)
    indices = {name: index for index, name in socket.if_nameindex()}
    links = []
    for name, held in psutil.net_if_addrs().items():
        state = stats.get(name)
        count = counted.get(name)
        flags = (
            tuple(state.flags.upper().replace("RUNNING", "LOWER_UP").split(",")) if state else ()
        )
        mac = next((each.address for each in held if each.family == psutil.AF_LINK), "")
        links.append(
            Interface(
                name=name,
                index=indices.get(name, 0),
                flags=tuple(flag for flag in flags if flag),
                mtu=state.mtu if state else 0,
                mac="" if set(mac) <= set("0:") else mac.lower().replace("-", ":"),
                addresses=tuple(_addresses(held)),
                counters=Counters(
                    count.bytes_recv,
                    count.packets_recv,
                    count.errin,
                    count.dropin,
                    count.bytes_sent,
                    count.packets_sent,
                    count.errout,
                    count.dropout,
                )
                if count
                else Counters(),
                state="up" if state and state.isup else "down",
            )
        )
    return sorted(links, key=lambda link: link.index)


def _addresses(held: list[Any]) -> Iterator[Address]:
    for each in held:
        if each.family not in (socket.AF_INET, socket.AF_INET6):
            continue
        text = each.address.partition("%")[0]
        six = each.family == socket.AF_INET6
        scope = "link" if text.lower().startswith("fe80:") else "global"
        yield Address(
            address=text,
            prefix=_prefix(each.netmask, 128 if six else 32),
            family="IPv6" if six else "IPv4",
            scope="host" if text == "::1" or text.startswith("127.") else scope,
            peer=each.ptp or "",
            broadcast="" if six else each.broadcast or "",
        )


def _prefix(netmask: str | None, bits: int) -> int:
    if not netmask:
        return bits
    family = socket.AF_INET6 if ":" in netmask else socket.AF_INET
    return int.from_bytes(socket.inet_pton(family, netmask), "big").bit_count()


def _sockaddr(address: str) -> tuple[int, Any]:
    bare, _percent, zone = address.partition("%")
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    try:
        raw = socket.inet_pton(family, bare)
    except (OSError, ValueError):
        raise BadArgument("not an address", where=repr(address)) from None
    if family == socket.AF_INET:
        return family, (bare, 9)
    if raw[0] == 0xFE and raw[1] & 0xC0 == 0x80 and not zone:
        names = interface_names()
        raise BadArgument(
            f"{bare} is an address on every link",
            why=f"it could be on {', '.join(names)}",
            next_step=f"say which, as {bare}%{names[0]}",
        )
    try:
        if zone.isdecimal():
            zone = socket.if_indextoname(int(zone))
        index = socket.if_nametoindex(zone) if zone else 0
    except (OSError, OverflowError, ValueError):  # ValueError: a NUL
        step = f"one of {', '.join(interface_names())}"
        raise NotFound(f"no interface {zone!r}", where=f"for {address}", next_step=step) from None
    return family, (bare, 9, 0, index)


def _refusal(address: str, source: str, error: OSError) -> Route:
    if source and error.errno in (errno.EADDRNOTAVAIL, errno.EINVAL):
        raise BadArgument(
            f"source {source}",
            why="no interface of this machine has that address",
            next_step="see ifaces()",
        ) from None
    if error.errno == errno.EINVAL and sys.platform == "linux":
        return Route(address, "", kind="blackhole")
    kind = _REFUSED.get(error.errno or 0)
    if kind is None:
        why = os.strerror(error.errno) if error.errno else str(error)
        if isinstance(error, PermissionError):
            raise NotPermitted("cannot ask for the route", where=f"to {address}", why=why) from None
        raise NetshellError("cannot ask for the route", where=f"to {address}", why=why) from None
    return Route(address, "", kind=kind)


def _route_get(address: str, family: int) -> dict[str, str]:
    """What BSD's and macOS's ``route -n get`` says: interface and gateway. Empty elsewhere."""
    if not _HAS_ROUTE_GET:
        return {}
    kind = "-inet6" if family == socket.AF_INET6 else "-inet"
    try:
        said = subprocess.run(
            ["/sbin/route", "-n", "get", kind, address],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return {}  # the socket's answer stands alone
    return read_route_get(said)


def read_route_get(said: str) -> dict[str, str]:
    """The output of ``route -n get``, as its "name: value" lines.

    A gateway that is a link ("link#4", or a MAC address) means that the address is on the link.
    """
    found = {}
    for line in said.splitlines():
        name, colon, value = line.strip().partition(": ")
        if colon:
            found[name] = value.strip()
    gateway = found.get("gateway", "").partition("%")[0]
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in gateway else socket.AF_INET, gateway)
    except OSError:
        found.pop("gateway", None)
    return found


def _leads_to(remote: str, local: str) -> str:
    try:
        return find_route(remote, local).iface
    except NetshellError:
        return ""  # the address is not here any more


def _unprivileged() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() != 0
