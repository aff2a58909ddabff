"""Linux's own list of interfaces, as far as a capture needs it: rtnetlink(7), RTM_GETLINK.

It is asked of the kernel each time, in the network namespace of the process: sysfs and anything
read at import time show another one's interfaces inside a lab or a container. The sockets that it
is asked with may be another namespace's: :data:`MakeSocket`.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from netshell.errors import CaptureFailed
from netshell.packet.chunk import ETHERNET, RAW, SLL

MakeSocket = Callable[[int, int, int], socket.socket]
"""socket.socket, or what makes sockets of another network namespace: family, kind, protocol."""

RTM_NEWLINK, RTM_GETLINK = 16, 18
NLM_F_REQUEST, NLM_F_DUMP = 0x001, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
IFLA_IFNAME, IFLA_STATS64 = 3, 23
SIOCGIFNETMASK = 0x891B
IFF_UP, IFF_LOOPBACK = 0x1, 0x8

_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence number, port
_LINK = struct.Struct("=BxHiII")  # ifinfomsg: family, ARPHRD_ type, index, flags, change mask
_ATTRIBUTE = struct.Struct("=HH")
_FIFO_ERRORS, _MISSED_ERRORS = 14, 16  # places in rtnl_link_stats64, in 64-bit words

# if_arp.h. Loopback has Ethernet headers; tunnels and WireGuard hand over bare IP packets.
_WITH_ETHERNET_HEADER = {1, 772}
_BARE_IP = {519, 768, 769, 776, 65534}


@dataclass(frozen=True, slots=True)
class Nic:
    """One interface: its ARPHRD_ type, its flags, and packets it lost before anybody saw them.

    ``name`` is as shown everywhere: the kernel allows any bytes, and what is not UTF-8 is escaped.
    ``octets`` is what the kernel calls it.
    """

    name: str
    octets: bytes
    index: int
    arphrd: int
    flags: int
    missed: int

    @property
    def is_up(self) -> bool:
        return bool(self.flags & IFF_UP)

    @property
    def is_loopback(self) -> bool:
        return bool(self.flags & IFF_LOOPBACK)

    @property
    def link(self) -> int:
        """LINKTYPE_ of what a raw packet socket delivers; SLL where the headers are unknown."""
        if self.arphrd in _WITH_ETHERNET_HEADER:
            return ETHERNET
        return RAW if self.arphrd in _BARE_IP else SLL


def shown(name: str | bytes) -> str:
    r"""An interface's name as it is shown; ``os.fsdecode``'s form and the shown one do too.

    >>> shown(b"v\xff"), shown("v\udcff"), shown("eth0")
    ('v\\xff', 'v\\xff', 'eth0')
    """
    if isinstance(name, bytes):
        return name.decode("utf-8", "backslashreplace")
    try:
        return shown(name.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # no name of the system's
        return shown(name.encode("utf-8", "surrogatepass"))


def netmask(name: bytes, make_socket: MakeSocket = socket.socket) -> int | None:
    """The netmask of the interface's first IPv4 address as a number; None without."""
    import fcntl

    request = struct.pack("16s24x", name[:15])
    try:
        with make_socket(socket.AF_INET, socket.SOCK_DGRAM, 0) as asked:
            answer = fcntl.ioctl(asked, SIOCGIFNETMASK, request)
    except OSError:  # it has no IPv4 address
        return None
    found: int = struct.unpack_from(">I", answer, 20)[0]
    return found


def nics(make_socket: MakeSocket = socket.socket) -> dict[str, Nic]:
    """Every interface of a network namespace (this one) by name, in the kernel's order.

    Raises CaptureFailed when the kernel does not answer.
    """
    found: dict[str, Nic] = {}
    try:
        with make_socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as asked:
            flags = NLM_F_REQUEST | NLM_F_DUMP
            size = _HEADER.size + _LINK.size
            question = _HEADER.pack(size, RTM_GETLINK, flags, 1, 0) + _LINK.pack(0, 0, 0, 0, 0)
            asked.sendto(question, (0, 0))
            while _take(asked.recv(1 << 20), found):
                pass
    except OSError as error:
        raise CaptureFailed("cannot list the interfaces", why=str(error)) from error
    return found


def by_index(found: Mapping[str, Nic]) -> dict[int, Nic]:
    """The same by what stays: an interface's name may change at any time."""
    return {nic.index: nic for nic in found.values()}


def _take(answer: bytes, found: dict[str, Nic]) -> bool:
    """Read one datagram of the dump; False after its last message."""
    at = 0
    while at + _HEADER.size <= len(answer):
        length, kind, *_ = _HEADER.unpack_from(answer, at)
        if kind in (NLMSG_DONE, NLMSG_ERROR) or length < _HEADER.size:
            return False
        if kind == RTM_NEWLINK:
            nic = _nic(answer[at + _HEADER.size : at + length])
            found[nic.name] = nic
        at += (length + 3) & ~3
    return True


def _nic(body: bytes) -> Nic:
    _, arphrd, index, flags, _ = _LINK.unpack_from(body)
    name, missed = b"", 0
    at = _LINK.size
    while at + _ATTRIBUTE.size <= len(body):
        length, kind = _ATTRIBUTE.unpack_from(body, at)
        if length < _ATTRIBUTE.size:
            break
        value = body[at + _ATTRIBUTE.size : at + length]
        if kind == IFLA_IFNAME:
            name = value.rstrip(b"\0")
        elif kind == IFLA_STATS64 and len(value) >= 8 * (_MISSED_ERRORS + 1):
            words = struct.unpack_from(f"={_MISSED_ERRORS + 1}Q", value)
            missed = words[_FIFO_ERRORS] + words[_MISSED_ERRORS]
        at += (length + 3) & ~3
    return Nic(shown(name), name, index, arphrd, flags, missed)
