"""UNIX domain sockets as a table."""

from __future__ import annotations

from collections.abc import Sequence

from netshell.host.unix import UnixSocket
from netshell.results import Records
from netshell.view import Cell, Column


class UnixSockets(Records[UnixSocket]):
    """UNIX sockets, one line each."""

    heads = (
        Column("type"),
        Column("state"),
        Column("path", shrink=True, least=20),
        Column("pid", "right", keep=1),
        Column("process", keep=2, shrink=True, least=7),
        Column("inode", "right", keep=3),
    )
    empty = "no UNIX sockets"
    called = "sockets"

    def row(self, record: UnixSocket) -> Sequence[Cell]:
        pid = "" if record.pid is None else str(record.pid)
        return record.kind, record.state, record.path, pid, record.process, str(record.inode)
