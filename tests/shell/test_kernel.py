"""netshell in a real Jupyter kernel: its own, and any other after ``%load_ext netshell``."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from kernel_cells import ask
from pty_shell import environment

from netshell.lab.interpreter import module_environment
from netshell.lab.wire import Wire
from netshell.shell.install_kernel import specification

for _module in ("ipykernel", "jupyter_client"):
    if find_spec(_module) is None:
        pytest.skip(f"{_module} is not installed (the notebook extra)", allow_module_level=True)

LOAD = ("run", "%load_ext netshell")


@pytest.fixture(params=["netshell", "plain"])
def kernel(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, dict[str, str]]:
    """A kernel's name, and the environment that it is found in: netshell's, and ipykernel's."""
    return request.param, installed(tmp_path)


def installed(home: Path, profile: str = "") -> dict[str, str]:
    """An environment with both kernels, and a home of its own."""
    plain = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    for name, spec in (
        ("netshell", specification(profile, None)),
        ("plain", {"argv": plain, "display_name": "plain", "language": "python"}),
    ):
        folder = home / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps(spec))
    return environment(home, JUPYTER_PATH=str(home / "jupyter"), LANG="C.UTF-8", LC_ALL="")


def test_verbs_magics_and_plain_commands(kernel: tuple[str, dict[str, str]]) -> None:
    name, env = kernel
    first = [("run", "callable(conns)")] if name == "netshell" else [LOAD]
    _, verb, table, shown, plain, magic, piped, error, wrong, slip, loop = ask(
        name, env, *first,
        ("run", "conns"),
        ("run", "ifaces()"),
        ("run", "print(ifaces()[0].name)"),
        ("run", "netstat -rn"),
        ("run", "%netstat -rn"),
        ("run", "netstat -rn | head -n 1"),
        ("run", "conns('NOSUCH')"),
        ("run", "conns(prt=80)"),
        ("run", "len(3)"),
        ("run", "import asyncio; asyncio.get_running_loop().is_running()"),
    )  # fmt: skip
    assert "conns() runs it" in verb.text
    assert "<table>" in table.html and "interface" in table.text
    assert shown.out.strip() and not shown.results
    assert plain.out.startswith("Kernel IP routing table") and plain.out == magic.out
    assert piped.out == "Kernel IP routing table\n"
    assert len(error.error) == 1 and "NOSUCH" in error.error[0]
    assert wrong.error == ["conns() takes no 'prt'; did you mean port=?"]
    assert "TypeError" in "".join(slip.error)
    assert loop.text == "True"  # its loop runs, and nothing has blocked it


def test_tab_and_help(kernel: tuple[str, dict[str, str]]) -> None:
    name, env = kernel
    _, option, value, command, text, page = ask(
        name, env, LOAD,
        ("complete", "conns(sta"),
        ("complete", 'dig("a.test", "M'),
        ("complete", "netstat --stat"),
        ("inspect", "conns"),
        ("run", "conns?"),
    )  # fmt: skip
    assert option == ["state="] and value == ["MX"] and command == ["--statistics"]
    assert "sockets of this machine" in text["text/plain"]
    assert "sockets of this machine" in page.pages[0]


def test_it_can_be_unloaded_and_loaded_again(kernel: tuple[str, dict[str, str]]) -> None:
    name, env = kernel
    _, away, gone, wrong, back, there, said = ask(
        name, env, LOAD,
        ("run", "%unload_ext netshell"),
        ("run", "netstat -rn"),
        ("run", "conns(prt=80)"),
        ("run", "%load_ext netshell"),
        ("run", "netstat -rn"),
        ("run", "conns(prt=80)"),
    )  # fmt: skip
    assert not away.error and "NameError" in "".join(gone.error)
    assert "TypeError" in "".join(wrong.error)
    assert not back.error and there.out.startswith("Kernel IP routing table")
    assert said.error == ["conns() takes no 'prt'; did you mean port=?"]


SEND = (
    "import socket\n"
    "with socket.socket(type=socket.SOCK_DGRAM) as sender:\n"
    "    for _ in range(5): sender.sendto(b'GET <script>', ('127.0.0.1', 9))\n"
)


def test_a_capture_runs_behind_the_cells_and_writes_into_none(
    kernel: tuple[str, dict[str, str]], wire: Wire
) -> None:
    name, env = kernel

    def run(command: list[str], **more: Any) -> Any:
        more["env"] = module_environment() | more["env"]
        return wire.client.run(command, **more)

    (
        _, begun, sent, running, waited, packets, ladder, live, ended, lost, ends, threads,
    ) = ask(
        name, env, LOAD,
        ("run", "cap = sniff('udp port 9', iface='lo')"),
        ("run", SEND),
        ("run", "cap.wait(count=5, seconds=60)[:0]; cap"),
        ("interrupt", "try:\n    print('waiting', flush=True)\n    cap.wait()\n"
                      "except KeyboardInterrupt: pass\nprint('after', cap.running)"),
        ("run", "for at, packet in enumerate(cap):\n    print(packet.dport)\n"
                "    if at == 4: break"),
        ("run", "cap.flows[0].ladder()"),
        ("run", "cap.flows[0].ladder(live=True)"),
        ("run", "cap.stop()"),
        ("run", "other = sniff('udp port 9', iface='lo')\nother = None"),
        ("run", "captures().stop()"),
        ("run", "import threading; [each.name for each in threading.enumerate() "
                "if 'netshell' in each.name]"),
        run=run,
    )  # fmt: skip
    cells = [begun, sent, running, waited, packets, ladder, live, ended, lost, ends, threads]
    assert not [cell.error for cell in cells if cell.error]
    assert not begun.out and not begun.results and not sent.out
    assert "● capturing" in running.text and "5 received" in running.text
    assert "● capturing" in running.html
    assert waited.out == "waiting\nafter True\n"
    assert packets.out.split() == ["9"] * 5
    assert "<svg" in ladder.html and "<svg" in live.html and "<script" not in ladder.html
    assert ended.text.startswith("captured on lo")
    assert threads.text == "[]"  # nothing prints behind the cells' backs
    assert sum(cell.strays for cell in cells) == 0


def test_the_profile_of_the_kernel(tmp_path: Path) -> None:
    own = tmp_path / ".config" / "netshell" / "profiles" / "sql"
    own.mkdir(parents=True, mode=0o755)
    (own / "startup.py").write_text("DB = 'db1'\nfound = callable(dig)\n1 / 0\n")
    (tmp_path / "beside.py").write_text("VALUE = 7\n")
    env = installed(tmp_path, "sql")
    first, second, name, beside = ask(
        "netshell", env,
        ("run", "1"),
        ("run", "DB, found"),
        ("run", "profile()[0]"),
        ("run", "import os; os.chdir(os.environ['HOME']); import beside; beside.VALUE"),
    )  # fmt: skip
    assert first.err == (
        f"netshell: startup.py failed at {own}/startup.py, line 3: ZeroDivisionError: division by "
        "zero; the shell starts without the rest of it\n"
    )
    assert not second.err and second.text == "('db1', True)"
    assert "value='sql', origin='--profile'" in name.text and beside.text == "7"


def test_a_wrong_profile_is_told_in_the_first_cell_and_the_kernel_starts(tmp_path: Path) -> None:
    own = tmp_path / ".config" / "netshell"
    own.mkdir(parents=True, mode=0o755)
    (own / "netshell.toml").write_text("langg = 'ko'\n")
    env = installed(tmp_path)
    for name in ("netshell", "plain"):
        first, second = ask(name, env, LOAD, ("run", "callable(conns)"))
        assert "netshell.toml, line 1: unknown key langg; did you mean lang?" in first.err
        assert first.err.count("netshell: ") == 1
        assert not second.err and second.text == "True"


def test_somebody_elses_ipython_has_the_users_settings_but_runs_no_startup(tmp_path: Path) -> None:
    own = tmp_path / ".config" / "netshell" / "profiles" / "web"
    own.mkdir(parents=True, mode=0o755)
    (own / "startup.py").write_text("raise SystemExit('no')\n")
    env = installed(tmp_path) | {"NETSHELL_PROFILE": "web"}
    loaded, name = ask("plain", env, LOAD, ("run", "profile()[0].value, profile()[0].origin"))
    assert not loaded.err and name.text == "('web', 'NETSHELL_PROFILE in the environment')"
