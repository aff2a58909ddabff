"""A server for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import missing
from postgres_server import Server, programs, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """It is started once; skips where PostgreSQL is not installed."""
    where = programs()
    if where is None:
        missing("PostgreSQL is not installed")
    with running(where) as server:
        yield server
