"""The kernel's own protocol for questions: one socket, one walk over its messages, its errors.

Owns nothing but bytes: what a message means is decided by ``diag`` (sockets), ``links``
(interfaces) and ``fib`` (routes). Layouts: netlink(7), rtnetlink(7), sock_diag(7).

Invariant: every length that a reply announces is checked against the bytes that are there, so a
cut or absurd reply raises :class:`NetshellError` and nothing else.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Final, NamedTuple

from netshell.errors import NetshellError, NotPermitted, Unavailable

ROUTE: Final = 0  # NETLINK_ROUTE
SOCK_DIAG: Final = 4  # NETLINK_SOCK_DIAG

NOOP, ERROR, DONE, OVERRUN = 1, 2, 3, 4
REQUEST, DUMP, DUMP_INTERRUPTED = 0x1, 0x300, 0x10

HEADER: Final = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ATTRIBUTE: Final = struct.Struct("=HH")
_ERRNO: Final = struct.Struct("=i")
ORDER: Final = sys.byteorder
_TYPE_MASK: Final = 0x3FFF  # the two high bits say "nested" and "network order"

_SOL_NETLINK, _GET_STRICT_CHK = 270, 12
_BUFFER: Final = 1 << 16  # the kernel fills at most 32 KiB at a time
_ATTEMPTS: Final = 4
_TIMEOUT: Final = struct.pack("@ll", 10, 0)  # a struct timeval: the kernel answers at once or never


class Message(NamedTuple):
    """One message: its type, its flags, and where its body lies in the buffer."""

    type: int
    flags: int
    start: int
    end: int


class Reply(NamedTuple):
    """A whole dump: the buffers as received, and whether the kernel's table changed meanwhile."""

    buffers: list[bytes]
    interrupted: bool


class Netlink:
    """An AF_NETLINK socket. Not shared between threads; opened for a question and closed.

    The network namespace is the one of the thread that opens it, so answers are never kept over
    a change of namespace.
    """

    def __init__(self, protocol: int) -> None:
        """Raises Unavailable where the kernel offers no such netlink family."""
        try:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        except OSError as error:
            raise refused("cannot ask the kernel", error) from None
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEOUT)
        self._sequence = 0

    def __enter__(self) -> Netlink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def be_strict(self) -> None:
        """Have a dump's question narrow it down (NETLINK_GET_STRICT_CHK).

        Raises OSError before Linux 4.20, where a dump has everything whatever the question says.
        """
        self._socket.setsockopt(_SOL_NETLINK, _GET_STRICT_CHK, 1)

    def ask(self, type_: int, body: bytes, flags: int = 0) -> tuple[bytes, Message]:
        """One question with one answer: the buffer and where the answer's body lies in it.

        Raises OSError with the kernel's own errno where it refuses; the caller knows what each
        one means.
        """
        self._send(type_, flags, body)
        while True:
            buffer = self._receive()
            for message in walk(buffer):
                if message.type == ERROR:
                    self._raise(buffer, message)
                elif message.type not in (NOOP, DONE):
                    return buffer, message
            # An acknowledgement without data: the answer is still to come.

    def dump(self, type_: int, body: bytes, flags: int = 0) -> Reply:
        """Everything the kernel has of a kind, as the buffers it sent.

        A dump during which the table changed is asked again a few times, then returned marked.
        Raises OSError as :meth:`ask` does.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                reply = self._dump_once(type_, body, flags)
            except OSError as error:
                # ENOBUFS: the receive buffer overflowed and the rest of the dump is lost.
                if error.errno != errno.ENOBUFS or attempt == _ATTEMPTS:
                    raise
                self._restart()
                continue
            if not reply.interrupted or attempt == _ATTEMPTS:
                return reply
        raise AssertionError("the last attempt returns or raises")

    def _dump_once(self, type_: int, body: bytes, flags: int) -> Reply:
        self._send(type_, DUMP | flags, body)
        buffers: list[bytes] = []
        interrupted = False
        while True:
            buffer = self._receive()
            _length, kind, marks, _sequence, _port = HEADER.unpack_from(buffer)
            interrupted = interrupted or bool(marks & DUMP_INTERRUPTED)
            if kind in (DONE, ERROR):
                self._end(buffer)
                return Reply(buffers, interrupted)
            buffers.append(buffer)
            if self._ends_inside(buffer):
                return Reply(buffers, interrupted)

    def _ends_inside(self, buffer: bytes) -> bool:
        """Whether the last message is the end mark: newer kernels append it to the last batch."""
        if len(buffer) < 20 or _final_type(buffer) != DONE:
            return False
        for message in walk(buffer):
            if message.type == DONE:
                self._raise(buffer, message)
                return True
        return False

    def _end(self, buffer: bytes) -> None:
        message = next(walk(buffer))
        if message.type == ERROR or message.end - message.start >= 4:
            self._raise(buffer, message)

    @staticmethod
    def _raise(buffer: bytes, message: Message) -> None:
        if message.end - message.start < 4:
            raise _damaged("an error without a number")
        (code,) = _ERRNO.unpack_from(buffer, message.start)
        if code:
            raise OSError(-code, os.strerror(-code))

    def _send(self, type_: int, flags: int, body: bytes) -> None:
        self._sequence += 1
        header = HEADER.pack(HEADER.size + len(body), type_, REQUEST | flags, self._sequence, 0)
        self._socket.send(header + body)

    def _receive(self) -> bytes:
        while True:
            data, _control, flags, sender = self._socket.recvmsg(_BUFFER)
            if sender[0] != 0:
                continue  # only the kernel (port 0) answers; another process may send here too
            if flags & socket.MSG_TRUNC:
                raise _damaged(f"more than {_BUFFER} bytes at once")
            if len(data) < HEADER.size:
                raise _damaged(f"{len(data)} bytes, shorter than a header")
            if HEADER.unpack_from(data)[3] == self._sequence:
                return data

    def _restart(self) -> None:
        """Leave the remains of a broken dump behind: a new sequence number skips them."""
        self._socket.setblocking(False)
        try:
            while True:
                self._socket.recv(_BUFFER)
        except BlockingIOError:
            pass  # drained: that is the aim
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
        finally:
            self._socket.setblocking(True)


def walk(buffer: bytes) -> Iterator[Message]:
    """The messages of one buffer, in order.

    Raises NetshellError at the first that does not fit into the buffer.
    """
    offset, size = 0, len(buffer)
    while offset < size:
        if size - offset < HEADER.size:
            raise _damaged(f"{size - offset} bytes left where a header should be")
        length, type_, flags, _sequence, _port = HEADER.unpack_from(buffer, offset)
        if length < HEADER.size or offset + length > size:
            raise _damaged(f"a message of {length} bytes with {size - offset} left")
        if type_ == OVERRUN:
            raise _damaged("the kernel lost part of it")
        yield Message(type_, flags, offset + HEADER.size, offset + length)
        offset += (length + 3) & ~3


def attributes(buffer: bytes, start: int, end: int) -> dict[int, bytes]:
    """The type-length-value attributes between two offsets, by type; the last of a kind wins.

    Raises NetshellError at an attribute that reaches beyond ``end``.
    """
    found: dict[int, bytes] = {}
    end = min(end, len(buffer))
    while end - start >= 4:
        length, type_ = _ATTRIBUTE.unpack_from(buffer, start)
        if length < 4 or start + length > end:
            raise _damaged(f"an attribute of {length} bytes with {end - start} left")
        found[type_ & _TYPE_MASK] = buffer[start + 4 : start + length]
        start += (length + 3) & ~3
    return found


def attribute(type_: int, value: bytes) -> bytes:
    """One attribute, padded, to put into a question."""
    return _ATTRIBUTE.pack(4 + len(value), type_) + value + bytes(-len(value) % 4)


def number(value: bytes | None, default: int = 0) -> int:
    """An attribute's value as an unsigned integer of whatever size it has."""
    return default if value is None else int.from_bytes(value, ORDER)


def text(value: bytes | None) -> str:
    """An attribute's value as text (NUL-terminated; not cleaned: views do that)."""
    return "" if value is None else value.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")


def address_text(family: int, raw: bytes) -> str:
    """An address as text. Raises NetshellError if it is not as long as its family's."""
    try:
        return socket.inet_ntop(family, raw)
    except ValueError:
        raise _damaged(f"an address of {len(raw)} bytes") from None


def refused(what: str, error: OSError, *, where: str = "") -> NetshellError:
    """The kernel's refusal as the error to show."""
    why = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in (errno.EPERM, errno.EACCES):
        return NotPermitted(what, where=where, why=why, next_step="run as root")
    if error.errno in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ENOENT, errno.EOPNOTSUPP):
        return Unavailable(what, where=where, why=f"this kernel does not answer it ({why})")
    return NetshellError(what, where=where, why=why)


def _damaged(why: str) -> NetshellError:
    return NetshellError("cannot read the kernel's answer", why=why, next_step="try again")


def _final_type(buffer: bytes) -> int:
    """The type field of an end mark of 20 bytes, if the buffer ends with one."""
    kind: int = HEADER.unpack_from(buffer, len(buffer) - 20)[1]
    return kind
