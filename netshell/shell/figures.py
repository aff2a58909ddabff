"""A running capture in numbers: what the prompt and the line below it say while packets come."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from netshell.view import clean


@dataclass(frozen=True, slots=True)
class Figures:
    """What was captured up to ``taken_s``, and how fast since the last look."""

    iface: str
    filter: str
    packets: int
    dropped: int
    size: int  # bytes on the wire
    rate: float  # packets per second
    taken_s: float  # time.monotonic()


def measure(capture: Any, before: Figures | None = None) -> Figures:
    """Figures of a capture now; the rate since ``before``, smoothed so that it can be read."""
    now = time.monotonic()
    stats = capture.stats
    packets = len(capture)
    rate = 0.0
    if before is not None:
        passed = now - before.taken_s
        if passed < 0.05:
            return before
        fresh = (packets - before.packets) / passed
        rate = fresh if not before.rate else 0.6 * fresh + 0.4 * before.rate
    return Figures(
        iface=clean(",".join(capture.names)),
        filter=clean(capture.filter_text),
        packets=packets,
        dropped=stats.dropped,
        size=stats.bytes,
        rate=rate if rate >= 0.5 else 0.0,
        taken_s=now,
    )


def short(number: float) -> str:
    """A count in at most four characters, so that what stands beside it does not move.

    >>> [short(n) for n in (7, 999, 1_234, 56_789, 1_234_567)]
    ['7', '999', '1.2k', '57k', '1.2M']
    """
    for unit in ("", "k", "M", "G"):
        if number < 999.5:
            small = unit and number < 9.95
            return f"{number:.1f}{unit}" if small else f"{number:.0f}{unit}"
        number /= 1000
    return f"{number:.0f}T"


def counted(number: int, what: str) -> str:
    """A number with its noun.

    >>> counted(1, "packet"), counted(4812, "packet")
    ('1 packet', '4,812 packets')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"
