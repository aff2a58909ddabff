"""The wire itself: a veth pair between two network namespaces, addressed and up.

Runs inside the hosts. Four rtnetlink messages (rtnetlink(7), veth(4)), written out here: pyroute2
would send the same four, but its import alone takes longer than opening the whole wire does.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import struct
from pathlib import Path

_NLMSG_ERROR = 2
_RTM_NEWLINK = 16
_RTM_GETLINK = 18
_RTM_NEWADDR = 20
_RTMGRP_LINK = 0x1
_NLM_F_REQUEST, _NLM_F_ACK, _NLM_F_EXCL, _NLM_F_CREATE = 0x1, 0x4, 0x200, 0x400
_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MTU, _IFLA_LINKINFO, _IFLA_NET_NS_PID = 1, 3, 4, 18, 19
_IFLA_INFO_KIND, _IFLA_INFO_DATA = 1, 2
_VETH_INFO_PEER = 1
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_NODAD = 0x02  # IFA_F_NODAD: usable at once, no duplicate address detection
_IFF_UP, _IFF_RUNNING = 0x1, 0x40

_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_IFINFO = struct.Struct("=BxHiII")  # ifinfomsg: family, type, index, flags, change
_IFADDR = struct.Struct("=BBBBI")  # ifaddrmsg: family, prefix length, flags, scope, index

_UP_S = 10.0  # longer than the kernel ever takes
MTU = 1500

_QUIET = {
    "accept_dad": "0",
    "accept_ra": "0",
    "router_solicitations": "0",
    # The reports of joined groups are sent all the same: while the wire opens, not a second later.
    "mldv2_unsolicited_report_interval": "1",
}


def connect(iface: str, mac: str, other_pid: int, other_mac: str) -> None:
    """Make a veth pair: `iface` here, and one of the same name in the namespace of `other_pid`.

    Raises OSError (EOPNOTSUPP where the kernel has no veth).
    """
    peer = _IFINFO.pack(0, 0, 0, 0, 0) + _ends(iface, other_mac)
    peer += attribute(_IFLA_NET_NS_PID, struct.pack("=I", other_pid))
    info = attribute(_IFLA_INFO_KIND, b"veth")
    info += attribute(_IFLA_INFO_DATA, attribute(_VETH_INFO_PEER, peer))
    body = _IFINFO.pack(0, 0, 0, 0, 0) + _ends(iface, mac) + attribute(_IFLA_LINKINFO, info)
    request(_RTM_NEWLINK, _NLM_F_CREATE | _NLM_F_EXCL, body)


def quieten() -> None:
    """Keep IPv6's own chatter off the wire, and its addresses usable at once: ip-sysctl.rst.

    Before `connect`, as an interface takes its settings from the defaults when it appears.
    """
    for name, value in _QUIET.items():
        # A container's /proc/sys can be read-only. The wire then works all the same, and
        # carries a few solicitations and reports more in its first seconds.
        with contextlib.suppress(OSError):
            Path(f"/proc/sys/net/ipv6/conf/default/{name}").write_text(value, encoding="ascii")


def bring_up(iface: str) -> None:
    """Bring `iface` up, and the loopback with it. Raises OSError."""
    for name in ("lo", iface):
        body = _IFINFO.pack(0, 0, socket.if_nametoindex(name), _IFF_UP, _IFF_UP)
        request(_RTM_NEWLINK, 0, body)


def address(iface: str, *addresses: str) -> None:
    """Give `iface` its addresses ("10.77.0.1/24") once both ends of the wire are up.

    Raises OSError.
    """
    index = socket.if_nametoindex(iface)
    _await_running(index)
    for text in addresses:
        own = ipaddress.ip_interface(text)
        family, flags = (socket.AF_INET, 0) if own.version == 4 else (socket.AF_INET6, _NODAD)
        body = _IFADDR.pack(family, own.network.prefixlen, flags, 0, index)
        for kind in (_IFA_LOCAL, _IFA_ADDRESS):
            body += attribute(kind, own.ip.packed)
        request(_RTM_NEWADDR, _NLM_F_CREATE | _NLM_F_EXCL, body)


def _await_running(index: int) -> None:
    """Wait until the interface carries packets: some milliseconds after both ends are up.

    The kernel drops what is sent before, without an error.
    """
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.settimeout(_UP_S)
        netlink.bind((0, _RTMGRP_LINK))
        question = _IFINFO.pack(0, 0, index, 0, 0)
        header = _HEADER.pack(_HEADER.size + len(question), _RTM_GETLINK, _NLM_F_REQUEST, 1, 0)
        netlink.sendto(header + question, (0, 0))
        running = False
        while not running:  # the answer first, then the news
            message = netlink.recv(65536)
            kind = _HEADER.unpack_from(message)[1]
            if kind == _RTM_NEWLINK:
                _, _, number, flags, _ = _IFINFO.unpack_from(message, _HEADER.size)
                running = number == index and bool(flags & _IFF_RUNNING)


def _ends(iface: str, mac: str) -> bytes:
    """What both ends of the pair have: a name, a hardware address, an MTU."""
    return (
        attribute(_IFLA_IFNAME, iface.encode() + b"\0")
        + attribute(_IFLA_ADDRESS, bytes.fromhex(mac.replace(":", "")))
        + attribute(_IFLA_MTU, struct.pack("=I", MTU))
    )


def attribute(kind: int, value: bytes) -> bytes:
    """struct rtattr: length and type before the value, padded to four bytes."""
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def request(kind: int, flags: int, body: bytes) -> None:
    """Send one rtnetlink request and await its acknowledgement; OSError for a refusal."""
    length = _HEADER.size + len(body)
    header = _HEADER.pack(length, kind, _NLM_F_REQUEST | _NLM_F_ACK | flags, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.sendto(header + body, (0, 0))
        reply = netlink.recv(65536)
    kind = struct.unpack_from("=H", reply, 4)[0]
    number = -struct.unpack_from("=i", reply, _HEADER.size)[0]
    if kind != _NLMSG_ERROR or number != 0:
        raise OSError(number, f"rtnetlink: {os.strerror(number)}")
