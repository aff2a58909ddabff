"""Queries as arrays: what data frames, files and SQL get."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from netshell.protocols.query import Query
from netshell.results import Data


def fields(queries: Sequence[Query]) -> dict[str, Data]:
    """One column a field; parameters, packets and tags as JSON."""
    return {
        "time": Data(_whole(queries, lambda each: each.time_ns), is_time=True),
        "duration_s": _numbers(queries, lambda each: each.duration_s),
        "first_row_s": _numbers(queries, lambda each: each.first_row_s),
        "running_s": _numbers(queries, lambda each: each.running_s),
        "network_ms": _numbers(queries, lambda each: each.network_ms),
        "rows": _counts(queries),
        "database": _texts(queries, lambda each: each.database),
        "user": _texts(queries, lambda each: each.user),
        "statement": _texts(queries, lambda each: each.statement),
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


def _whole(queries: Sequence[Query], of: Callable[[Query], int]) -> Any:
    return np.array([of(each) for each in queries], np.int64)


def _counts(queries: Sequence[Query]) -> Data:
    missing = np.array([each.rows is None for each in queries], bool)
    most = np.iinfo(np.int64).max
    return Data(np.array([min(each.rows or 0, most) for each in queries], np.int64), missing)


def _numbers(queries: Sequence[Query], of: Callable[[Query], float | None]) -> Data:
    values = [of(each) for each in queries]
    missing = np.array([value is None for value in values], bool)
    return Data(np.array([value or 0.0 for value in values], np.float64), missing)


def _texts(queries: Sequence[Query], of: Callable[[Query], str]) -> Data:
    places: dict[str, int] = {}
    codes = [places.setdefault(str(of(each)), len(places)) for each in queries]
    return Data(np.array(codes, np.int32), texts=list(places))


def _json(values: Sequence[Any]) -> str:
    return json.dumps(list(values), default=_plain, ensure_ascii=False) if values else ""


def _plain(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "backslashreplace")
    return str(value)
