"""``tcpdump -i``: packets of an interface, printed or written as they come.

A :class:`~netshell.capture.capture.Capture` takes them in the background and is what stays; this
follows it. Ctrl-C, SIGTERM, ``-c`` and a reader that is gone end it with the closing lines.
"""

from __future__ import annotations

import time
from typing import Any, TextIO

from netshell.capture import live
from netshell.capture.capture import Capture
from netshell.capture.nic import Nic, netmask, nics
from netshell.capture.store import holding, start_of
from netshell.classic.capturing.cooked import cooked
from netshell.classic.capturing.interrupts import interrupts
from netshell.classic.capturing.lines import Printer
from netshell.classic.capturing.linktypes import described
from netshell.classic.capturing.listing import named
from netshell.classic.capturing.orders import Orders
from netshell.classic.capturing.writing import Writer
from netshell.classic.outcome import Outcome
from netshell.errors import NotFound
from netshell.packet.chunk import INCOMING, OUTGOING, SLL2, Chunk
from netshell.view import clean

KEEP = "512 MB"
"""The newest packets that stay, however long it runs."""

_ANY = "any"
_LOOK_S = 1.0
_WAYS = {"in": INCOMING, "out": OUTGOING}


def link_of(given: str) -> tuple[str, int, int | None]:
    """The interface that ``-i`` means, its link type, and the netmask "ip broadcast" needs.

    Raises NotFound, BadArgument.
    """
    present = nics()
    name = named(given, list(present))
    if name == _ANY:
        return "", SLL2, None
    if name not in present:
        raise NotFound(
            "cannot capture",
            where=f"on {clean(name)}",
            why="no such interface",
            next_step="tcpdump -D lists them",
        )
    nic = present[name]
    return name, nic.link, netmask(nic.octets)


def run(orders: Orders, out: TextIO, err: TextIO) -> Outcome:
    """Capture until it is ended; the capture, which has stopped then.

    Raises NetshellError, BrokenPipeError.
    """
    present = nics()
    name = named(orders.iface, list(present))
    options: dict[str, Any] = {}
    if orders.buffer_bytes is not None:
        options["ring_bytes"] = orders.buffer_bytes
    with interrupts():
        capture = live.start(
            orders.filter,
            (name,),
            snaplen=orders.snaplen,
            count=orders.count if orders.direction == "inout" else None,
            promisc=orders.promiscuous,
            keep=KEEP,
            **options,
        )
        following = _Following(orders, capture, name, present, out, err)
        try:
            following.follow()
        finally:
            capture.stop()
            following.close()
    problem = capture.problem
    if problem is not None:
        err.write(f"tcpdump: pcap_loop: {problem.why or problem}\n")
    return Outcome(capture, int(problem is not None))


class _Following:
    """One capture being printed and written."""

    def __init__(
        self,
        orders: Orders,
        capture: Capture,
        name: str,
        present: dict[str, Nic],
        out: TextIO,
        err: TextIO,
    ) -> None:
        self._orders, self._capture, self._out, self._err = orders, capture, out, err
        self._nics = [present[each] for each in capture.names]
        self._is_any = name == _ANY
        self._link = SLL2 if self._is_any else self._nics[0].link
        self._printer = Printer(orders)
        self._count = 0
        self._at = 0  # of the next packet, in the capture
        self._lost = 0  # let go before they were looked at
        self._told, self._told_at = 0, time.monotonic()
        self._writer: Writer | None = None
        try:
            if orders.write:
                self._writer = Writer(
                    orders.write, orders.rotation, self._link, orders.snaplen,
                    orders.nanoseconds, out,
                )  # fmt: skip
            self._begin(name)
        except BaseException:
            capture.stop()
            raise

    def _begin(self, name: str) -> None:
        said = "tcpdump: "
        if self._is_any:
            said = f"tcpdump: data link type LINUX_SLL2\n{said}"
        if not self._orders.settings.verbose and not self._orders.write:
            said += "verbose output suppressed, use -v[v]... for full protocol decode\n"
        said += f"listening on {clean(name)}, link-type {described(self._link)}"
        self._err.write(f"{said}, snapshot length {self._orders.snaplen} bytes\n")
        self._err.flush()

    def follow(self) -> None:
        """Until the capture ends, or somebody ends it."""
        try:
            while self._more():
                pass
        except KeyboardInterrupt:
            if self._writer is None:
                # It may have come in the middle of a line.
                self._out.write("\n")

    def _more(self) -> bool:
        """Take what has come; False when no more will."""
        store = self._capture._store
        store.wait(self._at + 1, time.monotonic() + _LOOK_S)
        is_over = store.ended
        parts = store.parts()
        end = parts[-1].end if parts else self._at
        self._lost += max(start_of(parts) - self._at, 0)
        self._at = max(self._at, start_of(parts))
        for part in parts[holding(parts, self._at) :] if self._at < end else ():
            if not self._take(part.chunk[self._at - part.start :]):
                return False
            self._at = part.end
        if self._writer is not None and self._orders.settings.verbose:
            self._tell()
        return not is_over

    def _take(self, chunk: Chunk) -> bool:
        """Write and print packets; False when these were enough."""
        orders = self._orders
        if orders.direction in _WAYS:
            chunk = chunk[chunk.direction == _WAYS[orders.direction]]
        if self._is_any:
            indexes = [nic.index for nic in self._nics]
            chunk = cooked(chunk, indexes, [nic.arphrd for nic in self._nics])
        if orders.count is not None:
            chunk = chunk[: orders.count - self._count]
        if self._writer is not None:
            self._count += self._writer.write(chunk)
            self._writer.flush()
        if orders.is_counted and self._writer is None:
            self._count += len(chunk)
        elif orders.is_printed:
            try:
                self._out.writelines(self._printer.lines(chunk))
                self._out.flush()
            finally:
                if self._writer is None:
                    self._count = self._printer.count
        if self._writer is not None and self._writer.is_over:
            self._err.write(f"Maximum file limit reached: {orders.rotation.files}\n")
            return False
        return self._count != orders.count

    def _tell(self) -> None:
        """With -v and -w, how many there are, each second."""
        now = time.monotonic()
        if now - self._told_at >= _LOOK_S and self._count != self._told:
            self._err.write(f"Got {self._count}\r")
            self._err.flush()
            self._told, self._told_at = self._count, now

    def close(self) -> None:
        """The file's end, and the closing lines; the capture has stopped."""
        if self._writer is not None:
            self._writer.close()
        each = self._capture._run.counters().each if self._capture._run is not None else ()
        said = [
            (self._count, "captured"),
            (sum(one.received for one in each), "received by filter"),
            (sum(one.dropped for one in each), "dropped by kernel"),
        ]
        missed = sum(one.dropped_by_interface for one in each)
        if missed:
            said.append((missed, "dropped by interface"))
        for count, what in said:
            self._err.write(f"{count} packet{'' if count == 1 else 's'} {what}\n")
        if self._lost:
            self._err.write(
                f"tcpdump: {self._lost:,} packets were captured and not printed: the reader of "
                "the output is too slow; use -w\n"
            )
        self._err.flush()
