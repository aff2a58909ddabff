"""What the tests of Redis share: a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis_server import redis_server


@pytest.fixture(scope="session")
def redis_port(peer: Callable[[str], Path]) -> Iterator[int]:
    """Redis on loopback: its port."""
    with redis_server(peer("redis-server")) as port:
        yield port
