"""The details of one flow in words, both sides beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from netshell.flow.amounts import ms
from netshell.flow.completeness import kinds

Values = Mapping[str, Any]


def facts(told: Values) -> Iterable[tuple[str, str]]:
    """Names and texts, in the order in which they are shown; empty texts say nothing."""
    if told["completeness"] is None:
        return
    yield "ended", told["ended"] or ""
    yield "seen", f"{kinds(told['completeness'])} (completeness {told['completeness']})"
    yield "payload", _sides(told, "unique_bytes", "{:,} bytes")
    yield "throughput", _sides(told, "bytes_per_s", "{}", rate)
    yield "sent again", _again(told)
    yield "findings", f"{told['finding_count']:,}" if told["finding_count"] else "none"
    yield "data to the server", _round_trip(told, "server")
    yield "data to the client", _round_trip(told, "client")
    yield "first answer after", ms(told["first_byte_ms"])
    yield "longest wait", ms(told["longest_wait_ms"])
    yield "MSS", _sides(told, "mss", "{:,}")
    yield "window scale", _sides(told, "window_scale", "{}")
    yield "SACK", _sides(told, "sack", "{}", lambda value: "permitted" if value else "no")
    yield "TTL", _sides(told, "ttl", "{}") + _changes(told)


def rate(bytes_per_s: float) -> str:
    """
    >>> rate(950.0), rate(1_500_000.0)
    ('950 B/s', '1.5 MB/s')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        value = bytes_per_s / size
        if value >= 0.9995:  # below, three digits of the smaller unit say it
            return f"{value:.3g} {unit}/s" if value < 999.5 else f"{value:,.0f} {unit}/s"
    return f"{bytes_per_s:.0f} B/s"


def _sides(told: Values, name: str, form: str, text: Any = None) -> str:
    said = []
    for side in ("client", "server"):
        value = told[f"{side}_{name}"]
        if value is not None:
            said.append(f"{side} {form.format(text(value) if text else value)}")
    return ", ".join(said)


def _again(told: Values) -> str:
    said = []
    for side in ("client", "server"):
        count, size = told[f"{side}_retransmitted_packets"], told[f"{side}_retransmitted_bytes"]
        if count:
            packets = "packet" if count == 1 else "packets"
            said.append(f"{side} {count:,} {packets}, {size:,} bytes")
    return "; ".join(said)


def _round_trip(told: Values, side: str) -> str:
    least, middle, most = (told[f"{side}_data_rtt{which}_ms"] for which in ("_min", "", "_max"))
    if middle is None:
        return ""
    return f"and back in {ms(middle)} ({ms(least)} to {ms(most)})"


def _changes(told: Values) -> str:
    said = []
    for side in ("client", "server"):
        count = told[f"{side}_ttl_changes"]
        if count:
            said.append(f"the {side}'s changes {'once' if count == 1 else f'{count:,} times'}")
    return f" ({', '.join(said)})" if said else ""
