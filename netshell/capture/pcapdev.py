"""Live frames where there are no packet sockets (macOS, Windows): libpcap through cypcap.

The same contract as ring.py. libpcap restores VLAN tags, drops lo's second copies and empties its
buffer when the filter is set; it does not say in which direction a packet went, and times are in
microseconds (cypcap hands them over as floats, which hold no more).

Invariant: one thread dispatches, and the handles are closed when it no longer does; a handle
closed under ``dispatch`` crashes the process.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from threading import Lock
from typing import Any

import cypcap
import numpy as np
from scapy.supersocket import SuperSocket

from netshell.capture import bpf
from netshell.capture.block import Piece
from netshell.capture.merge import Merge
from netshell.capture.source import Counted, Counters, Source, wait_readable
from netshell.errors import CaptureFailed, NetshellError
from netshell.packet.chunk import LOOP, RAW, UNKNOWN, Chunk
from netshell.view import clean

BATCH = 4096  # packets a dispatch: with no limit, it does not return while packets keep coming
TIMEOUT_S = 0.02  # libpcap hands over a buffer that is not full after this long
LOOK_S = 0.05  # not every system's poll(2) tells of a capture device: look by ourselves, too
HOLD_S = 2 * LOOK_S

_LINKTYPES = {12: RAW, 14: RAW, 108: LOOP}  # where the DLT_ number is not the LINKTYPE_ one
_NOT_CAPTURES = ("any", "nflog", "nfqueue", "dbus-", "usbmon", "bluetooth")


def devices() -> dict[str, bool]:
    """The interfaces libpcap can capture on, and whether each is up."""
    return {
        device.name: bool(device.flags & cypcap.PcapIfFlags.UP)
        for device in cypcap.findalldevs()
        if not device.name.startswith(_NOT_CAPTURES)
    }


class PcapSocket(SuperSocket, Source):  # type: ignore[misc]
    """The libpcap handles of one capture as one of Scapy's sockets."""

    select = staticmethod(wait_readable)
    closed = False
    desc = "packets of libpcap's devices, in batches"

    def __init__(
        self, names: Sequence[str], filter: str, *, snaplen: int, promisc: bool, buffer_bytes: int
    ) -> None:
        """Open a handle an interface. Raises BadArgument, and cypcap.Error for the caller."""
        self._lock = Lock()
        self._handles: list[Any] = []
        self._lost: set[int] = set()
        self._counted = [Counted(0, 0, 0) for _ in names]
        self.names = tuple(names)
        self.notes: list[str] = []
        self.problem: NetshellError | None = None
        self._merge = Merge(HOLD_S) if len(names) > 1 else None
        try:
            for name in names:
                handle = cypcap.create(name)
                self._handles.append(handle)
                handle.set_pre_config(
                    snaplen=snaplen, promisc=promisc, timeout=TIMEOUT_S, buffer_size=buffer_bytes
                )
                handle.activate()
                handle.setnonblock(True)
                bpf.compile(filter, _link(handle))  # for an error with its place
                handle.setfilter(filter, netmask=cypcap.NETMASK_UNKNOWN)
            self.links = tuple(map(_link, self._handles))
        except BaseException:
            self.close()
            raise

    def filenos(self) -> Sequence[int]:
        live = (h for number, h in enumerate(self._handles) if number not in self._lost)
        return [handle.get_selectable_fd() for handle in live]

    def fileno(self) -> int:
        number: int = self._handles[0].get_selectable_fd()
        return number

    def wait_s(self) -> float | None:
        left = self.time_left()
        return LOOK_S if left is None else min(left, LOOK_S)

    def drain(self) -> Sequence[Piece]:
        return [self.own(chunk) for chunk in self._drained()]

    def _drained(self) -> Sequence[Chunk]:
        taken = [
            chunk
            for number in range(len(self._handles))
            if number not in self._lost and len(chunk := self._dispatch(number))
        ]
        if self._merge is None:
            return taken
        now = time.monotonic()
        for chunk in taken:
            self._merge.push(chunk, now)
        return self._merge.pop(now)

    def _dispatch(self, number: int) -> Chunk:
        """A batch of one handle's packets; notices when there will be no more."""
        heads: list[tuple[float, int, int]] = []
        frames: list[bytes] = []

        def keep(head: Any, frame: bytes) -> None:
            heads.append((head.ts, head.caplen, head.len))
            frames.append(frame)

        handle = self._handles[number]
        try:
            handle.dispatch(BATCH, keep)
        except cypcap.Error as error:
            if number not in self._lost:
                self._lose(number, str(error.args[-1]))
        return _chunk(heads, frames, number, _link(handle))

    def _lose(self, number: int, why: str) -> None:
        self._lost.add(number)
        name, why = clean(self.names[number]), clean(why)
        if len(self._lost) < len(self._handles):
            self.notes.append(f"{name} delivers no more: {why}")
        else:
            where = name if len(self._handles) == 1 else "every interface"
            self.problem = CaptureFailed(
                "the capture ended",
                where=f"on {where}",
                why=why,
                next_step="what was captured is kept",
            )

    def finish(self) -> Sequence[Piece]:
        return [self.own(chunk) for chunk in self._last()]

    def _last(self) -> Sequence[Chunk]:
        if self.closed:
            return []
        taken: list[Chunk] = []
        # What libpcap still holds it hands over after its timeout. A wire that never falls
        # silent is left at its first packet from after now.
        until_ns = time.time_ns()
        deadline = time.monotonic() + 2 * TIMEOUT_S
        waiting = set(range(len(self._handles)))  # a lost one may still have the last packets
        while waiting and time.monotonic() < deadline:
            for number in sorted(waiting):
                chunk = self._dispatch(number)
                early = chunk[chunk.time_ns <= until_ns]
                taken += [early] if len(early) else []
                if len(early) < len(chunk):
                    waiting.remove(number)
            time.sleep(TIMEOUT_S / 4)
        if self._merge is None:
            return taken
        for chunk in taken:
            self._merge.push(chunk, 0)
        return self._merge.rest()

    def counters(self) -> Counters:
        with self._lock:
            if not self.closed:
                self._count()
            return Counters.of(self._counted)

    def _count(self) -> None:
        for number, handle in enumerate(self._handles):
            with contextlib.suppress(cypcap.Error):  # not activated, or its interface is gone
                stats = handle.stats()
                self._counted[number] = Counted(stats.recv, stats.drop, stats.ifdrop)

    def abandon(self) -> None:
        self._lock = Lock()
        self.closed = True

    def close(self) -> None:
        with self._lock:
            if self.closed:
                return
            self._count()
            self.closed = True
            for handle in self._handles:
                handle.close()


def _link(handle: Any) -> int:
    number = int(handle.datalink())
    return _LINKTYPES.get(number, number)


def _chunk(
    heads: Sequence[tuple[float, int, int]], frames: Sequence[bytes], iface: int, link: int
) -> Chunk:
    count = len(frames)
    times, captured, wire = np.array(heads, np.float64).reshape(count, 3).T
    sizes = captured.astype(np.int64)
    return Chunk(
        data=np.frombuffer(b"".join(frames), np.uint8),
        offset=np.cumsum(sizes) - sizes,
        captured_len=sizes.astype(np.uint32),
        wire_len=wire.astype(np.uint32),
        time_ns=np.rint(times * 1e6).astype(np.int64) * 1000,
        iface=np.full(count, iface, np.uint16),
        direction=np.full(count, UNKNOWN, np.uint8),
        link=np.full(count, link, np.uint16),
    )
