"""How a row of the kernel's dump becomes a :class:`Socket` quickly.

A frozen dataclass's ``__init__`` takes four times as long as plain assignments, and decoding
``tcp_info`` as long as all the rest: for 20,000 sockets that is half a second. So a row is made as
a :class:`Draft`, which becomes a :class:`DiagSocket`, and its ``tcp_info`` is decoded on sight.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final, cast

from netshell.host import netlink
from netshell.host.sockets import Socket
from netshell.host.tcp_info import TcpInfo
from netshell.results import Single

INFO, CONGESTION = 2, 4
"""The attributes of sock_diag(7) that ``tcp_info`` is made of."""

_KEPT: Final[Any] = Socket.__dict__["tcp_info"]  # the slot under the property


class _Measured:
    """``tcp_info`` of a row: the kernel's attributes, decoded when they are looked at."""

    def __get__(self, row: Socket | None, owner: type | None = None) -> Any:
        if row is None:
            return self
        value = _KEPT.__get__(row)
        if isinstance(value, bytes):
            extra = netlink.attributes(value, 0, len(value))
            name = netlink.text(extra.get(CONGESTION))
            value = TcpInfo.decode(extra.get(INFO, b""), name)
            _KEPT.__set__(row, value)
        return value

    def __set__(self, row: Socket, value: Any) -> None:
        _KEPT.__set__(row, value)


class DiagSocket(Socket):
    """A socket of a dump: like any other, but its ``tcp_info`` is decoded on sight."""

    __slots__ = ()
    tcp_info = _Measured()


class Draft(Single):
    """A record in the making: a socket's slots and base, so that it can become one."""

    __slots__ = tuple(field.name for field in dataclasses.fields(Socket))

    def __init__(
        self,
        proto: Any,
        local: Any,
        remote: Any,
        state: Any,
        pid: Any,
        process: Any,
        user: Any,
        recv_q: Any,
        send_q: Any,
        timer: Any,
        iface: Any,
        tcp_info: Any,
        inode: Any,
        shared_with: Any,
        drops: Any,
        uid: Any,
        opened_as: Any,
    ) -> None:
        self.proto = proto
        self.local = local
        self.remote = remote
        self.state = state
        self.pid = pid
        self.process = process
        self.user = user
        self.recv_q = recv_q
        self.send_q = send_q
        self.timer = timer
        self.iface = iface
        self.tcp_info = tcp_info
        self.inode = inode
        self.shared_with = shared_with
        self.drops = drops
        self.uid = uid
        self.opened_as = opened_as


def finished(draft: Draft) -> Socket:
    """The draft itself, as a frozen record from now on."""
    _become(draft, "__class__", DiagSocket)
    return cast(Socket, draft)


_become: Final = object.__setattr__
