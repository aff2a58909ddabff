"""What a stream is made of, and what it lacks: the records that streams and dialogues show."""

from __future__ import annotations

from typing import NamedTuple

from netshell.flow import reassembly

REASONS = {
    reassembly.MISSED: "not captured",
    reassembly.AWAITED: "not acknowledged",
    reassembly.CUT: "cut",
}
"""Why bytes lack: the peer acknowledged them, but no packet with them was captured; nobody
acknowledged them (lost, or still to come); their packet was captured in part (snaplen)."""

FATES = {
    reassembly.KEEP_ALIVE: "keep-alive",
    reassembly.BEFORE: "before the first byte",
    reassembly.BEHIND: "behind the FIN",
    reassembly.FAR: "outside of any window",
    reassembly.RESET: "in a reset",
}
"""Why a segment's data is not in the stream."""


class Piece(NamedTuple):
    """Bytes that came in one packet."""

    offset: int  # in Stream.data
    length: int
    packet: int  # number in the capture
    time_ns: int
    seq: int  # relative sequence number of the first byte


class Gap(NamedTuple):
    """Bytes that lack; ``reason`` is one of REASONS."""

    offset: int  # in Stream.data, where they should stand
    length: int
    seq: int  # relative sequence number of the first one
    reason: str

    def __str__(self) -> str:
        return f"{counted(self.length)} {WORDS[self.reason]}"


WORDS = {
    "not captured": "not captured (acknowledged: they arrived)",
    "not acknowledged": "lacking (not acknowledged: lost, or still to come)",
    "cut": "cut off when captured (snaplen)",
}


class Conflict(NamedTuple):
    """The same place of the stream, sent twice with different bytes: corruption or an attack."""

    offset: int  # of the first byte that differs, in Stream.data
    packet: int  # the one whose bytes are in the stream: captured first
    other: int
    kept: bytes  # from the first to the last byte that differs
    lost: bytes


class LeftOut(NamedTuple):
    """Data of a packet that is not in the stream; ``reason`` is one of FATES."""

    packet: int
    length: int
    reason: str


def counted(count: int, what: str = "byte") -> str:
    """A number of things in words."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
