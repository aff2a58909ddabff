"""Which server's reply counts to nslookup: one that does not ask others is passed over.

Only of the servers of /etc/resolv.conf, and only where a recursive answer was asked for: a server
that was named is taken as it is (``check_ra`` in BIND's dighost.c).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from netshell.classic.digging.conversation import Conversation, Exchange
from netshell.classic.digging.line import Lookup, Whole
from netshell.flow.key import Endpoint
from netshell.lookup.wire import RA

_SERVFAIL = 2


class Asking(Conversation):
    """Asks as dig does, and goes on to the next server where recursion was not to be had."""

    def __init__(
        self,
        whole: Whole,
        out: TextIO,
        domains: Sequence[str],
        ndots: int,
        *,
        expects_recursion: bool,
    ) -> None:
        super().__init__(whole, out, domains, ndots)
        self.expects_recursion = expects_recursion

    def ask(self, lookup: Lookup, name: str, servers: Sequence[tuple[Endpoint, str]]) -> Exchange:
        """The reply that counts. Raises Unanswered or GivenUp when there is none."""
        while True:
            exchange = super().ask(lookup, name, servers)
            message = exchange.message
            if not self.expects_recursion or message is None or message.bits & RA:
                return exchange
            if message.rcode == _SERVFAIL:
                return exchange  # that was said already
            places = [server for server, _ in servers]
            left = servers[places.index(exchange.server) + 1 :]
            more = ", trying next server" if left else ""
            self.say(f";; Got recursion not available from {exchange.server.address}{more}")
            if not left:
                return exchange
            servers = left
            lookup.tcp = lookup.tcp or exchange.protocol == "TCP"  # what was learnt stays
