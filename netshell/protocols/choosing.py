"""Which decoder reads a conversation: by its first bytes; its ports only decide between doubts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from netshell.protocols.api import Likeness, Signs

MOST = 4096
"""Bytes of one side that are looked at."""


@lru_cache(64)
def _ports(decoders: tuple[type[Signs], ...]) -> frozenset[int]:
    """The ports of any of them."""
    return frozenset(port for each in decoders for port in each.ports)


@lru_cache(256)
def _by_port(
    decoders: tuple[type[Signs], ...], ports: tuple[int, ...]
) -> tuple[tuple[type[Signs], bool], ...]:
    """Those whose ports they are first; whether they are."""
    usual = [(each, not each.ports.isdisjoint(ports)) for each in decoders]
    return tuple(sorted(usual, key=lambda each: not each[1]))


@lru_cache(64)
def speaking(decoders: tuple[type[Signs], ...], transport: str) -> tuple[type[Signs], ...]:
    """Those of a transport."""
    return tuple(each for each in decoders if each.transport == transport)


class Choice(NamedTuple):
    """A decoder, and whether it takes the client for the server."""

    decoder: type[Signs]
    is_turned: bool = False


def choose(
    decoders: Iterable[type[Signs]],
    client: bytes,
    server: bytes,
    ports: Sequence[int],
    begun: bool,
    is_all: bool,
    may_turn: bool = False,
) -> Choice | Likeness | None:
    """The decoder; MORE if that is not to be told yet, None if there is none.

    ``is_all``: no more is to come, or looked at. ``may_turn``: who is the client is a guess, which
    yields to what is sure, or likely, the other way round only.
    """
    client, server = client[:MOST], server[:MOST]
    likely: list[Choice] = []
    doubtful = False
    decoders = tuple(decoders)
    asked = _by_port(decoders, tuple([port for port in ports if port in _ports(decoders)]))
    for is_turned in (False, True) if may_turn else (False,):
        said = (server, client) if is_turned else (client, server)
        for decoder, is_usual in asked:
            likeness = decoder.looks_like(*said, begun)
            if likeness == Likeness.SURE:
                return Choice(decoder, is_turned)
            if likeness == Likeness.LIKELY and is_usual:
                likely.append(Choice(decoder, is_turned))
            doubtful |= likeness == Likeness.MORE
    if likely and (not doubtful or is_all):
        return likely[0]
    return Likeness.MORE if doubtful and not is_all else None
