"""``write=``: what a capture receives, streamed to files by a thread of its own.

The capture's thread lays its packets out as records, which takes nanoseconds a packet as none is
indexed for that, and puts them in a queue. A disk that cannot follow fills the queue; then packets
are left out of the file, not out of the capture, and counted.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from netshell.capture.amount import ROTATE_EXAMPLES, Rotate
from netshell.capture.arena import keep_freed
from netshell.capture.arguments import refusal
from netshell.capture.block import Block, Piece, batch, index
from netshell.capture.outfile import FORMS, OutFile, Unwritten, check
from netshell.capture.records import Records
from netshell.errors import BadArgument, BadFile, NetshellError
from netshell.packet.chunk import Chunk
from netshell.packet.packing import Room, fresh
from netshell.packet.remarks import Remarks
from netshell.saving import place_of, refused
from netshell.view import clean

BEHIND_BYTES = 256 << 20
"""How far the disk may be behind; the queue takes no more memory than that."""


_writing: dict[tuple[int, str], Recording] = {}
"""Those of each process, by the place: a forked child has copies, which write nothing."""


class Recording:
    """The files of one capture.

    Without ``rotate``, the one at ``path``. With it, ``x_00001_20260131120000.pcapng`` and so on
    beside it: a number, and the local time when it was begun; of more than ``files``, the oldest
    is deleted. An existing file is replaced.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        names: Sequence[str],
        links: Sequence[int],
        rotate: Rotate | None = None,
        files: int | None = None,
        remarks: Remarks | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Opens the first file; ``links`` has a link type for each of the names.

        Raises BadArgument, NotPermitted, NotFound, BadFile.
        """
        self._path = place_of(path, "x.pcapng", "cannot write")
        check(self._path, links)
        self._on = ", ".join(names[:3]) + ("…" if len(names) > 3 else "")
        self._claim()
        said = remarks or Remarks()
        self._form = FORMS[self._path.suffix.lower()](names, links, said)
        self._closing_bytes = len(self._form.closing(said))
        self.told: Callable[[], Remarks] = lambda: said
        """What is to be said at a file's end."""
        self._rotate, self._most = rotate, files
        self._clock = clock
        self._begun = 0
        self._paths: deque[Path] = deque()
        self.written = self.unwritten = 0
        self.bytes = 0  # in all files, those deleted since included
        self.cpu_s = 0.0
        self._stopped = ""  # why nothing is written any more
        self._left_out = 0  # because the disk was too slow
        self._removed: list[Path] = []  # by somebody else, while they were written
        keep_freed()
        self._changed = threading.Condition()
        self._queue: deque[Records | Chunk] = deque()
        self._behind = 0
        self._closing = False
        try:
            self._file = self._open()
        except BaseException as error:
            self._release()
            if isinstance(error, OSError):
                raise explained(self._path, error) from error
            raise
        self._thread = threading.Thread(target=self._run, name="netshell-write", daemon=True)
        try:
            self._thread.start()
        except BaseException:
            self._release()
            self._file.close(said)
            raise

    def _claim(self) -> None:
        """Two captures in one file would destroy it: the second is refused."""
        self._key = (os.getpid(), os.path.realpath(self._path))
        other = _writing.setdefault(self._key, self)
        if other is self:
            # By another name, a link, it can be the same file.
            mine = [one for (process, _), one in list(_writing.items()) if process == self._key[0]]
            others = [one for one in mine if one is not self and one._writes_to(self._path)]
            if not others:
                return
            self._release()
            other = others[0]
        raise BadArgument(
            "cannot write",
            where=f"to {self._path}",
            why=f"the capture on {other._on} that runs writes there",
            next_step="stop it first, or write to another file",
        )

    def _writes_to(self, path: Path) -> bool:
        try:
            return any(place.samefile(path) for place in list(self._paths)[-1:])
        except OSError:  # none of that name yet
            return False

    def _release(self) -> None:
        if _writing.get(self._key) is self:
            del _writing[self._key]

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that were written and not deleted, oldest first."""
        return tuple(self._paths)

    @property
    def notes(self) -> list[str]:
        """What the user should know."""
        notes = []
        if self._stopped:
            notes.append(self._stopped)
        if self._removed:
            more = f" and {len(self._removed) - 1:,} more" if len(self._removed) > 1 else ""
            notes.append(
                f"{clean(str(self._removed[0]))}{more}: removed while it was written, "
                "those packets are in no file"
            )
        if self._left_out:
            notes.append(
                f"the disk is too slow for {clean(str(self._path))}: "
                f"{self._left_out:,} packets were not written"
            )
        return notes

    def laid_out(self, piece: Piece, room: Room = fresh) -> Records | Chunk:
        """Packets with bytes of their own, which are as they will stand in a file."""
        if isinstance(piece, Records):
            return piece
        if isinstance(piece, Block):
            found = batch(piece)
            if found is not None:
                return Records(self._form.packed(found, room), self._form)
            piece = index([piece])
        return self._form.laid_out(piece, room)

    def add(self, pieces: Sequence[Records | Chunk]) -> None:
        """Write these too, soon; they are laid out. Never waits."""
        with self._changed:
            for piece in pieces:
                if self._stopped:
                    self.unwritten += len(piece)
                elif self._behind > BEHIND_BYTES:
                    self.unwritten += len(piece)
                    self._left_out += len(piece)
                else:
                    self._queue.append(piece)
                    self._behind += piece.size
            self._changed.notify()

    def close(self) -> None:
        """Write what is left and close the file."""
        with self._changed:
            self._closing = self._file.ending = True
            self._changed.notify()
        self._thread.join()
        self._release()

    # --- the thread -------------------------------------------------------------------------

    def _run(self) -> None:
        while taken := self._next():
            for piece in taken:
                self._write(piece)
            with self._changed:
                self._behind -= sum(piece.size for piece in taken)
            self.cpu_s = time.thread_time()
        with contextlib.suppress(OSError):
            self._close_file()

    def _next(self) -> list[Records | Chunk]:
        """What is in the queue; nothing at the end."""
        with self._changed:
            while not self._queue and not self._closing:
                self._changed.wait()
            taken = list(self._queue)
            self._queue.clear()
            return taken

    def _write(self, piece: Records | Chunk) -> None:
        done = 0
        try:
            if self._rotate is None:
                if not self._stopped:
                    self._append(piece)
                    done = len(piece)
            else:
                chunk = piece.chunk() if isinstance(piece, Records) else piece
                while done < len(chunk) and not self._stopped:
                    done += self._write_some(chunk[done:])
        except Unwritten as failed:
            done += failed.written
            self._stop(failed.error, done)
        except OSError as error:  # of the next file
            self._stop(error, done)
        with self._changed:
            self.written += done
            self.unwritten += len(piece) - done

    def _append(self, piece: Records | Chunk) -> None:
        before = self._file.size
        self._file.write(piece)
        self.bytes += self._file.size - before

    def _write_some(self, chunk: Chunk) -> int:
        """Write what belongs in one file; how many packets that were."""
        fits = self._fitting(chunk)
        if not fits:
            self._next_file()
            fits = max(self._fitting(chunk), 1)  # one larger than a file has one of its own
        if self._file.first_ns is None:
            self._file.first_ns = int(chunk.time_ns[0])
        self._append(chunk[:fits])
        return fits

    def _fitting(self, chunk: Chunk) -> int:
        """How many of the packets belong in the current file."""
        limit, first = self._rotate, self._file.first_ns
        if limit is None:
            return len(chunk)
        if limit.bytes is not None:
            sizes = self._form.ends(chunk) - (chunk.offset[0] - self._form.head)
            room = limit.bytes - self._file.size - self._closing_bytes
            fits = int(sizes.searchsorted(room, "right"))
            return max(fits, 1) if first is None else fits
        if first is None or limit.seconds is None:
            first = int(chunk.time_ns[0])
        late = chunk.time_ns >= first + round((limit.seconds or 0) * 1e9)
        return int(late.argmax()) if late.any() else len(chunk)

    def _close_file(self) -> None:
        try:
            self._file.close(self.told())
        finally:
            if self._file.removed and self._file.place in self._paths:
                self._paths.remove(self._file.place)
                self._removed.append(self._file.place)

    def _next_file(self) -> None:
        self._close_file()
        # The oldest goes first: a disk that it had filled has room again.
        while self._most is not None and len(self._paths) >= self._most:
            with contextlib.suppress(FileNotFoundError):
                self._paths[0].unlink()
            self._paths.popleft()
        self._file = self._open()

    def _open(self) -> OutFile:
        place = self._path
        if self._rotate is not None:
            self._begun += 1
            stamp = time.strftime("%Y%m%d%H%M%S", time.localtime(self._clock()))
            place = place.with_name(f"{place.stem}_{self._begun:05}_{stamp}{place.suffix}")
        opened = OutFile(place, self._form)
        self._paths.append(place)
        return opened

    def _stop(self, error: OSError, done: int) -> None:
        why = "the disk is full" if error.errno in _FULL else error.strerror or str(error)
        self._stopped = (
            f"writing {clean(str(error.filename or self._file.place))} stopped: {clean(why)}; "
            f"{self.written + done:,} packets are written, the capture goes on"
        )


_FULL = (errno.ENOSPC, errno.EDQUOT)


def explained(place: Path, error: OSError) -> NetshellError:
    """What the system refused, as one line."""
    what, where = "cannot write", f"to {place}"
    if error.errno == errno.ENXIO:
        step = f"start its reader first: wireshark -k -i {place}"
        return BadFile(what, where=where, why="nobody reads this pipe", next_step=step)
    if error.errno in _FULL:
        return BadFile(what, where=where, why="the disk is full")
    return refused(place, error, what)


def check_options(write: Any, rotate: Any, files: Any) -> None:
    """Raises BadArgument for options that make no sense together."""
    if write is not None and not isinstance(write, str | os.PathLike):
        raise refusal("write", write, 'use a path: write="x.pcapng" or "x.pcap"')
    if write is None and (rotate is not None or files is not None):
        name = "rotate" if rotate is not None else "files"
        raise BadArgument(
            f"{name} makes no sense", where="without write", next_step='add write="x.pcapng"'
        )
    if files is None:
        return
    if isinstance(files, bool) or not isinstance(files, int) or files < 1:
        raise refusal("files", files, "use a number from 1: files=10")
    if rotate is None:
        raise BadArgument("files makes no sense", where="without rotate", next_step=ROTATE_EXAMPLES)
