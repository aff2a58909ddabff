"""One side's bytes as they are shown: each byte of a secret is a ``*``.

Two things tell where secrets are: the messages that decoders read from the flow, and, whatever it
carries, names and headers that stand before a secret in text.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Protocol

from netshell.flow.sides import Side
from netshell.packet.payload import Places, hide
from netshell.packet.peeking import TOLD

if TYPE_CHECKING:
    from netshell.flow.flow import Flow

_BEFORE = 2048  # bytes before a stretch that may name what is in it


class Bytes(Protocol):
    """What bytes are taken from, a few at a time."""

    def octets(self, begin: int, end: int) -> bytes: ...


class Covered:
    """Bytes of one side, its secrets covered; ``secrets`` are places in them, in order."""

    def __init__(self, source: Bytes, secrets: Places = ()) -> None:
        self._source = source
        self._secrets = secrets
        self._ends = [end for _, end in secrets]

    def octets(self, begin: int, end: int) -> bytes:
        """Bytes ``begin`` to ``end`` (exclusive)."""
        if end <= begin:
            return b""
        early = max(begin - _BEFORE, 0)
        context = self._source.octets(early, end)
        data = context[begin - early :]
        if "secrets" in TOLD:
            data = hide(data, TOLD["secrets"](context), at=begin - early)
        first = bisect_right(self._ends, begin)
        for at in range(first, len(self._secrets)):
            if self._secrets[at][0] >= end:
                break
            data = hide(data, self._secrets[at : at + 1], at=begin)
        return data


def secrets_of(flow: Flow, side: Side) -> Places:
    """Where the messages of a flow have secrets, in what one side sent."""
    if "of_flow" not in TOLD:
        return ()
    places: Places = TOLD["of_flow"](flow, side)
    return places
