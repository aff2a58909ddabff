"""The tables of /proc/net that netlink does not have: counters, routes as route(8) sees them, raw
and UNIX sockets, multicast groups.

Sources: proc_net(5). The tables are those of this thread's network namespace. Each function
raises Unavailable where the table is not there, and leaves out a line that it cannot read.
"""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from netshell.errors import NotPermitted, Unavailable
from netshell.results import Single

_PLACES = (Path("/proc/thread-self/net"), Path("/proc/net"))
_ROUTE6 = re.compile(
    r"([0-9a-f]{32}) ([0-9a-f]{2}) [0-9a-f]{32} [0-9a-f]{2} ([0-9a-f]{32})"
    r" ([0-9a-f]{8}) ([0-9a-f]{8}) ([0-9a-f]{8}) ([0-9a-f]{8})\s+(\S+)"
)
_ADDRESS6 = re.compile(
    r"([0-9a-f]{32}) ([0-9a-f]+) ([0-9a-f]{2}) ([0-9a-f]{2}) ([0-9a-f]{2})\s+(\S+)"
)


class Section(NamedTuple):
    """One protocol's counters, in the kernel's order: its name, and each counter's name and count.

    >>> protocol_counters()[0].name
    'Ip'
    """

    name: str
    counters: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, repr=False)
class TableRoute(Single):
    """One entry of the main routing table, as route(8) and ``netstat -r`` show it."""

    destination: str
    """A network's or a host's address, "0.0.0.0" or "::" for the default."""
    prefix: int
    gateway: str
    """The next hop; "0.0.0.0" or "::" where the destination is on the link."""
    flags: int
    """``RTF_*`` of ``linux/route.h``: 1 up, 2 through a gateway, 4 a host, 0x200 refused ..."""
    metric: int
    refs: int
    use: int
    iface: str
    mtu: int = 0
    window: int = 0
    irtt: int = 0

    def __str__(self) -> str:
        return f"{self.destination}/{self.prefix} {self.gateway} {self.iface}"

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "destination", f"{self.destination}/{self.prefix}"
        yield "gateway", self.gateway
        yield "interface", self.iface
        yield "metric", str(self.metric)


class InetRow(NamedTuple):
    """A line of /proc/net/raw or udplite: an IP socket that sock_diag may not list."""

    local: tuple[str, int]
    remote: tuple[str, int]
    state: int
    """The kernel's number: 1 connected, 7 not."""
    send_q: int
    recv_q: int
    uid: int
    inode: int
    v6: bool


class Address6(NamedTuple):
    """A line of /proc/net/if_inet6: an interface's IPv6 address and the kernel's scope of it."""

    iface: str
    address: str
    prefix: int
    scope: int
    """0 global, 0x10 host, 0x20 link, 0x40 site, 0x80 an IPv4-compatible one."""


class Group(NamedTuple):
    """A multicast group that an interface has joined."""

    iface: str
    users: int
    address: str


def protocol_counters(v6: bool = False) -> list[Section]:
    """What each protocol has counted since the system came up: /proc/net/snmp and netstat.

    With ``v6`` /proc/net/snmp6, and of the others TCP's, which are both families' in one.
    """
    if not v6:
        return [*_paired("snmp", required=True), *_paired("netstat", required=False)]
    sections: list[tuple[str, list[tuple[str, int]]]] = []
    for line in _lines("snmp6", "the counters"):
        name, _, count = line.partition(" ")
        if not count.strip().isdecimal():
            continue
        if not sections or sections[-1][0] not in name:
            sections.append((name[: name.find("6") + 1] or name, []))
        sections[-1][1].append((name, int(count)))
    return [
        *(Section(name, tuple(found)) for name, found in sections),
        *(each for each in _paired("snmp", required=True) if each.name.startswith("Tcp")),
    ]


def main_routes() -> list[TableRoute]:
    """The IPv4 routing table (/proc/net/route), in the kernel's order."""
    found = []
    for line in _lines("route", "the routes")[1:]:
        words = line.split()
        if len(words) < 11:
            continue
        mask = int.from_bytes(_word(words[7]), "big")
        found.append(
            TableRoute(
                destination=socket.inet_ntop(socket.AF_INET, _word(words[1])),
                prefix=mask.bit_count(),
                gateway=socket.inet_ntop(socket.AF_INET, _word(words[2])),
                flags=int(words[3], 16),
                metric=int(words[6]),
                refs=int(words[4]),
                use=int(words[5]),
                iface=words[0],
                mtu=int(words[8]),
                window=int(words[9]),
                irtt=int(words[10]),
            )
        )
    return found


def main_routes6() -> list[TableRoute]:
    """The IPv6 routing table (/proc/net/ipv6_route), in the kernel's order."""
    found = []
    for line in _lines("ipv6_route", "the IPv6 routes"):
        match = _ROUTE6.match(line)
        if not match:
            continue
        metric, refs, use, flags = (int(match[part], 16) for part in (4, 5, 6, 7))
        found.append(
            TableRoute(
                destination=socket.inet_ntop(socket.AF_INET6, bytes.fromhex(match[1])),
                prefix=int(match[2], 16),
                gateway=socket.inet_ntop(socket.AF_INET6, bytes.fromhex(match[3])),
                flags=flags,
                metric=metric,
                refs=refs,
                use=use,
                iface=match[8],
            )
        )
    return found


def addresses6() -> list[Address6]:
    """Every interface's IPv6 addresses in the kernel's order; [] without IPv6."""
    try:
        lines = _lines("if_inet6", "the IPv6 addresses")
    except Unavailable:
        return []  # a kernel without IPv6 has no such table
    return [
        Address6(
            match[6],
            socket.inet_ntop(socket.AF_INET6, bytes.fromhex(match[1])),
            int(match[3], 16),
            int(match[4], 16),
        )
        for match in map(_ADDRESS6.match, lines)
        if match
    ]


def inet_rows(protocol: str) -> list[InetRow]:
    """The sockets of "raw" or "udplite", IPv4's before IPv6's."""
    found = []
    for name in (protocol, f"{protocol}6"):
        try:
            lines = _lines(name, f"{protocol} sockets")[1:]
        except Unavailable:
            continue  # this kernel has none of that family
        for line in lines:
            words = line.split()
            if len(words) < 10:
                continue
            send_q, recv_q = words[4].split(":")
            found.append(
                InetRow(
                    local=_end(words[1]),
                    remote=_end(words[2]),
                    state=int(words[3], 16),
                    send_q=int(send_q, 16),
                    recv_q=int(recv_q, 16),
                    uid=int(words[7]),
                    inode=int(words[9]),
                    v6=name.endswith("6"),
                )
            )
    return found


def groups() -> list[Group]:
    """The multicast groups that this machine has joined, IPv4's before IPv6's."""
    found, iface = [], ""
    for line in _lines("igmp", "the multicast groups")[1:]:
        words = line.split()
        if not line.startswith("\t") and len(words) > 1:
            # the name ends with its colon, or runs into it where it is long
            iface = words[1].rstrip(":")
        elif len(words) > 1:
            address = socket.inet_ntop(socket.AF_INET, _word(words[0]))
            found.append(Group(iface, int(words[1]), address))
    try:
        lines = _lines("igmp6", "the multicast groups")
    except Unavailable:
        return found  # a kernel without IPv6
    for line in lines:
        words = line.split()
        if len(words) > 3:
            address = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(words[2]))
            found.append(Group(words[1], int(words[3]), address))
    return found


def read_table(name: str, what: str) -> bytes:
    """A table of /proc/net as bytes. Raises Unavailable where the kernel has none."""
    for place in _PLACES:
        try:
            return (place / name).read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise NotPermitted(
                f"cannot list {what}", where=f"(/proc/net/{name})", why=error.strerror or str(error)
            ) from None
    raise Unavailable(
        f"cannot list {what}", why=f"this system has no /proc/net/{name}", next_step="use Linux"
    )


def _lines(name: str, what: str) -> list[str]:
    return read_table(name, what).decode("utf-8", "backslashreplace").splitlines()


def _paired(name: str, *, required: bool) -> list[Section]:
    """Sections of two lines: the names, and the counts."""
    try:
        lines = [line for line in _lines(name, "the counters") if line]
    except Unavailable:
        if required:
            raise
        return []
    found = []
    for heads, counts in zip(lines[::2], lines[1::2], strict=False):
        title, _, names = heads.partition(":")
        values = counts.partition(":")[2].split()
        # "MaxConn" is -1 where there is no limit
        pairs = zip(names.split(), (int(value) for value in values), strict=False)
        found.append(Section(title, tuple(pairs)))
    return found


def _word(digits: str) -> bytes:
    """An IPv4 address that the kernel printed as a number of its own byte order."""
    return struct.pack("=I", int(digits, 16))


def _end(text: str) -> tuple[str, int]:
    digits, _, port = text.partition(":")
    raw = b"".join(_word(digits[at : at + 8]) for at in range(0, len(digits), 8))
    family = socket.AF_INET if len(raw) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, raw), int(port, 16)
