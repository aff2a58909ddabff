"""RAW and UDP-Lite sockets as records, from /proc/net: not every kernel's sock_diag lists them."""

from __future__ import annotations

from typing import Literal

from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.processes import Owners, user_name
from netshell.host.procnet import InetRow, inet_rows
from netshell.host.sockets import NOWHERE, Socket

_CONNECTED = 1  # TCP_ESTABLISHED, which the kernel uses for all protocols


def raw_sockets(proto: Literal["raw", "udplite"], owners: Owners) -> list[Socket]:
    """The sockets of a protocol, with the processes that ``owners`` knows.

    A raw socket's local port is the protocol that it takes, 0 for all. Raises Unavailable where
    the system has no such table.
    """
    return [_socket(proto, row, owners) for row in inet_rows(proto)]


def _socket(proto: Literal["raw", "udplite"], row: InetRow, owners: Owners) -> Socket:
    pids = owners.by_inode.get(row.inode, ())
    connected = row.state == _CONNECTED
    return Socket(
        proto=proto,
        local=_end(row.local),
        remote=_end(row.remote) if connected else NOWHERE,
        state=State.ESTABLISHED if connected else "",
        pid=pids[0] if pids else None,
        process=owners.names.get(pids[0], "") if pids else "",
        user=user_name(row.uid),
        recv_q=row.recv_q,
        send_q=row.send_q,
        inode=row.inode,
        shared_with=pids[1:],
        uid=row.uid,
        opened_as="IPv6" if row.v6 else "IPv4",
    )


def _end(end: tuple[str, int]) -> Endpoint:
    return Endpoint(end[0].removeprefix("::ffff:") if "." in end[0] else end[0], end[1])
