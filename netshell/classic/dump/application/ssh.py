"""SSH: the line that names each side's version (RFC 4253, section 4.2); the rest is encrypted."""

from __future__ import annotations

import re

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, Truncated

_OPENING = b"SSH-"
_END = re.compile(rb"[^ -~]")


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A segment that begins with the line, which has to end in it; no text for others."""
    scope.enter("ssh")
    # tcpdump looks byte by byte: what differs is no version, what ends before is cut off.
    start = scope.rest(0, len(_OPENING))
    if start != _OPENING:
        if _OPENING.startswith(start):
            raise Truncated
        return
    octets = scope.rest(0, scope.length)
    stop = _END.search(octets, len(_OPENING))
    if stop is None:
        scope.need(0, scope.length)
        return
    end = stop.start()
    if octets[end] == 0x0D and end + 1 < scope.length:
        if scope.u8(end + 1) != 0x0A:
            return
    elif octets[end] != 0x0A:
        return
    scope.write(f": SSH: {octets[:end].decode('ascii')}")
