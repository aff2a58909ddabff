"""Names: those of ciphers are what openssl calls them, and no number has two."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from netshell.protocols.tls import numbers


def test_ciphers_are_called_as_openssl_does(peer: Callable[[str], Path]) -> None:
    """All that it knows, by IANA's names."""
    command = [peer("openssl"), "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) > 100
    for line in lines:
        octets, _, name = line.split()[:3]
        first, second = (int(each, 16) for each in octets.split(","))
        assert numbers.cipher(first << 8 | second) == name


def test_numbers_without_a_name_are_themselves() -> None:
    """And GREASE is said as such."""
    assert numbers.cipher(0xCC13) == "0xcc13"
    assert numbers.ciphers((0x1301, 0x8A8A)) == ("TLS_AES_128_GCM_SHA256", "GREASE")
    assert numbers.called(numbers.EXTENSIONS, 0x7777) == "0x7777"
    assert numbers.alert(3) == "alert 3"
    assert [each for each in range(1 << 16) if numbers.is_grease(each)] == [
        0x0A0A + 0x1010 * step for step in range(16)
    ]


def test_each_alert_that_is_explained_exists() -> None:
    """By the same name."""
    assert set(numbers.MEANINGS) <= set(numbers.ALERTS.values())
