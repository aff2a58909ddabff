"""``tcpdump -r``: a file's packets printed, written or counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from netshell.classic.capturing.beginning import STDIN, first_packets, is_stream
from netshell.classic.capturing.each import Each
from netshell.classic.capturing.interrupts import interrupts
from netshell.classic.capturing.orders import Orders
from netshell.classic.outcome import Outcome

if TYPE_CHECKING:
    from netshell.classic.capturing.reading import Reading
    from netshell.packet.chunk import Chunk

KEPT = 64 << 20
"""Bytes of a file up to which its packets stay as a Capture; a larger one is a Scan."""


def run(orders: Orders, out: TextIO, err: TextIO) -> Outcome:
    """Go through the file once; its packets, and status 1 if it is damaged.

    Raises NetshellError, BrokenPipeError.
    """
    with interrupts():
        try:
            return _read(orders, out, err)
        except KeyboardInterrupt:  # before the first packet, or behind the last
            out.write("\n")
            out.flush()
            return Outcome()


def _read(orders: Orders, out: TextIO, err: TextIO) -> Outcome:
    begun = _begin(orders, out, err)
    # Not before: numpy takes longer to import than the first lines need.
    from netshell.classic.capturing.reading import Reading

    reading = Reading(orders.read)
    if begun is None:
        err.write(reading.about.heading(orders.read))
        err.flush()
    try:
        return _run(orders, reading, begun, out, err)
    finally:
        reading.close()


def _begin(orders: Orders, out: TextIO, err: TextIO) -> Each | None:
    """The first lines, as soon as can be; None where they are left to the rest."""
    if orders.filter.strip() or orders.write or orders.is_counted or is_stream(orders.read):
        return None
    found = first_packets(orders.read)
    if found is None:
        return None
    about, packets = found
    err.write(about.heading(orders.read))
    err.flush()
    each = Each(orders)
    for link, octets, wire, time_ns in packets[: orders.count]:
        out.write(each.packet(link, octets, wire, time_ns))
    out.flush()
    return each


def _run(orders: Orders, reading: Reading, begun: Each | None, out: TextIO, err: TextIO) -> Outcome:
    about = reading.about
    if orders.filter.strip():
        from netshell.capture import bpf

        bpf.compile(orders.filter, about.link)  # said to be wrong even if there is no packet
    from netshell.classic.capturing.lines import Printer

    writer = None
    if orders.write:
        from netshell.classic.capturing.writing import Writer

        writer = Writer(
            orders.write, orders.rotation, about.link, about.snaplen, orders.nanoseconds, out
        )
    printer = Printer(orders, after=begun)
    printed = printer.count
    kept = _Kept(orders, reading)
    count = 0
    is_prompt = orders.is_line_buffered or reading.is_stream or out.isatty()
    try:
        for chunk in reading:
            chunk = _chosen(chunk, orders, count)
            count += len(chunk)
            if writer is not None:
                writer.write(chunk)
                if orders.is_unbuffered:
                    writer.flush()
            if orders.is_printed and not orders.is_counted:
                # Those that came before the rest are on the screen already.
                out.writelines(printer.lines(chunk[max(printed - count + len(chunk), 0) :]))
                if is_prompt:
                    out.flush()
            kept.add(chunk)
            if count == orders.count or (writer is not None and writer.is_over):
                break
    except KeyboardInterrupt:
        reading.is_stopped = True
    finally:
        if writer is not None:
            writer.close()
    if reading.is_stopped and not orders.write:
        out.write("\n")
    if orders.is_counted:
        out.write(f"{count} packet{'' if count == 1 else 's'}\n")
    out.flush()
    problem = None if reading.is_stopped else reading.problem
    if problem is not None:
        from netshell.classic.capturing.reading import damage_of

        err.write(damage_of(problem))
    return Outcome(kept.records(count), int(problem is not None))


def _chosen(chunk: Chunk, orders: Orders, before: int) -> Chunk:
    """What the filter takes of a stretch, and as much of it as is wanted still."""
    if orders.filter.strip():
        from netshell.capture import bpf

        chunk = chunk[bpf.matches(orders.filter, chunk)]
    return chunk if orders.count is None else chunk[: orders.count - before]


class _Kept:
    """The packets that were read, as far as they are few; later, the file they are in."""

    def __init__(self, orders: Orders, reading: Reading) -> None:
        self._orders, self._reading = orders, reading
        self._chunks: list[Chunk] | None = []

    def add(self, chunk: Chunk) -> None:
        if self._chunks is None or not len(chunk):
            return
        if self._reading.done <= KEPT:
            self._chunks.append(chunk)
        elif not self._reading.is_stream:
            self._chunks = None  # what they point into is not to stay in memory

    def records(self, count: int) -> Any:
        """A Capture, or a Scan of a large file."""
        if self._chunks is None:
            from netshell.capture.scan import Scan

            filters = (self._orders.filter,) if self._orders.filter.strip() else ()
            return Scan((self._orders.read,), filters)
        from netshell.capture.capture import Capture
        from netshell.capture.store import Store

        store = Store()
        store.add(self._chunks)
        store.end()
        where = "standard input" if self._orders.read == STDIN else self._orders.read
        part = "" if store.total == count else f"the first {store.total:,} of "
        return Capture(
            store,
            names=self._reading.names,
            filter_text=self._orders.filter,
            origin=f"{where}: {part}{count:,} packet{'' if count == 1 else 's'}",
            problem=self._reading.problem,
        )
