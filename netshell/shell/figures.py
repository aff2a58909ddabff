"""A running capture in numbers: what the prompt and the line below it say while packets come."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from netshell.view import clean


class Figures(NamedTuple):
    """What was captured up to ``taken_s``, and how fast since the last look."""

    iface: str
    filter: str
    packets: int
    dropped: int
    rate: float  # packets per second
    since_s: float  # time.monotonic() of the first look
    taken_s: float  # and of this one

    @property
    def running_s(self) -> float:
        """How long it has been looked at."""
        return self.taken_s - self.since_s


def measure(capture: Any, before: Figures | None = None) -> Figures:
    """Figures of a capture now; the rate since ``before``, smoothed so that it can be read.

    Counts only: nothing here makes the capture look into its packets.
    """
    now = time.monotonic()
    packets = len(capture)
    rate = 0.0
    if before is not None:
        passed = now - before.taken_s
        if passed < 0.05:
            return before
        fresh = (packets - before.packets) / passed
        # The same calm whether one looks every half second or after each packet printed.
        weight = min(1.0, 1.2 * passed)
        rate = fresh if not before.rate else weight * fresh + (1 - weight) * before.rate
    return Figures(
        iface=clean(",".join(capture.ifaces or capture.names)),
        filter=clean(capture.filter_text),
        packets=packets,
        dropped=capture.dropped,
        rate=rate if rate >= 0.5 else 0.0,
        since_s=now if before is None else before.since_s,
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


def clock(seconds: float) -> str:
    """A duration as a clock shows it.

    >>> clock(7), clock(754), clock(7325)
    ('0:07', '12:34', '2:02:05')
    """
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
