"""What names one side of a conversation: an address and a port.

The same type in sockets and in packets, so that a row of ``conns()`` and a flow of a capture can
be compared with ``==``.
"""

from __future__ import annotations

from typing import NamedTuple


class Endpoint(NamedTuple):
    """An address (text, without brackets; "*" for any) and a port (0 for any).

    >>> str(Endpoint("::1", 80))
    '[::1]:80'
    >>> str(Endpoint("*", 0))
    '*:*'
    """

    address: str
    port: int

    def __str__(self) -> str:
        port = str(self.port) if self.port else "*"
        return f"[{self.address}]:{port}" if ":" in self.address else f"{self.address}:{port}"
