"""Packets in, lines out: everything tcpdump prints of them, in their order.

Most packets of most captures are plain TCP and UDP; ``plain`` writes them many at a time, and the
protocols' printers all others one by one, with the same text.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from netshell.classic.capturing import plain
from netshell.classic.capturing.cells import digits, text
from netshell.classic.capturing.each import NUMBERED, Each
from netshell.classic.capturing.orders import SNAPLEN, Orders
from netshell.classic.capturing.plain import Headers
from netshell.classic.capturing.segments import Segments
from netshell.packet.chunk import Chunk


class Printer:
    """The text of one run's packets.

    >>> printer = Printer(orders)                                      # doctest: +SKIP
    >>> out.writelines(printer.lines(chunk))                           # doctest: +SKIP
    """

    def __init__(
        self, orders: Orders, *, after: Each | None = None, is_by_column: bool = True
    ) -> None:
        """Goes on ``after`` what was printed already.

        ``is_by_column`` False prints each packet by the protocols' printers.
        """
        self.each = after or Each(orders)
        self._is_by_column = is_by_column and plain.is_for(orders.settings)

    @property
    def count(self) -> int:
        """Packets printed."""
        return self.each.count

    def lines(self, chunk: Chunk) -> Iterator[str]:
        """What is printed, with the line feeds: each piece is one packet's, or that of some."""
        if not self._is_by_column or len(chunk) < plain.LEAST:
            yield from self._each(chunk)
            return
        headers = Headers(chunk)
        odd = np.flatnonzero(headers.odd | _contradicts(chunk))
        if not len(odd):
            yield from self._many(chunk, headers)
            return
        begin = 0
        for at in [*odd.tolist(), len(chunk)]:
            run = chunk[begin:at]
            many = len(run) >= plain.LEAST
            yield from self._many(run, Headers(run)) if many else self._each(run)
            yield from self._each(chunk[at : at + 1])
            begin = at + 1

    def _each(self, chunk: Chunk) -> Iterator[str]:
        rows = zip(
            chunk.link.tolist(), chunk.wire_len.tolist(), chunk.time_ns.tolist(), strict=True
        )
        for row, (link, wire, time_ns) in enumerate(rows):
            yield self.each.packet(link, chunk.frame(row), wire, time_ns)

    def _many(self, chunk: Chunk, headers: Headers) -> Iterator[str]:
        each, settings = self.each, self.each.settings
        segments = Segments(
            each.state, headers.tcp, headers.l4, headers.src, headers.dst, settings.absolute_seq
        )
        stamps = None if segments.is_too_much else each.stamps.cells(chunk.time_ns)
        if stamps is None:
            yield from self._each(chunk)
            return
        rows = np.flatnonzero(headers.plain)
        begins = np.empty((len(rows), 0), np.uint8)
        if each.number:
            blanks = np.full((len(rows), 2), 0x20, np.uint8)
            most = max(each.count + len(chunk) + 1, 10**NUMBERED)
            numbers = digits(each.count + 1 + rows, most, NUMBERED)
            begins = np.concatenate([numbers, blanks], axis=1)
        made = text(plain.lines(headers, segments, settings, stamps[rows], begins))
        ends = np.flatnonzero(np.frombuffer(made.encode("latin-1"), np.uint8) == 0x0A) + 1
        before, written = each.count, 0
        others = np.flatnonzero(~headers.plain)
        upto = np.append(0, ends)[np.searchsorted(rows, others)].tolist()
        for row, end in zip(others.tolist(), upto, strict=True):
            if end > written:
                yield made[written:end]
                written = end
            each.count = before + row + 1
            segments.pin(row)
            link, wire = int(chunk.link[row]), int(chunk.wire_len[row])
            yield each.line(link, chunk.frame(row), wire, text(stamps[row]))
        segments.settle()
        each.count = before + len(chunk)
        if written < len(made):
            yield made[written:]


def _contradicts(chunk: Chunk) -> NDArray[np.bool_]:
    """Packets whose records contradict themselves."""
    captured, wire = chunk.captured_len, chunk.wire_len
    wrong: NDArray[np.bool_] = (captured == 0) | (wire < captured) | (wire > SNAPLEN)
    return wrong
