"""A profile's startup.py: what it does, and that nothing of it keeps the shell from starting."""

from __future__ import annotations

from pathlib import Path

import pytest
from pty_shell import Shell

from netshell.shell.profile_startup import complaint


def own(home: Path, startup: str, mode: int = 0o644) -> Path:
    folder = home / ".config" / "netshell" / "profiles" / "sql"
    folder.mkdir(parents=True, mode=0o755)
    path = folder / "startup.py"
    path.write_text(startup)
    path.chmod(mode)
    return path


def test_it_runs_among_the_verbs_before_the_first_prompt(tmp_path: Path) -> None:
    own(tmp_path, "import json\n\nDB = 'db1'\n\ndef mine():\n    return callable(conns), DB\n\n"
                  "print('from', __file__.rpartition('/')[2])\n")  # fmt: skip
    with Shell(tmp_path, "--profile", "sql") as shell:
        shell.ready()
        shell.shows("from startup.py")
        shell.run("mine(), '__file__' in globals()")
        shell.shows("((True, 'db1'), False)")
        shell.run("%who")
        shell.shows("Interactive namespace is empty.")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("x = 1\n\ny = 1 / 0\nz = 1\n", 3, "ZeroDivisionError: division by zero"),
        ("x = 1\ndef (:\n", 2, "SyntaxError: invalid syntax"),
        ("def inner():\n    raise KeyError('k')\n\n\nx = 1\ninner()\n", 2, "KeyError: 'k'"),
        ("x = 1\nimport json\njson.loads('{')\n", 3, "JSONDecodeError: Expecting property name"),
        ("x = 1\nraise SystemExit(3)\n", 2, "SystemExit: 3"),
        ("x = 1\nconns('NOSUCH')\n", 2, "unknown TCP state 'NOSUCH'"),
        ("x = 1\nraise ValueError('a\\x1b[2Jb\\nc')\n", 2, r"ValueError: a\x1b[2Jb"),
        ("x = 1\nraise KeyboardInterrupt\n", 2, "KeyboardInterrupt"),
    ],
)
def test_a_failing_one_is_one_line_and_the_shell_starts(
    tmp_path: Path, text: str, line: int, why: str
) -> None:
    path = own(tmp_path, text)
    with Shell(tmp_path, "--profile", "sql", columns=600) as shell:
        shell.ready()
        (said,) = [each for each in shell.lines if each.startswith("netshell: ")]
        assert said.startswith(f"netshell: startup.py failed at {path}, line {line}: {why}")
        assert said.endswith("; the shell starts without the rest of it")
        assert "Traceback" not in shell.text and "\x1b[2Jb" not in shell.raw.decode()
        if why.split(":")[0] != "SyntaxError":
            shell.run("x")
            shell.shows("Out[1]: 1")


def test_one_that_others_may_write_is_not_run(tmp_path: Path) -> None:
    path = own(tmp_path, "print('ran' + ' it')\n", 0o666)
    with Shell(tmp_path, "--profile", "sql", columns=600) as shell:
        shell.ready()
        (said,) = [each for each in shell.lines if each.startswith("netshell: ")]
        assert said == (
            f"netshell: cannot trust {path}: others may write it; chmod go-w {path}; "
            "the shell starts without it"
        )
        assert "ran it" not in shell.text
        shell.run("profile()[:1]")
        shell.shows("cannot trust")


def test_what_went_wrong_is_told_whatever_it_is() -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    said = complaint(Odd(), "/x/startup.py")
    assert (
        said == "startup.py failed at /x/startup.py: Odd; the shell starts without the rest of it"
    )
