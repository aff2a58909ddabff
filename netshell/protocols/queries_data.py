"""Queries, and groups of them, as arrays: what data frames, files and SQL get."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from netshell.protocols.query import Query
from netshell.results import Data

if TYPE_CHECKING:
    from netshell.protocols.queries_grouped import QueryGroup

R = TypeVar("R")


def fields(queries: Sequence[Query]) -> dict[str, Data]:
    """One column a field; parameters, packets and tags as JSON."""
    return {
        "time": Data(_whole(queries, lambda each: each.time_ns), is_time=True),
        "duration_s": _numbers(queries, lambda each: each.duration_s),
        "together": Data(_whole(queries, lambda each: each.together)),
        "first_row_s": _numbers(queries, lambda each: each.first_row_s),
        "running_s": _numbers(queries, lambda each: each.running_s),
        "network_ms": _numbers(queries, lambda each: each.network_ms),
        "rows": _counts(queries),
        "database": _texts(queries, lambda each: each.database),
        "user": _texts(queries, lambda each: each.user),
        "statement": _texts(queries, lambda each: each.statement),
        "name": _texts(queries, lambda each: each.name),
        "normalised": _texts(queries, lambda each: each.normalised),
        "fingerprint": _texts(queries, lambda each: each.fingerprint),
        "parameters": _texts(queries, lambda each: _json(each.parameters)),
        "error": _texts(queries, lambda each: each.error),
        "code": _texts(queries, lambda each: each.code),
        "transaction": _texts(queries, lambda each: each.transaction),
        "tag": _texts(queries, lambda each: each.tag),
        "lacking": _texts(queries, lambda each: each.lacking),
        "flow": Data(_whole(queries, lambda each: each.flow)),
        "client_address": _texts(queries, lambda each: each.client.address),
        "client_port": Data(_whole(queries, lambda each: each.client.port or 0)),
        "server_address": _texts(queries, lambda each: each.server.address),
        "server_port": Data(_whole(queries, lambda each: each.server.port or 0)),
        "application": _texts(queries, lambda each: each.application),
        "process": _texts(queries, lambda each: each.process),
        "protocol": _texts(queries, lambda each: each.protocol),
        "kind": _texts(queries, lambda each: each.kind),
        "packets": _texts(queries, lambda each: _json(each.packets)),
        "tags": _texts(queries, lambda each: json.dumps(each.tags) if each.tags else ""),
    }


def grouped(groups: Sequence[QueryGroup]) -> dict[str, Data]:
    """The same of groups; users, clients, processes and values as JSON."""
    return {
        "statement": _texts(groups, lambda each: each.statement),
        "fingerprint": _texts(groups, lambda each: each.fingerprint),
        "calls": Data(_whole(groups, lambda each: each.calls)),
        "total_s": _numbers(groups, lambda each: each.total_s),
        "mean_s": _numbers(groups, lambda each: each.mean_s),
        "min_s": _numbers(groups, lambda each: each.min_s),
        "max_s": _numbers(groups, lambda each: each.max_s),
        "p95_s": _numbers(groups, lambda each: each.p95_s),
        "stddev_s": _numbers(groups, lambda each: each.stddev_s),
        "rows": Data(_whole(groups, lambda each: each.rows)),
        "errors": Data(_whole(groups, lambda each: each.errors)),
        "running": Data(_whole(groups, lambda each: each.running)),
        "running_s": _numbers(groups, lambda each: each.running_s),
        "share": _numbers(groups, lambda each: each.share),
        "network_s": _numbers(groups, lambda each: each.network_s),
        "first": Data(_whole(groups, lambda each: each.first_ns), is_time=True),
        "last": Data(_whole(groups, lambda each: each.last_ns), is_time=True),
        "database": _texts(groups, lambda each: each.database),
        "protocol": _texts(groups, lambda each: each.protocol),
        "users": _texts(groups, lambda each: _json(each.users)),
        "clients": _texts(groups, lambda each: _json(each.clients)),
        "processes": _texts(groups, lambda each: _json(each.processes)),
        "parameters": _texts(groups, lambda each: _json(each.parameters)),
        "example": _texts(groups, lambda each: each.example),
    }


def _whole(rows: Sequence[R], of: Callable[[R], int]) -> Any:
    most = 2**63 - 1
    return np.array([max(min(of(each), most), -most) for each in rows], np.int64)


def _counts(queries: Sequence[Query]) -> Data:
    missing = np.array([each.rows is None for each in queries], bool)
    return Data(_whole(queries, lambda each: each.rows or 0), missing)


def _numbers(rows: Sequence[R], of: Callable[[R], float | None]) -> Data:
    values = [of(each) for each in rows]
    missing = np.array([value is None for value in values], bool)
    return Data(np.array([value or 0.0 for value in values], np.float64), missing)


def _texts(rows: Sequence[R], of: Callable[[R], str]) -> Data:
    places: dict[str, int] = {}
    codes = [places.setdefault(str(of(each)), len(places)) for each in rows]
    return Data(np.array(codes, np.int32), texts=list(places))


def _json(values: Sequence[Any]) -> str:
    return json.dumps(list(values), default=_plain, ensure_ascii=False) if values else ""


def _plain(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "backslashreplace")
    return str(value)
