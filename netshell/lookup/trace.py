"""Follow a name from the root down, server by server, as a resolver without a cache does.

RFC 1034 section 5.3.3: each server either answers or refers to the servers of a zone closer to the
name. Every referral must lead strictly downwards, towards the name, so a walk always ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import dns.name

from netshell.errors import LookupFailed, NetshellError
from netshell.flow.key import Endpoint
from netshell.lookup.answer import Answer, Question, Step
from netshell.lookup.query import Manner, ask
from netshell.lookup.servers import Server
from netshell.lookup.system import addresses

_ROOT = {
    "a": "198.41.0.4",
    "b": "170.247.170.2",
    "c": "192.33.4.12",
    "d": "199.7.91.13",
    "e": "192.203.230.10",
    "f": "192.5.5.241",
    "g": "192.112.36.4",
    "h": "198.97.190.53",
    "i": "192.36.148.17",
    "j": "192.58.128.30",
    "k": "193.0.14.129",
    "l": "199.7.83.42",
    "m": "202.12.27.33",
}
"""The root servers' IPv4 addresses (https://www.iana.org/domains/root/servers, 2023)."""


def root_servers(port: int = 53) -> tuple[Server, ...]:
    """The root name servers, where a walk starts unless told otherwise."""
    return tuple(
        Server(Endpoint(address, port), f"{letter}.root-servers.net")
        for letter, address in _ROOT.items()
    )


def trace(asked: Question, start: Sequence[Server], manner: Manner, port: int = 53) -> Answer:
    """The answer at the end of the referrals, with the way there in its ``path``.

    ``start`` are servers of the root, or of any zone above the name; ``port`` is that of the
    servers found on the way. Raises LookupFailed where the way ends, naming the zone.
    """
    name = dns.name.from_text(asked.name)
    manner = replace(manner, recurse=False)
    zone, servers = dns.name.root, tuple(start)
    steps: list[Step] = []
    while True:
        try:
            answer = ask(asked, servers, manner)
        except LookupFailed as error:
            raise _lost(asked, zone, error) from error
        child = _referred(answer, name, zone)
        says = answer.status if child is None else f"ask the servers of {child}"
        steps.append(Step(zone.to_text(), answer.server, answer.server_name, answer.time_ms, says))
        if child is None:
            return replace(answer, path=tuple(steps))
        servers, zone = _servers(answer, child, port), child


def _referred(answer: Answer, name: dns.name.Name, zone: dns.name.Name) -> dns.name.Name | None:
    """The zone that the answer refers to; None if it is no referral towards the name."""
    if not answer.referral:
        return None
    for record in answer.authority:
        child = dns.name.from_text(record.name)
        if record.rdtype == "NS" and name.is_subdomain(child) and child.is_subdomain(zone):
            return child if child != zone else None
    return None


def _servers(answer: Answer, zone: dns.name.Name, port: int) -> tuple[Server, ...]:
    """The addresses of the zone's servers: from the glue, else from the system's resolver."""
    names = [
        record.data
        for record in answer.authority
        if record.rdtype == "NS" and dns.name.from_text(record.name) == zone
    ]
    wanted = {name.lower() for name in names}
    glue = [
        Server(Endpoint(record.data, port), record.name.removesuffix("."))
        for kind in ("A", "AAAA")  # IPv4 first: it works from more places
        for record in answer.additional
        if record.rdtype == kind and record.name.lower() in wanted
    ]
    if glue:
        return tuple(glue)
    errors: list[NetshellError] = []
    for name in names:
        try:
            found = addresses(name.removesuffix("."))
        except NetshellError as error:
            errors.append(error)
            continue
        return tuple(Server(Endpoint(text, port), name.removesuffix(".")) for text in found)
    raise LookupFailed(
        "cannot follow the referral",
        where=f"to {zone}",
        why=str(errors[0].why or errors[0]) if errors else "it names no servers",
        next_step="the zone's NS records, or the names in them, are wrong",
    )


def _lost(asked: Question, zone: dns.name.Name, error: LookupFailed) -> LookupFailed:
    return LookupFailed(
        f"no answer to {asked} from the servers",
        where=f"of {'the root' if zone == dns.name.root else zone}",
        why=error.why,
        next_step=error.next_step,
    )
