"""How a user comes in: the response to the greeting, then whatever the plugins have to say.

All that a client sends here proves who it is, and is masked: hashes, passwords (in the clear to
mysql_clear_password and dialog), signatures. Sources: the MySQL Source Code Documentation,
"Connection Phase", "Authentication Methods"; the MariaDB reference, "Connection" and
"Authentication Plugins".
"""

from __future__ import annotations

from netshell.protocols.mysql import capabilities as can
from netshell.protocols.mysql.answers import EOF, ERR, OK, first_byte, read_error, read_ok
from netshell.protocols.mysql.exchange import Answer, Exchange
from netshell.protocols.mysql.framing import Packet
from netshell.protocols.mysql.greeting import Response, read_change, read_response
from netshell.protocols.mysql.session import Session
from netshell.protocols.mysql.values import text
from netshell.protocols.mysql.wire import Malformed, Reader, readable
from netshell.protocols.secret import MASK, Masked

_IN_THE_CLEAR = ("mysql_clear_password", "dialog")
_OLD = "mysql_old_password"
_MOST = 64  # packets of proof that are shown
_LONGEST = 1000  # packets of a login
_CACHING = {b"\3": "known to the server", b"\4": "asked for the password"}
COMMAND = "COM_CHANGE_USER"


def handshake(session: Session, packet: Packet) -> tuple[Exchange, Response]:
    """The response to a greeting. Raises Malformed."""
    response = read_response(packet.data, packet.size, session.server)
    kind = "SSL request" if response.wants_tls else "login"
    bits = response.capabilities & (session.server | ~0xFFFFFFFF)
    return _begun(session, packet, kind, response, bits), response


def change(session: Session, packet: Packet, whole: bool) -> Exchange:
    """A COM_CHANGE_USER. Raises Malformed."""
    bits = session.capabilities
    if bits is None:
        bits = can.SECURE_CONNECTION | can.PLUGIN_AUTH | can.CONNECT_ATTRS
    response = read_change(packet.data, bits)
    return _begun(session, packet, COMMAND, response, bits, whole)


def _begun(
    session: Session, packet: Packet, kind: str, said: Response, bits: int, whole: bool = True
) -> Exchange:
    exchange = Exchange(kind, session, packet)
    exchange.whole = whole
    exchange.user, exchange.database, exchange.assumed = said.user, said.database, ""
    begin, end = said.proof
    proofs: tuple[str, ...] = ()
    if end > begin or not whole:
        exchange.hide(packet, begin, end)
        proofs = (_masked(packet.data[begin:end], said.plugin),)
    for place in said.hidden:
        exchange.hide(packet, *place)
    exchange.login = {
        "plugin": said.plugin, "charset": can.charset(said.charset or session.server_charset),
        "capabilities": can.names(said.capabilities), "attributes": said.attributes,
        "proofs": proofs,
    }  # fmt: skip
    if packet.is_cut:
        exchange.lack(packet.size - len(packet.data))
    exchange.answer = _answer(exchange, said, bits)
    next(exchange.answer)
    exchange.talks = not said.wants_tls
    return exchange


def _masked(proof: bytes, plugin: str) -> Masked:
    """A proof: text where it is a password in the clear, else in hexadecimal."""
    if plugin in _IN_THE_CLEAR or plugin in ("caching_sha2_password", "sha256_password"):
        whole = text(proof.rstrip(b"\0"))
        if isinstance(whole, str) and whole.isprintable() and whole:
            return Masked(MASK, whole)
    return Masked(MASK, proof.hex())


def _answer(exchange: Exchange, said: Response, bits: int) -> Answer:
    """All that both say until the server's OK or ERR."""
    told = exchange.login
    assert told is not None
    plugin = said.plugin
    for _ in range(_LONGEST):
        packet = yield
        if packet.side == "client":
            if packet.size:
                exchange.hide(packet)
                told["proofs"] = (*told["proofs"], _masked(packet.data, plugin))[:_MOST]
            continue
        first = first_byte(packet)
        if first == ERR:
            read_error(exchange, packet)
            return
        if first == OK:
            _accepted(exchange, packet, said, bits)
            return
        if first == EOF:
            plugin = _OLD if packet.size == 1 else readable(Reader(packet.data, 1).ended())
            told["plugin"] = plugin
            told["plugins"] = (*told.get("plugins", ()), plugin)[:_MOST]
        elif plugin == "caching_sha2_password" and packet.data[1:] in _CACHING:
            told["info"] = _CACHING[packet.data[1:]]
    raise Malformed("a login without an end")


def _accepted(exchange: Exchange, packet: Packet, said: Response, bits: int) -> None:
    """The user is in: from here on, this is who and what the connection is."""
    told, session = exchange.login, exchange.session
    assert told is not None
    if exchange.kind == COMMAND:
        session.reset()
    else:
        session.capabilities = bits
        session.has_eof = not bits & can.DEPRECATE_EOF
        if bits & can.COMPRESS:
            told["compression"] = "zlib"
        elif bits & can.ZSTD:
            told["compression"] = "zstd"
    session.user, session.database = said.user, said.database
    if said.charset:
        session.set_charset(said.charset)
    read_ok(exchange, packet)
    told["warnings"] = exchange.outcomes[-1].warnings
    told["info"] = exchange.outcomes[-1].info or told.get("info", "")
