"""``sniff_host``: capture what this machine and one host say to each other."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import Any, Literal, get_args

from netshell.capture.capture import Capture
from netshell.commands.sniff import owned, start
from netshell.errors import BadArgument, NotFound
from netshell.settings import in_force

Proto = Literal["tcp", "udp", "icmp", "any"]


def sniff_host(
    host: Any,
    port: int | str | None = None,
    proto: Proto | None = None,
    *,
    count: int | None = None,
    seconds: float | None = None,
    snaplen: int | None = None,
    promisc: bool = True,
    keep: int | str | None = None,
    write: str | os.PathLike[str] | None = None,
    rotate: str | None = None,
    files: int | None = None,
) -> Capture:
    """Capture one host's packets, where they pass; return at once.

    The filter has every address of the host (the system's resolver: what
    programs connect to), and the interface is the route's; of addresses
    behind several interfaces, all of those. ``port`` is a number or a
    service's name; ``proto`` is "tcp" (default), "udp", "icmp" or "any".
    Without either, a filter of the profile's chooses among the host's packets
    (see ``profile()``). What was derived is in ``cap.filter_text`` and
    ``cap.ifaces``. The rest as in ``sniff``, which also says what ``keep``,
    ``write``, ``rotate`` and ``files`` do.

    >>> cap = sniff_host("example.org", 80)
    >>> cap.filter_text, cap.ifaces
    ('tcp port 80 and host 192.0.2.80', ('eth0',))

    Raises NotFound for an unknown host, service, or one that no route leads
    to, BadArgument, and what ``sniff`` raises.
    """
    from netshell.commands.iface_for import iface_for

    if proto is not None and proto not in get_args(Proto):
        raise BadArgument(
            "unknown protocol", where=repr(proto), next_step="use tcp, udp, icmp or any"
        )
    route = iface_for(host)
    routes = route.candidates or (route,)
    ifaces = tuple(dict.fromkeys(one.iface for one in routes if one.usable))
    if not ifaces:
        raise NotFound(
            "cannot capture",
            where=f"packets of {host}",
            why="no route leads there",
            next_step='see iface_for(host), or name the interface: sniff("host ...", iface="eth0")',
        )
    addresses = tuple(dict.fromkeys(one.destination.partition("%")[0] for one in routes))
    chosen = in_force().filter if port is None and proto is None else ""
    text = filter_for(addresses, port, proto or ("any" if chosen else "tcp"))
    with owned(["capture.filter"] if chosen else []):
        capture = start(
            f"({text}) and ({chosen})" if chosen else text, ifaces, count=count, seconds=seconds,
            snaplen=snaplen, promisc=promisc, keep=keep, write=write, rotate=rotate, files=files,
        )  # fmt: skip
    if isinstance(host, str) and host not in addresses:
        for address in addresses:  # the name that was asked for stands over its address in a ladder
            capture.remarks.hosts.setdefault(address, []).append(host)
    return capture


def filter_for(addresses: Sequence[str], port: int | str | None, proto: Proto) -> str:
    """The BPF filter for a host with these addresses.

    >>> filter_for(["192.0.2.1", "2001:db8::1"], 53, "udp")
    'udp port 53 and (host 192.0.2.1 or host 2001:db8::1)'

    Raises BadArgument for a port that is none, or with a protocol that has none; NotFound for an
    unknown service.
    """
    what = {"any": "", "icmp": "(icmp or icmp6)"}.get(proto, proto)
    if port is not None:
        if proto == "icmp":
            raise BadArgument("a port makes no sense", where="with icmp", next_step="leave it out")
        what = f"{what} port {_port(port, proto)}".strip()
    hosts = " or ".join(f"host {address}" for address in addresses)
    if len(addresses) > 1 and what:
        hosts = f"({hosts})"
    return f"{what} and {hosts}" if what else hosts


def _port(port: int | str, proto: Proto) -> int:
    """A port's number; services by /etc/services, so that the filter says what is meant."""
    text = ""
    if isinstance(port, int) and not isinstance(port, bool):
        text = str(max(-1, min(port, 65536)))  # str() refuses thousands of digits
    elif not isinstance(port, bool):
        text = str(port).strip()
    if text.isascii() and text.lstrip("-").isdecimal():
        number = int(text) if len(text) < 9 else -1  # int() refuses thousands of digits
        if 0 < number < 65536:
            return number
        raise BadArgument("no such port", where=f"{text:.20}", next_step="use 1 to 65535")
    try:
        return socket.getservbyname(text, proto) if proto != "any" else socket.getservbyname(text)
    except (OSError, ValueError):
        raise NotFound(
            "unknown service",
            where=repr(port),
            why="it is not in /etc/services",
            next_step="use the port's number",
        ) from None
