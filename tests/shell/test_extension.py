"""netshell in somebody else's IPython: ``%load_ext netshell.shell.extension``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pty_shell import CTRL_C, ENTER, TAB, Shell, environment

PLAIN = (
    sys.executable, "-W", "error::DeprecationWarning", "-m", "IPython", "--no-banner",
    "--no-confirm-exit", "--InteractiveShell.enable_tip=False", "--Completer.use_jedi=False",
)  # fmt: skip


def cells(home: Path, *lines: str) -> str:
    """What IPython prints for these cells, run without a terminal."""
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        f"for line in {lines!r}:\n"
        "    shell.run_cell(line)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", "-c", code],
        capture_output=True, text=True, timeout=120, env=environment(home), check=False,
    )  # fmt: skip
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def test_verbs_errors_and_display(tmp_path: Path) -> None:
    out = cells(
        tmp_path,
        "%load_ext netshell.shell.extension",
        "explain",
        "explain('SYN')",
        "explain('no such thing')",
        "raise NetshellError('one', why='line')",
        "def mine(): pass",
        "mine",
    )
    assert "explain() runs it" in out and "RFC 9293" in out and "one: line" in out
    assert "Traceback" not in out
    assert "<function __main__.mine()>" in out


def test_errors_are_one_line_without_the_extension_too(tmp_path: Path) -> None:
    out = cells(tmp_path, "import netshell", "netshell.explain('no such thing')")
    assert out.startswith("cannot explain 'no such thing'; give ") and out.count("\n") == 1


def test_reset_and_unload(tmp_path: Path) -> None:
    out = cells(
        tmp_path,
        "%load_ext netshell.shell.extension",
        "%reset -f",
        "print('after reset', callable(conns))",
        "%reload_ext netshell.shell.extension",
        "%unload_ext netshell.shell.extension",
        "%reset -f",
        "print('after unload', 'conns' in globals())",
    )
    assert "after reset True" in out and "after unload False" in out


def test_in_a_plain_terminal(tmp_path: Path) -> None:
    with Shell(tmp_path, command=PLAIN) as shell:
        shell.until(lambda: "In [1]:" in shell.cursor_line, "IPython's prompt")
        shell.type("%load_ext netshell.shell.extension" + ENTER)
        shell.until(lambda: "In [2]:" in shell.cursor_line, "the next prompt")
        shell.type("conns(sta" + TAB)
        shell.shows("conns(state=")
        shell.type(CTRL_C + "explain" + ENTER)
        shell.shows("explain() runs it")
        assert "Traceback" not in shell.text


def test_plain_commands_and_wrong_calls_in_a_plain_terminal(tmp_path: Path) -> None:
    with Shell(tmp_path, command=PLAIN) as shell:
        shell.until(lambda: "In [1]:" in shell.cursor_line, "IPython's prompt")
        shell.type("%load_ext netshell" + ENTER)
        shell.until(lambda: "In [2]:" in shell.cursor_line, "the next prompt")
        shell.type("netstat -rn | head -n 1" + ENTER)
        shell.shows("Kernel IP routing table")
        shell.type("conns(prt=80)" + ENTER)
        shell.shows("conns() takes no 'prt'; did you mean port=?")
        shell.type("profile()[:1]" + ENTER)
        shell.shows("built-in")
        assert "Traceback" not in shell.text
        shell.type("%unload_ext netshell" + ENTER + "conns(prt=80)" + ENTER)
        shell.shows("unexpected keyword argument 'prt'")
        shell.type("%load_ext netshell" + ENTER + "explain" + ENTER)
        shell.shows("explain() runs it")


def test_an_error_handler_of_the_users_own_stays(tmp_path: Path) -> None:
    out = cells(
        tmp_path,
        "get_ipython().set_custom_exc((TypeError,), lambda *a, **k: print('their own'))",
        "%load_ext netshell",
        "conns(prt=80)",
        "%unload_ext netshell",
        "len(3)",
    )
    assert out.count("their own") == 2


def test_a_verbs_string_has_nothing_of_pythons(tmp_path: Path) -> None:
    (tmp_path / "print.pcap").touch()
    out = cells(
        tmp_path,
        "from IPython.core.completer import provisionalcompleter",
        "%load_ext netshell.shell.extension",
        "def fits(text):\n"
        "    with provisionalcompleter():\n"
        "        found = shell.Completer.completions(text, len(text))\n"
        "        return [each.text for each in found][:2]",
        "shell = get_ipython()",
        "print(*map(fits, ['conns(process=\"zz', 'conns(listening=\"pr', 'explain(\"pri', 'pri']))",
    )
    assert out.splitlines()[-1] == "[] [] [] ['print']"


def test_a_method_without_its_parentheses_is_told_in_a_line(tmp_path: Path) -> None:
    out = cells(
        tmp_path,
        "%load_ext netshell.shell.extension",
        "some = explain('SYN')",
        "some.json",
        "import textwrap; textwrap.TextWrapper().wrap",
    )
    assert "bound method TextWrapper.wrap of" in out
    assert ".json is a method: call it, .json()" in out and "bound method Result" not in out
