"""Numbered messages over a stream socket, between a wire and the process of each host.

A message is a number and bytes; on the socket the number and the length, eight bytes each in
network order, stand before them. A reply carries its request's number, so that the answer to a
request somebody stopped waiting for is told from the answer to the next. With a message may come
one descriptor (SCM_RIGHTS in unix(7)).
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct

HELLO = 0  # the number of a host's first message: its pid, or why there is no host

_HEADER = struct.Struct("!QQ")


class Channel:
    """One end of the conversation. Not thread-safe: its owner holds a lock around an exchange."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        # What has arrived of the next message survives an interrupted receive().
        self._arrived = bytearray()
        self._descriptors: list[int] = []

    def send(self, number: int, body: bytes, descriptor: int | None = None) -> None:
        """Send one message. Raises OSError (BrokenPipeError when the other end is gone)."""
        message = _HEADER.pack(number, len(body)) + body
        if descriptor is not None:
            message = message[socket.send_fds(self._socket, [message], [descriptor]) :]
        self._socket.sendall(message)

    def receive(self) -> tuple[int, bytes] | None:
        """The next message, or None when the conversation is over, whoever ended it."""
        try:
            while len(self._arrived) < self._next_length():
                chunk, descriptors, _, _ = socket.recv_fds(
                    self._socket, 1 << 20, 1, socket.MSG_CMSG_CLOEXEC
                )
                self._descriptors += descriptors
                if not chunk:
                    return None
                self._arrived += chunk
        except OSError:  # reset by the other end, or closed by a thread of this one
            return None
        end = self._next_length()
        number, _ = _HEADER.unpack_from(self._arrived)
        body = bytes(self._arrived[_HEADER.size : end])
        del self._arrived[:end]
        return number, body

    def _next_length(self) -> int:
        if len(self._arrived) < _HEADER.size:
            return _HEADER.size
        return _HEADER.size + int(_HEADER.unpack_from(self._arrived)[1])

    def descriptor(self) -> int | None:
        """What came with the last message: the caller's to close."""
        return self._descriptors.pop() if self._descriptors else None

    def drop_descriptor(self) -> None:
        """Close what came with a message nobody waits for any more."""
        if (descriptor := self.descriptor()) is not None:
            os.close(descriptor)

    def hang_up(self) -> None:
        """End the conversation: receive() returns None at both ends, also where one waits."""
        with contextlib.suppress(OSError):  # the other end may have done it first
            self._socket.shutdown(socket.SHUT_RDWR)
        self.close()

    def close(self) -> None:
        """Close this descriptor only; the conversation goes on through copies of it."""
        self._socket.close()
