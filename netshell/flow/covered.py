"""One side's bytes as they are shown: each byte of a secret is a ``*``.

Two things tell where secrets are: the messages that decoders read from the flow, and, whatever it
carries, names and headers that stand before a secret in text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from netshell.packet.payload import Places, hide
from netshell.packet.peeking import TOLD

if TYPE_CHECKING:
    from netshell.flow.flow import Flow

_BEFORE = 2048  # bytes before a stretch that may name what is in it


class Bytes(Protocol):
    """What bytes are taken from, a few at a time."""

    def octets(self, begin: int, end: int) -> bytes: ...


class Secrets(Protocol):
    """Where secrets are in what one side sent."""

    def within(self, begin: int, end: int) -> Places:
        """Those of bytes ``begin`` to ``end`` (exclusive), in order."""
        ...


class NoSecrets:
    """None are known."""

    def within(self, begin: int, end: int) -> Places:
        return ()


class Covered:
    """Bytes of one side, its secrets covered."""

    def __init__(self, source: Bytes, secrets: Secrets) -> None:
        self._source, self._secrets = source, secrets

    def octets(self, begin: int, end: int) -> bytes:
        """Bytes ``begin`` to ``end`` (exclusive)."""
        if end <= begin:
            return b""
        early = max(begin - _BEFORE, 0)
        context = self._source.octets(early, end)
        data = context[begin - early :]
        if "secrets" in TOLD:
            data = hide(data, TOLD["secrets"](context), at=begin - early)
        return hide(data, self._secrets.within(begin, end), at=begin)


def secrets_of(flow: Flow) -> tuple[Secrets, Secrets]:
    """Where the messages of a flow have secrets, in what the client and what the server sent."""
    if "of_flow" not in TOLD:
        return NoSecrets(), NoSecrets()
    found: tuple[Secrets, Secrets] = TOLD["of_flow"](flow)
    return found
