"""Captures that run: Scapy's AsyncSniffer over a socket of ours, ending in one place.

:class:`Run` is the life of a capture. Scapy's thread polls the socket, and our session moves
whole blocks into the store. However a run ends (stop, count, time, a lost interface), its last
act is in that thread: the packets still in the kernel are taken, the socket is closed, and
everybody who waits is woken.

Scapy is imported by the first capture, not by this module.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from netshell.capture import arguments, endings, opening, scapylog
from netshell.capture.amount import parse_keep, parse_rotate
from netshell.capture.arena import Arena
from netshell.capture.block import Block, Piece, compacted
from netshell.capture.capture import Capture
from netshell.capture.outfile import check
from netshell.capture.recording import Recording, check_options
from netshell.capture.source import Costs, Counters, Source
from netshell.capture.stats import remarks_of
from netshell.capture.store import Store
from netshell.errors import BadArgument, CaptureFailed, NetshellError
from netshell.packet.packing import fresh
from netshell.saving import place_of

SNAPLEN = 262_144  # tcpdump's; more than any frame, offloaded ones included
RING_BYTES = 64 << 20

Opener = Callable[..., Source]


def start(
    filter: str = "",
    ifaces: Sequence[str] = ("any",),
    *,
    snaplen: int = SNAPLEN,
    count: int | None = None,
    seconds: float | None = None,
    promisc: bool = True,
    keep: int | str | None = None,
    write: str | os.PathLike[str] | None = None,
    rotate: str | None = None,
    files: int | None = None,
    ring_bytes: int = RING_BYTES,
    open_source: Opener = opening.open_source,
) -> Capture:
    """Start capturing in the background, with the BPF filter in the kernel.

    ``ifaces`` are names, or ``any`` for every one there is now. The capture ends by itself after
    ``count`` packets or ``seconds``, whichever comes first. ``keep`` bounds the memory,
    ``write`` streams to files, of which each ends as ``rotate`` says and ``files`` are kept.

    Raises BadArgument (filter, numbers), NotFound (interface), NotPermitted, CaptureFailed,
    Unavailable; BadFile for what cannot be written to.
    """
    filter = arguments.filter_text(filter)
    snaplen, count, seconds = _checked(snaplen, count, seconds)
    promisc = arguments.switch(promisc, "promisc")
    kept, rotated = parse_keep(keep), parse_rotate(rotate)
    check_options(write, rotate, files)
    if kept is not None and kept.nothing and write is None:
        raise BadArgument(
            "keep=0 keeps nothing", where="without write", next_step='add write="x.pcapng"'
        )
    if write is not None:
        check(place_of(write, "x.pcapng", "cannot write"), ())
    source = open_source(filter, ifaces, snaplen=snaplen, promisc=promisc, ring_bytes=ring_bytes)
    recording = None
    source.is_any = opening.ANY in ifaces
    store = Store(limit=count, keep=kept)
    try:
        if write is not None:
            begun = remarks_of(filter, source.counters(), Costs(0.0, 0.0, 0, 0))
            recording = Recording(write, source.names, source.links, rotated, files, begun)
        run = Run(source, store, recording)
        if recording is not None:
            recording.told = lambda: remarks_of(filter, run.counters(), run.costs())
        capture = Capture(
            store, names=source.names, ifaces=tuple(ifaces), filter_text=filter, run=run
        )
        run.start(seconds)
    except BaseException as error:
        source.close()
        if recording is not None:
            recording.close()
        if isinstance(error, RuntimeError):  # threading's, when the system has no more
            raise CaptureFailed(
                "cannot capture",
                why=str(error),
                next_step="end some programs or threads, or raise ulimit -u",
            ) from error
        raise
    # A capture nobody holds can never be looked at: end it.
    weakref.finalize(capture, run.drop).atexit = False
    return capture


def _checked(
    snaplen: int, count: int | None, seconds: float | None
) -> tuple[int, int | None, float | None]:
    snaplen = arguments.whole(snaplen, "snaplen", 1, f"use 1 to {SNAPLEN} bytes", SNAPLEN)
    if count is not None:
        count = arguments.whole(count, "count", 1, "use 1 packet or more")
    if seconds is not None:
        step = "use a time over 0, or leave it out for no end"
        given, seconds = seconds, arguments.seconds(seconds, step)
        if seconds <= 0:
            raise arguments.refusal("seconds", given, step)
    return snaplen, count, seconds


class Run:
    """One live capture from start to end."""

    def __init__(self, source: Source, store: Store, recording: Recording | None = None) -> None:
        self.source = source
        self.store = store
        self.recording = recording
        self._cpu_s = 0.0
        self._begun_at = self._ended_at = time.monotonic()
        self._begun_ns = time.time_ns()
        self.ended = threading.Event()
        self._ready = threading.Event()  # it captures, or never will
        self._started = False
        self._ending = False
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._problem: NetshellError | None = None
        self._sniffer: Any = None
        # What is let go again is soon used anew; what is kept takes ever more memory.
        self._arena = Arena()
        room = self._arena.take if store.keep is None else fresh
        lay_out = compacted if recording is None else recording.laid_out
        source.own = lambda piece: lay_out(piece, room)

    @property
    def running(self) -> bool:
        # A forked child has a copy of this object, but not the thread.
        return not self.ended.is_set() and self._process == os.getpid()

    @property
    def problem(self) -> NetshellError | None:
        return self._problem or self.source.problem

    @property
    def notes(self) -> Sequence[str]:
        written = [] if self.recording is None else self.recording.notes
        return [*self.source.notes, *written]

    @property
    def files(self) -> Sequence[Path]:
        return () if self.recording is None else self.recording.paths

    def counters(self) -> Counters:
        return self.source.counters()

    def costs(self) -> Costs:
        end = time.monotonic() if self.running else self._ended_at
        seconds = end - self._begun_at
        if self.recording is None:
            return Costs(seconds, self._cpu_s, 0, 0, self._begun_ns)
        one = self.recording
        cpu_s = self._cpu_s + one.cpu_s
        return Costs(seconds, cpu_s, one.written, one.unwritten, self._begun_ns)

    def start(self, seconds: float | None) -> None:
        """Start the thread, and return when it captures."""
        scapylog.replace_handlers()
        from netshell.capture.sniffer import BlockSession, Sniffer

        if seconds is not None:
            self.source.deadline = time.monotonic() + seconds
        self._sniffer = Sniffer(
            self._finish,
            opened_socket=self.source,
            session=BlockSession(self._take),
            store=False,
            started_callback=self._begun,
        )
        self._sniffer.start()
        endings.watch(self)
        self._ready.wait()
        if not self._started and self._problem is not None:
            raise self._problem

    def _begun(self) -> None:
        self._started = True
        self._begun_at, self._begun_ns = time.monotonic(), time.time_ns()
        self._ready.set()

    def stop(self) -> None:
        """End the capture and wait until it has; harmless at any time, any number of times."""
        if not self.running:
            return
        with self._lock:
            if not self._ending:
                self._ending = True
                self._sniffer.stop(join=False)
        self.ended.wait()

    def drop(self) -> None:
        """End it when nobody holds it any more: no place to be interrupted in."""
        with endings.uninterrupted():
            self.stop()

    def forked(self) -> None:
        """In a forked child, which has no thread to feed it: it has ended, what came is there."""
        self._lock = threading.Lock()
        self.ended = threading.Event()
        self.ended.set()
        self._ended_at = time.monotonic()
        self.store.forked()
        self.source.abandon()

    def _take(self) -> bool:
        """Move what came into the store; False when that was all. Runs in Scapy's thread."""
        self._add(self.source.drain())
        self._cpu_s = time.thread_time()
        over = self.store.is_full or self.source.problem is not None or self.source.time_left() == 0
        if over:
            self._add(self.source.finish())
            # Under the lock: stop() must not write into a pipe that Scapy is about to close.
            with self._lock:
                self._ending = True
        return not over

    def _add(self, pieces: Sequence[Piece]) -> None:
        added = self.store.add(pieces)
        if self.recording is not None and added:
            self.recording.add([piece for piece in added if not isinstance(piece, Block)])

    def _finish(self, error: BaseException | None) -> None:
        """The last act, in Scapy's thread, whatever ended the run."""
        if error is not None:
            self._problem = CaptureFailed("the capture ended", why=str(error) or repr(error))
        try:
            self._add(self.source.finish())
        except OSError as failed:
            self._problem = self._problem or CaptureFailed(
                "the capture's last packets are lost", why=str(failed)
            )
        finally:
            with contextlib.suppress(OSError):
                self.source.close()
            if self.recording is not None:
                self.recording.close()
            self._arena.trim()
            self._cpu_s = time.thread_time()
            self._ended_at = time.monotonic()
            with self._lock:
                self._ending = True
            self.store.end()
            self.ended.set()
            self._ready.set()
