"""Ask servers as dig does, saying on the way what dig says: retries, TCP, cookies, what is wrong.

One :class:`Conversation` a run. A lookup's servers are asked in turn: the first as often as
``+tries`` says, each of the others once. Every reply that is shown leaves its records too.
"""

from __future__ import annotations

import errno
import os
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TextIO

from netshell.classic.digging.checking import GivenUp, checked, cookie_of
from netshell.classic.digging.edns import COOKIE
from netshell.classic.digging.line import AXFR, IXFR, Lookup, Whole
from netshell.classic.digging.question import asking_of, new_id, way_of
from netshell.classic.digging.shown import Shown
from netshell.classic.digging.transfer import Transfer
from netshell.errors import LookupFailed
from netshell.flow.key import Endpoint
from netshell.lookup.answer import Answer
from netshell.lookup.asking import Asking, name_labels
from netshell.lookup.links import Ended, Link, open_link
from netshell.lookup.servers import Server
from netshell.lookup.wire import TC, Message, name_text, read

NO_ANSWER = 9
_SERVFAIL, _NXDOMAIN, _BADVERS, _BADCOOKIE = 2, 3, 16, 23
_WORDS = {
    errno.ECONNREFUSED: "connection refused", errno.ECONNRESET: "connection reset",
    errno.ENETUNREACH: "network unreachable", errno.EHOSTUNREACH: "host unreachable",
    errno.EADDRNOTAVAIL: "address not available", errno.EADDRINUSE: "address in use",
    errno.EACCES: "permission denied", errno.EPERM: "permission denied",
    errno.EPIPE: "broken pipe",
}  # fmt: skip


@dataclass(slots=True)
class Exchange:
    """One question to one server, as far as it went."""

    lookup: Lookup
    server: Endpoint
    called: str
    """The server as it was given."""
    protocol: str
    cookie: bytes = b""
    message: Message | None = None
    took_us: int = 0
    received_ns: int = 0
    messages: list[Message] = field(default_factory=list)
    """A zone transfer's."""

    @property
    def place(self) -> str:
        return f"{self.server.address}#{self.server.port}"


class Unanswered(Exception):
    """A server gave no answer; ``connecting`` if it could not be reached at all."""

    def __init__(self, connecting: bool = False) -> None:
        super().__init__()
        self.connecting = connecting


class Conversation:
    """All of a run's questions: what is printed goes to ``out``, answers to ``answers``."""

    def __init__(self, whole: Whole, out: TextIO, domains: Sequence[str], ndots: int) -> None:
        self.whole, self.out = whole, out
        self.shown = Shown(whole, out)
        self.domains, self.ndots = list(domains), ndots
        self.answers: list[Answer] = []
        self.status = 0
        self._cookie = os.urandom(8)

    def say(self, text: str) -> None:
        self.out.write(f"{text}\n")

    # -- a lookup

    def look_up(self, lookup: Lookup, servers: Sequence[tuple[Endpoint, str]]) -> None:
        """Ask, search if need be, and print what came.

        Raises BadArgument for what is no name, NetshellError for HTTPS without its library.
        """
        names = self._names(lookup)
        for number, name in enumerate(names):
            try:
                exchange = self.ask(lookup, name, servers)
            except Unanswered:
                self.status = NO_ANSWER
                return
            except GivenUp:
                return
            if exchange.messages:
                return
            message = exchange.message
            assert message is not None
            last = number == len(names) - 1
            again = message.rcode == _NXDOMAIN and not last
            if not again or self.whole.show_search:
                self.show(exchange)
            if self.whole.search and message.rcode == _NXDOMAIN and self._whole_first(lookup):
                self.shown.statistics(exchange, len(message.wire))  # dig's own slip: twice
            if not again:
                return

    def show(self, exchange: Exchange) -> None:
        """Print a reply, and keep its records."""
        assert exchange.message is not None
        self.shown.message(exchange)
        self.shown.statistics(exchange, len(exchange.message.wire))
        self.keep(exchange)

    def _names(self, lookup: Lookup) -> list[str]:
        """The names to try, absolute, the first one that exists ending it."""
        own = name_text(name_labels(lookup.name))
        if not self.whole.search or lookup.name.endswith("."):
            return [own]
        if self._whole_first(lookup):
            return [own]
        domains = [self.whole.domain] if self.whole.domain is not None else self.domains
        labels = name_labels(lookup.name)
        return [name_text([*labels, *name_labels(domain)]) for domain in domains] + [own]

    def _whole_first(self, lookup: Lookup) -> bool:
        """Whether a name has so many dots that it is taken for a whole one."""
        least = self.ndots if self.whole.ndots is None else self.whole.ndots
        return lookup.name.count(".") >= least

    # -- its servers

    def ask(self, lookup: Lookup, name: str, servers: Sequence[tuple[Endpoint, str]]) -> Exchange:
        """The reply that counts, or the last. Raises Unanswered or GivenUp when there is none."""
        left, at = lookup.tries, 0
        tcp = lookup.tcp or lookup.rdtype == AXFR
        turn = _Turn(asking_of(lookup, name, self._cookie), tcp)
        while True:
            server, called = servers[at]
            try:
                exchange = self._once(lookup, server, called, turn)
            except Unanswered as failure:
                if left > 1:
                    left -= 1
                elif at + 1 < len(servers):
                    at += 1
                    continue
                else:
                    self._unreached(lookup, failure)
                if failure.connecting:
                    self.say(";; no servers could be reached")
                continue
            message = exchange.message
            if message is None or exchange.messages:
                return exchange
            if self._again(exchange, turn):
                continue
            if message.rcode == _SERVFAIL and not lookup.fail:
                more = at + 1 < len(servers)
                if lookup.comments:
                    next_ = ", trying next server" if more else ""
                    self.say(f";; Got SERVFAIL reply from {server.address}{next_}")
                if more:
                    at += 1
                    continue
            return exchange

    def _unreached(self, lookup: Lookup, failure: Unanswered) -> None:
        if not failure.connecting:
            self.out.write(lookup.banner)
            lookup.banner = ""
        self.say(";; no servers could be reached")
        raise failure

    def _again(self, exchange: Exchange, turn: _Turn) -> bool:
        """Whether the same server is to be asked again in another way."""
        lookup, message = exchange.lookup, exchange.message
        assert message is not None
        plain = exchange.protocol == "UDP"
        asked, offered = turn.asking.edns or 0, message.opt.ttl >> 16 & 0xFF if message.opt else 255
        if message.rcode == _BADVERS and offered < asked and lookup.edns_negotiation:
            if lookup.comments:
                self.say(f";; BADVERS, retrying with EDNS version {offered}.")
            turn.asking = replace(turn.asking, edns=offered)
            return True
        if message.rcode == _BADCOOKIE and plain and lookup.send_cookie and lookup.bad_cookie:
            cookie = cookie_of(message)
            if cookie:
                if lookup.comments:
                    how = " in TCP mode" if turn.bad_cookie else ""
                    self.say(f";; BADCOOKIE, retrying{how}.")
                turn.tcp, turn.bad_cookie = turn.bad_cookie, True
                turn.learn(cookie)
                return True
        if message.bits & TC and plain and not lookup.ignore:
            if lookup.comments:
                self.say(";; Truncated, retrying in TCP mode.")
            turn.tcp = True
            turn.learn(cookie_of(message))
            return True
        return False

    # -- one question to one server

    def _once(self, lookup: Lookup, server: Endpoint, called: str, turn: _Turn) -> Exchange:
        way = way_of(lookup, turn.tcp, self.whole.source)
        asking = replace(turn.asking, id=new_id(lookup))
        sent = next((data for code, data in asking.options if code == COOKIE), b"")
        protocol = "HTTPS-GET" if way.get and way.kind == "https" else way.kind.upper()
        exchange = Exchange(lookup, server, called, protocol, sent[:8])
        place = f"{exchange.place}({called})"
        try:
            link = open_link(server, way, self.whole.timeout_s)
        except TimeoutError:
            raise self._failed(exchange, "timed out") from None
        except ssl.SSLCertVerificationError as error:
            why = error.verify_message
            self.say(f";; TLS peer certificate verification for {exchange.place} failed: {why}")
            self.status = NO_ANSWER  # dig's is 0 here; dig(1) says 9, and so do we
            raise GivenUp from None
        except OSError as error:
            what = "UDP setup with" if way.kind == "udp" else "Connection to"
            if way.kind == "udp" and error.errno == errno.ECONNREFUSED:
                raise self._failed(exchange, _word(error)) from None
            self.say(f";; {what} {place} for {_shown_name(asking.name)} failed: {_word(error)}.")
            raise Unanswered(connecting=True) from None
        try:
            wire = asking.wire()
            if lookup.show_query:
                self.shown.query(exchange, read(asking.wire(padded=False)), len(wire))
            started = time.perf_counter_ns()
            link.send(wire)
            if lookup.rdtype in (AXFR, IXFR) and way.kind != "udp":
                self._transfer(exchange, link, asking, started)
            else:
                self._reply(exchange, link, asking, started)
        except TimeoutError:
            raise self._failed(exchange, "timed out") from None
        except OSError as error:
            raise self._failed(exchange, _word(error)) from None
        finally:
            link.close()
        return exchange

    def _failed(self, exchange: Exchange, why: str) -> Unanswered:
        self.say(f";; communications error to {exchange.place}: {why}")
        return Unanswered()

    def _reply(self, exchange: Exchange, link: Link, asking: Asking, started: int) -> None:
        deadline = time.monotonic() + self.whole.timeout_s
        while exchange.message is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            reply = link.receive(left)
            exchange.took_us = (time.perf_counter_ns() - started) // 1000
            exchange.received_ns = time.time_ns()
            exchange.message = self._checked(exchange, reply, asking)

    def _checked(self, exchange: Exchange, reply: bytes, asking: Asking) -> Message | None:
        return checked(
            reply,
            asking,
            self.out,
            datagram=exchange.protocol == "UDP",
            best_effort=exchange.lookup.best_effort,
            own=self._cookie,
        )

    def _transfer(self, exchange: Exchange, link: Link, asking: Asking, started: int) -> None:
        transfer = Transfer(asking.serial)
        while not transfer.complete:
            reply = link.receive(self.whole.timeout_s)
            exchange.took_us = (time.perf_counter_ns() - started) // 1000
            exchange.received_ns = time.time_ns()
            message = self._checked(exchange, reply, asking)
            assert message is not None  # only a datagram is passed over
            exchange.message = message
            if message.rcode == _BADVERS and exchange.lookup.edns_negotiation and asking.edns:
                return  # no transfer yet: it is asked for again
            exchange.messages.append(message)
            why = transfer.take(message)
            self.shown.message(exchange)
            if why is not None:
                self.say(f"; Transfer failed.{why}")
                return
        self.keep(exchange)
        self.shown.statistics(exchange, transfer.octets, transfer)

    # -- records

    def keep(self, exchange: Exchange) -> None:
        """Keep the records of a reply, as the verb has them."""
        from netshell.lookup.query import read_reply

        answer: Answer | None = None
        for message in exchange.messages or filter(None, [exchange.message]):
            name = exchange.called if exchange.called != exchange.server.address else ""
            try:
                part = read_reply(
                    message.wire,
                    Server(exchange.server, name),
                    exchange.took_us / 1000,
                    exchange.received_ns,
                    exchange.protocol.lower(),
                )
            except LookupFailed:
                continue  # a transfer's later messages may lack their question, and any may
            if answer is None:
                answer = replace(part, short=self.whole.short)
            else:
                answers = (*answer.answers, *part.answers)
                answer = replace(answer, answers=answers, size=answer.size + part.size)
        if answer is not None:
            self.answers.append(answer)


@dataclass(slots=True)
class _Turn:
    """How the next question of a lookup is asked."""

    asking: Asking
    tcp: bool
    bad_cookie: bool = False

    def learn(self, cookie: bytes) -> None:
        """Send this cookie, the server's with ours in front, from now on (RFC 7873 5.3)."""
        sent = self.asking.options
        if cookie:
            options = tuple((code, cookie if code == COOKIE else data) for code, data in sent)
            self.asking = replace(self.asking, options=options)


def _shown_name(name: str) -> str:
    return name.removesuffix(".") or "."


def _word(error: OSError) -> str:
    if isinstance(error, Ended):
        return "end of file"
    if isinstance(error, ssl.SSLError):
        return "TLS error"
    return _WORDS.get(error.errno or 0, (error.strerror or str(error)).lower())
