"""Whose look at a payload counts: that of a decoder of its ports, then of any that is sure."""

from __future__ import annotations

import pytest

from netshell.protocols.peeks import peek

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
TCP, UDP = 6, 17


@pytest.mark.parametrize("ports", [(40000, 80), (80, 40000), (40000, 41234), (40000, 5432)])
def test_what_is_sure_is_told_on_any_port(ports: tuple[int, int]) -> None:
    found = peek(GET, TCP, *ports)
    assert found is not None and found.text == "HTTP GET /"


def test_what_is_for_another_transport_is_not_asked() -> None:
    assert peek(GET, UDP, 40000, 80) is None
    assert peek(GET, 132, 40000, 80) is None


def test_what_says_nothing_is_nothing() -> None:
    for data in (b"\0", b"\xff" * 1400, bytes(1400), b"hello"):
        assert peek(data, TCP, 40000, 41234) is None
