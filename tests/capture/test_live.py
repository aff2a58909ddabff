"""The life of a capture, in processes of their own on a lab host: Ctrl-C, exit, fork, refusals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import onhost
import pytest

from netshell.capture import live, opening
from netshell.capture.source import Counters, Source
from netshell.errors import BadArgument, CaptureFailed, NotFound
from netshell.lab.interpreter import module_environment
from netshell.lab.wire import Host, Wire
from netshell.packet.chunk import Chunk

HERE = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
BEGIN = f"""
import sys; sys.path[:0] = {HERE!r}
import onhost
from netshell.capture import live
"""


def python(host: Host, code: str, *options: str) -> subprocess.CompletedProcess[str]:
    return host.run(
        [sys.executable, "-X", "dev", "-W", "error", *options, "-c", BEGIN + code],
        env=module_environment(),
        timeout_s=120,
    )


def said(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return done.returncode, done.stdout, done.stderr


SEND = 'onhost.receive_nothing("127.0.0.1"); onhost.send_datagrams("127.0.0.1", [b"x"] * 3)\n'
CLOSE = "\nfor sink in onhost.sinks: sink.close()\n"


def test_ctrl_c_ends_the_waiting_and_keeps_the_packets(wire: Wire) -> None:
    code = (
        'cap = live.start("udp", ["lo"])\n'
        + SEND
        + "cap.wait(count=3); onhost.say_when_it_waits()\n"
        "cap.wait()\n"
        'print("waited", cap.running, len(cap), flush=True)\n'
        "for packet in cap[:2]: print(packet.payload)\n"
        "cap.stop(); print(cap.running, len(cap))" + CLOSE
    )
    process = wire.client.popen(
        [sys.executable, "-X", "dev", "-W", "error", "-c", BEGIN + code],
        env=module_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    output, complaints = process.communicate(timeout=120)
    assert complaints == ""
    assert output == "waited True 3\nb'x'\nb'x'\nFalse 3\n"


def test_the_interpreter_ends_with_a_capture_running(wire: Wire) -> None:
    done = python(
        wire.client, 'cap = live.start("udp", ["lo"])\n' + SEND + "print(len(cap) >= 0)" + CLOSE
    )
    assert said(done) == (0, "True\n", "")


def test_a_capture_nobody_holds_ends(wire: Wire) -> None:
    code = (
        "import gc, threading\n"
        'cap = live.start("udp", ["lo"]); run = cap._run\n'
        "del cap; gc.collect()\n"
        "print(run.running, run.ended.wait(60), threading.active_count() <= 2)\n"
    )
    assert said(python(wire.client, code)) == (0, "False True True\n", "")


def test_a_forked_child_leaves_the_capture_alone(wire: Wire) -> None:
    code = (
        "import os, sys, warnings\n"
        "warnings.simplefilter('ignore', DeprecationWarning)\n"  # fork with threads, 3.12
        'cap = live.start("udp", ["lo"])\n'
        "child = os.fork()\n"
        "if not child:\n"
        "    cap.stop(); print('child', cap.running, flush=True); sys.exit(0)\n"
        "print('status', os.waitpid(child, 0)[1])\n" + SEND + "cap.wait(count=3, seconds=60)\n"
        "print('parent', cap.running, len(cap)); cap.stop()" + CLOSE
    )
    assert said(python(wire.client, code)) == (
        0,
        "child False\nstatus 0\nparent True 3\n",
        "",
    )


def test_no_packet_is_dissected_and_scapy_comes_with_the_first_capture(wire: Wire) -> None:
    code = (
        "scapy = lambda name: f'scapy.{name}' in sys.modules\n"
        "import netshell.capture.capture, netshell.commands.sniff\n"
        "print(scapy('error'))\n"
        'cap = live.start("udp", ["lo"])\n' + SEND + "cap.wait(count=3); cap.stop()\n"
        "str(cap); cap.columns\n"
        "print(scapy('sendrecv'), scapy('layers.inet'))\n"
        "print(cap.scapy[0].summary(), scapy('layers.inet'))" + CLOSE
    )
    done = python(wire.client, code)
    assert done.stderr == ""
    first, second, third = done.stdout.splitlines()
    assert (first, second) == ("False", "True False")
    assert third.startswith("Ether / IP / UDP 127.0.0.1:")
    assert third.endswith(" > 127.0.0.1:9999 / Raw True")


def test_scapys_warnings_take_the_stderr_of_today_and_are_cleaned(wire: Wire) -> None:
    code = (
        "import io, logging\n"
        'live.start("udp", ["lo"]).stop()\n'
        "first, sys.stderr = sys.stderr, io.StringIO()\n"
        "from scapy.error import warning\n"
        r"warning('evil \x1b[31m')" + "\n"
        "print(ascii(sys.stderr.getvalue())); sys.stderr = first\n"
        "print(len(logging.getLogger('scapy').handlers))\n"
    )
    assert said(python(wire.client, code)) == (0, "'scapy: evil \\\\x1b[31m\\n'\n1\n", "")


def test_iterating_a_running_capture_waits_for_the_next(wire: Wire) -> None:
    code = (
        "import threading\n"
        'cap = live.start("udp", ["lo"])\n'
        "got, three = [], threading.Event()\n"
        "def follow():\n"
        "    for packet in cap:\n"
        "        got.append((packet.index, packet.payload))\n"
        "        if len(got) == 3: three.set()\n"
        "thread = threading.Thread(target=follow); thread.start()\n"
        + SEND
        + "print(three.wait(60), cap.running)\n"
        "cap.stop(); thread.join(60); print(thread.is_alive(), got)" + CLOSE
    )
    assert said(python(wire.client, code)) == (
        0,
        "True True\nFalse [(0, b'x'), (1, b'x'), (2, b'x')]\n",
        "",
    )


def test_a_busy_prompt_loses_nothing(wire: Wire) -> None:
    """Python code that keeps the interpreter to itself while a burst comes in."""
    many = 50_000
    code = (
        f'cap = live.start("ether proto 0x88b6", ["eth0"], count={many})\n'
        "print('ready', flush=True)\n"
        "while cap.running:\n"
        "    sum(range(20_000))\n"
        "print(len(cap), cap.stats.dropped, flush=True)\n"
    )
    process = wire.server.popen(
        [sys.executable, "-c", BEGIN + code], env=module_environment(), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    frame = b"\xff" * 6 + b"\x02\0\0\0\0\x99\x88\xb6" + b"\0" * 50
    assert wire.client.call(onhost.send_many, "eth0", frame, many) == many
    output, _ = process.communicate(timeout=120)
    assert output == f"{many} 0\n"


# --- refusals -------------------------------------------------------------------------------


def refusals(host: Host, *arguments: object) -> Callable[..., None]:
    def attempt(filter: str = "", ifaces: tuple[str, ...] = ("eth0",), **options: object) -> None:
        host.call(onhost.begin, filter, ifaces, "ring", **options)  # type: ignore[arg-type]

    return attempt


def test_each_refusal_is_one_clear_line(wire: Wire) -> None:
    attempt = refusals(wire.client)
    for kind, line, arguments in (
        (
            NotFound,
            "cannot capture on eth9: no such interface; use lo, eth0, any",
            {"ifaces": ("eth9",)},
        ),
        (
            NotFound,
            "cannot capture on \\x1b[31m: no such interface; use lo, eth0, any",
            {"ifaces": ("lo", "\x1b[31m")},
        ),
        (BadArgument, "no interface to capture on; use lo, eth0", {"ifaces": ()}),
        (BadArgument, 'filter "tcp prot 80": syntax error at "prot"', {"filter": "tcp prot 80"}),
        (BadArgument, 'filter "vlan prot 80": syntax error at "prot"', {"filter": "vlan prot 80"}),
        (BadArgument, "bad count 0: use 1 packet or more", {"count": 0}),
        (
            BadArgument,
            "bad seconds -1: use a time over 0, or leave it out for no end",
            {"seconds": -1},
        ),
        (BadArgument, "bad snaplen 0: use 1 to 262144 bytes", {"snaplen": 0}),
    ):
        with pytest.raises(kind) as caught:
            attempt(**arguments)
        assert str(caught.value).replace(";", ":") == line.replace(";", ":")
    assert wire.client.call(onhost.open_files) == wire.client.call(onhost.open_files)


def test_an_interface_that_is_down(wire: Wire) -> None:
    wire.client.call(onhost.link_down, "eth0")
    with pytest.raises(CaptureFailed) as caught:
        refusals(wire.client)()
    assert str(caught.value) == (
        "cannot capture on eth0: the interface is down; sudo ip link set eth0 up"
    )


@pytest.mark.parametrize("filter", ["", "vlan 3"])
def test_without_permission_the_line_has_the_exact_commands(filter: str) -> None:
    done = as_ordinary(
        # Short, as a long command is cut in the line.
        "import shlex, sys\n"
        "from netshell.capture import live\n"
        "from netshell.errors import NotPermitted\n"
        "try:\n"
        f"    live.start({filter!r}, ['lo'])\n"
        "except NotPermitted as e:\n"
        "    c = shlex.join([sys.executable, *sys.orig_argv[1:]])\n"
        "    c = c.replace(chr(10), chr(92) + 'n')\n"
        "    print(str(e).replace(c, 'COMMAND'))\n"
    )
    assert done.stderr == ""
    assert done.stdout == (
        "cannot capture on lo: this user may not open packet sockets; run one of:  "
        "sudo COMMAND  (this once)  or  "
        f"sudo setcap cap_net_raw+eip {os.path.realpath(sys.executable)}  "
        "(for every program of this Python)  or  netshell lab shell  (practise without)\n"
    )


def test_the_command_for_sudo_names_the_script_by_its_whole_path(tmp_path: Path) -> None:
    script = tmp_path / "watch.py"
    script.write_text("from netshell import sniff; sniff(iface='lo')\n")
    code = f"import os; os.chdir({str(tmp_path)!r}); " + (
        "import subprocess, sys; "
        "done = subprocess.run([sys.executable, 'watch.py'], capture_output=True, text=True); "
        "print(done.stderr)"
    )
    assert f"sudo {sys.executable} {script}  (this once)" in as_ordinary(code).stdout


def test_without_permission_a_bad_filter_is_still_said_first() -> None:
    done = as_ordinary(
        "from netshell.capture import live\n"
        "try: live.start('tcp prot 80', ['lo'])\n"
        "except Exception as error: print(error)\n"
    )
    assert (done.stdout, done.stderr) == ('filter "tcp prot 80": syntax error at "prot"\n', "")


def as_ordinary(code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code as an ordinary user, whoever runs the tests."""
    as_user = Path(__file__).parents[1] / "lab" / "as_user.py"
    done = subprocess.run(
        [sys.executable, str(as_user), "user", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=module_environment(),
    )
    if "as_user.py" in done.stderr:
        pytest.skip(f"no user namespace: {done.stderr.strip().splitlines()[-1]}")
    return done


# --- what must not happen, but might --------------------------------------------------------


class Broken(Source):
    """A source that fails when drained."""

    def __init__(self, where: str) -> None:
        self.names = ("broken0",)
        self.notes = []
        self.problem = None
        self.where = where
        self.deadline = None
        self.closed = 0
        self._read, self._write = os.pipe()
        os.write(self._write, b"x")

    def filenos(self) -> list[int]:
        if self.where == "poll":
            raise RuntimeError("cannot poll")
        return [self._read]

    def select(self, sockets: list[object], remain: float | None = None) -> list[object]:
        from netshell.capture.source import wait_readable

        return wait_readable(sockets, remain)

    def drain(self) -> list[Chunk]:
        raise RuntimeError("cannot drain")

    def finish(self) -> list[Chunk]:
        if self.where == "finish":
            raise OSError("cannot finish")
        return []

    def counters(self) -> Counters:
        return Counters(0, 0)

    def close(self) -> None:
        if not self.closed:
            os.close(self._read)
            os.close(self._write)
        self.closed += 1


@pytest.mark.parametrize("where", ["drain", "poll", "finish"])
def test_a_fault_in_the_thread_is_the_captures_problem(where: str) -> None:
    source = Broken(where)
    cap = live.start("", ["broken0"], open_source=lambda *args, **options: source)
    cap.wait(seconds=60)
    assert cap.stop() is cap
    assert not cap.running
    assert source.closed
    assert str(cap.problem) == f"the capture ended: cannot {'poll' if where == 'poll' else 'drain'}"


def test_macos_is_told_to_use_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(sys, "orig_argv", ["netshell", "-c", "sniff()"])
    line = str(opening.explained(PermissionError(1, "no"), "en0"))
    assert line.endswith(f"run one of:  sudo {sys.executable} -c 'sniff()'  (this once)")
