"""Amounts and times in words, the same wherever conversations are spoken of."""

from __future__ import annotations


def amount(count: int, unit: str = "byte") -> str:
    """
    >>> amount(1), amount(1448)
    ('1 byte', '1,448 bytes')
    """
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"


def ms(value: float | None) -> str:
    """Milliseconds as tables and messages say them, in three digits; nothing where there are none.

    >>> ms(0.25), ms(12.34), ms(1500), ms(-1500)
    ('250 µs', '12.3 ms', '1.500 s', '-1.500 s')
    """
    if value is None:
        return ""
    if value < 0:  # what came before that
        return f"-{ms(-value)}"
    if value < 0.9995:
        return f"{value * 1000:.3g} µs"
    return f"{value:.3g} ms" if value < 999.5 else f"{value / 1000:,.3f} s"


def lasted(ns: int) -> str:
    """
    >>> lasted(900), lasted(-900)
    ('0.9 µs', 'an unknown time (the clock went back)')
    """
    return duration(ns) if ns >= 0 else "an unknown time (the clock went back)"


def duration(ns: int) -> str:
    """
    >>> duration(203_100_000), duration(1_500_000_000), duration(900), duration(999_960_000)
    ('203.1 ms', '1.500 s', '0.9 µs', '1.000 s')
    """
    size = abs(ns)
    if size >= 999_950_000:  # below, four digits of the smaller unit say it
        return f"{ns / 1e9:,.3f} s"
    if size >= 999_950:
        return f"{ns / 1e6:.1f} ms"
    return f"{ns / 1e3:.1f} µs"
