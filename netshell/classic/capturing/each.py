"""One packet, one text: what is printed before it, of it, and behind it.

Needs no numpy, which takes longer to import than the first lines of a file may take.
"""

from __future__ import annotations

from netshell.classic.capturing.orders import SNAPLEN, Orders
from netshell.classic.dump import show_packet
from netshell.classic.dump.hex import dumped
from netshell.classic.dump.stamp import Stamps
from netshell.classic.dump.state import State

NUMBERED = 5
"""Digits of a packet's number, at least."""


class Each:
    """The text of one run's packets, which are given in their order."""

    def __init__(self, orders: Orders) -> None:
        self.settings = orders.settings
        self.state = State()
        self.stamps = Stamps(orders.mode, orders.nanoseconds)
        self.number = orders.number
        self.count = 0
        """Packets printed."""

    def packet(self, link: int, octets: bytes, wire: int, time_ns: int) -> str:
        """What is printed of the next packet, with the line feed behind it."""
        self.count += 1
        captured = len(octets)
        if not captured or wire < captured or wire > SNAPLEN:
            return f"{self._begin()}{_invalid(captured, wire)}\n"
        return self.line(link, octets, wire, self.stamps.text(time_ns))

    def line(self, link: int, octets: bytes, wire: int, stamp: str) -> str:
        """The same of a packet that was counted, behind this time."""
        shown = show_packet(link, octets, len(octets), wire, self.settings, self.state)
        more = dumped(octets, self.state.header_len, self.settings)
        return f"{self._begin()}{stamp}{shown}{more}\n"

    def _begin(self) -> str:
        return f"{self.count:{NUMBERED}d}  " if self.number else ""


def _invalid(captured: int, wire: int) -> str:
    """What is said of a packet whose record contradicts itself."""
    said = [" caplen==0"] if not captured else []
    if not wire:
        said.append(" len==0")
    elif wire < captured:
        said.append(f" len({wire}) < caplen({captured})")
    said += [f" {name}({length}) > {SNAPLEN}" for name, length in
             (("caplen", captured), ("len", wire)) if length > SNAPLEN]  # fmt: skip
    return f"[Invalid header:{','.join(said)}]"
