"""The fixtures say what is missing, and NETSHELL_PEERS=require makes that a failure."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from netshell.lab.wire import Wire

HERE = Path(__file__).parent


def test_a_peer_is_found_or_the_test_skipped(
    peer: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert peer("sh").is_file()
    monkeypatch.delenv("NETSHELL_PEERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program not installed"):
        peer("no-such-program")
    monkeypatch.setenv("NETSHELL_PEERS", "require")
    with pytest.raises(pytest.fail.Exception, match="no-such-program not installed"):
        peer("no-such-program")


@pytest.mark.parametrize(("require", "outcome"), [("", "1 skipped"), ("require", "1 error")])
def test_without_namespaces_it_is_the_same(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, require: str, outcome: str
) -> None:
    monkeypatch.setenv("NETSHELL_PEERS", require)
    test = f"{HERE / 'test_etc.py'}::test_each_host_has_its_own"
    code = f"import pytest; pytest.main(['-p', 'no:cacheprovider', '-q', '-ra', {test!r}])"
    done = subprocess.run(
        [sys.executable, HERE / "as_user.py", "user", "user.max_user_namespaces=0", code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=HERE.parents[1],
    )
    assert outcome in done.stdout
    assert "user.max_user_namespaces is 0" in done.stdout
