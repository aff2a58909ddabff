"""Segments that a TCP socket never gets: a filter on the socket itself drops them on arrival.

The filter (SO_ATTACH_FILTER in socket(7)) runs before TCP sees a segment: to the connection it is
as lost as on the way, and the sender sends it again. It needs no right and no program, and a
capture of the interface still shows what arrived. A listener's filter sees the SYNs.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from dataclasses import dataclass

from netshell.lab import acts

_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27

# Classic BPF (linux/filter.h). A TCP socket's filter reads from the TCP header on; the IP header is
# found at SKF_NET_OFF.
_LOAD_LENGTH, _LOAD_BYTE, _LOAD_HALF, _LOAD_IP_HALF = 0x80, 0x30, 0x28, 0x28
_AND, _EQUAL, _GREATER, _RETURN = 0x54, 0x15, 0x25, 0x06
_NET_OFF = 0xFFF00000
_FLAGS_AT, _IP_ID_AT = 13, _NET_OFF + 4

Instruction = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Lost:
    """Which segments are lost: all that are so in every respect that is given.

    ``longer_than`` is in bytes from the TCP header on, ``flags`` are all to be set, ``ip_id`` is
    the identification of one very packet: its repetition has another one.
    """

    longer_than: int = 0
    flags: int = 0
    ip_id: int | None = None

    def program(self) -> list[Instruction]:
        """The filter as instructions: each condition that does not hold leads to the end."""
        tests: list[list[Instruction]] = []
        if self.longer_than:
            tests.append([(_LOAD_LENGTH, 0, 0, 0), (_GREATER, 0, -1, self.longer_than)])
        if self.flags:
            tests.append([
                (_LOAD_BYTE, 0, 0, _FLAGS_AT), (_AND, 0, 0, self.flags),
                (_EQUAL, 0, -1, self.flags),
            ])  # fmt: skip
        if self.ip_id is not None:
            tests.append([(_LOAD_IP_HALF, 0, 0, _IP_ID_AT), (_EQUAL, 0, -1, self.ip_id)])
        flat = [instruction for test in tests for instruction in test]
        keep = len(flat) + 1  # the place of "all of it", behind "nothing of it"
        made = [
            (code, true, keep - at - 1 if false < 0 else false, value)
            for at, (code, true, false, value) in enumerate(flat)
        ]
        return [*made, (_RETURN, 0, 0, 0), (_RETURN, 0, 0, 0xFFFFFFFF)]


EVERYTHING = Lost()
DATA = Lost(longer_than=60)
"""Whatever is longer than the longest TCP header."""


def lose(name: str, lost: Lost) -> None:
    """Have a kept socket lose what is so, instead of what it lost before."""
    program = lost.program()
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    memory = ctypes.create_string_buffer(code, len(code))
    request = struct.pack("@HP", len(program), ctypes.addressof(memory))
    acts.kept[name].setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, request)


def hear(name: str) -> None:
    """Have it lose nothing any more."""
    acts.kept[name].setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)
