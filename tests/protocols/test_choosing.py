"""Which decoder reads a conversation, by what was said first and its ports."""

from __future__ import annotations

import pytest
from recorder import Recorder

from netshell.protocols.api import Decoder, Likeness
from netshell.protocols.choosing import MOST, choose

NO, MORE, LIKELY, SURE = Likeness


def decoder(likeness: Likeness, *ports: int, by_server: Likeness | None = None) -> type[Decoder]:
    """One that finds everything so alike; ``by_server``: if only the server has spoken."""

    class Made(Recorder):
        @classmethod
        def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
            assert len(client) <= MOST and len(server) <= MOST
            return likeness if client or by_server is None else by_server

    Made.ports = frozenset(ports)
    return Made


@pytest.mark.parametrize(
    ("alike", "port", "is_all", "place"),
    [
        ([NO, NO], 80, False, None),
        ([NO, SURE], 80, False, 1),
        ([SURE, SURE], 80, False, 0),
        ([LIKELY, NO], 80, False, 0),
        ([LIKELY, NO], 81, False, None),  # not on its port
        ([LIKELY, MORE], 80, False, MORE),
        ([LIKELY, MORE], 80, True, 0),
        ([LIKELY, SURE], 80, False, 1),
        ([MORE, NO], 80, False, MORE),
        ([MORE, NO], 80, True, None),
    ],
)
def test_what_is_sure_counts_then_the_port(
    alike: list[Likeness], port: int, is_all: bool, place: int | None
) -> None:
    first, second = decoder(alike[0], 80), decoder(alike[1], 443)
    found = choose([first, second], b"x" * 5000, b"y" * 5000, (port, 40000), True, is_all)
    if place is None or isinstance(place, Likeness):
        assert found == place
    else:
        assert found == ([first, second][place], False)


def test_those_of_the_port_are_asked_first() -> None:
    first, second = decoder(SURE, 80), decoder(SURE, 443)
    assert choose([first, second], b"x", b"", (443, 40000), True, False) == (second, False)


def test_a_guessed_client_may_be_the_server() -> None:
    one = decoder(SURE, 80, by_server=NO)
    assert choose([one], b"", b"x", (80, 1), True, False) is None
    assert choose([one], b"", b"x", (80, 1), True, False, may_turn=True) == (one, True)
    assert choose([one], b"x", b"", (80, 1), True, False, may_turn=True) == (one, False)
