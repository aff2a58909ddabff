"""The system's resolver: what a program on this machine connects to when it is given a name.

It asks getaddrinfo(3), so /etc/hosts, nsswitch.conf, mDNS and the search list all count, unlike in
``dig``, which asks name servers only.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from netshell.errors import BadArgument, LookupFailed, NotFound
from netshell.lookup.names import check_host

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

_FAMILIES = {
    0: socket.AF_UNSPEC,
    4: socket.AF_INET,
    6: socket.AF_INET6,
    int(socket.AF_INET): socket.AF_INET,
    int(socket.AF_INET6): socket.AF_INET6,
}
_PRINTED = {socket.AF_INET: "IPv4 ", socket.AF_INET6: "IPv6 "}
_UNKNOWN = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)}


def addresses(host: str | IPv4Address | IPv6Address, family: int = 0) -> tuple[str, ...]:
    """The addresses of a host, in the order in which a program should try them (RFC 6724).

    ``family`` is 0 for both, 4 or 6 (or AF_INET, AF_INET6). A literal address passes through
    without a lookup: brackets are taken off, a zone (``%eth0``) stays.

    >>> addresses("[fe80::1%lo]")
    ('fe80::1%lo',)

    Raises NotFound for a name that has no such address, LookupFailed when the resolver cannot tell
    now, BadArgument for what is no host name.
    """
    wanted = _FAMILIES.get(family)
    if wanted is None:
        raise BadArgument("unknown address family", where=repr(family), next_step="use 0, 4 or 6")
    if not isinstance(host, str):
        host = _from_object(host)
    host = host.strip()
    literal = literal_address(host)
    if literal is not None:
        is_v6 = ":" in literal
        if wanted != socket.AF_UNSPEC and is_v6 != (wanted == socket.AF_INET6):
            raise NotFound(
                f"no {_PRINTED[wanted]}address",
                where=f"for {host}",
                why="it is one of the other family",
            )
        return (literal,)
    name = check_host(host)
    try:
        found = socket.getaddrinfo(name.encode("ascii"), None, wanted, socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise _translated(error, host, wanted) from error
    except OSError as error:
        raise LookupFailed("cannot look up", where=repr(host), why=str(error)) from error
    texts = dict.fromkeys(_text(sockaddr) for *_, sockaddr in found)
    return tuple(text for text in texts if text)


def literal_address(text: str) -> str | None:
    """The address that the text is, without brackets and with its zone; None for anything else.

    >>> literal_address("[::1]"), literal_address("::1%lo"), literal_address("127.1")
    ('::1', '::1%lo', None)
    """
    bare = text
    if bare.startswith("[") and bare.endswith("]") and ":" in bare:
        bare = bare[1:-1]
    address, percent, zone = bare.partition("%")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    if percent and (family == socket.AF_INET or not _is_zone(zone)):
        return None
    try:
        socket.inet_pton(family, address)
    except (OSError, ValueError):  # ValueError: a NUL, or text beyond ASCII
        return None
    return bare


def _is_zone(zone: str) -> bool:
    # An interface's name: the kernel takes any bytes but these (dev_valid_name in its
    # net/core/dev.c, and "%"); "#" is left to name servers' ports.
    return bool(zone) and not any(char.isspace() or char in "/:%#\0" for char in zone)


def _from_object(host: object) -> str:
    from ipaddress import IPv4Address, IPv6Address

    if isinstance(host, IPv4Address | IPv6Address):
        return str(host)
    raise BadArgument("not a host", where=repr(host), next_step='use text, such as "localhost"')


def _text(sockaddr: tuple[object, ...]) -> str:
    # Python leaves the zone out of the text, except where it is the fourth member; without an
    # IPv6 stack compiled in, members 0 and 1 are no text and port.
    address = sockaddr[0]
    if not isinstance(address, str):
        return ""
    zone = sockaddr[3] if len(sockaddr) == 4 else 0
    if not zone or not isinstance(zone, int) or "%" in address:
        return address
    try:
        return f"{address}%{socket.if_indextoname(zone)}"
    except OSError:  # the interface went away since
        return f"{address}%{zone}"


def _translated(error: socket.gaierror, host: str, wanted: int) -> NotFound | LookupFailed:
    kind = _PRINTED.get(socket.AddressFamily(wanted), "")
    if error.errno in _UNKNOWN:
        dotless = "." not in host.strip(".")
        return NotFound(
            f"no {kind}address",
            where=f"for {host!r}",
            why="the system's resolver (hosts file, name servers) knows none",
            next_step="give its full name, with the domain"
            if dotless
            else f'check the spelling, or see who says so with dig("{host}")',
        )
    if error.errno == socket.EAI_AGAIN:
        return LookupFailed(
            "cannot look up",
            where=repr(host),
            why="no name server of /etc/resolv.conf gave an answer",
            next_step="try again, use the address, or ask dig(name, server=...)",
        )
    return LookupFailed(
        "cannot look up",
        where=repr(host),
        why=error.strerror or str(error),
        next_step=f'see what the name servers answer with dig("{host}")',
    )
