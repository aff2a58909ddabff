"""Captures of loopback while a test talks to a server there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from conftest import missing

from netshell import sniff
from netshell.capture.capture import Capture
from netshell.errors import NotPermitted


@contextlib.contextmanager
def capturing(*ports: int, keep: str = "64 MB") -> Iterator[Capture]:
    """What goes over some ports of loopback, TCP and UDP; it is stopped at the end.

    Skips the test where capturing is not permitted.
    """
    wanted = " or ".join(f"port {port}" for port in ports)
    try:
        capture = sniff(wanted, iface="lo", keep=keep)
    except NotPermitted as error:
        missing(str(error))
    with capture:
        yield capture
