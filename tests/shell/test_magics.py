"""Classic commands in a shell: where their text goes, what is kept, and Tab."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pty_shell import CTRL_C, ENTER, TAB, Shell, environment
from saved_capture import two_datagrams


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return two_datagrams(tmp_path / "two.pcap")


def cells(home: Path, *lines: str) -> str:
    """What IPython prints for these cells, run without a terminal."""
    code = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(colors='nocolor')\n"
        "shell.run_cell('%load_ext netshell.shell.extension')\n"
        f"for line in {lines!r}:\n"
        "    shell.run_cell(line, store_history=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", "-c", code], cwd=home,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
        env=environment(home), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_records_stay_without_being_displayed(tmp_path: Path, saved: Path) -> None:
    out = cells(tmp_path, f"tcpdump -nn -r {saved} 2>/dev/null", "len(_), len(Out[1]), len(_1)")
    first, second, answer, *_ = out.splitlines()
    assert "192.0.2.1.4000 > 192.0.2.2.5000: UDP" in first and "5001" in second
    assert answer == "Out[2]: (2, 2, 2)"


def test_with_a_name_the_records_are_its_value(tmp_path: Path, saved: Path) -> None:
    out = cells(
        tmp_path,
        f"where = {str(saved)!r}",
        "x = %tcpdump -nn -r $where | grep -c 5000",
        "len(x), 2 in Out",
        "def f(path):\n    y = %tcpdump -nn -c1 -r {path} >/dev/null\n    return len(y)",
        "f(where)",
        "for i in range(2):\n    %tcpdump -nn -r $where port 5001 2>/dev/null | wc -l",
    )
    lines = [line.strip() for line in out.splitlines() if not line.startswith("reading from")]
    assert lines == ["1", "Out[3]: (2, False)", "Out[5]: 1", "1", "1"]


def test_pipes_files_and_statuses(tmp_path: Path, saved: Path) -> None:
    out = cells(
        tmp_path,
        f"tcpdump -nn -r {saved} > out.txt 2>&1; tcpdump -nn -r {saved} 2>/dev/null | head -n 1",
        "len(open('out.txt').read().splitlines()), _exit_code",
        f"tcpdump -nn -r {saved} 2>> out.txt | grep -q nothing",
        "len(open('out.txt').read().splitlines()), _exit_code",
        "word = 'x; echo no'",
        f'tcpdump -nn -r {saved} 2>/dev/null | (cat >/dev/null; echo "<$word>")',
        f"tcpdump -nn -r {saved} > {tmp_path}/no/where",
    )
    head, *rest = out.splitlines()
    assert "5000: UDP" in head
    assert rest == [
        "Out[2]: (3, 0)", "Out[4]: (4, 1)", "<x; echo no>",
        f"cannot write to {tmp_path}/no/where: no such directory",
    ]  # fmt: skip


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    many = two_datagrams(tmp_path / "many.pcap", 20_000)
    out = cells(tmp_path, f"tcpdump -nn -r {many} 2>/dev/null | head -n 1", "_exit_code", "%who")
    assert len(out.splitlines()) == 3 and "5000: UDP" in out and "Out[2]: 0" in out


def test_sudo_says_how_it_is_done(tmp_path: Path) -> None:
    out = cells(tmp_path, "import os; os.geteuid = lambda: 1000", "sudo netstat -rn")
    assert out.startswith("sudo is not done here: the shell stays who it is; !sudo /")
    assert out.endswith(" -m netshell netstat -rn\n")
    as_root = cells(tmp_path, "import os; os.geteuid = lambda: 0", "sudo netstat -rn")
    assert "routing table" in as_root


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    out = cells(
        tmp_path,
        "netstat --listning",
        "tcpdump -Z root",
        "netstat -a && ls",
        "tcpdump -r nowhere.pcap",
    )
    assert "Traceback" not in out and len(out.splitlines()) == 4
    assert "netstat has no option --listning; the nearest is --listening" in out
    assert "tcpdump -Z is not supported" in out and "&& is for a command shell" in out


def test_automagic_leaves_python_alone(tmp_path: Path) -> None:
    out = cells(tmp_path, "tcpdump in x", "tcpdump - x", "netstat = 3", "netstat -1", "netstat")
    assert out.count("NameError: name 'tcpdump' is not defined") == 2
    assert "Out[4]: 2" in out and "Out[5]: 3" in out


def test_unloaded_it_is_gone(tmp_path: Path) -> None:
    out = cells(
        tmp_path,
        "%reload_ext netshell.shell.extension",
        "len([f for f in get_ipython().input_transformers_cleanup if 'netshell' in f.__module__])",
        "%unload_ext netshell.shell.extension",
        "netstat -ant",
        "%netstat -ant",
    )
    assert "Out[2]: 1" in out and "name 'netstat' is not defined" in out
    assert "`%netstat` not found" in out


def test_in_a_terminal(tmp_path: Path, saved: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.run(f"tcpdump -nn -r {saved}")
        shell.shows("192.0.2.1.4000 > 192.0.2.2.5001: UDP, length 0")
        assert "Out[1]" not in shell.text
        shell.run("len(_), len(Out[1])")
        shell.shows("Out[2]: (2, 2)")
        shell.run("ifconfig lo")
        shell.shows("inet 127.0.0.1")
        shell.run("netstat -ant | head -n 1; 5")
        shell.shows("Active Internet connections (servers and established)")
        shell.shows("Out[4]: 5")
        shell.run("dig - x")
        shell.shows("NameError: name 'x' is not defined")
        shell.run("tcpdump --cuont")
        shell.shows("the nearest is --count")
        shell.run("dig")
        shell.shows("dig() runs it")


def test_tab_lists_the_options(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.type("netstat -" + TAB)
        shell.shows("only sockets that wait for peers")
        shell.type(CTRL_C + CTRL_C)  # the first one closes the list
        shell.until(lambda: shell.at_prompt, "an empty line")
        shell.type("tcpdump --imm" + TAB)
        shell.shows("tcpdump --immediate-mode")
        shell.type(CTRL_C + "%netstat?" + ENTER)
        shell.shows("usage: netstat")


def test_nothing_is_loaded_for_the_first_prompt(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.run("import sys; [m for m in sys.modules if m.startswith('netshell.classic.')]")
        shell.shows("Out[1]: []")
