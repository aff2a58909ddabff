"""Queries made by hand, for tests of what is made of queries."""

from __future__ import annotations

from typing import Any

from netshell.flow.key import Endpoint
from netshell.protocols.normal import Dialect, normalise
from netshell.protocols.query import Query

START_NS = 1_700_000_000_000_000_000
CLIENT, SERVER = Endpoint("10.0.0.7", 51234), Endpoint("10.0.0.1", 5432)


def query(
    at_s: float,
    statement: str,
    parameters: tuple[Any, ...] = (),
    took_s: float | None = 0.001,
    protocol: str = "postgres",
    **fields: Any,
) -> Query:
    """A query that began so many seconds after the start."""
    dialect: Dialect = "mysql" if protocol == "mysql" else "postgres"
    made = normalise(statement, dialect)
    given = {
        "rows": 1, "transaction": "idle", "user": "app", "database": "shop", "flow": 0,
        "client": CLIENT, "server": SERVER, "kind": "Query", "network_ms": 0.2, "packets": (4, 5),
        **fields,
    }  # fmt: skip
    return Query(
        time_ns=START_NS + round(at_s * 1e9),
        statement=statement,
        parameters=parameters,
        duration_s=took_s,
        protocol=protocol,
        normalised=made.text,
        fingerprint=made.fingerprint,
        hints=made.hints,
        tags=dict(made.tags),
        **given,
    )
