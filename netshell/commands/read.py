"""``read``: open capture files."""

from __future__ import annotations

from netshell.capture.capture import Capture
from netshell.capture.places import Paths


def read(path: Paths, filter: str = "") -> Capture:
    """The packets of capture files, or those that a BPF filter selects.

    ``path`` is a file, a pattern ("day-*.pcap"), "-" for standard input, or
    several of them, which are merged by time. Reads pcap and pcapng of either
    byte order, plain or compressed (gzip; zstd and lz4 with the ``compress``
    extra), known by their bytes. A damaged file gives everything before the
    damage; ``cap.problem`` says where and why it stopped. Ctrl-C is the end of
    a pipe.

    >>> cap = read("web.pcap", "tcp port 80")
    >>> len(cap), cap[0].flags
    >>> read("rotated-*.pcap.gz").flows.top(5)

    A file is copied into memory, and may change then; only one that takes more
    than a quarter of the free memory has to stay as it is while it is in use.
    Compressed, piped and merged ones end where half of the free memory is
    taken. For larger files there is :func:`scan`.

    Raises NotFound, NotPermitted, BadFile (empty, a directory, no capture),
    BadArgument for a filter, Unavailable without the library for a compression.
    """
    from netshell.capture import file

    return file.read(path, filter)
