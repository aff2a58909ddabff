"""/etc/hosts as it is found."""

from __future__ import annotations

from pathlib import Path

from netshell.lookup import hosts


def test_names_with_their_first_address(tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text(
        "127.0.0.1\tlocalhost  # this machine\n\n#192.0.2.9 off\n::1 localhost ip6-localhost\n"
        "192.0.2.1 www.test www\n192.0.2.2\n10.0.0.1 e\x1bvil\n"
    )
    assert hosts(file) == {
        "localhost": "127.0.0.1",
        "ip6-localhost": "::1",
        "www.test": "192.0.2.1",
        "www": "192.0.2.1",
    }


def test_what_cannot_be_read_has_no_names(tmp_path: Path) -> None:
    assert hosts(tmp_path / "missing") == hosts(tmp_path) == {}
    file = tmp_path / "hosts"
    file.write_bytes(b"\xff\xfe 127.0.0.1 \0\n192.0.2.1 a\n")
    assert hosts(file)["a"] == "192.0.2.1"
