"""``read``: open a capture file."""

from __future__ import annotations

import os

from netshell.capture.capture import Capture


def read(path: str | os.PathLike[str], filter: str = "") -> Capture:
    """A capture file's packets, or those that a BPF filter selects.

    Reads pcap (microseconds or nanoseconds) and pcapng files of either byte order, known by their
    first bytes. A damaged file gives everything before the damage; ``cap.problem`` says where
    and why it stopped.

    >>> cap = read("web.pcap", "tcp port 80")
    >>> len(cap), cap[0].flags

    Raises NotFound, NotPermitted, BadFile (empty, a directory, no capture) and BadArgument for a
    filter.
    """
    from netshell.capture import file

    return file.read(path, filter)
