"""The details in words: rates that people read."""

from __future__ import annotations

import pytest

from netshell.flow.facts import rate


@pytest.mark.parametrize(
    ("bytes_per_s", "text"),
    [
        (0.0, "0 B/s"),
        (950.4, "950 B/s"),
        (999.6, "1 kB/s"),
        (999_900.0, "1 MB/s"),
        (999_400.0, "999 kB/s"),
        (1_500_000.0, "1.5 MB/s"),
        (12_345e9, "12,345 GB/s"),
    ],
)
def test_rates_have_no_exponent(bytes_per_s: float, text: str) -> None:
    assert rate(bytes_per_s) == text
