"""Texts cost nothing until one is asked for, and then only their own file."""

from __future__ import annotations

import subprocess
import sys

READ = "from netshell.catalogue.files import entries; print(entries.cache_info().currsize)"


def run(*arguments: str) -> list[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()


def test_nothing_is_read_before_the_first_explanation() -> None:
    assert run("-m", "netshell", "-c", READ) == ["0"]
    assert run("-c", f"import netshell; from netshell import explain; {READ}") == ["0"]


def test_an_explanation_reads_a_few_files_and_loads_no_numpy() -> None:
    for word in (
        "'CLOSE_WAIT'",
        "'S.'",
        "'Recv-Q'",
        "'type AAAA'",
        "443",
        "'retransmission'",
        "64",
    ):
        said = f"import sys; from netshell import explain; explain({word}); {READ}; "
        read, numpy = run("-c", said + "print('numpy' in sys.modules)")
        assert 1 <= int(read) <= 8
        assert numpy == "False"
