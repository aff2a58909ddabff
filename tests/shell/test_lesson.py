"""``lesson`` at the prompt, and ``netshell lesson`` on the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pty_shell import CTRL_C, ENTER, TAB, Shell, environment

from netshell.lab.wire import Wire


def run(home: Path, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "netshell", *arguments],
        input=said,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=180,
    )


def test_at_the_prompt_it_asks_and_both_hosts_stay(wire: Wire, tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.type('lesson("nagl' + TAB)
        shell.until(lambda: 'lesson("nagle' in shell.cursor_line, "the name")
        shell.type('")' + ENTER if not shell.cursor_line.endswith('"') else ")" + ENTER)
        for number, said in enumerate(("2", "server", "2", "no"), 1):
            asked = f"Question {number} of 4"
            shell.until(lambda asked=asked: shell.cursor_line == ">" and asked in shell.text, asked)
            shell.type(said + ENTER)
        shell.shows("4 of 4 answers were right.")
        shell.until(lambda: shell.at_prompt, "the prompt")
        shell.run('lab.hosts["server"].conns(state="ESTABLISHED")')
        shell.shows("10.77.0.2:8000")
        shell.run("lesson()[8].best")
        shell.run("lab.stop()")
        assert "Traceback" not in shell.text


def test_ctrl_c_leaves_the_prompt_as_it_was(wire: Wire, tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.type('lesson("handshake")' + ENTER)
        shell.until(lambda: shell.cursor_line == ">" and "Question 1 of 5" in shell.text, "1")
        shell.type(CTRL_C)
        shell.shows('lesson("handshake") goes on from there')
        shell.until(lambda: shell.at_prompt, "the prompt")
        shell.run("lab.hosts")
        shell.shows("nothing is played in the lab")
        assert "Traceback" not in shell.text


def test_the_list_and_what_cannot_be_taken(tmp_path: Path) -> None:
    listed = run(tmp_path, "lesson")
    assert listed.returncode == 0 and "refused_or_filtered" in listed.stdout
    wrong = run(tmp_path, "lesson", "handshaek")
    assert wrong.returncode == 1
    assert wrong.stderr == "netshell: no lesson 'handshaek'; did you mean handshake?\n"
    several = run(tmp_path, "lesson", "handshake", "dns")
    assert several.returncode == 1 and several.stderr.count("\n") == 1
    assert run(tmp_path, "lesson", "--help").stdout.startswith("usage: netshell lesson")
    assert run(tmp_path, "tour", "now").returncode == 1


def test_answers_may_come_through_a_pipe(wire: Wire, tmp_path: Path) -> None:
    done = run(tmp_path, "lesson", "handshake", said="0\n\nwhat\n?\nSYN,ACK\n")
    assert done.returncode == 0 and done.stderr == ""
    assert "cannot make sense of 'what'" in done.stdout
    assert "Stopped at question 3 of 5: netshell lesson handshake goes on" in done.stdout
    # What its step has not shown yet will be asked again.
    kept = (tmp_path / ".local/state/netshell/lessons.json").read_text("utf-8")
    assert '"waiting": true' in kept and "reply" not in kept
