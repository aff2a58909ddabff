"""A server for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mysql_server import Server, running


@pytest.fixture(scope="session")
def mariadb(peer: Callable[[str], Path]) -> Iterator[Server]:
    """It is started once; skips where MariaDB is not installed."""
    with running(peer("mariadb-install-db"), peer("mariadbd"), peer("mariadb")) as server:
        yield server
