"""Live frames from Linux: a Scapy SuperSocket over TPACKET_V3 rings (packet(7)), one per interface.

The kernel writes packets into blocks of memory shared with this process; :meth:`RingSocket.drain`
copies each finished block out whole, so no work is done per packet while capturing.

Invariant: no packet is seen that the filter refuses. The socket is bound to no protocol until its
filter is attached, so there is nothing to throw away.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import mmap
import os
import socket
import struct
import time
from collections.abc import Sequence
from threading import Lock, Thread

from scapy.supersocket import SuperSocket

from netshell.capture import block as layout
from netshell.capture.block import Block, Piece, index, owned
from netshell.capture.merge import Merge
from netshell.capture.nic import MakeSocket, Nic, by_index, nics
from netshell.capture.source import Counted, Counters, Own, Program, Source, wait_readable
from netshell.errors import CaptureFailed, NetshellError
from netshell.packet.chunk import SLL
from netshell.view import clean

SOL_PACKET = 263
PACKET_ADD_MEMBERSHIP, PACKET_RX_RING, PACKET_STATISTICS = 1, 5, 6
PACKET_VERSION, PACKET_RESERVE = 10, 12
TPACKET_V3, PACKET_MR_PROMISC = 2, 1
SO_ATTACH_FILTER = 26
ETH_P_ALL, ETH_P_NOTHING = 0x0003, 0x88B5  # the second: a local experiment's, seen on no wire

BLOCK_BYTES = 1 << 20  # many packets to index together; one of the largest snaplen fits, too
LEAST_BYTES = 4 * BLOCK_BYTES
RETIRE_MS = 20  # the kernel hands over a block that is not full after this long
FAST_BITS_PER_S = 13e9  # after a look, the ring is left alone for as long as such a wire fills it
HOLD_S = 0.035  # several rings: how long until every packet of this moment has been handed over

_OWNED_BY_USER = 1

_SOCKADDR_LL = struct.Struct("=HHiHBB8s")

# SKF_AD_PKTTYPE: what kind of packet it is, for the socket filter.
_SKIP_OUTGOING: Program = (
    (0x30, 0, 0, 0xFFFFF000 + 4),  # ldb #type
    (0x15, 0, 1, layout.PACKET_OUTGOING),  # jeq #PACKET_OUTGOING
    (0x06, 0, 0, 0),  # ret #0
)
_NOTHING: Program = ((0x06, 0, 0, 0),)


class Ring:
    """One interface's packet socket and the memory it shares with the kernel."""

    def __init__(
        self,
        nic: Nic,
        number: int,
        program: Program,
        ring_bytes: int,
        promisc: bool,
        make_socket: MakeSocket = socket.socket,
    ) -> None:
        self.nic = nic
        self._make_socket = make_socket
        self.number = number
        self.received = self.dropped = self.missed = 0
        self.lost = ""
        self.outages = 0
        self._next = 0  # the block the kernel fills next
        self._sequence = 0  # number of the last block taken
        kind = socket.SOCK_DGRAM if nic.link == SLL else socket.SOCK_RAW
        self.socket = make_socket(socket.AF_PACKET, kind, 0)
        self._memory: mmap.mmap | None = None
        self._view = memoryview(b"")  # of all of it
        try:
            self._attach((*_SKIP_OUTGOING, *program) if nic.is_loopback else program)
            self.ring_bytes = self._map(ring_bytes)
            self._bind(ETH_P_ALL)
            if promisc and not nic.is_loopback:
                request = struct.pack("iHH8s", nic.index, PACKET_MR_PROMISC, 0, b"")
                self.socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, request)
        except BaseException:
            self.close()
            raise

    def _attach(self, program: Program) -> None:
        code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
        memory = ctypes.create_string_buffer(code, len(code))
        request = struct.pack("HP", len(program), ctypes.addressof(memory))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, request)

    def _bind(self, protocol: int) -> None:
        """bind(2) by the interface's index: Python's takes a name, and only one that is UTF-8."""
        address = _SOCKADDR_LL.pack(
            socket.AF_PACKET, socket.htons(protocol), self.nic.index, 0, 0, 0, b""
        )
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.bind(self.socket.fileno(), address, len(address)):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    def _map(self, wanted: int) -> int:
        """Ask for the ring, and for half of it as long as the kernel has not the memory."""
        self.socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
        self.socket.setsockopt(SOL_PACKET, PACKET_RESERVE, layout.RESERVE)
        size = max(wanted, LEAST_BYTES) // BLOCK_BYTES * BLOCK_BYTES
        while True:
            blocks = size // BLOCK_BYTES
            # tpacket_req3; the "frames" only have to add up, V3 packs packets of any size.
            request = struct.pack("7I", BLOCK_BYTES, blocks, BLOCK_BYTES, blocks, RETIRE_MS, 0, 0)
            try:
                self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, request)
                self._memory = mmap.mmap(self.socket.fileno(), size)
                self._view = memoryview(self._memory)
            except OSError as error:
                # The kernel may have had the memory, but this process no room for it (ulimit -v).
                self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, bytes(28))
                if error.errno not in (errno.ENOMEM, errno.EAGAIN) or size // 2 < LEAST_BYTES:
                    raise
                size //= 2
            else:
                return size

    def drain(self, own: Own) -> list[Piece]:
        """Take out every block the kernel has handed over, and give their memory back to it."""
        taken: list[Piece] = []
        memory = self._memory
        if memory is None:
            return taken
        for _ in range(self.ring_bytes // BLOCK_BYTES):
            base = self._next * BLOCK_BYTES
            (status,) = struct.unpack_from("I", memory, base + layout.STATUS)
            if not status & _OWNED_BY_USER:
                break
            taken += self._take(memory, base, own)
            struct.pack_into("I", memory, base + layout.STATUS, 0)
            self._next = (self._next + 1) % (self.ring_bytes // BLOCK_BYTES)
        return taken

    def _take(self, memory: mmap.mmap, base: int, own: Own) -> list[Piece]:
        packets, _, size, self._sequence = struct.unpack_from("=IIIQ", memory, base + layout.COUNT)
        if not packets:
            return []
        with self._view[base : base + size] as lent:
            return [own(Block(lent, packets, self.number, self.nic.link))]

    def shut(self) -> None:
        """Refuse every packet from now on; some may still be on their way into the ring."""
        self._attach(_NOTHING)

    def settle(self) -> None:
        """Return when no packet that was let in anywhere is still on its way into its ring."""
        # Another protocol: the kernel takes the socket off the interface, and waits (for RCU)
        # until everybody who may still see it has passed.
        try:
            self._bind(ETH_P_NOTHING)
        except OSError as error:
            if error.errno not in (errno.ENODEV, errno.ENETDOWN, errno.ENXIO):
                raise

    def last(self, own: Own) -> list[Piece]:
        """What is left in a settled ring, the block the kernel had begun to fill included."""
        taken = self.drain(own)
        if self._memory is not None:
            base = self._next * BLOCK_BYTES
            (sequence,) = struct.unpack_from("Q", self._memory, base + layout.SEQUENCE)
            if sequence == self._sequence + 1:  # else it was never opened: what it holds is old
                taken += self._take(self._memory, base, own)
                self._sequence = 0  # and not a second time
        return taken

    def count(self) -> None:
        """Add up the kernel's counters, which start anew each time they are read."""
        answer = self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 12)
        received, dropped, _ = struct.unpack("III", answer)
        self.received += received
        self.dropped += dropped

    def check(self) -> str:
        """Why the interface delivers no more, or nothing."""
        error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error == errno.ENETDOWN:
            gone = self._now() is None
            self.lost = "the interface is gone" if gone else "the interface went down"
        elif error:
            self.lost = os.strerror(error)
        self.outages += bool(error)
        return self.lost if error else ""

    @property
    def is_dead(self) -> bool:
        """Whether the interface is down or gone at this moment, after it was lost."""
        now = self._now() if self.lost else self.nic
        return now is None or not now.is_up

    def _now(self) -> Nic | None:
        """The interface as it is now, maybe by another name; one of the same name is not it."""
        return by_index(nics(self._make_socket)).get(self.nic.index)

    def close(self) -> None:
        if self._memory is not None:
            self._view.release()
            self._memory.close()
            self._memory = None
        self.socket.close()


class RingSocket(SuperSocket, Source):  # type: ignore[misc]
    """The rings of one capture as one of Scapy's sockets."""

    select = staticmethod(wait_readable)
    closed = False
    desc = "packets of Linux interfaces, in whole blocks"

    def __init__(
        self,
        chosen: Sequence[Nic],
        programs: Sequence[Program],
        *,
        ring_bytes: int,
        promisc: bool,
        make_socket: MakeSocket = socket.socket,
    ) -> None:
        """Open a ring an interface; ``ring_bytes`` is shared among them.

        Raises what the kernel raises (PermissionError among them), for the caller to explain.
        """
        self.names = tuple(nic.name for nic in chosen)
        self.links = tuple(nic.link for nic in chosen)
        self._known = {nic.index for nic in chosen}
        self.notes: list[str] = []
        self.problem: NetshellError | None = None
        self._make_socket = make_socket
        self._lock = Lock()
        self._rings: list[Ring] = []
        self._told: dict[int, int] = {}  # an interface's place in the notes
        self._merge = Merge(HOLD_S) if len(chosen) > 1 else None
        self._rest_until = 0.0
        share = ring_bytes // max(len(chosen), 1)
        try:
            for number, (nic, program) in enumerate(zip(chosen, programs, strict=True)):
                ring = Ring(nic, number, program, share, promisc, make_socket)
                self._rings.append(ring)
        except BaseException:
            self.close()
            raise
        smallest = min((ring.ring_bytes for ring in self._rings), default=share)
        if smallest < max(share // BLOCK_BYTES * BLOCK_BYTES, LEAST_BYTES):
            self.notes.append(
                f"the kernel gave a ring of {smallest >> 20} MiB, not {share >> 20} MiB: "
                "bursts are lost sooner"
            )
        self._rest_s = smallest * 8 / FAST_BITS_PER_S
        self._many = smallest // BLOCK_BYTES // 8

    def filenos(self) -> Sequence[int]:
        # Lost ones too: what came before is in their rings still, and the interface may come back.
        return [ring.socket.fileno() for ring in self._rings]

    def fileno(self) -> int:
        return self._rings[0].socket.fileno()

    def drain(self) -> Sequence[Piece]:
        own = self.own if self._merge is None else owned
        taken: list[Piece] = []
        for ring in self._rings:
            blocks = ring.drain(own)
            taken += blocks
            if ring.check():
                self._lose(ring)
            elif ring.lost and blocks and not ring.is_dead:
                self._regain(ring)
        now = time.monotonic()
        self._rest_until = now + self._rest_s if 0 < len(taken) <= self._many else 0.0
        if self._merge is None:
            return taken
        self._merge.push(index([piece for piece in taken if isinstance(piece, Block)]), now)
        return [self.own(chunk) for chunk in self._merge.pop(now)]

    def rest_s(self) -> float:
        return max(0.0, self._rest_until - time.monotonic())

    def wait_s(self) -> float | None:
        waits = [self.time_left()]
        if self._merge is not None:
            waits.append(self._merge.wait_s(time.monotonic()))
        return min((wait for wait in waits if wait is not None), default=None)

    def _lose(self, ring: Ring) -> None:
        if not ring.is_dead:  # it is back already
            self._regain(ring)
        elif all(other.is_dead for other in self._rings):
            where = ring.nic.name if len(self._rings) == 1 else "every interface"
            self.problem = CaptureFailed(
                "the capture ended",
                where=f"on {where}",
                why=ring.lost,
                next_step="what was captured is kept",
            )
        else:
            self._say(ring, f"delivers no more: {ring.lost}")

    def _regain(self, ring: Ring) -> None:
        times = "once" if ring.outages == 1 else f"{ring.outages:,} times"
        self._say(ring, f"delivers again, but not all the time: {ring.lost} {times}")
        ring.lost = ""

    def _say(self, ring: Ring, text: str) -> None:
        """One note an interface, however often it comes and goes."""
        if ring.number not in self._told:
            self._told[ring.number] = len(self.notes)
            self.notes.append("")
        self.notes[self._told[ring.number]] = f"{clean(ring.nic.name)} {text}"

    def finish(self) -> Sequence[Piece]:
        with self._lock:
            if not self.closed:
                for ring in self._rings:
                    ring.shut()
                self._rings[0].settle()  # waits for the packets of all of them
            own = self.own if self._merge is None else owned
            taken = [piece for ring in self._rings for piece in ring.last(own)]
        if self._merge is None:
            return taken
        self._merge.push(index([piece for piece in taken if isinstance(piece, Block)]), 0)
        return [self.own(chunk) for chunk in self._merge.rest()]

    def counters(self) -> Counters:
        with self._lock:
            if not self.closed:
                self._count()
            return Counters.of(
                [Counted(ring.received, ring.dropped, ring.missed) for ring in self._rings]
            )

    def _count(self) -> None:
        for ring in self._rings:
            ring.count()
        now = by_index(nics(self._make_socket))
        for ring in self._rings:
            if ring.nic.index in now:
                ring.missed = max(0, now[ring.nic.index].missed - ring.nic.missed)
        if self.is_any:
            self._note_new([nic for nic in now.values() if nic.is_up])

    def _note_new(self, up: Sequence[Nic]) -> None:
        for nic in up:
            if nic.index not in self._known:
                self._known.add(nic.index)
                self.notes.append(
                    f"{clean(nic.name)} came up after the capture began: "
                    "its packets are not captured"
                )

    def close(self) -> None:
        with self._lock:
            if self.closed:  # Scapy closes it once more when it is collected, maybe at shutdown
                return
            if self._rings:
                self._count()
            self.closed = True
            # The kernel takes some 20 ms for each; all at once they take that together.
            threads = [Thread(target=ring.close) for ring in self._rings[1:]]
            started = 0
            with contextlib.suppress(RuntimeError):  # the system has no more threads
                for thread in threads:
                    thread.start()
                    started += 1
            for ring in (*self._rings[:1], *self._rings[1 + started :]):
                ring.close()
            for thread in threads[:started]:
                thread.join()

    def abandon(self) -> None:
        self._lock = Lock()
        self.closed = True
        for ring in self._rings:  # the parent's descriptors, counters and memory stay
            ring.close()
