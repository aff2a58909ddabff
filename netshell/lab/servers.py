"""Servers for the wire: an HTTP and a DNS server, each a process of its own inside a host.

    with Wire.open() as wire:
        start_dns(wire.server)
        start_http(wire.server, closes="server")

They listen on IPv4 and IPv6, are ready when the call returns, and end with the wire.
"""

from __future__ import annotations

import select
import subprocess
from dataclasses import dataclass
from typing import Literal

from netshell.errors import NetshellError
from netshell.lab.interpreter import module_command, module_environment
from netshell.lab.listening import READY
from netshell.lab.wire import Host

_READY_S = 30.0  # to start Python and its libraries on a machine busy with other things


@dataclass(frozen=True)
class Server:
    """A running server."""

    host: Host
    port: int
    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    def stop(self) -> None:
        """End it, and wait until it is gone. May be repeated."""
        self.host.end(self.process)


def start_http(
    host: Host, *, port: int = 80, closes: Literal["client", "server"] = "client"
) -> Server:
    """Start the HTTP server on `host`; `closes` is the side that closes a connection first.

    `/` is a small page, `/bytes/N` is N bytes; the same request always gets the same bytes.
    Raises NetshellError when the port is taken.

    >>> start_http(wire.server).port
    80
    """
    return _start(host, port, "netshell.lab.http_server", closes)


def start_dns(host: Host, *, port: int = 53) -> Server:
    """Start the DNS server on `host`: UDP and TCP, for the names in netshell.lab.names.

    On the wire's server host it is the one that /etc/resolv.conf of both hosts names.
    Raises NetshellError when the port is taken.

    >>> start_dns(wire.server).port
    53
    """
    return _start(host, port, "netshell.lab.dns_server")


def start_dns_cache(host: Host, server: str, *, port: int = 53) -> Server:
    """Start a caching resolver on `host` that asks the DNS server at the address `server`.

    Raises NetshellError when the port is taken.

    >>> start_dns_cache(wire.client, wire.server.ipv4).port
    53
    """
    return _start(host, port, "netshell.lab.dns_cache", server)


def start_sql(host: Host, *, port: int = 5432) -> Server:
    """Start a server on `host` that speaks PostgreSQL's protocol, without a database behind it.

    Raises NetshellError when the port is taken.

    >>> start_sql(wire.server).port
    5432
    """
    return _start(host, port, "netshell.lab.sql_server")


def _start(host: Host, port: int, module: str, *arguments: str) -> Server:
    process = host.popen(
        [*module_command(module), str(port), *arguments],
        stdout=subprocess.PIPE,
        env=module_environment(),
    )
    assert process.stdout is not None  # it was asked for
    said = select.poll()
    said.register(process.stdout, select.POLLIN)
    line = process.stdout.readline().strip() if said.poll(_READY_S * 1000) else "no answer"
    if line != READY:
        host.end(process)
        raise NetshellError(
            f"cannot start {module.rpartition('.')[2]}",
            where=f"on the lab's host {host.name}",
            why=line or "it ended at once",
        )
    process.stdout.close()
    return Server(host, port, process)
