"""The protocols that are read. A new one is a folder beside these, and a line here."""

from __future__ import annotations

from netshell.protocols.api import Decoder

DECODERS: tuple[type[Decoder], ...] = ()
"""In the order they are asked, those of a conversation's ports first."""
