"""What dig prints of an exchange: its first lines, the message, who answered and how fast."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

from netshell.classic.digging.message import Parts, message_text, short_texts
from netshell.classic.digging.style import Style
from netshell.classic.digging.transfer import Transfer
from netshell.lookup.wire import Message

if TYPE_CHECKING:
    from netshell.classic.digging.conversation import Exchange
    from netshell.classic.digging.line import Lookup, Whole

_AXFR = 252


def style_of(lookup: Lookup, split: int | None) -> Style:
    """The layout that a lookup's options ask for."""
    return Style(
        comments=lookup.comments,
        # Multiline explains unless told not to; the rest only when told to.
        rr_comments=lookup.rr_comments >= (0 if lookup.multiline else 1),
        multiline=lookup.multiline,
        ttl=lookup.ttl,
        ttl_units=lookup.ttl_units,
        rdclass=lookup.show_class,
        crypto=lookup.crypto,
        unknown=lookup.unknown,
        expand_aaaa=lookup.expand_aaaa,
        split=split,
    )


class Shown:
    """Prints exchanges as the options of a run and of each lookup say."""

    def __init__(self, whole: Whole, out: TextIO) -> None:
        self.whole, self.out = whole, out

    def banner(self, lookup: Lookup) -> None:
        """The first lines, once, unless they are not wanted."""
        if not self.whole.short and self.whole.cmd:
            self.out.write(lookup.banner)
        lookup.banner = ""

    def query(self, exchange: Exchange, query: Message, size: int) -> None:
        """The question as it goes out; ``size`` in bytes."""
        lookup = exchange.lookup
        self.banner(lookup)
        if not self.whole.short:
            self._text(exchange, query, query=True)
        if lookup.stats:
            self.out.write(f";; QUERY SIZE: {size}\n\n")

    def message(self, exchange: Exchange) -> None:
        """A reply, or the next message of a zone transfer."""
        self.banner(exchange.lookup)
        assert exchange.message is not None
        if self.whole.short:
            self._short(exchange, exchange.message)
        else:
            self._text(exchange, exchange.message)

    def _text(self, exchange: Exchange, message: Message, query: bool = False) -> None:
        lookup = exchange.lookup
        once = lookup.one_soa and lookup.rdtype == _AXFR
        parts = Parts(
            comments=lookup.comments,
            question=lookup.question,
            answer=lookup.answer,
            authority=lookup.authority,
            additional=lookup.additional,
            first_soa=not (once and len(exchange.messages) > 1),
            last_soa=not once,
            no_question=query and lookup.header_only,
        )
        text = message_text(
            message,
            style_of(lookup, self.whole.split),
            parts,
            exchange.cookie if not query else b"",
            query=query,
            edns=lookup.edns is not None,
            dnssec=lookup.dnssec,
        )
        self.out.write(text)

    def _short(self, exchange: Exchange, message: Message) -> None:
        lookup = exchange.lookup
        if not lookup.answer:
            return
        for text in short_texts(message, style_of(lookup, self.whole.split), lookup.trace):
            if lookup.identify:
                text += (
                    f" from server {exchange.server.address} in {self._time(exchange, 'us', 'ms')}."
                )
            self.out.write(f"{text}\n")

    def statistics(self, exchange: Exchange, octets: int, transfer: Transfer | None = None) -> None:
        """Time, server, clock and size, or the one line of ``+identify``."""
        lookup = exchange.lookup
        if self.whole.short:
            return
        if lookup.stats:
            when = time.strftime("%a %b %d %H:%M:%S %Z %Y")
            self.out.write(
                f";; Query time: {self._time(exchange, 'usec', 'msec')}\n"
                f";; SERVER: {exchange.place}({exchange.called}) ({exchange.protocol})\n"
                f";; WHEN: {when}\n"
            )
            if transfer is None:
                self.out.write(f";; MSG SIZE  rcvd: {octets}\n\n")
            else:
                self.out.write(
                    f";; XFR size: {transfer.records} records "
                    f"(messages {transfer.messages}, bytes {transfer.octets})\n\n"
                )
        elif lookup.identify:
            took = self._time(exchange, "us", "ms")
            place = f"{exchange.place}({exchange.called})"
            self.out.write(f";; Received {octets} bytes from {place} in {took}\n\n")

    def _time(self, exchange: Exchange, micro: str, milli: str) -> str:
        if exchange.lookup.microseconds:
            return f"{exchange.took_us} {micro}"
        return f"{exchange.took_us // 1000} {milli}"
