"""The words that the sentences of findings share: sides, amounts and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.catalogue.said import Said
from netshell.flow.amounts import amount, duration, lasted

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

__all__ = [
    "amount", "apart", "content", "duration", "lasted", "number", "of_bytes", "other", "packet",
    "receiver", "sender", "sentence", "who",
]  # fmt: skip


def sender(run: Running, row: int) -> str:
    """Who sent a segment."""
    return "the client" if run.segments.from_client[row] else "the server"


def receiver(run: Running, row: int) -> str:
    """The side it was sent to."""
    return "the server" if run.segments.from_client[row] else "the client"


def who(run: Running, row: int) -> Said:
    """Who sent a segment, at the beginning of a sentence of the catalogue."""
    return Said(f"side.first.{'client' if run.segments.from_client[row] else 'server'}")


def other(run: Running, row: int) -> Said:
    """The side it was sent to, within a sentence of the catalogue."""
    return Said(f"side.the.{'server' if run.segments.from_client[row] else 'client'}")


def of_bytes(count: int) -> Said:
    """So many bytes, within a sentence of the catalogue."""
    return Said(f"amount.byte.{'one' if count == 1 else 'many'}", count=count)


def number(run: Running, row: int) -> int:
    """The packet a row is, by its number."""
    return int(run.segments.packet[row])


def content(run: Running, row: int) -> str:
    """What a segment carries: its bytes and their place, or SYN or FIN."""
    segments = run.segments
    flags, length = int(segments.flags[row]), int(segments.length[row])
    what = []
    if flags & 0x02:
        what.append("SYN")
    if length:
        what.append(f"{amount(length)} from {int(segments.seq[row]):,}")
    if flags & 0x01:
        what.append("FIN")
    return " and ".join(what) or "nothing"


def apart(run: Running, earlier: int, later: int) -> str:
    """The time between two rows, in words that fit before "after"."""
    times = run.segments.time_ns
    return lasted(int(times[later]) - int(times[earlier]))


def packet(run: Running, row: int) -> str:
    """The packet a row is."""
    return f"packet {int(run.segments.packet[row])}"


def sentence(text: str) -> str:
    """The text with a capital, and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."
