"""A small caching resolver for the lab (RFC 1034 section 5.3, RFC 2308), over UDP.

    python -m netshell.lab.dns_cache PORT SERVER

It asks SERVER what it does not know, and answers from memory as long as the TTL allows, with what
is left of it. `Cache` is all of it that thinks; its clock is an argument.
"""

from __future__ import annotations

import contextlib
import math
import socketserver
import sys
import time
from collections.abc import Callable

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rrset

from netshell.lab.listening import serve

_PATIENCE_S = 5.0
_MOST = 10_000  # names it remembers

Ask = Callable[[dns.message.Message], dns.message.Message]


class Cache:
    """Answers by question, each with the moment it is forgotten."""

    def __init__(self, ask: Ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._known: dict[tuple[str, int], tuple[float, dns.message.Message]] = {}

    def respond(self, wire: bytes) -> bytes | None:
        """The response to a query: from memory, or the server's; None for what is no query."""
        try:
            query = dns.message.from_wire(wire)
            question = query.question[0]
        except (dns.exception.DNSException, ValueError, IndexError):
            return None
        key = question.name.to_text().lower(), int(question.rdtype)
        stored = self._known.get(key)
        now = self._clock()
        if stored is None or now - stored[0] >= _lifetime(stored[1]):
            try:
                found = self._ask(dns.message.make_query(question.name, question.rdtype))
            except (OSError, dns.exception.DNSException):
                failure = dns.message.make_response(query)
                failure.set_rcode(dns.rcode.SERVFAIL)
                return failure.to_wire()
            if len(self._known) >= _MOST:
                self._known.clear()
            stored = self._known[key] = now, found
        since, found = stored
        return _aged(query, found, math.floor(now - since)).to_wire()


def _lifetime(answer: dns.message.Message) -> float:
    """For how many seconds an answer holds: its least TTL, or the SOA's for a "no"."""
    rrsets = answer.answer or answer.authority
    return min((rrset.ttl for rrset in rrsets), default=0)


def _aged(query: dns.message.Message, found: dns.message.Message, age: int) -> dns.message.Message:
    """The answer as it is `age` seconds later."""
    response = dns.message.make_response(query, recursion_available=True)
    response.set_rcode(found.rcode())
    for mine, theirs in ((response.answer, found.answer), (response.authority, found.authority)):
        for rrset in theirs:
            left = max(0, rrset.ttl - age)
            mine.append(dns.rrset.from_rdata_list(rrset.name, left, list(rrset)))
    return response


class _OverUdp(socketserver.BaseRequestHandler):
    cache: Cache

    def handle(self) -> None:
        query, connection = self.request
        response = self.cache.respond(query)
        if response is not None:
            with contextlib.suppress(OSError):  # an asker that is gone
                connection.sendto(response, self.client_address)


class _OverTcp(socketserver.BaseRequestHandler):
    """TCP is refused by closing: the lab's questions to it all fit UDP."""


def main(port: int, server: str) -> None:
    """Serve on `port` until killed."""
    _OverUdp.cache = Cache(lambda query: dns.query.udp(query, server, timeout=_PATIENCE_S))
    serve(port, tcp=_OverTcp, udp=_OverUdp)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
