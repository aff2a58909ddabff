"""The TCP sockets of the network this runs in, as rows: what a host of the lab is asked often.

A module of its own: a host's process imports what it is to run, and this is little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell import host as machine
from netshell.host.sockets import Wanted

if TYPE_CHECKING:
    from netshell.lab.play import Row


def rows() -> list[Row]:
    """State, own end and other end of each TCP socket."""
    sockets = machine.list_sockets(Wanted(protos=("tcp",)))
    return [(str(each.state), each.local, each.remote) for each in sockets]
