"""How many files may be open at once: what is merged by time is, all of it.

A process begins with room for 1,024 on most systems, and may ask for more itself (getrlimit(2)).
"""

from __future__ import annotations

import contextlib

SPARE = 64  # what else a process has open: its own files, sockets, a terminal


def make_room(count: int) -> None:
    """See to it that so many files more can be open, as far as the system allows."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + SPARE
    if soft == resource.RLIM_INFINITY or wanted <= soft:
        return
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(OSError, ValueError):  # then opening says what is lacking
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
