"""``dig``: what a name resolves to, for how long, and who says so."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, overload

from netshell.errors import BadArgument

if TYPE_CHECKING:
    from netshell.lookup.answer import Answer, Answers


@overload
def dig(
    name: str | IPv4Address | IPv6Address,
    rdtype: str = "A",
    server: str | Sequence[str] | None = None,
    *,
    tcp: bool = False,
    port: int = 53,
    timeout_s: float = 3.0,
    tries: int = 2,
    recurse: bool = True,
    dnssec: bool = False,
    cd: bool = False,
    trace: bool = False,
    short: bool = False,
    rdclass: str = "IN",
) -> Answer: ...
@overload
def dig(
    name: str | IPv4Address | IPv6Address,
    rdtype: tuple[str, ...] | list[str],
    server: str | Sequence[str] | None = None,
    *,
    tcp: bool = False,
    port: int = 53,
    timeout_s: float = 3.0,
    tries: int = 2,
    recurse: bool = True,
    dnssec: bool = False,
    cd: bool = False,
    trace: bool = False,
    short: bool = False,
    rdclass: str = "IN",
) -> Answers: ...
def dig(
    name: str | IPv4Address | IPv6Address,
    rdtype: str | tuple[str, ...] | list[str] = "A",
    server: str | Sequence[str] | None = None,
    *,
    tcp: bool = False,
    port: int = 53,
    timeout_s: float = 3.0,
    tries: int = 2,
    recurse: bool = True,
    dnssec: bool = False,
    cd: bool = False,
    trace: bool = False,
    short: bool = False,
    rdclass: str = "IN",
) -> Answer | Answers:
    """Ask name servers about a name, as dig does.

    No /etc/hosts, no search list, no cache here.

    >>> dig("example.org")                      # the A records
    >>> dig("example.org", "MX")                # any type: AAAA TXT NS ...
    >>> dig("192.0.2.7")                        # an address: its name (PTR)
    >>> dig("example.org", ("A", "AAAA"))       # several types and answers
    >>> dig("example.org", server="192.0.2.1")  # ask it: or "name#port"
    >>> dig("example.org").addresses            # ('192.0.2.80', ...)

    The answer shows each record with its TTL and the moment it expires,
    which server answered, how long it took, and what its status and flags
    mean. It iterates and indexes as its records.

    server       one, or several that are tried in order; by default those
                 of /etc/resolv.conf
    tcp          True: ask over TCP; otherwise UDP, and TCP where the reply
                 did not fit
    timeout_s    how long one try waits, in seconds
    tries        how often each server is asked
    recurse      False: only what the server knows itself (then a referral
                 is an answer)
    dnssec       True: ask for the signatures (RRSIG) too
    cd           True: take the answer even if its DNSSEC validation fails
                 (SERVFAIL otherwise)
    trace        True: start at the root (or at ``server``) and follow the
                 referrals down, step by step, kept in ``.path``; a resolver
                 is asked only for name servers without an address
    short        True: show the data only

    NXDOMAIN, SERVFAIL and REFUSED are answers: explain("NXDOMAIN"). Raises
    LookupFailed if no server gave one (no reply, port closed, malformed),
    NotFound for a server name without an address, BadArgument for what is
    no name, address, type, server, port or time.
    """
    manner_given = _checked(timeout_s, tries)
    if isinstance(name, IPv4Address | IPv6Address):
        name = str(name)
    if not isinstance(name, str):
        raise BadArgument(
            "not a name", where=repr(name), next_step='use text, such as "example.com"'
        )
    several = isinstance(rdtype, tuple | list)
    if several and not rdtype:
        raise BadArgument("no record type given", next_step='such as ("A", "AAAA")')
    # Here and not above: dnspython is loaded by the first question, not by the prompt.
    from dataclasses import replace

    from netshell.lookup.answer import Answers
    from netshell.lookup.query import Manner, ask, question
    from netshell.lookup.servers import servers

    kinds = rdtype if isinstance(rdtype, tuple | list) else (rdtype,)
    questions = [question(name, kind, rdclass) for kind in kinds]
    manner = Manner(tcp, *manner_given, recurse=recurse, dnssec=dnssec, cd=cd)
    if trace:
        from netshell.lookup.trace import root_servers
        from netshell.lookup.trace import trace as follow

        start = root_servers(port) if server is None else servers(server, port)
        answers = [follow(asked, start, manner, port) for asked in questions]
    else:
        whom = servers(server, port)
        answers = [ask(asked, whom, manner) for asked in questions]
    answers = [replace(answer, short=short) for answer in answers]
    return Answers(answers) if several else answers[0]


def _checked(timeout_s: object, tries: object) -> tuple[float, int]:
    if isinstance(timeout_s, bool) or not isinstance(timeout_s, int | float):
        raise BadArgument("not a time", where=repr(timeout_s), next_step="timeout_s is in seconds")
    if not 0 < timeout_s <= 3600:
        raise BadArgument(
            "not a time to wait", where=repr(timeout_s), why="timeout_s is from 0 to 3600 seconds"
        )
    if isinstance(tries, bool) or not isinstance(tries, int) or not 1 <= tries <= 100:
        raise BadArgument("not a number of tries", where=repr(tries), why="tries is from 1 to 100")
    return float(timeout_s), tries
