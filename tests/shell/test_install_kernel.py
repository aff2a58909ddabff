"""``netshell install-kernel``: what it writes, where, and what it leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from pty_shell import environment

from netshell.errors import BadArgument, NotFound, NotPermitted, Unavailable
from netshell.shell import install_kernel
from netshell.shell.install_kernel import main, specification

MODULES = ("ipykernel", "jupyter_client")


def test_without_jupyter_the_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install_kernel, "find_spec", lambda name: None)
    with pytest.raises(Unavailable) as caught:
        main([])
    assert str(caught.value) == (
        "cannot install the kernel: ipykernel is not installed; "
        f"{sys.executable} -m pip install 'netshell[notebook]'"
    )


def test_what_a_kernel_is() -> None:
    plain = specification("", None)
    assert plain["argv"][:2] == [sys.executable, "-P"] and "{connection_file}" in plain["argv"]
    assert plain["display_name"] == "netshell" and plain["language"] == "python"
    sql = specification("sql", None)
    assert sql["argv"][-2:] == ["--profile", "sql"] and sql["display_name"] == "netshell (sql)"
    assert specification("sql", "Ours")["display_name"] == "Ours"


def test_the_options_are_explained() -> None:
    done = run(Path.home(), "--help")
    assert done.returncode == 0 and done.stdout.startswith("usage: netshell install-kernel\n")
    assert max(map(len, done.stdout.splitlines())) < 80
    wrong = run(Path.home(), "--usr")
    assert wrong.returncode == 2 and "unrecognized arguments: --usr" in wrong.stderr


# --- with Jupyter ---------------------------------------------------------------------------


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "netshell", "install-kernel", *arguments],
        capture_output=True, text=True, timeout=120, check=False, env=environment(home),
    )  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where kernels are put below a prefix of the test's own."""
    for module in MODULES:
        if find_spec(module) is None:
            pytest.skip(f"{module} is not installed (the notebook extra)")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "share" / "jupyter" / "kernels"


def test_jupyter_lists_it_until_it_is_removed(place: Path, tmp_path: Path) -> None:
    def listed() -> dict[str, dict[str, object]]:
        done = subprocess.run(
            [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"],
            capture_output=True, text=True, timeout=120, check=True,
            env=environment(tmp_path, JUPYTER_PATH=str(place.parent)),
        )  # fmt: skip
        found: dict[str, dict[str, object]] = json.loads(done.stdout)["kernelspecs"]
        return found

    done = run(tmp_path, "--prefix", str(tmp_path), "--profile", "sql")
    folder = place / "netshell"
    assert not done.stderr and done.stdout == (
        f"the kernel netshell is in {folder}\n"
        f"jupyter kernelspec list shows it; netshell install-kernel --prefix {tmp_path} --remove "
        "removes it\n"
    )
    assert listed()["netshell"]["resource_dir"] == str(folder)
    assert sorted(each.name for each in place.iterdir()) == ["netshell"]  # nothing half done
    assert json.loads((folder / "kernel.json").read_text()) == specification("sql", None)
    assert folder.stat().st_mode & 0o777 == 0o755
    assert run(tmp_path, "--prefix", str(tmp_path)).returncode == 0  # again, with another profile
    assert json.loads((folder / "kernel.json").read_text()) == specification("", None)
    done = run(tmp_path, "--prefix", str(tmp_path), "--remove")
    assert done.stdout == f"removed {folder}\n" and "netshell" not in listed()


def test_for_the_user_it_is_in_their_home(place: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert run(home, "--user", "--name", "mine").returncode == 0
    (found,) = home.rglob("kernel.json")
    assert found.parent.name == "mine" and found.parent.parent.name == "kernels"
    assert run(home, "--user", "--name", "mine", "--remove").returncode == 0
    assert not list(home.rglob("kernel.json"))


def test_the_profile_may_be_named_in_front(place: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "netshell", "--profile", "dns", "install-kernel", "--prefix",
         str(tmp_path)],
        check=True, capture_output=True, timeout=120, env=environment(tmp_path),
    )  # fmt: skip
    said = json.loads((place / "netshell" / "kernel.json").read_text())
    assert said == specification("dns", None)


def test_what_is_not_netshells_is_left_alone(place: Path, tmp_path: Path) -> None:
    folder = place / "python3"
    folder.mkdir(parents=True)
    for text in ('{"argv": ["python3"]}', "[]", "not json"):
        (folder / "kernel.json").write_text(text)
        for more in ([], ["--remove"]):
            with pytest.raises(BadArgument, match="it is not netshell's; use another --name"):
                main(["--prefix", str(tmp_path), "--name", "python3", *more])
        assert (folder / "kernel.json").read_text() == text


def test_what_cannot_be_done_is_one_line(place: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no kernel 'netshell' in "):
        main(["--prefix", str(tmp_path), "--remove"])
    with pytest.raises(NotFound, match="no such profile 'sqll'; did you mean sql"):
        main(["--prefix", str(tmp_path), "--profile", "sqll"])
    for name in ("..", "a/b", "", ".hidden", "naïve", "x\x1b[2J"):
        with pytest.raises(BadArgument, match="no name for a kernel"):
            main(["--prefix", str(tmp_path), "--name", name])
    (tmp_path / "share").touch()
    with pytest.raises(NotPermitted, match=r"cannot write the kernel .*use --user, or --prefix"):
        main(["--prefix", str(tmp_path)])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_ones_own(place: Path) -> None:
    with pytest.raises(NotPermitted, match="Permission denied; use --user"):
        main(["--prefix", "/usr"])
