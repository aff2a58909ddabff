"""Where a flow's messages have secrets in what a side sent: asked of those alone that are there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from netshell.flow.sides import Side
from netshell.packet.payload import Places
from netshell.protocols.api import Message


class SecretsOf:
    """The secrets of messages in one side's stream, found stretch by stretch.

    What a message's are may have to be worked out, so only those are asked whose bytes are shown.
    """

    def __init__(self, messages: Sequence[Message], side: Side) -> None:
        self._messages, self._side = messages, side
        parts = sorted(
            (part.begin, part.end, at)
            for at, message in enumerate(messages)
            for part in message.parts
            if part.side == side
        )
        self._parts = parts
        self._ends = [end for _, end, _ in parts]

    def within(self, begin: int, end: int) -> Places:
        """Those of bytes ``begin`` to ``end`` (exclusive), in order, whole."""
        found: dict[int, None] = {}
        for at in range(bisect_right(self._ends, begin), len(self._parts)):
            first, _, which = self._parts[at]
            if first >= end:
                break
            found[which] = None
        return tuple(
            sorted(
                (low, high)
                for which in found
                for side, low, high in self._messages[which].secrets
                if side == self._side and low < end and high > begin
            )
        )
