"""Where a TTL likely started, and how many routers it passed; light to import."""

from __future__ import annotations

from typing import NamedTuple


class Hops(NamedTuple):
    """A guess from a TTL: the sender's likely start value and the routers passed since."""

    initial: int
    passed: int

    def __str__(self) -> str:
        if not self.initial:
            return "no hop left"
        return "1 hop" if self.passed == 1 else f"{self.passed} hops"


def hops(ttl: int) -> Hops:
    """The likely start value of a TTL, and how many routers lowered it.

    Senders start at 64 (Linux, macOS, BSD), 128 (Windows) or 255 (routers, Solaris), some small
    devices at 32; the next one up is taken, as paths of more than 30 routers hardly exist. A TTL
    of 1 is taken as meant: for the link only (IGMP, SSDP), or a traceroute's probe. One of 0 tells
    nothing: no router passes such a packet on, and none should send it.

    >>> hops(57)
    Hops(initial=64, passed=7)
    """
    initial = next(start for start in (0, 1, 32, 64, 128, 255) if ttl <= start)
    return Hops(initial, initial - ttl)
