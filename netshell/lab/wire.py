"""Two hosts on a private wire, each with a TCP stack of its own: the lab of tests and lessons.

    with Wire.open() as wire:
        wire.server.popen(["nc", "-l", "-p", "80"])
        print(wire.client.run(["ss", "-tan"]).stdout)

Each host is a network and a mount namespace, held by one process (netshell.lab.agent) that also
runs functions in it. No root where the kernel allows user namespaces. Invariant: every process
of the lab ends with the wire, and the wire with the process that opened it, however that ends.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from netshell.errors import BadArgument, NetshellError, NotFound, Unavailable
from netshell.lab import link, namespaces
from netshell.lab.channel import HELLO, Channel
from netshell.lab.interpreter import module_command, module_environment
from netshell.lab.refusal import explain_refusal, explain_wiring

P = ParamSpec("P")
T = TypeVar("T")

_CLOSED = "the wire is closed"
_GRACE_S = 2.0  # how long what is asked to end may take before it is killed


class Host:
    """One of the two hosts: its addresses, and ways to do things as if logged in there."""

    iface = "eth0"

    def __init__(self, name: str, number: int, channel: Channel, lifeline: int) -> None:
        self.name = name
        self.ipv4 = f"10.77.0.{number}"
        self.ipv6 = f"fd77::{number}"
        self.mac = f"02:00:0a:4d:00:{number:02x}"
        self._channel = channel
        self._lifeline = lifeline
        self._lock = threading.Lock()
        self._numbers = itertools.count(HELLO + 1)
        self._programs: list[subprocess.Popen[Any]] = []
        self._over = ""  # why nothing more can be asked of it
        self.pid = 0

    def __repr__(self) -> str:
        what = "over" if self._over else ".call(verb) or .run([program]) there"
        return f"<{self.name} {self.iface} {self.ipv4} {self.ipv6} pid {self.pid}: {what}>"

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `function` returns, run in the host's own process, one call at a time.

        The function must be importable by its module and name; arguments and result are pickled.
        What it raises is raised here, with the host's traceback as a note. What it leaves open,
        a socket in a global, say, lives on in the host. Ctrl-C interrupts the function, too.

        Raises BadArgument for a function that cannot be named, NetshellError when the host has
        ended.

        >>> wire.client.call(socket.if_nametoindex, "eth0")
        2
        """
        if getattr(function, "__module__", None) == "__main__":
            raise BadArgument(
                f"cannot call {function!r} in the lab",
                why="the host's process cannot import what was typed at a prompt or in a script",
                next_step="put the function into a module",
            )
        try:
            call = pickle.dumps((function, args, kwargs))
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise BadArgument(
                f"cannot call {function!r} in the lab",
                why=str(error),
                next_step="use a function of a module, and arguments that can be pickled",
            ) from None
        with self._lock:
            self._require_open()
            number = next(self._numbers)
            try:
                self._channel.send(number, pickle.dumps((sys.path, call)))
                reply = self._reply(number)
            except KeyboardInterrupt:
                os.kill(self.pid, signal.SIGINT)
                raise
            except OSError as error:
                raise self._ended(str(error)) from None
        result: T = self._open_reply(reply)
        return result

    def _reply(self, wanted: int) -> bytes:
        """The reply to request `wanted`; replies to requests that were given up are dropped."""
        while (message := self._channel.receive()) is not None:
            number, reply = message
            if number == wanted:
                return reply
        raise self._ended("its process is gone")

    def _open_reply(self, reply: bytes) -> Any:
        """The result a reply carries, or the exception, raised."""
        result, error, told = pickle.loads(reply)
        if error is not None:
            if told:
                error.add_note(f"On the lab's host {self.name}:\n{told}")
            raise error
        return result

    def _require_open(self) -> None:
        if self._over:
            raise self._ended(self._over)

    def _ended(self, why: str) -> NetshellError:
        return NetshellError(
            "cannot reach the lab's host", where=self.name, why=why, next_step="open a new wire"
        )

    def popen(self, argv: Sequence[str | Path], **options: Any) -> subprocess.Popen[Any]:
        """Start a program inside the host; `options` are subprocess.Popen's, text=True the default.

        It is a child of this process, leads a session of its own (Ctrl-C does not reach it),
        reads nothing unless given a stdin, and is ended with the wire.

        Raises NotFound, and NetshellError once the wire is closed.
        """
        self._require_open()
        program = [os.fspath(part) for part in argv]
        path = (options.get("env") or os.environ).get("PATH")
        if os.sep not in program[0] and shutil.which(program[0], path=path) is None:
            raise NotFound(
                f"cannot run {program[0]}", where=f"on {self.name}", why="no such program"
            )
        options.setdefault("text", True)
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("start_new_session", True)
        options["pass_fds"] = (*options.get("pass_fds", ()), self._lifeline)
        launcher = [sys.executable, "-I", "-S", namespaces.__file__, self.pid, self._lifeline]
        process = subprocess.Popen([*map(str, launcher), *program], **options)
        self._programs.append(process)
        return process

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        timeout_s: float = 30,
        check: bool = False,
        **options: Any,
    ) -> subprocess.CompletedProcess[Any]:
        """Run a program inside the host to its end; `options` as for subprocess.run.

        Its output is captured as text unless `options` say otherwise. Raises NotFound,
        subprocess.TimeoutExpired, and CalledProcessError with `check`.

        >>> wire.client.run(["hostname", "-I"]).stdout
        '10.77.0.1 fd77::1 \\n'
        """
        given = options.pop("input", None)
        if given is not None:
            options["stdin"] = subprocess.PIPE
        if options.pop("capture_output", True):
            options.setdefault("stdout", subprocess.PIPE)
            options.setdefault("stderr", subprocess.PIPE)
        process = self.popen(argv, **options)
        try:
            output, complaints = process.communicate(given, timeout=timeout_s)
        finally:
            self.end(process, grace_s=0)
        done = subprocess.CompletedProcess(list(argv), process.returncode, output, complaints)
        if check:
            done.check_returncode()
        return done

    def end(self, process: subprocess.Popen[Any], *, grace_s: float = _GRACE_S) -> None:
        """End a program that `popen` started, killing it if it takes longer than `grace_s`.

        Waits until it is gone and closes its pipes. May be repeated.
        """
        if process in self._programs:
            self._programs.remove(process)
        if grace_s:
            _signal_group(process, signal.SIGTERM)
        _end_program(process, grace_s)

    def enter(self) -> None:
        """Move this process into the host for good; what it starts from now on runs there.

        Raises Unavailable when the process has other threads: the kernel refuses it then.
        """
        if self._over == _CLOSED:
            raise self._ended(_CLOSED)
        threads = len(list(Path("/proc/self/task").iterdir()))
        if threads > 1:
            raise Unavailable(
                "cannot enter the lab's host",
                where=self.name,
                why=f"this process has {threads} threads, and the kernel moves only one",
                next_step="enter before starting any (numpy starts some when imported)",
            )
        try:
            namespaces.join(self.pid)
        except OSError as error:
            raise self._ended(str(error)) from None

    def _close(self) -> None:
        """Ask everything here to end, and wait for the programs."""
        self._over = _CLOSED
        self._channel.hang_up()
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGINT)  # interrupts a function, if one is running
        for process in self._programs:
            _signal_group(process, signal.SIGTERM)
        while self._programs:
            _end_program(self._programs.pop(), grace_s=_GRACE_S)


class Wire:
    """A client and a server, on one Ethernet segment with nobody else on it."""

    def __init__(self) -> None:
        raise TypeError("use Wire.open()")

    client: Host
    server: Host

    def __repr__(self) -> str:
        return f"<wire: .client {self.client.ipv4}, .server {self.server.ipv4}>"

    @classmethod
    def open(cls) -> Wire:
        """Open a new wire, independent of any other; a context manager that closes it.

        Raises Unavailable where the kernel allows no namespaces: why, and what changes it.

        >>> with Wire.open() as wire:
        ...     print(wire.server.ipv4)
        10.77.0.2
        """
        if sys.platform != "linux":
            raise Unavailable(
                "cannot open the lab",
                why=f"it is made of Linux namespaces, and this is {sys.platform}",
                next_step="run it on Linux, or in a Linux container or virtual machine",
            )
        wire = cls.__new__(cls)
        wire._open()
        return wire

    def _open(self) -> None:
        self._agent: subprocess.Popen[bytes] | None = None
        # Nothing is ever written: the kernel ends all who watch it once its writer is gone.
        self._lifeline, self._lifeline_writer = os.pipe()
        pairs = [socket.socketpair() for _ in range(2)]
        self.client, self.server = (
            Host(name, number, Channel(pair[0]), self._lifeline)
            for name, number, pair in zip(("client", "server"), (1, 2), pairs, strict=True)
        )
        _open_wires.add(self)
        try:
            self._start([pair[1] for pair in pairs])
            self._connect()
        except BaseException:
            self.close()
            raise

    def _start(self, theirs: Sequence[socket.socket]) -> None:
        """Start the processes of both hosts, and wait until they have their namespaces."""
        passed = [*(end.fileno() for end in theirs), self._lifeline]
        try:
            self._agent = subprocess.Popen(
                [*module_command("netshell.lab.agent"), *map(str, passed)],
                pass_fds=passed,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C at the prompt is not for the hosts
                env=module_environment(),
            )
        finally:
            for end in theirs:
                end.close()
        try:
            for host in self.hosts:
                host.pid = host._open_reply(host._reply(HELLO))
        except OSError as error:
            raise explain_refusal(error) from None

    def _connect(self) -> None:
        client, server = self.hosts
        try:
            client.call(link.connect, client.iface, client.mac, server.pid, server.mac)
            for host in self.hosts:
                host.call(link.bring_up, host.iface)
            for host in self.hosts:
                host.call(link.address, host.iface, f"{host.ipv4}/24", f"{host.ipv6}/64")
        except OSError as error:
            raise explain_wiring(error) from None

    @property
    def hosts(self) -> tuple[Host, Host]:
        """The client and the server."""
        return self.client, self.server

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End every program and both hosts, and wait until they are gone. May be repeated.

        Does nothing in a process forked off the one that opened the wire.
        """
        if self not in _open_wires:
            return
        for host in self.hosts:
            host._close()
        if self._agent is not None:
            # A function that cannot be interrupted keeps its host. The client's process reaps the
            # server's, so it goes last.
            for host in (self.server, self.client):
                if _is_over(self._agent, _GRACE_S):
                    break
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(host.pid or self._agent.pid, signal.SIGKILL)
            self._agent.wait()
        self._let_go()
        os.close(self._lifeline)

    def _disown(self) -> None:
        """In a process forked off the owner: leave all that runs to the owner."""
        self._let_go()
        for host in self.hosts:
            host._over = "it belongs to the process that opened the wire"
        for process in (self._agent, *self.client._programs, *self.server._programs):
            if process is not None:
                process.returncode = 0  # not this process's child, nothing to wait for

    def _let_go(self) -> None:
        """Give up what makes this process the owner, on which the lab's life depends."""
        _open_wires.discard(self)
        os.close(self._lifeline_writer)
        for host in self.hosts:
            host._channel.close()


def _signal_group(process: subprocess.Popen[Any], number: int) -> None:
    """Signal a program, and its children too unless its caller put it into another group."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)


def _is_over(process: subprocess.Popen[Any], grace_s: float) -> bool:
    """Whether a process ends within that time."""
    try:
        process.wait(grace_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end_program(process: subprocess.Popen[Any], grace_s: float) -> None:
    """Wait for a program that was asked to end, kill it if it does not, close its pipes."""
    if not _is_over(process, grace_s):
        _signal_group(process, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):  # input it never read
                pipe.close()


# The wires this process owns. A child forked off it would keep their hosts alive when the owner
# ends, so it lets go. It can still enter them.
_open_wires: weakref.WeakSet[Wire] = weakref.WeakSet()


def _disown_in_child() -> None:
    for wire in list(_open_wires):
        wire._disown()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown_in_child)
