"""Capture files read into a Capture: pcap and pcapng, known by their first bytes."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.errors import BadFile, NetshellError, NotFound, NotPermitted
from netshell.packet import pcap, pcapng
from netshell.packet.pcapng import Parsed


def read(path: str | os.PathLike[str], filter: str = "") -> Capture:
    """A capture file's packets, those that match the filter if there is one.

    The file is mapped, not copied: it must stay as it is while the capture is in use. A damaged
    one gives everything before the damage; ``problem`` says where and why it stopped.

    Raises NotFound, NotPermitted, BadFile (empty, a directory, no capture), BadArgument.
    """
    place = Path(path).expanduser()
    chunk, names, damage = _parsed(_mapped(place))
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
        names=names,
        origin=f"{place}: {len(chunk):,} packet{'' if len(chunk) == 1 else 's'}",
        problem=problem,
    )
    if not filter.strip():
        return whole
    found = whole.filter(filter)
    return Capture(
        found._store,
        names=names,
        filter_text=filter,
        origin=f'{place}, filter "{filter}": {len(found):,} of {len(whole):,} packets',
        problem=problem,
        baselines=found._baselines,
    )


def _parsed(data: NDArray[np.uint8]) -> Parsed:
    if pcapng.is_pcapng(data):
        return pcapng.parse(data)
    chunk, damage = pcap.parse(data)
    return Parsed(chunk, (), damage)


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
        raise _explained(place, error) from error


def _explained(place: Path, error: OSError | ValueError) -> NetshellError:
    what, where = "cannot read", str(place)
    if isinstance(error, PermissionError):
        return NotPermitted(what, where=where, why="permission denied")
    if isinstance(error, FileNotFoundError):
        return NotFound(what, where=where, why="no such file")
    if isinstance(error, IsADirectoryError):
        return BadFile(what, where=where, why="it is a directory")
    why = error.strerror if isinstance(error, OSError) else str(error)
    return BadFile(what, where=where, why=why or str(error))
