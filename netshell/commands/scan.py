"""``scan``: capture files larger than memory, walked when something is asked."""

from __future__ import annotations

from netshell.capture import arguments
from netshell.capture.places import Paths, places
from netshell.capture.scan import Scan
from netshell.capture.windows import STDIN
from netshell.errors import BadArgument


def scan(path: Paths, filter: str = "") -> Scan:
    """Capture files of any size: nothing is read until something is asked.

    They are walked window by window. Takes what :func:`read` takes: a path, a
    pattern, several of them merged by time, pcap and pcapng, compressed or not.
    ``count()``, ``flows``, ``top(by=)``, ``save(path)``, ``sql(query)``,
    ``to_parquet(path)`` and iterating go through the files once each, in
    bounded memory; ``filter(...)`` only says which packets they see, and
    ``head(count)`` stops after the first.

    >>> scan("huge.pcap.gz").top(by="src")
    >>> scan("day-*.pcap").filter("port 53").save("dns.pcapng")

    Raises NotFound for a pattern that nothing matches, BadArgument for no path
    or standard input, which can be read only once; the files are opened when
    something is asked.
    """
    filter = arguments.filter_text(filter)
    found = places(path)
    if STDIN in found:
        raise BadArgument(
            "cannot scan standard input",
            why="it can be gone through only once",
            next_step='use read("-"), or a file',
        )
    return Scan(found, (filter,) if filter.strip() else ())
