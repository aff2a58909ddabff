"""A firewall that drops without a word: nftables in the host's own namespace where there is nft.

Elsewhere the listener itself is made deaf (``losing``): on the wire both look the same.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from netshell.lab.faults import losing

if TYPE_CHECKING:
    from netshell.lab.stage import Side

_TABLE = """\
table inet lab {{
  chain input {{
    type filter hook input priority 0
    tcp dport {port} drop
  }}
}}
"""
_SYN = 0x02


def drop(side: Side, port: int, listener: str = "listener") -> str:
    """Drop what arrives at a port of a host; by what: "nft" or "a socket filter"."""
    # Debian keeps it where an ordinary user's PATH does not look.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    if (program := shutil.which("nft", path=path)) is not None:
        done = side.host.run([program, "-f", "-"], input=_TABLE.format(port=port))
        if done.returncode == 0:
            return "nft"
    side.host.call(losing.lose, listener, losing.Lost(flags=_SYN))
    return "a socket filter"
