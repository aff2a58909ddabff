"""Packets in, lines out: everything tcpdump prints of them, in their order.

Most packets of most captures are plain TCP and UDP; ``plain`` writes them many at a time, and the
protocols' printers all others one by one, with the same text.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from netshell.classic.dump import plain, show_packet
from netshell.classic.dump.cells import digits, text
from netshell.classic.dump.hex import dumped
from netshell.classic.dump.orders import SNAPLEN, Orders
from netshell.classic.dump.plain import Headers
from netshell.classic.dump.segments import Segments
from netshell.classic.dump.stamp import Stamps
from netshell.classic.dump.state import State
from netshell.packet.chunk import Chunk

_NUMBERED = 5  # digits of a packet's number, at least


class Printer:
    """The text of one run's packets.

    >>> printer = Printer(orders)                                      # doctest: +SKIP
    >>> out.writelines(printer.lines(chunk))                           # doctest: +SKIP
    """

    def __init__(self, orders: Orders, *, is_by_column: bool = True) -> None:
        """``is_by_column`` False prints each packet by the protocols' printers."""
        self.settings = orders.settings
        self.state = State()
        self.stamps = Stamps(orders.mode, orders.nanoseconds)
        self.number = orders.number
        self.count = 0
        """Packets printed."""
        self._is_by_column = is_by_column and plain.is_for(self.settings)

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

    # --- one by one -------------------------------------------------------------------------

    def _each(self, chunk: Chunk) -> Iterator[str]:
        for row, wrong in enumerate(_contradicts(chunk).tolist()):
            self.count += 1
            if wrong:
                invalid = _invalid(int(chunk.captured_len[row]), int(chunk.wire_len[row]))
                yield f"{self._begin()}{invalid}\n"
            else:
                yield self._line(chunk, row, self.stamps.text(int(chunk.time_ns[row])))

    def _begin(self) -> str:
        return f"{self.count:{_NUMBERED}d}  " if self.number else ""

    def _line(self, chunk: Chunk, row: int, stamp: str) -> str:
        octets = chunk.frame(row)
        shown = show_packet(
            int(chunk.link[row]),
            octets,
            len(octets),
            int(chunk.wire_len[row]),
            self.settings,
            self.state,
        )
        more = dumped(octets, self.state.header_len, self.settings)
        return f"{self._begin()}{stamp}{shown}{more}\n"

    # --- many at once -----------------------------------------------------------------------

    def _many(self, chunk: Chunk, headers: Headers) -> Iterator[str]:
        is_absolute = self.settings.absolute_seq
        segments = Segments(
            self.state, headers.tcp, headers.l4, headers.src, headers.dst, is_absolute
        )
        stamps = None if segments.is_too_much else self.stamps.cells(chunk.time_ns)
        if stamps is None:
            yield from self._each(chunk)
            return
        rows = np.flatnonzero(headers.plain)
        begins = np.empty((len(rows), 0), np.uint8)
        if self.number:
            blanks = np.full((len(rows), 2), 0x20, np.uint8)
            most = max(self.count + len(chunk) + 1, 10**_NUMBERED)
            numbers = digits(self.count + 1 + rows, most, _NUMBERED)
            begins = np.concatenate([numbers, blanks], axis=1)
        made = text(plain.lines(headers, segments, self.settings, stamps[rows], begins))
        ends = np.append(
            0, np.flatnonzero(np.frombuffer(made.encode("ascii"), np.uint8) == 0x0A) + 1
        )
        before, written = self.count, 0
        others = np.flatnonzero(~headers.plain)
        upto = ends[np.searchsorted(rows, others)].tolist()
        for row, end in zip(others.tolist(), upto, strict=True):
            if end > written:
                yield made[written:end]
                written = end
            self.count = before + row + 1
            segments.pin(row)
            yield self._line(chunk, row, text(stamps[row]))
        segments.settle()
        self.count = before + len(chunk)
        if written < len(made):
            yield made[written:]


def _contradicts(chunk: Chunk) -> NDArray[np.bool_]:
    """Packets whose records contradict themselves."""
    captured, wire = chunk.captured_len, chunk.wire_len
    wrong: NDArray[np.bool_] = (captured == 0) | (wire < captured) | (wire > SNAPLEN)
    return wrong


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
