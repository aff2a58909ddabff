"""Capture files: read into a Capture, written from one."""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.errors import BadArgument, BadFile, NetshellError, NotFound, NotPermitted
from netshell.packet import pcap
from netshell.packet.chunk import ETHERNET, Chunk

SUFFIXES = (".pcap", ".cap")


def read(path: str | os.PathLike[str], filter: str = "") -> Capture:
    """A capture file's packets, those that match the filter if there is one.

    The file is mapped, not copied: it must stay as it is while the capture is in use. A damaged
    one gives everything before the damage; ``problem`` says where and why it stopped.

    Raises NotFound, NotPermitted, BadFile (empty, a directory, no capture), BadArgument.
    """
    place = Path(path).expanduser()
    chunk, damage = pcap.parse(_mapped(place))
    if damage is not None and not damage.offset:
        raise BadFile("cannot read", where=str(place), why=damage.reason)
    problem = None
    if damage is not None:
        problem = BadFile(
            "cannot read on",
            where=f"in {place}",
            why=str(damage),
            next_step=f"the {len(chunk):,} packets before it are here",
        )
    store = Store()
    store.add([chunk])
    store.end()
    whole = Capture(
        store,
        origin=f"{place}: {len(chunk):,} packet{'' if len(chunk) == 1 else 's'}",
        problem=problem,
    )
    if not filter.strip():
        return whole
    found = whole.filter(filter)
    return Capture(
        found._store,
        filter_text=filter,
        origin=f'{place}, filter "{filter}": {len(found):,} of {len(whole):,} packets',
        problem=problem,
        baselines=found._baselines,
    )


def _mapped(place: Path) -> NDArray[np.uint8]:
    """The file's bytes: mapped, or read through where it cannot be (a pipe, /dev/stdin)."""
    try:
        with place.open("rb") as file:
            if not file.seekable():
                return np.frombuffer(file.read(), np.uint8)
            if not os.fstat(file.fileno()).st_size:
                return np.empty(0, np.uint8)
            return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)
    except (OSError, ValueError) as error:
        raise _explained("cannot read", place, error) from error


def save(chunks: Sequence[Chunk], path: str | os.PathLike[str]) -> Path:
    """Write chunks as a pcap file; the whole of it, or nothing.

    Raises BadArgument for a suffix that is no capture's or packets of several link types,
    NotPermitted, NotFound and NetshellError for what the system refuses.
    """
    place = Path(path).expanduser()
    if place.suffix.lower() not in SUFFIXES:
        name = place.name if place.suffix in ("", ".") else place.stem
        raise BadArgument(
            "cannot save",
            where=f"to {place}",
            why=f"the only format there is to write is {SUFFIXES[0]}",
            next_step=f"use {place.with_name(f'{name}{SUFFIXES[0]}')}",
        )
    links = {int(link) for chunk in chunks for link in set(chunk.link.tolist())} or {ETHERNET}
    if len(links) > 1:
        raise BadArgument(
            "cannot save",
            where=f"to {place}",
            why=f"a pcap file holds one link type, these packets have {len(links)}",
            next_step="save one interface's, by .filter(lambda packet: packet.iface == ...)",
        )
    snaplen = max([pcap.MAX_FRAME, *(int(c.captured_len.max(initial=0)) for c in chunks)])
    try:
        with _replacing(place) as file:
            file.write(pcap.header(links.pop(), snaplen))
            for chunk in chunks:
                for piece in pcap.records(chunk):
                    file.write(piece)
    except OSError as error:
        raise _explained("cannot save", place, error) from error
    return place


@contextlib.contextmanager
def _replacing(place: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of another once it is whole; a device or pipe as it is."""
    if place.exists() and not place.is_file():
        with place.open("wb") as file:
            yield file
        return
    target = place.resolve()
    # A name of its own beside it: a rename cannot cross file systems.
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        made.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        made.replace(target)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _explained(what: str, place: Path, error: OSError | ValueError) -> NetshellError:
    where = f"{'to ' if what.endswith('save') else ''}{place}"
    if isinstance(error, PermissionError):
        return NotPermitted(what, where=where, why="permission denied")
    if isinstance(error, FileNotFoundError):
        if what.endswith("save"):
            return NotFound(what, where=where, why="no such directory")
        return NotFound(what, where=where, why="no such file")
    if isinstance(error, IsADirectoryError):
        return BadFile(what, where=where, why="it is a directory")
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return NetshellError(
            what, where=where, why="the disk is full", next_step="the capture is kept"
        )
    why = error.strerror if isinstance(error, OSError) else str(error)
    return BadFile(what, where=where, why=why or str(error))
