"""The words that the sentences of findings share: sides, amounts and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def sender(run: Running, row: int) -> str:
    """Who sent a segment."""
    return "the client" if run.segments.from_client[row] else "the server"


def receiver(run: Running, row: int) -> str:
    """The side it was sent to."""
    return "the server" if run.segments.from_client[row] else "the client"


def amount(count: int, unit: str = "byte") -> str:
    """
    >>> amount(1), amount(1448)
    ('1 byte', '1,448 bytes')
    """
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"


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


def lasted(ns: int) -> str:
    """
    >>> lasted(900), lasted(-900)
    ('0.9 µs', 'an unknown time (the clock went back)')
    """
    return duration(ns) if ns >= 0 else "an unknown time (the clock went back)"


def duration(ns: int) -> str:
    """
    >>> duration(203_100_000), duration(1_500_000_000), duration(900)
    ('203.1 ms', '1.500 s', '0.9 µs')
    """
    size = abs(ns)
    if size >= 10**9:
        return f"{ns / 1e9:,.3f} s"
    if size >= 10**6:
        return f"{ns / 1e6:.1f} ms"
    return f"{ns / 1e3:.1f} µs"


def packet(run: Running, row: int) -> str:
    """The packet a row is."""
    return f"packet {int(run.segments.packet[row])}"


def sentence(text: str) -> str:
    """The text with a capital, and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."
