"""UNIX domain sockets: what /proc/net/unix says of each (unix(7), proc(5)).

A path may hold any byte, a line's end too, and the table is not escaped: what follows such a byte
is read as a line of its own. A line that is no socket is taken as the rest of the path before it.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from netshell.host.processes import Owners
from netshell.host.procnet import read_table
from netshell.results import Single
from netshell.view import clean

_LINE: Final = re.compile(
    rb"[0-9a-fA-FxX]+: ([0-9A-F]{8}) ([0-9A-F]{8}) ([0-9A-F]{8}) ([0-9A-F]{4}) ([0-9A-F]{2})"
    rb" *([0-9]+)(?: (.*))?\Z",
    re.DOTALL,
)
_TYPES: Final = {
    int(socket.SOCK_STREAM): "STREAM",
    int(socket.SOCK_DGRAM): "DGRAM",
    int(socket.SOCK_RAW): "RAW",
    4: "RDM",
    int(socket.SOCK_SEQPACKET): "SEQPACKET",
}
_STATES: Final = ("FREE", "", "CONNECTING", "CONNECTED", "DISCONNECTING")

LISTENS, WAITS, FULL = 0x10000, 0x20000, 0x40000
"""Bits of a socket's flags: it listens, it waits for data, it has no room to send."""


@dataclass(frozen=True, slots=True, repr=False)
class UnixSocket(Single):
    """One UNIX domain socket, at the moment it was asked about."""

    kind: str
    """"STREAM", "DGRAM", "SEQPACKET" ...; "UNKNOWN" for what unix(7) does not know."""
    state: str
    """"LISTENING", "CONNECTED", "CONNECTING", "DISCONNECTING", "FREE", or "" if unconnected."""
    path: str
    """Where it is bound; of an abstract one behind "@", its NULs as "@"; "" if nowhere."""
    inode: int
    refs: int
    """How often the kernel refers to it."""
    flags: int
    """See ``LISTENS``, ``WAITS`` and ``FULL``."""
    protocol: int = 0
    pid: int | None = None
    """The process that holds it; None if none or not visible."""
    process: str = ""

    @property
    def listening(self) -> bool:
        """Whether it waits for peers."""
        return self.state == "LISTENING"

    def __str__(self) -> str:
        return clean(f"unix {self.path or self.inode} {self.kind} {self.state}".rstrip())

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "type", self.kind
        yield "state", self.state
        yield "path", self.path
        if self.pid is not None:
            yield "process", f"{self.process}, pid {self.pid}".removeprefix(", ")
        yield "inode", str(self.inode)


def unix_sockets(owners: Owners) -> list[UnixSocket]:
    """Every UNIX socket of this thread's network namespace, in the kernel's order.

    With the processes that ``owners`` knows. Raises Unavailable where there is no such table.
    """
    found = []
    for each in read_unix(read_table("unix", "UNIX sockets")):
        pids = owners.by_inode.get(each.inode)
        if pids:
            each = replace(each, pid=pids[0], process=owners.names.get(pids[0], ""))
        found.append(each)
    return found


def read_unix(table: bytes) -> list[UnixSocket]:
    """The sockets of a table's bytes.

    >>> read_unix(b"Num ...\\n0: 00000002 00000000 00010000 0001 01 42 /run/x\\n")[0].state
    'LISTENING'
    """
    found: list[tuple[re.Match[bytes], bytes]] = []
    for line in table.split(b"\n")[1:]:
        match = _LINE.match(line)
        if match:
            found.append((match, match[7] or b""))
        elif found and line:
            found[-1] = (found[-1][0], found[-1][1] + b"\n" + line)
    return [_made(match, path) for match, path in found]


def _made(match: re.Match[bytes], path: bytes) -> UnixSocket:
    refs, protocol, flags, kind, state = (int(match[part], 16) for part in range(1, 6))
    name = _STATES[state] if state < len(_STATES) else "UNKNOWN"
    if name == "" and flags & LISTENS:
        name = "LISTENING"
    return UnixSocket(
        kind=_TYPES.get(kind, "UNKNOWN"),
        state=name,
        path=path.decode("utf-8", "backslashreplace"),
        inode=int(match[6]),
        refs=refs,
        flags=flags,
        protocol=protocol,
    )
