"""What one packet's payload says: each decoder's look at it, those of its ports first."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from netshell.protocols.api import Peek
from netshell.protocols.decoders import DECODERS

_Look = Callable[[bytes, bool], Peek | None]
_NUMBERS = {6: "tcp", 17: "udp"}


def peek(data: bytes, proto: int, sport: int, dport: int) -> Peek | None:
    """The first decoder's words that is sure of them; None if none is.

    ``proto`` is the number of the IP protocol.
    """
    for look, on_port in _order(proto, sport, dport):
        found = look(data, on_port)
        if found is not None:
            return found
    return None


@lru_cache(maxsize=4096)
def _order(proto: int, sport: int, dport: int) -> tuple[tuple[_Look, bool], ...]:
    transport = _NUMBERS.get(proto)
    asked = [each for each in DECODERS if each.transport == transport]
    ours = [each for each in asked if sport in each.ports or dport in each.ports]
    others = [each for each in asked if each not in ours]
    return (*((each.peek, True) for each in ours), *((each.peek, False) for each in others))
