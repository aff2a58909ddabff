"""Packets in, lines out: everything tcpdump prints of them, in their order.

Most packets of most captures are plain TCP and UDP; ``plain`` writes them many at a time, and the
protocols' printers all others one by one, with the same text.
"""

from __future__ import annotations

from collections.abc import Iterator

from netshell.classic.dump import show_packet
from netshell.classic.dump.hex import dumped
from netshell.classic.dump.orders import SNAPLEN, Orders
from netshell.classic.dump.stamp import Stamps
from netshell.classic.dump.state import State
from netshell.packet.chunk import Chunk


class Printer:
    """The text of one run's packets.

    >>> printer = Printer(orders)                                      # doctest: +SKIP
    >>> out.writelines(printer.lines(chunk))                           # doctest: +SKIP
    """

    def __init__(self, orders: Orders) -> None:
        self.settings = orders.settings
        self.state = State()
        self.stamps = Stamps(orders.mode, orders.nanoseconds)
        self.number = orders.number
        self.count = 0
        """Packets printed."""

    def lines(self, chunk: Chunk) -> Iterator[str]:
        """What is printed of each packet, with the line feed behind it."""
        view = memoryview(chunk.data)
        each = zip(
            chunk.offset.tolist(),
            chunk.captured_len.tolist(),
            chunk.wire_len.tolist(),
            chunk.time_ns.tolist(),
            chunk.link.tolist(),
            strict=True,
        )
        for at, captured, wire, time_ns, link in each:
            self.count += 1
            yield self._line(link, view[at : at + captured].tobytes(), wire, time_ns)

    def _line(self, link: int, octets: bytes, wire: int, time_ns: int) -> str:
        begin = f"{self.count:5d}  " if self.number else ""
        captured = len(octets)
        if not captured or not wire or wire > SNAPLEN or captured > SNAPLEN or wire < captured:
            return f"{begin}{_invalid(captured, wire)}\n"
        stamp = self.stamps.text(time_ns)
        text = show_packet(link, octets, captured, wire, self.settings, self.state)
        return f"{begin}{stamp}{text}{dumped(octets, self.state.header_len, self.settings)}\n"


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
