"""Names to addresses and back: dnspython and the system's resolver behind one door.

Importing this package loads neither dnspython nor the socket module; ``system`` asks the system's
resolver, ``query`` asks name servers.
"""

from __future__ import annotations

from netshell.lookup.hosts import hosts
from netshell.lookup.rdtypes import RDTYPES
from netshell.lookup.resolvconf import resolvers

__all__ = ["RDTYPES", "hosts", "resolvers"]
