"""The wire between two hosts: real namespaces, real TCP stacks, nothing left behind."""

from __future__ import annotations

import functools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import inside
import pytest

from netshell.errors import BadArgument, BadFile, NetshellError, NotFound, Unavailable
from netshell.lab import link
from netshell.lab.interpreter import module_environment
from netshell.lab.wire import Host, Wire

DEADLINE_S = 60


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether the condition comes true before the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not (reached := condition()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return reached


def ended(pid: int) -> bool:
    """Whether a process is gone, or dead and only waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
    )


def run_as_user(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(Path(__file__).with_name("as_user.py")), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )


def both_ways(wire: Wire, version: int) -> list[tuple[Host, Host, str, str]]:
    """Sender, receiver, and their addresses."""
    pairs = [(wire.client, wire.server), (wire.server, wire.client)]
    if version == 4:
        return [(one, two, one.ipv4, two.ipv4) for one, two in pairs]
    return [(one, two, one.ipv6, two.ipv6) for one, two in pairs]


class TestTraffic:
    @pytest.mark.parametrize("version", [4, 6])
    def test_the_first_ping_is_answered(self, wire: Wire, version: int) -> None:
        for sender, _, _, address in both_ways(wire, version):
            assert sender.call(inside.ping, address) == b"netshell"

    @pytest.mark.parametrize("version", [4, 6])
    def test_tcp(self, wire: Wire, version: int) -> None:
        for sender, receiver, source, address in both_ways(wire, version):
            port = receiver.call(inside.listen, address)
            sender.call(inside.connect, address, port, b"hello")
            assert receiver.call(inside.accept) == (source, b"hello")
            assert sender.call(inside.receive) == b"HELLO"

    @pytest.mark.parametrize("version", [4, 6])
    def test_udp(self, wire: Wire, version: int) -> None:
        for sender, receiver, source, address in both_ways(wire, version):
            port = receiver.call(inside.bind_datagrams, address)
            sender.call(inside.send_datagram, address, port, b"hello")
            assert receiver.call(inside.receive_datagram) == (source, b"hello")

    def test_the_loopback_is_up_and_the_hosts_own(self, wire: Wire) -> None:
        port = wire.client.call(inside.listen, "127.0.0.1")
        wire.client.call(inside.connect, "127.0.0.1", port, b"hello")
        with pytest.raises(ConnectionRefusedError):
            wire.server.call(inside.connect, "127.0.0.1", port, b"hello")

    def test_nothing_but_the_wire_is_there(self, wire: Wire) -> None:
        for host in wire.hosts:
            names = {name for _, name in host.call(socket.if_nameindex)}
            assert {"lo", "eth0"} <= names
            with pytest.raises(OSError, match="unreachable"):
                host.call(inside.send_datagram, "192.0.2.1", 53, b"hello")

    def test_two_wires_do_not_meet(self, wire: Wire) -> None:
        with Wire.open() as other:
            port = wire.server.call(inside.listen, wire.server.ipv4)
            with pytest.raises(ConnectionRefusedError):
                other.client.call(inside.connect, other.server.ipv4, port, b"hello")

    def test_addresses_come_when_both_ends_are_up(self, wire: Wire) -> None:
        wire.server.call(inside.take_down, "eth0")
        with pytest.raises(TimeoutError):
            wire.client.call(inside.address_at_once, "10.77.0.9/24")
        wire.server.call(link.bring_up, "eth0")
        wire.client.call(link.address, "eth0", "10.77.0.9/24")
        assert wire.server.call(inside.ping, "10.77.0.9") == b"netshell"


class TestCall:
    def test_runs_in_the_hosts_own_process(self, wire: Wire) -> None:
        assert wire.client.call(os.getpid) == wire.client.pid
        assert wire.server.call(os.getpid) == wire.server.pid != wire.client.pid

    def test_passes_arguments_and_large_results(self, wire: Wire) -> None:
        megabytes = bytes(range(256)) * 20_000
        assert wire.client.call(bytes.upper, megabytes) == megabytes.upper()
        assert wire.client.call(functools.partial(int, base=2), "101") == 5
        assert wire.client.call(sorted, "bca", reverse=True) == ["c", "b", "a"]

    def test_an_exception_comes_back_with_the_hosts_traceback(self, wire: Wire) -> None:
        with pytest.raises(FileNotFoundError) as caught:
            wire.server.call(os.stat, "/no/such/file")
        assert caught.value.filename == "/no/such/file"
        assert "host server" in caught.value.__notes__[0]
        assert "Traceback" in caught.value.__notes__[0]

    def test_a_netshell_error_comes_back_whole(self, wire: Wire) -> None:
        with pytest.raises(BadFile, match="cannot read it: just so"):
            wire.client.call(inside.fail, "netshell")

    def test_what_cannot_be_pickled_is_an_error_and_not_the_end(self, wire: Wire) -> None:
        with pytest.raises(RuntimeError, match="Stubborn: this and that"):
            wire.client.call(inside.fail, "stubborn")
        with pytest.raises(Exception, match=r"[Pp]ickle"):
            wire.client.call(inside.return_lambda)
        with pytest.raises(RuntimeError, match="SystemExit: 3"):
            wire.client.call(inside.fail, "exit")
        assert wire.client.call(os.getpid) == wire.client.pid

    def test_a_function_without_a_name_is_refused(self, wire: Wire) -> None:
        with pytest.raises(BadArgument, match="cannot call"):
            wire.client.call(lambda: None)
        typed = eval("lambda: None", {"__name__": "__main__"})
        with pytest.raises(BadArgument, match="put the function into a module"):
            wire.client.call(typed)

    def test_a_host_that_died_is_named(self, wire: Wire) -> None:
        with pytest.raises(NetshellError, match="cannot reach the lab's host server"):
            wire.server.call(inside.die)
        with pytest.raises(NetshellError, match="cannot reach the lab's host server"):
            wire.server.call(os.getpid)
        assert wire.client.call(os.getpid) == wire.client.pid

    def test_the_server_dies_with_the_client(self, wire: Wire) -> None:
        with pytest.raises(NetshellError):
            wire.client.call(inside.die)
        assert eventually(lambda: ended(wire.server.pid))

    def test_ctrl_c_interrupts_the_function_and_not_the_host(self, wire: Wire) -> None:
        def interrupt() -> None:
            # The function is running once the host's process catches SIGINT (bit 1).
            caught = f"/proc/{wire.client.pid}/status"
            eventually(lambda: bool(int(Path(caught).read_text().split("SigCgt:")[1][:17], 16) & 2))
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        hand = threading.Thread(target=interrupt)
        hand.start()
        with pytest.raises(KeyboardInterrupt):
            wire.client.call(inside.wait_for_signal)
        hand.join()
        assert wire.client.call(os.getpid) == wire.client.pid

    def test_calls_from_several_threads_get_their_own_answers(self, wire: Wire) -> None:
        answers: dict[int, list[int]] = {}

        def ask(number: int) -> None:
            answers[number] = [wire.client.call(abs, -number) for _ in range(20)]

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == {number: [number] * 20 for number in range(8)}

    def test_a_closed_wire_says_so(self, wire: Wire) -> None:
        wire.close()
        for attempt in (
            lambda: wire.client.call(os.getpid),
            lambda: wire.client.popen(["true"]),
            wire.client.enter,
        ):
            with pytest.raises(NetshellError, match="host client: the wire is closed; open a new"):
                attempt()


class TestPrograms:
    def test_run_captures_the_output(self, wire: Wire) -> None:
        done = wire.client.run(["sh", "-c", "cat; echo oops >&2; exit 3"], input="typed")
        assert (done.returncode, done.stdout, done.stderr) == (3, "typed", "oops\n")
        with pytest.raises(subprocess.CalledProcessError):
            wire.client.run(["false"], check=True)

    def test_run_is_inside_the_host(self, wire: Wire) -> None:
        code = "import socket; print(*(name for _, name in socket.if_nameindex()))"
        done = wire.server.run([sys.executable, "-c", code])
        assert "eth0" in done.stdout.split()
        for kind in ("net", "mnt", "user"):
            theirs = wire.server.run(["readlink", f"/proc/self/ns/{kind}"]).stdout.strip()
            assert theirs == str(Path(f"/proc/{wire.server.pid}/ns/{kind}").readlink())

    def test_a_program_may_do_what_needs_root(self, wire: Wire) -> None:
        code = "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)"
        assert wire.client.run([sys.executable, "-c", code]).returncode == 0
        assert wire.client.run(["id", "-u"]).stdout.strip() == str(os.geteuid())

    def test_the_directory_and_the_environment_stay(self, wire: Wire, tmp_path: Path) -> None:
        done = wire.client.run(["sh", "-c", "pwd; echo $WORD"], cwd="/usr", env={"WORD": "so"})
        assert done.stdout == "/usr\nso\n"

    def test_a_program_that_takes_too_long_is_killed(self, wire: Wire) -> None:
        with pytest.raises(subprocess.TimeoutExpired):
            wire.client.run(["sleep", "1000"], timeout_s=0.2)

    def test_no_such_program(self, wire: Wire) -> None:
        with pytest.raises(NotFound, match="cannot run no-such-program on client"):
            wire.client.run(["no-such-program"])

    def test_popen_is_ended_with_the_wire(self, wire: Wire) -> None:
        polite = wire.client.popen(["sleep", "1000"])
        stubborn = wire.server.popen(
            ["sh", "-c", "trap '' TERM; echo ready; sleep 1000; sleep 1000"], stdout=subprocess.PIPE
        )
        assert stubborn.stdout is not None
        assert stubborn.stdout.readline() == "ready\n"
        wire.close()
        assert polite.returncode == -signal.SIGTERM
        assert stubborn.returncode == -signal.SIGKILL
        assert stubborn.stdout.closed

    def test_what_a_program_or_a_function_left_behind_ends_too(self, wire: Wire) -> None:
        started = wire.client.run(["sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"])
        left = [int(started.stdout), wire.server.call(inside.leave_program_running)]
        assert not any(map(ended, left))
        wire.close()
        assert eventually(lambda: all(map(ended, left)))

    def test_tcpdump_sees_the_wire(self, wire: Wire, peer: Callable[[str], Path]) -> None:
        tcpdump = wire.server.popen(
            [peer("tcpdump"), "-n", "-i", "eth0", "-c", "1", "--immediate-mode", "icmp"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert tcpdump.stderr is not None
        assert any("listening on eth0" in line for line in tcpdump.stderr)
        wire.client.call(inside.ping, wire.server.ipv4)
        output, _ = tcpdump.communicate(timeout=DEADLINE_S)
        assert "10.77.0.1 > 10.77.0.2: ICMP echo request" in output


ENTER = """
import os, socket, subprocess, sys
from pathlib import Path
from netshell.lab.wire import Wire
with Wire.open() as wire:
    probe = "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()"
    wire.client.call(subprocess.run, [sys.executable, "-c", probe], check=True)
    before = Path.cwd()
    wire.client.enter()
    assert Path.cwd() == before
    assert os.readlink("/proc/self/ns/net") == os.readlink(f"/proc/{wire.client.pid}/ns/net")
    assert Path("/etc/resolv.conf").read_text() == "nameserver 10.77.0.2\\n"
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    with socket.create_server((wire.client.ipv4, 0)) as listener:
        probe = ["import socket, sys; socket.create_connection(('10.77.0.1', int(sys.argv[1])))"]
        done = wire.server.run([sys.executable, "-c", *probe, str(listener.getsockname()[1])])
        assert done.returncode == 0, done.stderr
        listener.accept()[0].close()
print("entered")
"""


class TestEnter:
    def test_moves_the_process_into_the_host(self, wire: Wire) -> None:
        done = run_python(ENTER)
        assert (done.stdout, done.stderr) == ("entered\n", "")

    def test_is_refused_to_a_process_with_threads(self, wire: Wire) -> None:
        release = threading.Event()
        thread = threading.Thread(target=release.wait)
        thread.start()
        try:
            with pytest.raises(Unavailable, match=r"this process has \d+ threads"):
                wire.client.enter()
        finally:
            release.set()
            thread.join()


FORK = """
import os, sys
from netshell.errors import NetshellError
from netshell.lab.wire import Wire
with Wire.open() as wire:
    child = os.fork()
    if child == 0:
        with wire:
            wire.server.enter()
            theirs = os.readlink(f"/proc/{wire.server.pid}/ns/net")
            assert os.readlink("/proc/self/ns/net") == theirs
            try:
                wire.client.call(os.getpid)
            except NetshellError as error:
                assert "belongs to the process that opened the wire" in str(error)
        sys.exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert wire.client.call(os.getpid) == wire.client.pid
print("alive")
"""

# Prints the pids of everything in the lab, and waits to be killed.
OWNER = """
import os, signal, sys
from netshell.lab.wire import Wire
wire = Wire.open()
programs = [
    wire.client.popen(["sleep", "1000"]).pid,
    wire.server.popen(["sh", "-c", "sleep 1000 & echo $! >&2; wait"]).pid,
]
keeper = os.fork()
if keeper == 0:
    signal.pause()
print(*programs, wire.client.pid, wire.server.pid, keeper, flush=True)
wire.client.call(signal.pause)
"""


class TestLife:
    def test_opening_and_closing_leaves_nothing(self, wire: Wire) -> None:
        def held() -> tuple[int, str]:
            children = Path(f"/proc/self/task/{os.getpid()}/children")
            return len(list(Path("/proc/self/fd").iterdir())), children.read_text()

        before = held()
        pids = []
        for _ in range(3):
            with Wire.open() as other:
                pids += [other.client.pid, other.server.pid, other.client.popen(["sleep", "9"]).pid]
                other.server.run(["true"])
            other.close()
        assert held() == before
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]

    def test_a_function_that_cannot_be_interrupted_does_not_keep_it_open(self, wire: Wire) -> None:
        def call() -> None:
            with pytest.raises(NetshellError, match="its process is gone"):
                wire.server.call(inside.ignore_everything)

        thread = threading.Thread(target=call)
        thread.start()
        status = Path(f"/proc/{wire.server.pid}/status")
        assert eventually(lambda: "SigBlk:\t0000000000004002" in status.read_text())
        wire.close()
        thread.join()
        assert ended(wire.server.pid)

    def test_a_killed_owner_takes_everything_with_it(self, wire: Wire) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as owner:
            assert owner.stdout is not None
            assert owner.stderr is not None
            grandchild = int(owner.stderr.readline())
            *pids, keeper = map(int, owner.stdout.readline().split())
            assert not any(map(ended, [*pids, grandchild]))
            owner.kill()
            try:
                # The forked child lives on, and must not keep the lab alive.
                assert eventually(lambda: all(map(ended, [*pids, grandchild])))
            finally:
                os.kill(keeper, signal.SIGKILL)

    def test_a_forked_child_can_enter_and_does_not_close(self, wire: Wire) -> None:
        done = run_python(FORK)
        assert (done.stdout, done.stderr) == ("alive\n", "")

    def test_the_thread_that_opened_it_may_end(self, wire: Wire) -> None:
        opened: list[Wire] = []
        sleeping: list[subprocess.Popen[str]] = []

        def work() -> None:
            opened.append(Wire.open())
            sleeping.append(opened[0].client.popen(["sleep", "1000"]))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        with opened[0] as other:
            assert other.client.call(os.getpid) == other.client.pid
            assert sleeping[0].poll() is None

    def test_only_open_makes_a_wire(self) -> None:
        with pytest.raises(TypeError, match=r"Wire\.open"):
            Wire()


REFUSED = """
from netshell.errors import Unavailable
from netshell.lab.wire import Wire
try:
    Wire.open()
except Unavailable as error:
    print(error)
"""


class TestPermission:
    @pytest.mark.parametrize("kind", ["user", "container"])
    def test_no_root_is_needed(self, wire: Wire, kind: str) -> None:
        done = run_as_user(kind, ENTER)
        assert (done.stdout, done.stderr) == ("entered\n", "")

    def test_a_wire_can_be_opened_inside_a_host(self, wire: Wire) -> None:
        done = wire.client.run(
            [sys.executable, "-c", ENTER], env=module_environment(), timeout_s=120
        )
        assert (done.stdout, done.stderr) == ("entered\n", "")

    def test_the_setting_that_forbids_it_is_named(self, wire: Wire) -> None:
        for setting in ("user.max_user_namespaces", "user.max_net_namespaces"):
            done = run_as_user("user", f"{setting}=0", REFUSED)
            assert done.stderr == ""
            assert done.stdout == (
                "cannot open the lab: the kernel refuses a namespace (unshare: No space left on"
                f" device): {setting} is 0;"
                f" run it as root, or run `sudo sysctl -w {setting}=15000`\n"
            )

    def test_a_refusal_without_a_setting_is_a_sandbox(self, wire: Wire) -> None:
        done = run_as_user("stranger", REFUSED)
        assert done.stderr == ""
        assert "Operation not permitted): a container or sandbox forbids it" in done.stdout

    @pytest.mark.parametrize("system", ["darwin", "win32"])
    def test_other_systems_can_import_it_and_are_told(self, system: str) -> None:
        missing = "import socket, os; del socket.AF_NETLINK, os.register_at_fork\n"
        done = run_python(f"import sys\n{missing}sys.platform = {system!r}\n{REFUSED}")
        assert done.stderr == ""
        assert f"it is made of Linux namespaces, and this is {system}" in done.stdout
