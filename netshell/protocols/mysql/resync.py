"""Where packets begin again, after bytes that lack or in a conversation seen from its midst.

Client and server take turns: when the server speaks, the client has just sent whole packets. So
what a client sent last is searched for the longest run of packets that ends exactly there, each
numbered 0 and with a command that there is. Ordered by who speaks, not by pieces: the same bytes
in other pieces are found alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from netshell.protocols.inbox import Inbox
from netshell.protocols.mysql.commands import CHANGE_USER, COMMANDS
from netshell.protocols.mysql.compressed import OUTER_HEAD
from netshell.protocols.mysql.framing import HEAD, Packet

KEPT = 1 << 16
"""Bytes of a turn that are searched: the last ones."""
TURNS = 64
"""Turns without a packet after which it is given up."""
_AMID = frozenset((0x03, 0x16, 0x17, 0x02))  # commands that are believed amid other bytes
_LEAST_AMID = 6
_OVERHEAD = 64  # bytes that compressing may add


class Turn:
    """What a client says while it is not known where its packets begin."""

    def __init__(self, at: int) -> None:
        self.box = Inbox("client", at)

    def add(self, data: bytes, time_ns: int) -> None:
        """Bytes of it."""
        self.box.add(data, time_ns)
        if len(self.box) > 2 * KEPT:
            self.box.skip(len(self.box) - KEPT)

    def find(self, compressed: bool | None) -> tuple[int, bool] | None:
        """Where in the box its packets begin, and whether they are compressed ones; None if
        nothing is found. ``compressed``: what is known of that."""
        data = bytes(self.box.data[-KEPT:])
        skipped = len(self.box) - len(data)
        for is_compressed in (False, True):
            if compressed is None or compressed == is_compressed:
                at = first_compressed(data) if is_compressed else first_packet(data)
                if at is not None:
                    return skipped + at, is_compressed
        return None

    def packets(self, at: int) -> Iterator[Packet]:
        """The packets that begin there, up to the end; they stay."""
        box = self.box
        while at < len(box):
            begin, size = at, int.from_bytes(box.data[at : at + 3], "little")
            at += HEAD + size
            yield Packet(
                "client", 0, bytes(box.data[begin + HEAD : at]), size, box.at + begin, box.at + at,
                box.time_ns(begin), box.time_ns(at - 1),
            )  # fmt: skip


def first_packet(data: bytes) -> int | None:
    """Where the longest run of commands begins that ends with the data."""
    found = None
    good = bytearray(len(data) + 1)  # whether a run begins there
    good[len(data)] = 1
    # From each NUL that may be a packet's number, the last one first.
    at = data.rfind(0, HEAD - 1)
    while at >= HEAD - 1:
        begin = at - HEAD + 1
        end = begin + HEAD + int.from_bytes(data[begin:at], "little")
        if begin + HEAD < end <= len(data) and good[end] and is_command(data, begin + HEAD, end):
            good[begin] = 1
            if begin == 0 or (data[begin + HEAD] in _AMID and end - begin - HEAD >= _LEAST_AMID):
                found = begin
        at = data.rfind(0, HEAD - 1, at)
    return found


def first_compressed(data: bytes) -> int | None:
    """Where it begins with compressed packets that end with the data: only at its beginning."""
    at = number = 0
    while at + OUTER_HEAD < len(data):
        size = int.from_bytes(data[at : at + 3], "little")
        whole = int.from_bytes(data[at + 4 : at + 7], "little")
        inside = data[at + OUTER_HEAD : at + OUTER_HEAD + 2]
        if data[at + 3] != number or (
            whole and (inside[:1] != b"\x78" or whole + _OVERHEAD < size)
        ):
            return None
        number = number + 1 & 0xFF
        at += OUTER_HEAD + size
    return 0 if at == len(data) and at else None


def is_command(data: bytes, begin: int, end: int) -> bool:
    """Whether bytes can be a command of a client: its number, its size, and SQL of characters."""
    code = data[begin]
    size = end - begin
    if code == CHANGE_USER:
        return size > 4
    kind = COMMANDS.get(code)
    if kind is None or not kind.sizes[0] <= size <= kind.sizes[1]:
        return False
    if code in (0x03, 0x16):
        at = begin + 3 if code == 3 and data[begin + 1 : begin + 3] == b"\0\1" else begin + 1
        return is_text(data[at : min(at + 16, end)])
    if code in (0x02, 0x05, 0x06):
        return is_text(data[begin + 1 : end])
    return True


def is_text(data: bytes) -> bool:
    """Whether bytes are characters, not controls."""
    return bool(data) and not data.translate(None, _CHARACTERS)


_CHARACTERS = bytes((*b"\t\n\r", *range(0x20, 0x7F), *range(0x80, 0x100)))
