"""A server for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nginx_server import Server, running


@pytest.fixture(scope="session")
def nginx(peer: Callable[[str], Path]) -> Iterator[Server]:
    """It is started once; skips where nginx is not installed."""
    with running(peer("nginx")) as server:
        yield server
