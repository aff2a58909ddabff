"""The columns of a table of flows that show what the flows were chosen and ordered by.

They are there at any width; what has no column otherwise has one while it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from netshell.flow.amounts import ms as ms
from netshell.flow.choice import ORDERS
from netshell.flow.facts import rate
from netshell.flow.flow import Flow
from netshell.view import Column

Asked = tuple[str, ...]
"""Orders (:data:`ORDERS`), and the names of columns that a choice was by."""


def with_order(asked: Asked, by: str) -> Asked:
    """What is asked for once another order is: it takes the place of the one before."""
    return (*(name for name in asked if name not in ORDERS or name in _ALSO_CHOSEN), by)


def kept(heads: Sequence[Column], asked: Asked) -> list[Column]:
    """The columns, those that were asked for to stay at any width, in whole words."""
    named = columns(asked)
    return [
        replace(head, keep=0, least=max(head.least, 12)) if head.name in named else head
        for head in heads
    ]


def columns(asked: Asked) -> set[str]:
    """The names of the columns that were asked for."""
    return {_COLUMN_OF.get(name, name) for name in asked}


def added(asked: Asked, has_details: bool) -> list[tuple[Column, Callable[[Flow], str]]]:
    """Columns for what the table does not have otherwise, and what stands in them."""
    return [
        (Column(name, "right"), _ADDED[name])
        for name in dict.fromkeys(asked)
        if name in _ADDED and (has_details or name in _TIMES)
    ]


def _sum(first: float | None, second: float | None) -> float | None:
    known = [part for part in (first, second) if part is not None]
    return sum(known) if known else None


def _bytes(flow: Flow) -> str:
    total = _sum(flow.client_unique_bytes, flow.server_unique_bytes)
    return "" if total is None else f"{total:,}"


def _rate(flow: Flow) -> str:
    total = _sum(flow.client_bytes_per_s, flow.server_bytes_per_s)
    return "" if total is None else rate(total)


def _clock(time_ns: int) -> str:
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1000)
    except OverflowError:  # a time stamp no calendar has
        return str(time_ns // 10**9)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{time_ns // 10**6 % 1000:03} UTC"


# What the numbers of netshell.flow.choice.order() are, in words.
_ADDED: dict[str, Callable[[Flow], str]] = {
    "first byte": lambda flow: ms(flow.first_byte_ms),
    "data rtt": lambda flow: ms(_sum(flow.client_data_rtt_ms, flow.server_data_rtt_ms)),
    "payload": _bytes,
    "throughput": _rate,
    "start": lambda flow: _clock(flow.start_ns),
    "last": lambda flow: _clock(flow.start_ns + round(flow.duration_s * 1e9)),
}
_TIMES = ("start", "last")
_COLUMN_OF = {"retransmitted": "resent", "handshake": "rtt", "known_by": "client by"}
_ALSO_CHOSEN = ("findings",)  # an order and a choice, both of one column
