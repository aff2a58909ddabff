"""Whose sockets a capture's connections are: asked of the system while they are open."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from netshell import host
from netshell.capture import owning
from netshell.capture.capture import Capture
from netshell.capture.owners import Ends
from netshell.errors import NetshellError
from netshell.host.sockets import Wanted


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
    owning.follow(capture, held_by)
