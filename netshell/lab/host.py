"""One host of a wire: its addresses, and ways to do things as if logged in there.

A host is one process (netshell.lab.agent) that holds the namespaces and runs functions in them;
programs are started beside it, sockets are made there and used here.
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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from netshell.errors import BadArgument, NetshellError, NotFound, Unavailable
from netshell.lab import namespaces
from netshell.lab.channel import HELLO, Channel
from netshell.lab.ending import GRACE_S, end_program, signal_group

P = ParamSpec("P")
T = TypeVar("T")

CLOSED = "the wire is closed"


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
        A socket that it returns is handed over: it stays the host's, and is used and closed here.
        What it raises is raised here, with the host's traceback as a note. What it leaves open, a
        socket in a global, say, lives on in the host. Ctrl-C interrupts the function, too.

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
            self._channel.drop_descriptor()
        raise self._ended("its process is gone")

    def _open_reply(self, reply: bytes) -> Any:
        """The result a reply carries, or the exception, raised."""
        result, error, told = pickle.loads(reply)
        if error is not None:
            if told:
                error.add_note(f"On the lab's host {self.name}:\n{told}")
            raise error
        descriptor = self._channel.descriptor()
        return result if descriptor is None else socket.socket(fileno=descriptor)

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

    def end(self, process: subprocess.Popen[Any], *, grace_s: float = GRACE_S) -> None:
        """End a program that `popen` started, killing it if it takes longer than `grace_s`.

        Waits until it is gone and closes its pipes. May be repeated.
        """
        if process in self._programs:
            self._programs.remove(process)
        if grace_s:
            signal_group(process, signal.SIGTERM)
        end_program(process, grace_s)

    def enter(self) -> None:
        """Move this process into the host for good; what it starts from now on runs there.

        Raises Unavailable when the process has other threads: the kernel refuses it then.
        """
        if self._over == CLOSED:
            raise self._ended(CLOSED)
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
        self._over = CLOSED
        self._channel.hang_up()
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGINT)  # interrupts a function, if one is running
        for process in self._programs:
            signal_group(process, signal.SIGTERM)
        while self._programs:
            end_program(self._programs.pop(), grace_s=GRACE_S)
