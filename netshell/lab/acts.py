"""What the programs on the lab's hosts do with sockets: functions that Host.call runs there.

A socket stays open in the host under the name it was given, until something closes it. Nothing
here waits: a call that would block is over at once, and what comes of it shows in the packets and
in the kernel's states. What a program is told is returned: the name of the error, or "".
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

Option = tuple[int, int, int]
"""Level, option and value: setsockopt(2)."""

kept: dict[str, socket.socket] = {}
heard: dict[str, str] = {}
"""The error that each socket's program was told last: the kernel tells it once."""


def told(act: Callable[[], object]) -> str:
    """What the program hears of it: the error's name, "" if there is none.

    >>> told(lambda: socket.socket().send(b"x"))
    'EPIPE'
    """
    try:
        act()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return ""


def listen(name: str, port: int, backlog: int, options: Sequence[Option]) -> str:
    """Bind to a port of any address and listen."""
    sock = _kept(name, options)
    return told(lambda: sock.bind(("0.0.0.0", port))) or told(lambda: sock.listen(backlog))


def connect(
    name: str, address: str, port: int, options: Sequence[Option], local_port: int = 0
) -> tuple[str, int]:
    """Begin to connect; what was told, and the own port."""
    sock = _kept(name, options)
    sock.bind(("0.0.0.0", local_port))
    error = sock.connect_ex((address, port))
    heard[name] = "" if error in (0, errno.EINPROGRESS) else errno.errorcode[error]
    return heard[name], int(sock.getsockname()[1])


def connect_with(name: str, address: str, port: int, data: bytes) -> tuple[str, int]:
    """Connect with the first data (MSG_FASTOPEN in tcp(7)); what was told, and the own port."""
    sock = _kept(name, ())
    sock.bind(("0.0.0.0", 0))
    error = told(lambda: sock.sendto(data, socket.MSG_FASTOPEN, (address, port)))
    heard[name] = "" if error == "EINPROGRESS" else error
    return heard[name], int(sock.getsockname()[1])


def _kept(name: str, options: Sequence[Option]) -> socket.socket:
    sock = kept[name] = socket.socket()
    sock.setblocking(False)
    set_options(name, options)
    return sock


def set_options(name: str, options: Sequence[Option]) -> None:
    """Set some of a socket's options."""
    for level, option, value in options:
        kept[name].setsockopt(level, option, value)


def accept(listener: str, name: str) -> str:
    """Take a connection that is there."""
    try:
        kept[name] = kept[listener].accept()[0]
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    kept[name].setblocking(False)
    return ""


def send(name: str, *pieces: bytes) -> str:
    """Write, each piece by itself; what the kernel has room for."""
    _replies.pop(name, None)
    return next(filter(None, (told(partial(kept[name].send, piece)) for piece in pieces)), "")


def fill(name: str, piece: int = 65536) -> int:
    """Write until the kernel takes no more; how many bytes it took."""
    taken = 0
    try:
        while True:
            taken += kept[name].send(bytes(piece))
    except BlockingIOError:
        return taken


def read(name: str, most: int = 1 << 20) -> str:
    """Read what is there; how many bytes, or the error's name. "0 B": the peer has closed."""
    try:
        return f"{len(kept[name].recv(most))} B"
    except OSError as error:
        return errno.errorcode[error.errno or 0]


_replies: dict[str, bytes] = {}


def reply(name: str) -> str:
    """Read on; the first line of all that this socket has received since it last sent."""
    with contextlib.suppress(BlockingIOError):
        _replies[name] = _replies.get(name, b"") + kept[name].recv(1 << 20)
    line, end, _ = _replies.get(name, b"").partition(b"\r\n")
    return line.decode("latin-1") if end else ""


def message_kinds(name: str) -> str:
    """Read on; the kinds of PostgreSQL's messages received since it last sent ("TDCZ")."""
    with contextlib.suppress(BlockingIOError):
        _replies[name] = _replies.get(name, b"") + kept[name].recv(1 << 20)
    rest, kinds = _replies.get(name, b""), ""
    while len(rest) >= 5:
        kinds += rest[:1].decode("latin-1")
        rest = rest[1 + int.from_bytes(rest[1:5], "big") :]
    return kinds


def waiting(name: str) -> int:
    """How many bytes wait to be read."""
    try:
        return len(kept[name].recv(1 << 20, socket.MSG_PEEK))
    except OSError:
        return 0


def problem(name: str) -> str:
    """The error that its program was told, or is to be (SO_ERROR in socket(7)); "" without."""
    number = kept[name].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        heard[name] = errno.errorcode[number]
    return heard.get(name, "")


def stop_sending(name: str) -> str:
    """Close one direction: shutdown(2) with SHUT_WR."""
    return told(lambda: kept[name].shutdown(socket.SHUT_WR))


def close(name: str) -> None:
    """Close it, as the end of its program would."""
    kept.pop(name).close()


def abort(name: str) -> None:
    """Close it with SO_LINGER 0: a RST, whatever the connection's state."""
    kept[name].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    close(name)


def configure(settings: Sequence[tuple[str, str]]) -> None:
    """Write sysctls below net.ipv4. Raises OSError (a kernel without that setting, unless its
    name ends with "?")."""
    for name, value in settings:
        place = Path("/proc/sys/net/ipv4", name.removesuffix("?"))
        if place.exists() or not name.endswith("?"):
            place.write_text(value, encoding="ascii")
