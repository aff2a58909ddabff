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
import os
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Sequence

from netshell.errors import Unavailable
from netshell.lab import link
from netshell.lab.channel import HELLO, Channel
from netshell.lab.ending import GRACE_S, is_over
from netshell.lab.host import Host
from netshell.lab.interpreter import module_command, module_environment
from netshell.lab.refusal import explain_refusal, explain_wiring

__all__ = ["Host", "Wire"]


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
                if is_over(self._agent, GRACE_S):
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


# The wires this process owns. A child forked off it would keep their hosts alive when the owner
# ends, so it lets go. It can still enter them.
_open_wires: weakref.WeakSet[Wire] = weakref.WeakSet()


def _disown_in_child() -> None:
    for wire in list(_open_wires):
        wire._disown()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown_in_child)
