"""Messages as columns: what all have, and the protocol's own fields as JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from typing import Any

import numpy as np

from netshell.protocols.api import Message
from netshell.results import Data

_DEEPEST = 8  # values inside of values


def fields(messages: Sequence[Message]) -> dict[str, Data]:
    """The columns of some messages."""
    rows = [message.records() for message in messages]
    return {
        "protocol": _texts(rows, "protocol"),
        "kind": _texts(rows, "kind"),
        "time_ns": Data(np.array([row["time_ns"] for row in rows], np.int64), is_time=True),
        "flow": Data(np.array([row["flow"] for row in rows], np.int64)),
        "client": _texts(rows, "client"),
        "server": _texts(rows, "server"),
        "side": _texts(rows, "side"),
        "asked": _texts(rows, "asked"),
        "answered": _texts(rows, "answered"),
        "problem": _texts(rows, "problem"),
        "lacking": _texts(rows, "lacking"),
        "answer_ns": _numbers(rows, "answer_ns", np.int64, is_time=True),
        "duration_s": _numbers(rows, "duration_s", np.float64),
        "first_packet": Data(np.array([min(row["packets"], default=-1) for row in rows], np.int64)),
        "packets": Data(np.array([len(row["packets"]) for row in rows], np.int64)),
        "bytes": Data(
            np.array([sum(p.end - p.begin for p in row["parts"]) for row in rows], np.int64)
        ),
        "fields": _given([json.dumps(row["fields"], ensure_ascii=False) for row in rows]),
    }


def plain(value: Any, deep: int = 0) -> Any:
    """A value made of what JSON knows; what is nested deeper than is read is its text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "backslashreplace")
    if deep >= _DEEPEST:
        return "…"
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name), deep + 1) for each in fields_of(value)}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {n: plain(v, deep + 1) for n, v in zip(value._fields, value, strict=True)}
    if isinstance(value, Mapping):
        return {str(plain(key, deep + 1)): plain(each, deep + 1) for key, each in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [plain(each, deep + 1) for each in value]
    return str(value)


def _texts(rows: Sequence[Mapping[str, Any]], name: str) -> Data:
    return _given([str(row[name]) for row in rows])


def _given(texts: Sequence[str]) -> Data:
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    values = np.array([places[text] for text in texts], np.int32)
    return Data(values, texts=list(places))


def _numbers(
    rows: Sequence[Mapping[str, Any]], name: str, dtype: Any, is_time: bool = False
) -> Data:
    given = [row[name] for row in rows]
    missing = np.array([value is None for value in given], np.bool_)
    return Data(np.array([value or 0 for value in given], dtype), missing, is_time=is_time)
