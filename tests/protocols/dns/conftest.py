"""What the tests of DNS share: a name server with every record type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bind import Bed, bind


@pytest.fixture(scope="session")
def bed(peer: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    """BIND on loopback, on a port that is not DNS's; see ``bind``."""
    with bind(peer("named"), tmp_path_factory.mktemp("bind")) as running:
        yield running
