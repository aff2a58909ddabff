"""What the classic tools' tests share: one name server for dig and nslookup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bind import Bed, bind
from datagrams import Compared


@pytest.fixture(scope="session")
def bed(peer: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    """BIND on loopback, with a zone of every record type; see ``bind``."""
    with bind(peer("named"), tmp_path_factory.mktemp("bind")) as running:
        yield running


@pytest.fixture
def compared(peer: Callable[[str], Path], tmp_path: Path) -> Compared:
    """The real tcpdump, to read the same packets."""
    return Compared(peer("tcpdump"), tmp_path)
