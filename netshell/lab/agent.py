"""The process that holds a host's namespaces and runs functions in them.

    python -P -m netshell.lab.agent CLIENT SERVER LIFELINE

starts the client's; it forks the server's, which shares its user namespace, so that one end of
the veth pair can be put from the one network namespace into the other. CLIENT and SERVER are the
sockets on which requests arrive, LIFELINE is the pipe both end with. Single-threaded, and fresh
from exec: a process with threads may not leave its user namespace.

A request is the pickled pair of the caller's sys.path and a pickled (function, args, kwargs); the
reply is a pickled (result, None, "") or (None, exception, traceback). A socket that a function
returns is handed over: its descriptor comes with the reply. Both ends belong to the same user and
the same program: nothing from the wire is ever unpickled.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import sys
import traceback
from collections.abc import Callable

from netshell.lab import namespaces
from netshell.lab.channel import HELLO, Channel
from netshell.lab.etc import make_private
from netshell.lab.link import quieten

DNS_SERVER = "10.77.0.2"


def main(client_fd: int, server_fd: int, lifeline: int) -> None:
    """Become the client's process, fork the server's, and serve until the wire is closed."""
    client, server = (socket.socket(fileno=number) for number in (client_fd, server_fd))
    for connection in (client, server):
        connection.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    servers_lifeline = os.dup(lifeline)
    namespaces.die_with(lifeline)
    channel = Channel(client)
    if not _greet(channel, _leave_user_and_network):
        return
    child = os.fork()
    if child == 0:
        client.close()
        os.setsid()
        namespaces.die_with_parent()
        namespaces.die_with(servers_lifeline)
        channel = Channel(server)
        if _greet(channel, _leave_network):
            _serve(channel)
    else:
        server.close()
        os.close(servers_lifeline)
        _serve(channel)
        os.waitpid(child, 0)
    _end()


def _leave_user_and_network() -> None:
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        # Root may need no user namespace, and is then still allowed what needs the real root.
        # Without its capabilities, in a container, root is a user like any other.
        with contextlib.suppress(PermissionError):
            _leave_network()
            return
    namespaces.unshare(namespaces.CLONE_NEWUSER)
    namespaces.map_own_ids(uid, gid)
    _leave_network()
    if uid != 0:
        namespaces.keep_capabilities()


def _leave_network() -> None:
    namespaces.unshare(namespaces.CLONE_NEWNET | namespaces.CLONE_NEWNS)
    quieten()
    make_private(DNS_SERVER)


def _greet(channel: Channel, prepare: Callable[[], None]) -> bool:
    """Say that the host is there, or what the kernel refused."""
    try:
        prepare()
    except OSError as error:
        channel.send(HELLO, pickle.dumps((None, error, "")))
        return False
    channel.send(HELLO, pickle.dumps((os.getpid(), None, "")))
    return True


def _serve(channel: Channel) -> None:
    """Answer requests until the other end hangs up."""
    while (request := channel.receive()) is not None:
        number, body = request
        reply, given = _answer(body)
        _flush()
        try:
            channel.send(number, reply, None if given is None else given.fileno())
        except OSError:  # hung up while the function ran
            return
        if given is not None:
            given.close()


def _answer(body: bytes) -> tuple[bytes, socket.socket | None]:
    """Run what a request asks for; SIGINT interrupts the function, and only the function.

    The reply, and the socket that goes with it.
    """
    path, call = pickle.loads(body)
    sys.path.extend(entry for entry in path if entry not in sys.path)
    try:
        function, arguments, keywords = pickle.loads(call)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        result = function(*arguments, **keywords)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if isinstance(result, socket.socket):
            return pickle.dumps((None, None, "")), result
        return pickle.dumps((result, None, "")), None
    except BaseException as error:  # noqa: BLE001 - the caller gets it, whatever it is
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return _refuse(error), None


def _refuse(error: BaseException) -> bytes:
    """The reply that raises `error` at the caller, as well as it can be pickled."""
    told = "".join(traceback.format_exception(error))
    if not isinstance(error, Exception):  # SystemExit would end the caller
        error = RuntimeError(f"{type(error).__name__}: {error}")
    try:
        reply = pickle.dumps((None, error, told))
        pickle.loads(reply)
    except Exception:  # noqa: BLE001 - any class may fail to pickle in any way
        reply = pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error}"), told))
    return reply


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed when this process was started
            with contextlib.suppress(OSError):  # a reader that is gone is no loss
                stream.flush()


def _end() -> None:
    """End this host, and with it whatever its functions left running."""
    _flush()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    # It led this process to netshell; the programs that functions run are to find their own.
    os.environ.pop("PYTHONPATH", None)
    main(*map(int, sys.argv[1:]))
