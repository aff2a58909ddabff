"""A handshake as one message: what was offered, what was chosen, by whom it was certified, who
waited for whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from netshell.flow.amounts import amount, duration
from netshell.flow.sides import Side
from netshell.protocols.api import Message
from netshell.protocols.tls.certificate import Certificate
from netshell.protocols.tls.numbers import MEANINGS, short
from netshell.view import Line, clean

SHOWN = 24
"""Entries of a list that :meth:`Handshake.said` names."""
_FEW = 4  # of ALPN's protocols that a line names


@dataclass(frozen=True, kw_only=True, repr=False)
class Handshake(Message):
    """From the ClientHello to the last byte of it that can be told from data.

    Up to TLS 1.2 that is the second Finished; in TLS 1.3 all from the ServerHello on is encrypted,
    and what the client sends first then is taken for its end. What was not seen is empty or None.
    """

    protocol: ClassVar[str] = "tls"

    # Offered by the client.
    server_name: str = ""  # SNI
    versions: tuple[str, ...] = ()
    alpns: tuple[str, ...] = ()
    ciphers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    key_shares: tuple[str, ...] = ()  # of which groups a share came with it
    signature_algorithms: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()  # to resume by: "session id", "ticket", "PSK"
    early_data: str = ""  # 0-RTT: "offered", "sent", "accepted" (its end was seen, by its size)
    has_ech: bool = False  # an encrypted ClientHello is in it, or what looks like one (GREASE)
    # Chosen by the server.
    version: str = ""
    alpn: str = ""  # encrypted, thus unknown, in TLS 1.3
    cipher: str = ""
    group: str = ""
    server_extensions: tuple[str, ...] = ()
    resumed: str | None = None  # by which of ``offered``; "" in full; None where it is not seen
    retried: str = ""  # the group it asked for by a HelloRetryRequest
    client_auth: bool | None = None  # a client certificate was asked for; None: not to be seen
    certificates: tuple[Certificate, ...] = ()  # the server's chain, up to TLS 1.2
    client_certificates: tuple[Certificate, ...] = ()
    has_ocsp: bool | None = None  # what the OCSP responder says was with it; None: not seen
    ticket_lifetime_s: int | None = None  # of the new ticket, up to TLS 1.2
    # What became of it.
    alerts: tuple[str, ...] = ()  # "server: handshake_failure"
    failure: str = ""
    doubts: tuple[str, ...] = ()  # about the certificates and the choice, by what is written there
    size: int = 0  # bytes by who began, records' headers included
    answer_size: int = 0  # bytes by the other side
    early_size: int = 0  # of them the client's early data
    ja3: str = ""
    ja3_text: str = ""
    ja3s: str = ""
    ja3s_text: str = ""
    ja4: str = ""
    ja4_raw: str = ""

    @property
    def certificate(self) -> Certificate | None:
        """The server's own, if it was in clear."""
        return self.certificates[0] if self.certificates else None

    @property
    def waits(self) -> tuple[int, ...]:
        """How long it was silent before each change of the side that speaks, ns.

        The first is the time until the server's first byte; each has the server's, or the client's
        own time in it and the way there and back from where it was captured.
        """
        pairs = zip(self.parts, self.parts[1:], strict=False)
        return tuple(
            [max(after.time_ns - before.end_ns, 0) for before, after in pairs
             if before.side != after.side]
        )  # fmt: skip

    @property
    def answer_wait_s(self) -> float:
        """How long who began it waited for the other side: for its time and the way there."""
        return sum(self.waits[::2]) / 1e9

    @property
    def own_wait_s(self) -> float:
        """How long the other side waited for who began it."""
        return sum(self.waits[1::2]) / 1e9

    @property
    def round_trip_s(self) -> float | None:
        """What the way to the other side and back took at most: the shortest wait for it."""
        return min(self.waits[::2]) / 1e9 if self.waits else None

    @property
    def asked(self) -> str:
        if not (self.versions or self.ciphers):
            return "handshake without its ClientHello"
        alpns = ",".join(self.alpns[:_FEW]) + "…" * (len(self.alpns) > _FEW)
        words = ["ClientHello", self.server_name, alpns, *self.versions[:1]]
        return clean(" ".join(each for each in words if each))

    @property
    def answered(self) -> str:
        if self.failure:
            return self.failure
        if not self.version:
            return ""
        words = [self.version, short(self.cipher), self.alpn]
        made = clean(" ".join(each for each in words if each))
        made += f", resumed ({self.resumed})" if self.resumed else ""
        return f"{made}, in {duration(self.end_ns - self.time_ns)}"

    @property
    def problem(self) -> str:
        return self.failure

    def facts(self) -> Iterable[tuple[str, str]]:
        yield from super().facts()
        yield "SNI", self.server_name
        yield "version", self.version
        yield "cipher", self.cipher
        yield "group", self.group
        yield "ALPN", self.alpn or ", ".join(self.alpns)
        yield "resumed by", self.resumed or ""
        for each in self.certificates[:1]:
            yield "certificate", each.subject or each.problem
            yield "names", ", ".join(each.names[:SHOWN])
            yield "issuer", each.issuer
            if each.not_before is not None and each.not_after is not None:
                yield "valid", f"{each.not_before:%Y-%m-%d} to {each.not_after:%Y-%m-%d}"
        yield "doubts", ", ".join(self.doubts)
        if self._is_from_hello and self.waits:
            yield "waited for the server", duration(sum(self.waits[::2]))
            yield "waited for the client", duration(sum(self.waits[1::2]))
        yield "JA3", self.ja3
        yield "JA4", self.ja4
        yield "JA3S", self.ja3s

    @property
    def _is_from_hello(self) -> bool:
        return bool(self.versions or self.ciphers)

    def said(self, side: Side) -> Sequence[Line]:
        is_client = (side == self.side) == self._is_from_hello
        return [clean(line) for line in (self._offered() if is_client else self._chosen())]

    def _offered(self) -> Iterable[str]:
        if self._is_from_hello:
            yield self.asked
        yield from _listed("versions", self.versions)
        yield from _listed("ALPN", self.alpns)
        yield from _listed("ciphers", map(short, self.ciphers))
        yield from _listed("groups", self.groups)
        yield from _listed("key shares", self.key_shares)
        yield from _listed("signature algorithms", self.signature_algorithms)
        yield from _listed("extensions", self.extensions)
        yield from _listed("offers to resume by", self.offered)
        if self.early_data:
            sent = f", {amount(self.early_size)}" if self.early_size else ""
            yield f"early data: {self.early_data}{sent}"
        if self.has_ech:
            yield "ECH: an encrypted ClientHello, or GREASE that looks like one"
        if self.ja3:
            yield f"JA3: {self.ja3}"
            yield f"JA4: {self.ja4}"
        yield from _chain("client certificate", self.client_certificates)
        yield from (_told(each) for each in self.alerts if each.startswith("client: "))

    def _chosen(self) -> Iterable[str]:
        if self.version:
            yield " ".join(each for each in ("ServerHello", self.version, self.alpn) if each)
        if self.retried:
            yield f"asked for another ClientHello, with {self.retried} (HelloRetryRequest)"
        if self.cipher:
            yield f"cipher: {short(self.cipher)}"
        if self.group:
            yield f"group: {self.group}"
        yield from _listed("extensions", self.server_extensions)
        if self.resumed is not None:
            yield f"resumed: by {self.resumed}" if self.resumed else "resumed: no, in full"
        if self.client_auth:
            yield "asks for a client certificate"
        if self.has_ocsp:
            yield "OCSP response: stapled"
        if self.ticket_lifetime_s is not None:
            yield f"new ticket: for {self.ticket_lifetime_s:,} s"
        yield from _chain("certificate", self.certificates)
        if self.ja3s:
            yield f"JA3S: {self.ja3s}"
        yield from (f"doubt: {each}" for each in self.doubts)
        yield from (_told(each) for each in self.alerts if each.startswith("server: "))
        if self.failure:
            yield f"failed: {self.failure}"
        elif self.version:
            yield from self._timing()

    def _timing(self) -> Iterable[str]:
        yield f"took {duration(self.end_ns - self.time_ns)}"
        if self._is_from_hello:
            yield from _waited("server", self.waits[::2])
            yield from _waited("client", self.waits[1::2])


def _waited(side: str, waits: Sequence[int]) -> Iterable[str]:
    """How long for a side, and how much of it may have been the network's."""
    if len(waits) == 1:
        yield f"waited {duration(waits[0])} for the {side}, with the way there and back"
    elif waits:
        own = sum(waits) - min(waits) * len(waits)
        yield (
            f"waited {duration(sum(waits))} for the {side}, {len(waits)} times: the way there and"
            f" back took at most {duration(min(waits))} each, it itself at least {duration(own)}"
        )


def _listed(name: str, several: Iterable[str]) -> Iterable[str]:
    entries = list(several)
    if entries:
        more = len(entries) - SHOWN
        yield f"{name}: {', '.join(entries[:SHOWN])}{f', and {more:,} more' if more > 0 else ''}"


def _told(alert: str) -> str:
    name = alert.partition(": ")[2]
    meaning = MEANINGS.get(name, "")
    return f"alert: {name}{f' ({meaning})' if meaning else ''}"


def _chain(name: str, chain: Sequence[Certificate]) -> Iterable[str]:
    for at, each in enumerate(chain[:4]):
        if each.problem:
            yield f"{name}: {amount(each.size)}, {each.problem}"
            continue
        yield f"{name}: {each.subject or 'no subject'}" if at == 0 else f"signed by: {each.subject}"
        if at == 0:
            yield from (f"  {line}" for line in _described(each))
    if len(chain) > 4:
        yield f"and {amount(len(chain) - 4, 'certificate')} more"


def _described(each: Certificate) -> Iterable[str]:
    yield "issuer: itself" if each.is_self_signed else f"issuer: {each.issuer}"
    yield from _listed("for", each.names)
    if each.not_before is not None and each.not_after is not None:
        yield f"valid: {each.not_before:%Y-%m-%d %H:%M} to {each.not_after:%Y-%m-%d %H:%M} UTC"
    bits = f", {each.key_bits:,} bits" if each.key_bits else ""
    yield f"key: {each.key}{bits}; signed with {each.signature_algorithm}"
    yield f"serial: {each.serial}"
