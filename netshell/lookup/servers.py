"""Which server a question goes to: what people write for one, and what resolv.conf(5) lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netshell.errors import BadArgument, NetshellError, NotFound
from netshell.flow.key import Endpoint
from netshell.lookup.names import check_host
from netshell.lookup.resolvconf import resolvers
from netshell.lookup.system import addresses, literal_address

LOCAL = ("127.0.0.1",)
"""Who is asked where no name server is configured (resolv.conf(5))."""


@dataclass(frozen=True, slots=True)
class Server:
    """A name server's address and port, and the name by which it was given, if by name."""

    endpoint: Endpoint
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.endpoint})" if self.name else str(self.endpoint)


def servers(given: str | Sequence[str] | None, port: int = 53) -> tuple[Server, ...]:
    """The servers to ask, in order: the given ones, else those of /etc/resolv.conf.

    A server is an address, a name (looked up with the system's resolver; each of its addresses is
    asked in turn), or either with a port: ``"192.0.2.1#5353"``, ``"[2001:db8::1]:5353"``,
    ``"ns1.example.com:5353"``. dig's leading ``@`` is understood.

    Raises BadArgument for what is no server, NotFound for a name that has no address.
    """
    check_port(port)
    if given is None:
        return tuple(Server(Endpoint(address, port)) for address in resolvers() or LOCAL)
    texts = [given] if not isinstance(given, list | tuple) else list(given)
    if not texts:
        raise BadArgument("no name server given", next_step='name one, such as server="192.0.2.1"')
    found: dict[Endpoint, Server] = {}
    for text in texts:
        host, its_port = _split(text, port)
        name = "" if literal_address(host) else check_host(host)
        try:
            for address in addresses(host):
                endpoint = Endpoint(address, its_port)
                found.setdefault(endpoint, Server(endpoint, name))
        except NetshellError as error:
            raise NotFound(
                "no such name server",
                where=repr(text),
                why=f"{error.what} {error.where}, {error.why}",
                next_step="check its name, or give its address",
            ) from error
    return tuple(found.values())


def check_port(port: object) -> int:
    """The port, or BadArgument if it is none."""
    if isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65535:
        return port
    raise BadArgument("not a port", where=repr(port), why="ports are numbers from 1 to 65535")


def _split(text: object, port: int) -> tuple[str, int]:
    """A server as written, into host and port."""
    if not isinstance(text, str):
        raise BadArgument(
            "not a name server", where=repr(text), next_step='use text, such as "192.0.2.1"'
        )
    bare = text.strip().removeprefix("@")
    literal = literal_address(bare)
    if literal is not None:
        return literal, port
    host, separator, digits = bare.rpartition("#")
    if not separator:
        host, separator, digits = bare.rpartition(":")
    if not separator or (":" in host and not host.startswith("[") and "#" not in bare):
        return bare, port  # a name; what is none is refused with the rest of the names
    if not digits.isdecimal() or not digits.isascii():
        return bare, port
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    return host, check_port(int(digits[:6]))
