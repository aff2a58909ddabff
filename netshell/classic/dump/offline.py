"""``tcpdump -r``: a file's packets printed, written or counted."""

from __future__ import annotations

from typing import Any, TextIO

from netshell.capture.windows import STDIN
from netshell.classic.dump.lines import Printer
from netshell.classic.dump.orders import Orders
from netshell.classic.dump.reading import Reading, damage_of
from netshell.classic.dump.writing import Writer
from netshell.classic.outcome import Outcome
from netshell.packet.chunk import Chunk

KEPT = 64 << 20
"""Bytes of a file up to which its packets stay as a Capture; a larger one is a Scan."""


def run(orders: Orders, out: TextIO, err: TextIO) -> Outcome:
    """Go through the file once; its packets, and status 1 if it is damaged.

    Raises NetshellError, BrokenPipeError.
    """
    reading = Reading(orders.read)
    err.write(reading.heading)
    err.flush()
    try:
        return _run(orders, reading, out, err)
    finally:
        reading.close()


def _run(orders: Orders, reading: Reading, out: TextIO, err: TextIO) -> Outcome:
    if orders.filter.strip():
        from netshell.capture import bpf

        bpf.compile(orders.filter, reading.link)  # said to be wrong even if there is no packet
    writer = None
    if orders.write:
        writer = Writer(
            orders.write, orders.rotation, reading.link, reading.snaplen, orders.nanoseconds, out
        )
    printer = Printer(orders)
    kept = _Kept(orders, reading)
    count = 0
    is_prompt = orders.is_line_buffered or orders.read == STDIN or out.isatty()
    try:
        for chunk in reading:
            chunk = _chosen(chunk, orders, count)
            count += len(chunk)
            if writer is not None:
                writer.write(chunk)
                if orders.is_unbuffered:
                    writer.flush()
            if orders.is_printed and not orders.is_counted:
                out.writelines(printer.lines(chunk))
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
        elif self._orders.read != STDIN:
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
