"""The socket lists of netstat: Internet connections and UNIX domain sockets, as net-tools 2.10.

Pure text: records in, lines out. Columns are as wide as the program makes them, in bytes, and a
name that does not fit is cut where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from netshell.classic.peer_names import Names
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.sockets import NOWHERE, Socket
from netshell.host.unix import FULL, LISTENS, WAITS, UnixSocket
from netshell.view import clean

STATES: dict[str, str] = {
    State.SYN_RECEIVED: "SYN_RECV",
    State.FIN_WAIT_1: "FIN_WAIT1",
    State.FIN_WAIT_2: "FIN_WAIT2",
    State.CLOSED: "CLOSE",
}
"""The states that netstat spells in its own way."""

_ROOM = 22  # for an address and its port
_PROGRAM = 20  # PROGNAME_WIDTH, its end included
_KINDS: dict[str, str] = {"udplite": "udpl"}


@dataclass(frozen=True, slots=True)
class Columns:
    """What is shown of each socket, and how."""

    every: bool = False
    """-a: those that wait for peers and the others."""
    listening: bool = False
    extended: bool = False
    timers: bool = False
    wide: bool = False
    names: Names = field(default_factory=Names)
    programs: Mapping[int, str] | None = None
    """With -p, what to show for a process by its number; None without -p."""

    @property
    def of(self) -> str:
        """What the title says is shown."""
        if self.every:
            return "(servers and established)"
        return "(only servers)" if self.listening else "(w/o servers)"

    def shows(self, socket: Socket) -> bool:
        """Whether a socket is among those asked for."""
        if self.every:
            return True
        if socket.proto == "tcp":
            waits = socket.remote.port == 0
        else:
            waits = socket.remote == NOWHERE or socket.remote.address in ("0.0.0.0", "::")
        return waits == self.listening

    def shows_unix(self, socket: UnixSocket) -> bool:
        """The same of a UNIX socket."""
        return self.every or socket.listening == self.listening


def internet_head(columns: Columns) -> Iterator[str]:
    """The title and the columns' names."""
    yield f"Active Internet connections {columns.of}"
    head = "Proto Recv-Q Send-Q Local Address           Foreign Address         State      "
    if columns.extended:
        head += " User       Inode     "
    if columns.programs is not None:
        head += f" {'PID/Program name':<{_PROGRAM}}"
    yield head + (" Timer" if columns.timers else "")


def internet_lines(sockets: Iterable[Socket], columns: Columns) -> Iterator[str]:
    """A line a socket."""
    kinds: dict[tuple[str, bool], _Kind] = {}
    plain = not columns.extended and columns.programs is None and not columns.timers

    for socket in sockets:
        proto = socket.proto
        v6 = socket.opened_as == "IPv6" or (not socket.opened_as and socket.family != "IPv4")
        kind = kinds.get((proto, v6))
        if kind is None:
            kind = kinds[proto, v6] = _Kind(proto, v6, columns)
        state: str = socket.state
        send_q, recv_q = socket.send_q or 0, socket.recv_q or 0
        if proto == "tcp":
            if state == State.LISTEN:
                send_q = 0
            elif state in STATES:
                state = STATES[state]
        elif proto == "raw":
            state = "1" if state else "7"
        name, near, far = kind.name, kind[socket.local], kind[socket.remote]
        line = f"{name} {recv_q:>6} {send_q:>6} {near:<23} {far:<23} {state:<11}"
        yield line if plain else line + _rest(socket, columns)


def unix_head(columns: Columns) -> Iterator[str]:
    """The title and the columns' names of the UNIX sockets."""
    yield f"Active UNIX domain sockets {columns.of}"
    head = "Proto RefCnt Flags       Type       State         I-Node  "
    if columns.programs is not None:
        head += f" {'PID/Program name':<{_PROGRAM}}"
    yield head + " Path"


def unix_lines(sockets: Iterable[UnixSocket], columns: Columns) -> Iterator[str]:
    """A line a socket. A path ends at its first white space, as there."""
    for socket in sockets:
        flags = "[ "
        flags += "ACC " if socket.flags & LISTENS else ""
        flags += "W " if socket.flags & WAITS else ""
        flags += "N " if socket.flags & FULL else ""
        kind = "??" if socket.protocol else "unix"
        path = (socket.path.split(maxsplit=1) or [""])[0]
        line = (
            f"{kind:<5} {socket.refs:<6} {flags + ']':<11} {socket.kind:<10}"
            f" {socket.state:<13} {socket.inode:<8}"
        )
        if columns.programs is not None:
            line += _program(socket.pid, columns.programs)
        yield f"{line} {clean(path)}"


def program_name(pid: int, words: tuple[bytes, ...]) -> str:
    """What -p shows of a process: its number and what it was started as, cut to fit.

    >>> program_name(7, (b"/usr/sbin/nginx", b"-g"))
    '7/nginx'
    """
    name = words[0] if words else b""
    if name.startswith(b"/"):
        name = name.rpartition(b"/")[2]
    return clean((str(pid).encode() + b"/" + name)[: _PROGRAM - 1])


def _rest(socket: Socket, columns: Columns) -> str:
    line = ""
    if columns.extended:
        uid = socket.uid or 0
        user = (socket.user or _root()) if columns.names.users else str(uid)
        line += f" {clean(user):<10} {socket.inode:<10}"
    if columns.programs is not None:
        line += _program(socket.pid, columns.programs)
    return f"{line} {_timer(socket)}" if columns.timers else line


def _root() -> str:
    # What belongs to no process any more is user 0's to the kernel.
    from netshell.host.processes import user_name

    return user_name(0)


def _program(pid: int | None, programs: Mapping[int, str]) -> str:
    name = "-" if pid is None else programs.get(pid, "-")
    return f" {name}{' ' * (_PROGRAM - len(name.encode('utf-8', 'replace')))}"


def _timer(socket: Socket) -> str:
    if socket.proto != "tcp":
        return "off (0.00/0/0)"
    info, timer = socket.tcp_info, socket.timer
    if info is not None:
        retransmits, probes = info.retransmits, info.probes
    else:
        retransmits, probes = (timer.retries if timer and timer.kind == "on" else 0), 0
    if timer is None:
        return f"off (0.00/{retransmits}/{probes})"
    return f"{timer.kind} ({timer.expires_ms // 10 / 100:.2f}/{retransmits}/{probes})"


class _Kind(dict[Endpoint, str]):
    """Sockets of one protocol and family: the text of their ends, each worked out once."""

    def __init__(self, proto: str, v6: bool, columns: Columns) -> None:
        super().__init__()
        self.proto, self.v6, self.columns = proto, v6, columns
        name = _KINDS.get(proto, proto) + ("6" if v6 else "")
        self.name = f"{name:<4} " if proto in ("tcp", "raw") else f"{name:<5}"
        self._hosts: dict[str, str] = {}

    def __missing__(self, end: Endpoint) -> str:
        columns, address = self.columns, end.address
        host = self._hosts.get(address)
        if host is None:
            any_ = "::" if self.v6 else "0.0.0.0"
            name = columns.names.host(any_ if address == "*" else address, self.v6)
            host = self._hosts[address] = clean(name)
        port = clean(columns.names.port(end.port, self.proto))
        if not columns.wide and len(host) + len(port) > _ROOM:
            port = port[: _ROOM - 4]
            host = host[: _ROOM - len(port)]
        self[end] = found = f"{host}:{port}"
        return found
