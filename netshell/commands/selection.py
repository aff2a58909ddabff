"""What users may say about the sockets they want, turned into what the machine is asked.

Every argument is checked here, with the valid values in the error, before anything is asked.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterable
from typing import Any, Literal

from netshell.errors import BadArgument, NotFound
from netshell.flow.state import State
from netshell.host.sockets import Network, Wanted, as_number

_PROTOS: dict[str, tuple[Literal["tcp", "udp"], ...]] = {
    "tcp": ("tcp",),
    "udp": ("udp",),
    "all": ("tcp", "udp"),
}
_PORTS = re.compile(r"\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?\Z")


def wanted(
    *,
    state: Any = None,
    proto: Any = "tcp",
    host: Any = None,
    port: Any = None,
    pid: Any = None,
    process: Any = None,
    listening: Any = None,
) -> Wanted:
    """The arguments of ``conns`` as one checked question.

    Raises BadArgument naming the valid values, NotFound for a host or process that is not there.
    """
    if listening not in (None, True, False):
        raise BadArgument(f"listening {listening!r}", next_step="one of True, False, None")
    if process is not None and (not isinstance(process, str) or not process):
        raise BadArgument(
            f"process {process!r}", why="not a name", next_step="a number goes to pid="
        )
    protos = _protos(proto)
    return Wanted(
        protos=protos,
        states=frozenset() if state is None else _states(state, protos),
        networks=() if host is None else _networks(host),
        ports=() if port is None else tuple(_ports(port, protos)),
        pids=frozenset() if pid is None else frozenset(_pids(pid)),
        process=process or "",
        listening=listening,
    )


def _protos(proto: Any) -> tuple[Literal["tcp", "udp"], ...]:
    found = _PROTOS.get(proto.lower()) if isinstance(proto, str) else None
    if found is None:
        raise BadArgument("unknown protocol", where=repr(proto), next_step="one of tcp, udp, all")
    return found


def _states(state: Any, protos: tuple[str, ...]) -> frozenset[State | Literal[""]]:
    names: list[str] = []
    for item in _items(state, "state"):
        if not isinstance(item, str):
            raise BadArgument(
                "unknown TCP state", where=repr(item), next_step=f"one of {', '.join(State)}"
            )
        names += item.split(",")
    found: set[State | Literal[""]] = set()
    for name in names:
        state_meant = State.parse(name)
        if "tcp" in protos:
            found.add(state_meant)
        if "udp" in protos:
            # ss's UNCONN, and what UDP's sockets without a peer are to the kernel
            found.add("" if state_meant == State.CLOSED else state_meant)
    return frozenset(found)


def _networks(host: Any) -> tuple[Network, ...]:
    if not isinstance(host, str):
        from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

        if not isinstance(host, IPv4Address | IPv4Network | IPv6Address | IPv6Network):
            raise BadArgument(
                f"host {host!r}", next_step='use an address, a network or a name: "10.0.0.0/8"'
            )
        host = str(host)
    address, slash, length = host.strip().partition("/")
    if slash:
        return (_network(host, address, length),)
    if host.strip() == "*":
        return (Network(0, 2**128 - 1), Network(0xFFFF << 32, 2**128 - 1))
    from netshell.lookup.system import addresses  # only for a name is anybody asked

    return tuple(Network(as_number(each), 2**128 - 1) for each in addresses(host))


def _network(text: str, address: str, length: str) -> Network:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bits = 128 if family == socket.AF_INET6 else 32
    try:
        socket.inet_pton(family, address)
    except (OSError, ValueError):
        raise BadArgument(
            "not a network", where=repr(text), next_step='write it as "192.0.2.0/24"'
        ) from None
    if not length.isdecimal() or not length.isascii() or int(length) > bits:
        raise BadArgument(
            "not a network",
            where=repr(text),
            why=f"the length after the slash goes from 0 to {bits}",
        )
    mask = 2**128 - (1 << (bits - int(length)))
    return Network(as_number(address) & mask, mask)


def _ports(port: Any, protos: tuple[str, ...]) -> Iterable[range]:
    for item in _items(port, "port"):
        if isinstance(item, range):
            if item.step != 1 or item.start < 1 or item.stop > 65536 or not item:
                raise _no_port(item)
            yield item
        elif isinstance(item, int) and not isinstance(item, bool):
            if not 1 <= item <= 65535:
                raise _no_port(item)
            yield range(item, item + 1)
        elif isinstance(item, str):
            yield from (_port_text(part, protos) for part in item.split(","))
        else:
            raise _no_port(item)


def _port_text(text: str, protos: tuple[str, ...]) -> range:
    numbers = _PORTS.match(text)
    if numbers:
        first = int(numbers[1])
        last = int(numbers[2]) if numbers[2] else first
        if not 1 <= first <= last <= 65535:
            raise _no_port(text)
        return range(first, last + 1)
    for proto in protos:
        try:
            number = socket.getservbyname(text.strip().lower(), proto)
        except (OSError, ValueError):
            continue
        return range(number, number + 1)
    raise _no_port(text)


def _no_port(item: Any) -> BadArgument:
    return BadArgument(
        f"port {item!r}",
        why="not a port",
        next_step='use a number from 1 to 65535, a range "8000-8100" or a service such as "https"',
    )


def _pids(pid: Any) -> Iterable[int]:
    for item in _items(pid, "pid"):
        if not isinstance(item, int) or isinstance(item, bool) or not 0 < item < 2**31:
            raise BadArgument(
                f"pid {item!r}",
                why="not a process number",
                next_step="a process's name goes to process=",
            )
        if not _exists(item):
            raise NotFound(f"no process {item}", next_step="see conns() for those with sockets")
        yield item


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it is there, and somebody else's
    return True


def _items(value: Any, what: str) -> Iterable[Any]:
    if not isinstance(value, list | tuple | set | frozenset):
        return (value,)
    if not value:
        # Nothing to look for is not the same as anything: a script would get all sockets.
        raise BadArgument(f"{what}: an empty list", next_step="use None for any")
    return value
