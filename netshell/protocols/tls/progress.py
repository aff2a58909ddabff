"""A handshake while it goes on: what was seen of it, made a message at any time."""

from __future__ import annotations

from netshell.flow.amounts import amount
from netshell.flow.sides import SIDES, Side
from netshell.protocols.api import Part
from netshell.protocols.tls import fingerprints, hello, numbers
from netshell.protocols.tls.certificate import Certificate, read_certificate
from netshell.protocols.tls.handshake import Handshake
from netshell.protocols.tls.hello import ClientHello, ServerHello
from netshell.view import clean

TLS_1_3 = 0x0304

_MOST_PARTS = 256
_MOST_CERTIFICATES = 16
_MOST_ALERTS = 8


class Progress:
    """One handshake; fed by the decoder, whose methods are named like the messages."""

    def __init__(self) -> None:
        self.hello: ClientHello | None = None
        self.answer: ServerHello | None = None
        self.retry: ServerHello | None = None
        self.alerts: list[str] = []
        self.changed: set[Side] = set()  # who has sent a ChangeCipherSpec
        self.finished: set[Side] = set()  # and something encrypted behind it
        self.encrypted = 0  # records of the server, in TLS 1.3
        self.early_size = 0
        self.early_ended = False
        self.lacks = dict.fromkeys(SIDES, 0)
        self.unkept = ""
        self._parts: list[Part] = []
        self._size = dict.fromkeys(SIDES, 0)
        self._seen: dict[Side, set[int]] = {side: set() for side in SIDES}
        self._chains: dict[Side, tuple[Certificate, ...]] = {}
        self._group: int | str | None = None
        self._lifetime_s: int | None = None
        self.asks_client = False  # for a certificate

    @property
    def version(self) -> int:
        """The one chosen; 0 where no ServerHello was seen."""
        return 0 if self.answer is None else self.answer.version

    @property
    def has_answer(self) -> bool:
        """Whether the server has said anything."""
        return self._size["server"] > 0

    def add(self, part: Part) -> None:
        """Bytes that belong to it."""
        parts = self._parts
        self._size[part.side] += part.end - part.begin
        if parts and parts[-1].side == part.side:
            parts[-1] = parts[-1]._replace(end=part.end, end_ns=part.end_ns)
        elif len(parts) < _MOST_PARTS:
            parts.append(part)

    # --- what the messages say ---

    def take(self, side: Side, kind: int, body: bytes) -> None:
        """One message that is not encrypted."""
        self._seen[side].add(kind)
        if kind == 1 and self.hello is None:
            self.hello = hello.read_client_hello(body)
        elif kind == 2 and self.answer is None:
            self._server_hello(body)
        elif kind == 11 and side not in self._chains:
            self._chains[side] = tuple(map(read_certificate, _certificates(body)))
        elif kind == 12 and self.answer is not None:
            self._group = _group(numbers.cipher(self.answer.cipher or 0), body)
        elif kind == 13:
            self.asks_client = True
        elif kind == 4 and len(body) >= 4:
            self._lifetime_s = int.from_bytes(body[:4], "big")

    def _server_hello(self, body: bytes) -> None:
        made = hello.read_server_hello(body)
        if made.is_retry:
            self.retry = made
        else:
            self.answer = made

    def alert(self, text: str) -> None:
        """An alert, with who sent it."""
        if len(self.alerts) < _MOST_ALERTS:
            self.alerts.append(text)

    # --- as a message ---

    def message(self, failure: str = "", lacking: str = "") -> Handshake:
        """What is known of it by now."""
        first = self._parts[0].side if self._parts else "client"
        second: Side = "server" if first == "client" else "client"
        lacks = [
            f"{amount(size)} of the {side}'s lack{'s' if size == 1 else ''}"
            for side, size in self.lacks.items()
            if size
        ]
        told = ["no ClientHello seen"] if self.hello is None else []
        told += [each for each in (lacking, *lacks, self.unkept) if each]
        if not lacking:
            hellos = (("ClientHello", self.hello), ("ServerHello", self.answer))
            told += [f"the {name} ends too early" for name, said in hellos if said and said.is_cut]
        return Handshake(
            kind="handshake",
            parts=tuple(self._parts),
            lacking=", ".join(told),
            failure=failure,
            alerts=tuple(self.alerts),
            size=self._size[first],
            answer_size=self._size[second],
            early_size=self.early_size,
            certificates=self._chains.get("server", ()),
            client_certificates=self._chains.get("client", ()),
            ticket_lifetime_s=self._lifetime_s,
            doubts=tuple(self._doubts()),
            **self._offered(),  # type: ignore[arg-type]
            **self._chosen(),  # type: ignore[arg-type]
        )

    def _offered(self) -> dict[str, object]:
        said = self.hello
        if said is None:
            return {}
        told = said.versions or (said.version,)
        ja3 = fingerprints.ja3_text(said)
        ja4, ja4_raw = fingerprints.ja4(said)
        return {
            "server_name": said.server_name.decode("utf-8", "backslashreplace"),
            "versions": _without_grease(numbers.VERSIONS, told),
            "alpns": tuple([_text(each) for each in said.alpns]),
            "ciphers": numbers.ciphers(said.ciphers),
            "groups": numbers.all_called(numbers.GROUPS, said.groups),
            "key_shares": numbers.all_called(numbers.GROUPS, said.key_shares),
            "signature_algorithms": numbers.all_called(numbers.SIGNATURES, said.signatures),
            "extensions": numbers.all_called(numbers.EXTENSIONS, said.extensions),
            "offered": tuple(self._resumable(said)),
            "early_data": self._early(said),
            "has_ech": hello.ENCRYPTED_HELLO in said.extensions
            or hello.ENCRYPTED_NAME in said.extensions,
            "ja3": fingerprints.md5(ja3),
            "ja3_text": ja3,
            "ja4": ja4,
            "ja4_raw": ja4_raw,
        }

    def _early(self, said: ClientHello) -> str:
        if hello.EARLY_DATA not in said.extensions:
            return ""
        if self.early_ended:
            return "accepted"
        return "sent" if self.early_size else "offered"

    def _resumable(self, said: ClientHello) -> list[str]:
        made = []
        # Who offers TLS 1.3 sends a session id for middleboxes' sake, RFC 8446 D.4: whether it was
        # meant is seen only where it was taken.
        is_meant = TLS_1_3 not in said.versions or self._is_echoed
        if said.session_id and is_meant:
            made.append("session id")
        if said.ticket:
            made.append("ticket")
        if said.keys:
            made.append("PSK")
        return made

    @property
    def _is_echoed(self) -> bool:
        """Whether a server of TLS 1.2 gives back the client's session id, and not for a ticket."""
        said = self.answer
        return (
            self.hello is not None
            and said is not None
            and said.version < TLS_1_3
            and said.session_id == self.hello.session_id
            and not self.hello.ticket
        )

    def _chosen(self) -> dict[str, object]:
        made: dict[str, object] = {}
        if self.retry is not None and self.retry.group is not None:
            made["retried"] = numbers.called(numbers.GROUPS, self.retry.group)
        said = self.answer
        if said is None:
            return made
        group = said.group if said.group is not None else self._group
        text = fingerprints.ja3s_text(said)
        is_clear = said.version < TLS_1_3
        return {
            **made,
            "version": numbers.called(numbers.VERSIONS, said.version),
            "alpn": _text(said.alpn),
            "cipher": "" if said.cipher is None else numbers.cipher(said.cipher),
            "group": _group_name(group),
            "server_extensions": numbers.all_called(numbers.EXTENSIONS, said.extensions),
            "resumed": self._resumed(said),
            "client_auth": self.asks_client if is_clear or self.asks_client else None,
            "has_ocsp": 22 in self._seen["server"] if is_clear else None,
            "ja3s": fingerprints.md5(text),
            "ja3s_text": text,
        }

    def _resumed(self, said: ServerHello) -> str | None:
        if said.version >= TLS_1_3:
            return "PSK" if said.key is not None else ""
        seen = self._seen["server"]
        if seen & {11, 12, 14}:
            return ""
        if "server" not in self.changed or self.lacks["server"]:
            return None
        if self.hello is None:
            return None
        return "ticket" if self.hello.ticket else "session id"

    def _doubts(self) -> list[str]:
        made: list[str] = []
        if self.answer is not None and self.answer.could:
            could = numbers.called(numbers.VERSIONS, self.answer.could)
            made.append(f"the server says that it can do {could}")
        chain = self._chains.get("server", ())
        if not chain or not self._parts:
            return made
        own, time_ns = chain[0], self._parts[0].time_ns
        for at, each in enumerate(chain):
            wrong = each.date_problem(time_ns)
            if wrong:
                made.append(f"certificate{'' if at == 0 else f' {at + 1} of the chain'} {wrong}")
        if own.is_self_signed:
            made.append("certificate is signed by itself")
        name = b"" if self.hello is None else self.hello.server_name
        if name and not own.problem and not (fits := own.is_for(_text(name))):
            wrong = "names no host" if fits is None else f"is not for {clean(name)}"
            made.append(f"certificate {wrong}")
        return made


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def _without_grease(names: dict[int, str], told: tuple[int, ...]) -> tuple[str, ...]:
    return numbers.all_called(names, (each for each in told if not numbers.is_grease(each)))


def _certificates(body: bytes) -> list[bytes]:
    """The chain of a Certificate message up to TLS 1.2, RFC 5246 7.4.2."""
    made: list[bytes] = []
    at = 3
    while at + 3 <= len(body) and len(made) < _MOST_CERTIFICATES:
        size = int.from_bytes(body[at : at + 3], "big")
        made.append(body[at + 3 : at + 3 + size])
        at += 3 + size
    return made


def _group_name(group: int | str | None) -> str:
    return numbers.called(numbers.GROUPS, group) if isinstance(group, int) else group or ""


def _group(cipher: str, body: bytes) -> int | str | None:
    """The group of a ServerKeyExchange: RFC 8422, 5.4; RFC 5246, 7.4.3."""
    if "ECDHE" in cipher or "ECDH_anon" in cipher:
        return body[1] << 8 | body[2] if len(body) > 2 and body[0] == 3 else None
    if "DHE" in cipher or "DH_anon" in cipher:
        size = int.from_bytes(body[:2], "big")
        prime = body[2 : 2 + size].lstrip(b"\0")
        return f"DH, {len(prime) * 8:,} bits" if prime else None
    return None
