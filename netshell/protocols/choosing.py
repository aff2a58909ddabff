"""Which decoder reads a conversation: by its first bytes; its ports only decide between doubts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netshell.protocols.api import Decoder, Likeness

MOST = 4096
"""Bytes of one side that are looked at."""


def choose(
    decoders: Iterable[type[Decoder]],
    client: bytes,
    server: bytes,
    ports: Sequence[int],
    begun: bool,
    is_all: bool,
) -> type[Decoder] | Likeness | None:
    """The decoder; MORE if that is not to be told yet, None if there is none.

    ``is_all``: no more is to come, or looked at.
    """
    likely: list[type[Decoder]] = []
    doubtful = False
    for decoder in sorted(decoders, key=lambda each: each.ports.isdisjoint(ports)):
        likeness = decoder.looks_like(client[:MOST], server[:MOST], begun)
        if likeness == Likeness.SURE:
            return decoder
        if likeness == Likeness.LIKELY and not decoder.ports.isdisjoint(ports):
            likely.append(decoder)
        doubtful |= likeness == Likeness.MORE
    if likely and (not doubtful or is_all):
        return likely[0]
    return Likeness.MORE if doubtful and not is_all else None
