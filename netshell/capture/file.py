"""Capture files read into a Capture: pcap and pcapng, compressed or not, known by their bytes."""

from __future__ import annotations

from netshell.capture import arguments
from netshell.capture.capture import Capture
from netshell.capture.memory import available
from netshell.capture.places import Paths, places, title
from netshell.capture.progress import Progress
from netshell.capture.store import Store
from netshell.capture.walk import Files
from netshell.errors import Stopped

WINDOW = 64 << 20
"""Bytes of a file that are walked in one go."""

FIRST = 2048
"""Packets that are decoded to show the first few."""

PACKET_BYTES = 128
"""What a packet costs beside its bytes, once it was looked at."""


def read(path: Paths, filter: str = "") -> Capture:
    """The packets of capture files, those that match the filter if there is one.

    A file is copied into memory, and may change then. One that takes more than a quarter of the
    free memory is mapped instead: it must stay as it is while the capture is in use (it may grow,
    but being cut short would end the process; ``scan`` has no such files). What has no size known
    before (pipes, compressed files, files merged by time) ends where half of the free memory is
    taken. A damaged file gives everything before the damage; ``problem`` says where and why.

    Raises NotFound, NotPermitted, BadFile (empty, a directory, no capture), BadArgument,
    Unavailable (no library for the compression), Stopped by Ctrl-C. Of a pipe, which need not have
    an end of its own, Ctrl-C is the end: what came until then is read.
    """
    filter = arguments.filter_text(filter)
    found = places(path)
    files = Files(found, WINDOW, kept=True)
    store = Store()
    with Progress(f"reading {title(found)}", files.size) as progress:
        room = available() // 2 if files.in_memory else None
        try:
            for chunk in files:
                # The first lines are shown before all others: a part of their own decodes at once.
                store.add([chunk] if store.total else [chunk[:FIRST], chunk[FIRST:]])
                progress.at(files.done, f"{store.total:,} packets")
                if room is not None:
                    room -= int(chunk.captured_len.sum(dtype="int64")) + PACKET_BYTES * len(chunk)
                    if room < 0:
                        files.stop("half of the free memory is taken", "scan() needs no memory")
                        break
        except KeyboardInterrupt:
            raise Stopped(f"stopped reading {title(found)}", why="Ctrl-C") from None
    store.end()
    whole = Capture(
        store,
        names=files.names,
        origin=f"{title(found)}: {store.total:,} packet{'' if store.total == 1 else 's'}",
        problem=files.problem,
        remarks=files.remarks,
    )
    if not filter.strip():
        return whole
    chosen = whole.filter(filter)
    made = Capture(
        chosen._store,
        names=files.names,
        filter_text=filter,
        origin=f'{title(found)}, filter "{filter}": {len(chosen):,} of {len(whole):,} packets',
        problem=whole.problem,
        baselines=chosen._baselines,
        remarks=chosen.remarks,
    )
    made._hint = chosen._hint
    return made
