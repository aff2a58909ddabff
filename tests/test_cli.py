"""The command line: what it runs, what it prints, and its exit status."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from netshell._version import VERSION
from netshell.classic import TOOLS
from netshell.commands import VERBS

NETSHELL = (sys.executable, "-m", "netshell")


def netshell(
    *arguments: str | Path, stdin: str = "", cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*NETSHELL, *map(str, arguments)],
        input=stdin,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"PYTHONWARNINGS": "error"},
    )


def test_help_fits_80_columns_and_names_every_verb() -> None:
    done = netshell("--help")
    assert done.returncode == 0 and not done.stderr
    assert max(map(len, done.stdout.splitlines())) < 80
    assert all(f"  {verb.name} " in done.stdout for verb in VERBS)
    assert "demo" in done.stdout and "lab" in done.stdout and "--profile" in done.stdout
    assert done.stdout == netshell("-h").stdout


def test_help_names_every_classic_command() -> None:
    text = netshell("--help").stdout
    assert all(f"  {tool.name} " in text for tool in TOOLS)


@pytest.mark.parametrize("name", [tool.name for tool in TOOLS])
def test_a_classic_command_has_its_own_options(name: str) -> None:
    done = netshell(name, "--help")
    assert done.returncode == 0 and not done.stderr
    assert done.stdout.startswith(f"usage: {name} ") and "\noptions:\n  " in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 80
    wrong = netshell(name, "--no-such-option")
    assert wrong.returncode == 1 and not wrong.stdout and wrong.stderr.count("\n") == 1
    assert wrong.stderr.startswith(f"netshell: {name} has no option ")
    assert "the nearest is " in wrong.stderr


@pytest.mark.parametrize("where", [".", "/"])
def test_a_script_named_like_a_command_is_run_by_its_path(tmp_path: Path, where: str) -> None:
    (tmp_path / "netstat").write_text("print('the script')\n")
    script = "./netstat" if where == "." else str(tmp_path / "netstat")
    assert netshell(script, cwd=tmp_path).stdout == "the script\n"
    assert "the script" not in netshell("netstat", "-rn", cwd=tmp_path).stdout


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture of 20,000 empty frames."""
    path = tmp_path_factory.mktemp("many") / "many.pcap"
    frame = struct.pack("<IIII", 1, 0, 14, 14) + bytes(12) + b"\x90\0"
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    path.write_bytes(head + frame * 20_000)
    return path


def test_a_command_whose_reader_has_seen_enough_ends_cleanly(many: Path) -> None:
    done = shell_command(f"NETSHELL tcpdump -nn -r {many} 2>/dev/null | head -n 1; echo done")
    assert done.stdout.count(b"\n") == 2 and done.stdout.endswith(b"done\n") and not done.stderr
    done = shell_command(f"(NETSHELL tcpdump -nn -r {many}; echo $? >&2) | head -n 1")
    assert done.stdout.count(b"\n") == 1 and done.stderr.splitlines()[-1] == b"141"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("line", ["tcpdump -nn -r MANY", "ifconfig lo", "dig -h", "netstat --help"])
def test_a_command_tells_of_a_full_output(many: Path, line: str) -> None:
    done = shell_command(f"NETSHELL {line.replace('MANY', str(many))} >/dev/full")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        b"netshell: cannot write the output: No space left on device"
    )


def test_a_named_pipe_is_opened_once(tmp_path: Path) -> None:
    """As `tcpdump -r <(ssh host tcpdump -w -)` gives one."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [*NETSHELL, "tcpdump", "-nn", "-t", "-r", str(pipe)], stdout=subprocess.PIPE, text=True
    )
    with process:
        header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
        ping = bytes.fromhex("4500001c000100004001b7ec0a0000010a0000020800f7fd00010001")
        pipe.write_bytes(header + (struct.pack("<IIII", 0, 0, 28, 28) + ping) * 100)
        assert process.stdout is not None
        line = "IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 8\n"
        assert process.stdout.read() == line * 100


def test_ctrl_c_ends_a_command_without_a_traceback(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [*NETSHELL, "tcpdump", "-nn", "-r", str(pipe)], stderr=subprocess.PIPE, text=True
    )
    with process, pipe.open("wb") as writer:  # opened once the command has opened it, too
        writer.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        writer.flush()
        assert process.stderr is not None
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert "Traceback" not in said and process.wait(60) in (0, 130)


def test_version() -> None:
    assert netshell("--version").stdout == f"netshell {VERSION}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--nonsense"], "unknown option --nonsense"),
        (["-c"], "-c needs the code"),
        (["--profile"], "--profile needs a name"),
        (["no-such-script.py"], "cannot run no-such-script.py: No such file or directory"),
        (["."], "cannot run .: is a directory"),
        (["tcpdmup", "-nn"], "No such file or directory; did you mean netshell tcpdump?"),
    ],
)
def test_a_wrong_call_is_one_clear_line_and_status_2(arguments: list[str], said: str) -> None:
    done = netshell(*arguments)
    assert done.returncode == 2 and said in done.stderr and not done.stdout
    assert "Traceback" not in done.stderr


def test_code_shows_its_last_value_and_has_the_verbs() -> None:
    done = netshell("-c", "import sys\nx = explain\nsys.argv", "a", "-b", "--help")
    assert done.stdout == "['-c', 'a', '-b', '--help']\n" and done.returncode == 0
    assert netshell("-c", "None").stdout == ""
    assert netshell("-c", "x = 1").stdout == ""
    assert netshell("-c", "__name__").stdout == "'__main__'\n"
    assert "RFC 9293" in netshell("-c", "explain('SYN')").stdout


def test_a_script_is_run_as_python_runs_it(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("VALUE = 7\n")
    script = tmp_path / "script.py"
    script.write_text(
        "# -*- coding: latin-1 -*-\nimport sys, beside\n"
        "print(sys.argv, beside.VALUE, __name__, __file__, callable(dig), sys.path[0])\n"
        "'not shown'\n",
        "latin-1",
    )
    done = netshell(script, "-x", "y")
    assert done.stdout.split() == [
        f"['{script}',", "'-x',", "'y']", "7", "__main__", str(script), "True", str(tmp_path)
    ]  # fmt: skip
    assert done.returncode == 0 and not done.stderr


@pytest.mark.parametrize("arguments", [["-"], []])
def test_code_from_standard_input(arguments: list[str]) -> None:
    done = netshell(*arguments, stdin="import sys\nprint(sys.argv, callable(conns))\n")
    assert done.stdout == "['-'] True\n"


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("raise SystemExit(7)", 7, ""),
        ("raise SystemExit('why')", 1, "why\n"),
        ("import sys; sys.exit()", 0, ""),
        ("raise KeyboardInterrupt", 130, ""),
        (r"raise NetshellError('no\x1b[2J', why='so')", 1, "netshell: no\\x1b[2J: so\n"),
    ],
)
def test_exit_status(code: str, status: int, error: str) -> None:
    done = netshell("-c", code)
    assert (done.returncode, done.stderr) == (status, error)


def test_the_users_error_has_the_users_frames_only(tmp_path: Path) -> None:
    script = tmp_path / "wrong.py"
    script.write_text("def inner():\n    return 1 / 0\n\n\nprint('before')\ninner()\n")
    done = netshell(script)
    assert done.returncode == 1 and done.stdout == "before\n"
    lines = done.stderr.splitlines()
    assert lines[:2] == [
        "Traceback (most recent call last):",
        f'  File "{script}", line 6, in <module>',
    ]
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert "netshell" not in done.stderr
    syntax = netshell("-c", "def (")
    assert syntax.returncode == 1 and syntax.stderr.splitlines()[0] == '  File "<string>", line 1'


def test_a_closed_pipe_ends_it_cleanly() -> None:
    done = subprocess.run(
        ["sh", "-c", '"$0" -m netshell -c "for i in range(200000): print(i)" | head -n 1',
         sys.executable],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout == "0\n" and done.stderr == ""


def test_ctrl_c_ends_code_with_130_and_no_traceback() -> None:
    code = "import threading; print('up', flush=True); threading.Event().wait(60)"
    process = subprocess.Popen(
        [*NETSHELL, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "" and process.wait(60) == 130


@pytest.mark.parametrize(
    "arguments", [["-c", "1"], ["-"], [], ["demo"], ["lab"], ["x.py"], ["netstat"]]
)
def test_an_unknown_profile_is_refused_and_those_there_are_named(arguments: list[str]) -> None:
    done = netshell("--profile", "nonsense", *arguments)
    assert done.returncode == 1 and not done.stdout
    assert done.stderr == (
        "netshell: no such profile 'nonsense'; there are default, dns, incident, sql, teach, web\n"
    )


def test_a_profile_that_is_there_does_no_harm_to_code() -> None:
    assert netshell("--profile", "teach", "-c", "1").stdout == "1\n"


@pytest.mark.parametrize("takes", ["lab [SCENARIO | shell]", "demo"])
def test_commands_explain_themselves(takes: str) -> None:
    done = netshell(takes.split()[0], "--help")
    assert done.returncode == 0 and not done.stderr
    assert done.stdout.startswith(f"usage: netshell {takes}\n")


def test_code_pays_for_no_shell() -> None:
    heavy = ("IPython", "prompt_toolkit", "numpy", "scapy")
    code = f"import sys; [m for m in {heavy} if m in sys.modules]"
    assert netshell("-c", code).stdout == "[]\n"
    loaded = "import sys; [m for m in sys.modules if m.startswith('netshell.classic.')]"
    assert netshell("-c", loaded).stdout == "[]\n"


def shell_command(line: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """What a POSIX shell makes of a line in which NETSHELL stands for the command."""
    command = line.replace("NETSHELL", f"{sys.executable} -m netshell")
    return subprocess.run(
        ["sh", "-c", command], capture_output=True, timeout=120, env=os.environ | more, check=False
    )


@pytest.mark.parametrize("line", ["NETSHELL -c 'explain(64)' >&-", "NETSHELL --version >&-"])
def test_a_closed_output_is_no_error(line: str) -> None:
    done = shell_command(line)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", ["--version", "-c 'explain(64)'"])
def test_an_output_that_is_full_is_one_line(arguments: str) -> None:
    done = shell_command(f"NETSHELL {arguments} >/dev/full")
    assert done.returncode == 1
    assert done.stderr == b"netshell: cannot write the output: No space left on device\n"


def test_a_closed_input_is_an_empty_script() -> None:
    done = shell_command("NETSHELL <&-")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_terminal_that_knows_only_ascii_gets_escapes() -> None:
    done = shell_command("NETSHELL -c 'print(chr(0x25cf))'", PYTHONIOENCODING="ascii")
    assert (done.stdout, done.stderr) == (b"\\u25cf\n", b"")


def test_an_exception_of_any_kind_is_shown_without_our_frames() -> None:
    done = netshell("-c", "class Odd(BaseException): pass\nraise Odd('x')")
    assert done.returncode == 1
    assert "Odd: x" in done.stderr
    assert "netshell/" not in done.stderr
