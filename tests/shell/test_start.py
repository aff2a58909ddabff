"""The shell as its user meets it: in a terminal, key by key."""

from __future__ import annotations

import re
from pathlib import Path

from pty_shell import CTRL_C, CTRL_D, ENTER, TAB, UP, Shell

HEAVY = ("scapy", "numpy", "dns", "psutil", "rich", "pyroute2", "jedi", "pandas", "asyncssh")


def test_banner_prompt_and_exit(tmp_path: Path) -> None:
    with Shell(tmp_path, columns=80) as shell:
        shell.ready()
        assert re.match(r"netshell \d+\.\d+", shell.lines[0])
        assert "Tab completes" in shell.lines[1]
        assert re.match(r"\[\S+\] In \[1\]:", shell.cursor_line)
        shell.run("40 + 2")
        shell.shows("Out[1]: 42")
        shell.type("exit" + ENTER)
        assert shell.end() == 0
        assert "Traceback" not in shell.text


def test_nothing_heavy_before_its_first_use(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.run("import sys")
        # A few keys, a Tab for a verb's options, one for a host in a string.
        shell.type("conns(sta" + TAB)
        shell.shows("conns(state=")
        shell.type(CTRL_C)
        shell.until(lambda: shell.at_prompt, "an empty line after Ctrl-C")
        shell.run(f"[m for m in {HEAVY} if m in sys.modules]")
        shell.shows("Out[2]: []")


def test_verbs_are_documented_and_hidden(tmp_path: Path) -> None:
    with Shell(tmp_path, PAGER="cat") as shell:
        shell.ready()
        shell.run("%who")
        shell.shows("Interactive namespace is empty.")
        shell.run("dig?")
        shell.shows(">>> dig(")
        shell.shows("Signature:")
        shell.shows("Type:      function")
        shell.run("dig")
        shell.shows("dig() runs it, dig? tells more")


def test_verbs_come_back_after_reset(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.run("x = 1; %reset -f")
        shell.run("'x' in globals(), callable(conns), callable(explain)")
        shell.shows("(False, True, True)")
        shell.run("del dig")
        shell.run("'dig' in globals()")
        shell.shows("False")


def test_an_error_is_one_line_wherever_it_comes_from(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("from netshell import NetshellError\nraise NetshellError('from a script')\n")
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.run("raise NetshellError('from', where='a cell', why='so')")
        shell.shows("from a cell: so")
        shell.run("%run script.py")
        shell.shows("from a script")
        shell.type("async def fail(): raise NetshellError('from a task')" + ENTER + ENTER)
        shell.until(lambda: shell.at_prompt, "the prompt")
        shell.run("await fail()")
        shell.shows("from a task")
        shell.run(r"raise NetshellError('evil \x1b]0;title\x07')")
        shell.shows(r"evil \x1b]0;title\x07")
        assert "Traceback" not in shell.text
        shell.run("1/0")
        shell.shows("ZeroDivisionError")


def test_ctrl_c_is_quiet_and_ctrl_d_leaves(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.run("import threading")
        shell.type("print('waiting', flush=True); threading.Event().wait(60)" + ENTER)
        shell.until(lambda: "waiting" in shell.lines, "the cell to run")
        shell.type(CTRL_C)
        shell.shows("interrupted")
        shell.until(lambda: shell.at_prompt, "the prompt")
        assert "Traceback" not in shell.text
        shell.type("half a line" + CTRL_C)
        shell.until(lambda: shell.at_prompt, "an empty line")
        shell.type(CTRL_D)
        assert shell.end() == 0


def test_continued_lines_are_aligned(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.type("for i in []:" + ENTER)
        shell.until(lambda: shell.cursor_line.strip().startswith("...:"), "the second line")
        first = next(line for line in shell.lines if "for i in []" in line)
        assert shell.cursor_line.index("...:") + 4 == first.index("]:") + 2


def test_history_lasts_and_the_users_own_ipython_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / ".ipython" / "profile_default"
    (theirs / "startup").mkdir(parents=True)
    (theirs / "ipython_config.py").write_text("raise SystemExit('their config was read')\n")
    (theirs / "startup" / "00.py").write_text("print('their startup ran')\n")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / ".ipython").rglob("*")}
    with Shell(tmp_path) as shell:
        shell.ready()
        assert "their startup" not in shell.text
        shell.run("remember = 'this line'")
        shell.type("exit" + ENTER)
        assert shell.end() == 0
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / ".ipython").rglob("*")}
    assert after == before
    assert [path.name for path in tmp_path.iterdir()] == [".ipython", ".local"] or sorted(
        path.name for path in tmp_path.iterdir()
    ) == [".ipython", ".local"]
    assert (tmp_path / ".local/state/netshell/history.sqlite").is_file()
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.type(UP + UP)
        shell.until(lambda: "remember = 'this line'" in shell.cursor_line, "the line of before")


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    with Shell(tmp_path, HOME=str(nowhere / "home"), TMPDIR=str(tmp_path)) as shell:
        shell.ready()
        shell.shows("history is not kept")
        shell.run("1 + 1")
        shell.shows("Out[1]: 2")
        shell.type("exit" + ENTER)
        assert shell.end() == 0
        assert "Traceback" not in shell.text
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_ascii_terminal_without_colour(tmp_path: Path) -> None:
    with Shell(
        tmp_path, TERM="xterm", NO_COLOR="1", LANG="C", LC_ALL="C", PYTHONCOERCECLOCALE="0",
        PYTHONUTF8="0",
    ) as shell:  # fmt: skip
        shell.ready()
        shell.run("raise NetshellError('plain')")
        shell.shows("plain")
        assert b"\x1b[31m" not in shell.raw
        assert all(byte < 128 for byte in shell.raw)
