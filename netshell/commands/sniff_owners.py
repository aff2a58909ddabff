"""Whose sockets a capture's connections are: asked of the system while they are open.

A thread of each live capture looks at what is new of it some times a second, as long as that is
little: in a flood, looking would take the time that capturing needs, and it gives up. From then on
connections are looked up when somebody asks for queries.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping

from netshell import host
from netshell.capture.capture import Capture
from netshell.capture.owners import Ends, Owners
from netshell.errors import NetshellError
from netshell.flow.key import Endpoint
from netshell.host.sockets import Wanted

REST_S = 0.1
"""After a look, at least."""
SHARE = 20
"""And so many times as long as it took."""
MOST = 20_000
"""Packets that may be new at a look."""

_NOBODY = Ends(Endpoint("0.0.0.0", 1), Endpoint("0.0.0.0", 1))


def held_by(wanted: Collection[Ends]) -> Mapping[Ends, str]:
    """Who holds sockets of this machine; those of others, and closed ones, are left out."""
    ports = {end.local.port for end in wanted}
    try:
        sockets = host.list_sockets(Wanted(ports=tuple(range(each, each + 1) for each in ports)))
        found = {}
        for socket in sockets:
            ends = Ends(socket.local, socket.remote)
            if ends in wanted and socket.pid is not None:
                found[ends] = f"{socket.process}[{socket.pid}]"
        return found
    except NetshellError:  # not told here: then it is not known, as of any remote connection
        return {}


def follow(capture: Capture) -> None:
    """Know whose the connections of a capture are, from now on until it stops."""
    capture.owners = owners = Owners(held_by)
    threading.Thread(
        target=_run, args=(capture, owners), name="netshell-owners", daemon=True
    ).start()


def _run(capture: Capture, owners: Owners) -> None:
    held_by({_NOBODY})  # what asking needs is loaded when the first connection comes
    looked_at = 0
    while capture.running:
        capture.wait(count=looked_at + 1, seconds=1)
        total = len(capture)
        if total == looked_at:
            continue
        if total - looked_at > MOST:
            return
        begun = time.thread_time()
        owners.look(capture.source.flows)
        looked_at = total
        capture.wait(seconds=max(REST_S, SHARE * (time.thread_time() - begun)))
