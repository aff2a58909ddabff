"""What clients ask: each command, what is read of it, and how it is answered.

Source: the MySQL Source Code Documentation, "Command Phase"; the MariaDB reference, "Text
Protocol" and "Binary Protocol".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from netshell.protocols.mysql import answers, binding
from netshell.protocols.mysql.capabilities import QUERY_ATTRIBUTES
from netshell.protocols.mysql.exchange import Answer, Exchange
from netshell.protocols.mysql.framing import KEPT, Packet
from netshell.protocols.mysql.session import Prepared, Session
from netshell.protocols.mysql.wire import Malformed, Reader
from netshell.protocols.secret import MASK, Masked
from netshell.protocols.sql_secrets import Hidden


class Kind(NamedTuple):
    """A command."""

    name: str
    answer: Callable[[Exchange], Answer] | None  # None: there is none
    read: Callable[[Exchange, Packet], None] | None = None
    sizes: tuple[int, int] = (1, 1 << 31)  # what it is at least and at most, bytes
    streams: str = ""  # what follows instead of packets that answer


def asked(session: Session, packet: Packet, whole: bool = True) -> tuple[Exchange, Kind]:
    """A command as it was sent. ``whole``: single bytes of it have a place in the stream.

    Raises Malformed.
    """
    kind = COMMANDS.get(answers.first_byte(packet))
    if kind is None:
        raise Malformed(f"a command 0x{packet.data[0]:02x}")
    if not kind.sizes[0] <= packet.size <= kind.sizes[1]:
        raise Malformed(f"{kind.name} of {packet.size:,} bytes")
    exchange = Exchange(kind.name, session, packet)
    exchange.whole = whole
    if packet.lacking:
        exchange.lack(packet.lacking)
    elif packet.is_cut:
        exchange.lacks.append(f"{packet.size - len(packet.data):,} bytes of it are not kept")
    if kind.read is not None:
        kind.read(exchange, packet)
    if kind.answer is not None:
        exchange.answer = kind.answer(exchange)
        next(exchange.answer)
    return exchange, kind


# --- text ---


def _query(exchange: Exchange, packet: Packet) -> None:
    exchange.is_statement = True
    data, at = packet.data, 1
    if exchange.session.has_attributes(data):
        exchange.attributes, at = binding.attributes(data)
    _sql(exchange, packet, at)


def _sql(exchange: Exchange, packet: Packet, at: int) -> Hidden:
    exchange.statement, hidden = exchange.session.sql(packet.data[at:])
    for begin, end in hidden.places:
        exchange.hide(packet, at + begin, at + end)
    return hidden


def _database(exchange: Exchange, packet: Packet) -> None:
    exchange.argument = exchange.session.text(packet.data[1:])


def _number(exchange: Exchange, packet: Packet) -> None:
    exchange.argument = str(int.from_bytes(packet.data[1:5], "little"))


def _table(exchange: Exchange, packet: Packet) -> None:
    reader = Reader(packet.data, 1)
    table, wildcard = reader.ended(), reader.rest()
    exchange.argument = " ".join(exchange.session.text(each) for each in (table, wildcard) if each)


# --- prepared statements ---


def _prepare(exchange: Exchange, packet: Packet) -> None:
    hidden = _sql(exchange, packet, 1)
    made = Prepared(exchange.statement, hidden, len(packet.data), None)
    exchange.prepared = exchange.session.last = made


def _prepared(exchange: Exchange, packet: Packet) -> Prepared:
    """The statement that a command names."""
    number = int.from_bytes(packet.data[1:5], "little")
    prepared = exchange.session.find(number)
    exchange.prepared = prepared
    exchange.name = str(number if prepared.number is None else prepared.number)
    exchange.statement = prepared.statement
    if not prepared.is_known:
        known = "its preparation was not seen"
        exchange.assumed = f"{exchange.assumed}, {known}" if exchange.assumed else known
    return prepared


def _execute(exchange: Exchange, packet: Packet) -> None:
    exchange.is_statement = True
    prepared = _prepared(exchange, packet)
    long, prepared.long = prepared.long, {}
    session = exchange.session
    named = bool((session.capabilities or 0) & QUERY_ATTRIBUTES)

    def bind() -> binding.Bound:
        return binding.executed(
            packet.data, prepared.count, prepared.kinds, named, long, packet.is_cut
        )

    exchange.bind = partial(_bind, bind, packet, prepared)


def _bulk(exchange: Exchange, packet: Packet) -> None:
    exchange.is_statement = True
    prepared = _prepared(exchange, packet)

    def bind() -> binding.Bound:
        return binding.bulk(packet.data, prepared.count, prepared.kinds)

    exchange.bind = partial(_bind, bind, packet, prepared)


def _bind(
    read: Callable[[], binding.Bound],
    packet: Packet,
    prepared: Prepared,
    exchange: Exchange,
    keep: bool,
) -> None:
    """Put the values into an exchange: what was prepared is answered by now. ``keep``: the next
    execution may take their types for granted."""
    bound = read()
    if prepared.number is not None:
        exchange.name = str(prepared.number)
    if keep:
        prepared.kinds = bound.kinds or prepared.kinds
    secret = prepared.hidden.numbers
    values = bound.values
    if secret:
        if exchange.kind == "COM_STMT_BULK_EXECUTE":
            values = tuple(_masked(row, secret) for row in values)
            exchange.hide(packet, 7)
        else:
            values = _masked(values, secret)
            for at in sorted(secret):
                if at < len(bound.places):
                    exchange.hide(packet, *bound.places[at])
    exchange.parameters, exchange.attributes = values, bound.attributes
    if bound.lacking:
        exchange.lacks.append(bound.lacking)


def _masked(values: tuple[object, ...], secret: frozenset[int]) -> tuple[object, ...]:
    return tuple(
        Masked(MASK, str(each)) if at in secret and each is not None else each
        for at, each in enumerate(values)
    )


def _fetch(exchange: Exchange, packet: Packet) -> None:
    _prepared(exchange, packet)
    exchange.argument = f"{int.from_bytes(packet.data[5:9], 'little'):,} rows"


def _close(exchange: Exchange, packet: Packet) -> None:
    prepared = _prepared(exchange, packet)
    if prepared.number is not None:
        exchange.session.forget(prepared.number)


def _forget_long(exchange: Exchange, packet: Packet) -> None:
    _prepared(exchange, packet).long = {}


def _long(exchange: Exchange, packet: Packet) -> None:
    prepared = _prepared(exchange, packet)
    at = int.from_bytes(packet.data[5:7], "little")
    size = packet.size - 7
    exchange.argument = f"parameter {at}, {size:,} bytes"
    before, whole = prepared.long.get(at, (b"", 0))
    kept = sum(len(each[0]) for each in prepared.long.values())
    sent = packet.data[7 : 7 + max(KEPT - kept, 0)] if len(before) == whole else b""
    if at in prepared.long or len(prepared.long) < 1024:
        prepared.long[at] = before + sent, whole + size
    if at in prepared.hidden.numbers:
        exchange.hide(packet, 7)


_STREAM = "a stream of replication follows, which is not read"

COMMANDS: dict[int, Kind] = {
    0x01: Kind("COM_QUIT", None, None, (1, 1)),
    0x02: Kind("COM_INIT_DB", answers.database, _database, (1, 1024)),
    0x03: Kind("COM_QUERY", answers.results, _query),
    0x04: Kind("COM_FIELD_LIST", answers.fields, _table, (2, 1 << 16)),
    0x05: Kind("COM_CREATE_DB", answers.simple, _database, (1, 1024)),
    0x06: Kind("COM_DROP_DB", answers.simple, _database, (1, 1024)),
    0x07: Kind("COM_REFRESH", answers.simple, _number, (2, 2)),
    0x08: Kind("COM_SHUTDOWN", answers.simple, _number, (1, 5)),
    0x09: Kind("COM_STATISTICS", answers.words, None, (1, 1)),
    0x0A: Kind("COM_PROCESS_INFO", answers.results, None, (1, 1)),
    0x0C: Kind("COM_PROCESS_KILL", answers.simple, _number, (5, 5)),
    0x0D: Kind("COM_DEBUG", answers.simple, None, (1, 1)),
    0x0E: Kind("COM_PING", answers.simple, None, (1, 1)),
    0x12: Kind("COM_BINLOG_DUMP", None, None, (11, 2048), _STREAM),
    0x13: Kind("COM_TABLE_DUMP", None, None, (3, 2048), _STREAM),
    0x15: Kind("COM_REGISTER_SLAVE", answers.simple, None, (18, 2048)),
    0x16: Kind("COM_STMT_PREPARE", answers.preparation, _prepare),
    0x17: Kind("COM_STMT_EXECUTE", answers.results, _execute, (10, 1 << 31)),
    0x18: Kind("COM_STMT_SEND_LONG_DATA", None, _long, (7, 1 << 31)),
    0x19: Kind("COM_STMT_CLOSE", None, _close, (5, 5)),
    0x1A: Kind("COM_STMT_RESET", answers.simple, _forget_long, (5, 5)),
    0x1B: Kind("COM_SET_OPTION", answers.simple, _number, (3, 3)),
    0x1C: Kind("COM_STMT_FETCH", answers.fetched, _fetch, (9, 9)),
    0x1E: Kind("COM_BINLOG_DUMP_GTID", None, None, (15, 1 << 20), _STREAM),
    0x1F: Kind("COM_RESET_CONNECTION", answers.cleared, None, (1, 1)),
    0xFA: Kind("COM_STMT_BULK_EXECUTE", answers.results, _bulk, (7, 1 << 31)),
}
"""Each command by its number. COM_CHANGE_USER is a login."""

CHANGE_USER = 0x11
