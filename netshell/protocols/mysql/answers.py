"""How the server answers: OK, ERR and EOF, rows with their columns, what PREPARE and its like get.

Each reader here is a generator that is sent the packets of an answer and fills the
:class:`~netshell.protocols.mysql.exchange.Exchange`. What ends columns and rows (EOF, or OK since
CLIENT_DEPRECATE_EOF) is told by its size, so that connections seen from their midst are read, too.
Sources: the MySQL Source Code Documentation, "Text Resultset", "OK_Packet", "ERR_Packet",
"COM_STMT_PREPARE Response"; the MariaDB reference, "Result Set Packets", "ERR_Packet".
"""

from __future__ import annotations

import re
from collections.abc import Generator

from netshell.protocols.masking import in_value
from netshell.protocols.mysql.capabilities import EXTENDED_METADATA, SESSION_TRACK
from netshell.protocols.mysql.columns import column
from netshell.protocols.mysql.exchange import Answer, Exchange
from netshell.protocols.mysql.framing import LARGEST, Packet
from netshell.protocols.mysql.messages import Outcome
from netshell.protocols.mysql.repeated import hide_in_row, near, of_key, shown
from netshell.protocols.mysql.rows import FIRST, KEPT, Rows, secret_columns
from netshell.protocols.mysql.session import Kinds, Session
from netshell.protocols.mysql.wire import NULL, Malformed, Reader, readable
from netshell.protocols.secret import hide_values

OK, ERR, EOF = 0x00, 0xFF, 0xFE
_MOST_COLUMNS = 4096

IN_TRANSACTION, MORE_RESULTS, CURSOR, NO_BACKSLASHES, CHANGED = 1, 8, 0x40, 0x200, 0x4000
_USE = re.compile(r"\s*use\s+(`(?:[^`]|``)+`|[^\s;`]+)\s*;?\s*$", re.I)
_TRACKED = {
    0: "variable", 1: "database", 2: "state changed", 3: "gtids", 4: "characteristics",
    5: "transaction",
}  # fmt: skip


def first_byte(packet: Packet) -> int:
    """What a packet begins with. Raises Malformed if it is empty."""
    if not packet.data:
        raise Malformed("an empty packet")
    return packet.data[0]


def is_eof(packet: Packet) -> bool:
    """Whether it is an EOF as it was before CLIENT_DEPRECATE_EOF."""
    return packet.size == 5 and packet.data[:1] == b"\xfe"


def is_end(packet: Packet) -> bool:
    """Whether it ends rows: an EOF, or the OK that stands for it."""
    return packet.data[:1] == b"\xfe" and packet.size < LARGEST


# --- single packets ---


def read_error(exchange: Exchange, packet: Packet) -> None:
    """An ERR: its number, SQLSTATE and words."""
    encoding = exchange.session.encoding
    exchange.code, at = error_of(packet.data, encoding)
    words, is_known = packet.data[at:], bool(exchange.statement)
    exchange.error = shown(words, exchange.conceal(packet), encoding, is_known)
    for begin, end in of_key(words) or (in_value(words) if is_known else near(words)):
        exchange.hide(packet, at + begin, at + end)
    exchange.in_rows = False


def error_of(data: bytes, encoding: str = "latin-1") -> tuple[str, int]:
    """The code, "1064 (42000)", of an ERR, and where its words begin. Raises Malformed."""
    number = Reader(data, 1).number(2)
    if data[3:4] == b"#" and len(data) >= 9:
        return f"{number} ({readable(data[4:9], encoding)})", 9
    return f"{number}", 3


def is_progress(packet: Packet) -> bool:
    """Whether an ERR is none (number 0xFFFF): MariaDB only tells how far it is."""
    return packet.data[:3] == b"\xff\xff\xff"


def read_ok(exchange: Exchange, packet: Packet, rows: Outcome | None = None) -> int:
    """An OK or EOF, of a command or after rows; its status flags. Raises Malformed."""
    data, session = packet.data, exchange.session
    info: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    if len(data) == packet.size == 5 and data[0] == EOF:
        affected = inserted = 0
        warnings, status = data[1] | data[2] << 8, data[3] | data[4] << 8
    elif len(data) == 7 and data[1] < NULL and data[2] < NULL:  # as most are
        affected, inserted = data[1], data[2]
        status, warnings = data[3] | data[4] << 8, data[5] | data[6] << 8
    else:
        reader = Reader(data, 1)
        affected, inserted = reader.length(), reader.length()
        status, warnings = reader.number(2), reader.number(2)
        if reader.left:
            info, changes = _info(reader, status, session)
        for name, value in changes:
            if name == "database":
                session.database = value
    session.backslashes = not status & NO_BACKSLASHES
    exchange.transaction = "in transaction" if status & IN_TRANSACTION else "idle"
    exchange.in_rows = False
    if rows is None:
        rows = Outcome((), None, affected, inserted, warnings, status, info, changes)
    else:
        rows = Outcome(rows[0], rows[1], None, 0, warnings, status, info, changes, rows[8])
    exchange.result(rows)
    return status


def _info(reader: Reader, status: int, session: Session) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The words at an OK's end, and what of the session changed."""
    tracks = session.capabilities is None or session.capabilities & SESSION_TRACK
    left = reader.left
    begin = reader.at
    try:
        info = session.text(reader.counted())
    except Malformed:
        if left and reader.data[begin] < left:
            raise
        reader.at = begin
        return session.text(reader.rest()), ()
    if not (tracks and status & CHANGED and reader.left):
        return info, ()
    changes: list[tuple[str, str]] = []
    inner = Reader(reader.counted())
    while inner.left:
        kind, told = inner.number(1), Reader(inner.counted())
        if kind == 0:
            while told.left:
                name = session.text(told.counted())
                changes.append((name, session.text(told.counted()) if told.left else ""))
            continue
        if kind == 3:
            told.number(1)  # how the GTIDs are encoded: in one way only
        text = session.text(told.counted()) if told.left else ""
        changes.append((_TRACKED.get(kind, str(kind)), text))
    return info, tuple(changes)


# --- answers ---


def simple(exchange: Exchange) -> Answer:
    """OK, EOF or ERR."""
    packet = yield
    first = first_byte(packet)
    if first == ERR:
        read_error(exchange, packet)
    elif first in (OK, EOF):
        read_ok(exchange, packet)
    else:
        raise Malformed(f"an answer that begins with 0x{first:02x}")


def database(exchange: Exchange) -> Answer:
    """The same to COM_INIT_DB, after which another database is the default."""
    yield from simple(exchange)
    if not exchange.code:
        exchange.session.database = exchange.argument


def cleared(exchange: Exchange) -> Answer:
    """The same to COM_RESET_CONNECTION."""
    yield from simple(exchange)
    if not exchange.code:
        exchange.session.reset()


def words(exchange: Exchange) -> Answer:
    """Text as it is, to COM_STATISTICS."""
    packet = yield
    if first_byte(packet) == ERR:
        read_error(exchange, packet)
    else:
        exchange.text = exchange.session.text(packet.data[:KEPT])


def results(exchange: Exchange) -> Answer:
    """Any number of results, to what executes statements."""
    while True:
        packet = yield
        first = first_byte(packet)
        if first == ERR:
            if is_progress(packet):
                continue
            read_error(exchange, packet)
            return
        if first == OK:
            status = read_ok(exchange, packet)
            if exchange.kind == "COM_QUERY" and len(exchange.outcomes) == 1:
                _used(exchange)
        elif first == NULL:
            yield from _infile(exchange, packet)
            continue
        else:
            made = yield from _rows(exchange, packet)
            if made is None:
                return
            status = made
        if not status & MORE_RESULTS:
            return


def _used(exchange: Exchange) -> None:
    """USE changes the default database."""
    found = _USE.match(exchange.statement) if len(exchange.statement) < 300 else None
    if found is not None:
        name = found[1]
        exchange.session.database = name[1:-1].replace("``", "`") if name[0] == "`" else name


def _infile(exchange: Exchange, packet: Packet) -> Answer:
    """LOAD DATA LOCAL: the client sends a file, in packets up to an empty one."""
    exchange.infile = exchange.session.text(packet.data[1:])
    exchange.infile_bytes = 0
    exchange.talks = True
    while True:
        packet = yield
        if packet.side == "server":
            raise Malformed("the server answers before the file's end")
        if not packet.size:
            break
        exchange.infile_bytes += packet.size
    exchange.talks = False


def _rows(exchange: Exchange, packet: Packet) -> Generator[None, Packet, int | None]:
    """One result with rows: the status after it, None after an error."""
    reader = Reader(packet.data)
    count = reader.length()
    if not 0 < count <= _MOST_COLUMNS or reader.left > 1:
        raise Malformed(f"a result of {count} columns")
    follow = not reader.left or reader.number(1) > 0
    columns, kinds = yield from _columns(exchange, count if follow else 0)
    prepared = exchange.prepared
    if not follow and prepared is not None:
        columns, kinds = prepared.columns, prepared.row_kinds
    elif prepared is not None:
        prepared.columns, prepared.row_kinds = columns, kinds
    exchange.columns = columns
    packet = yield
    if exchange.session.has_eof is None:
        exchange.session.has_eof = is_eof(packet)
    if is_eof(packet):
        status = int.from_bytes(packet.data[3:5], "little")
        if status & CURSOR and prepared is not None:
            exchange.has_cursor = True
            return read_ok(exchange, packet, Outcome(columns, 0))
        packet = yield
    exchange.rows = 0
    return (yield from _all_rows(exchange, packet, columns, kinds))


def _all_rows(
    exchange: Exchange,
    packet: Packet,
    columns: tuple[str, ...],
    kinds: Kinds,
) -> Generator[None, Packet, int | None]:
    """Rows, of which this packet is the first, to their end."""
    exchange.rows = 0
    is_binary = exchange.prepared is not None
    firsts: list[bytes] = []
    values, secret = exchange.values(), secret_columns(columns)
    has_secrets = bool(values or secret)
    while not is_end(packet):
        if first_byte(packet) == ERR:
            if not is_progress(packet):
                read_error(exchange, packet)
                exchange.result(
                    Outcome(
                        columns,
                        exchange.rows,
                        first=Rows(tuple(firsts), kinds, is_binary, values, secret),
                    )
                )
                exchange.rows = None
                return None
            packet = yield
            continue
        if exchange.first_row_ns is None:
            exchange.first_row_ns = packet.end_ns
        exchange.rows += 1
        if len(firsts) < FIRST:
            firsts.append(packet.data[:KEPT])
            hide_in_row(exchange, packet, kinds, secret)
        elif has_secrets:
            hide_in_row(exchange, packet, kinds, secret)
        exchange.in_rows = len(firsts) == FIRST and not has_secrets
        packet = yield
    if not is_binary:
        kinds = ()
    made = Outcome(
        columns, exchange.rows, first=Rows(tuple(firsts), kinds, is_binary, values, secret)
    )
    exchange.rows = None
    status = read_ok(exchange, packet, made)
    if status & CURSOR and is_binary:
        exchange.has_cursor = True
    return status


def _columns(
    exchange: Exchange, count: int
) -> Generator[None, Packet, tuple[tuple[str, ...], Kinds]]:
    """So many columns: their names, and their types with whether they are unsigned."""
    if not count:
        return (), ()
    names: list[str] = []
    kinds: list[tuple[int, bool]] = []
    session = exchange.session
    extended = session.capabilities is not None and bool(session.capabilities & EXTENDED_METADATA)
    for _ in range(count):
        packet = yield
        if session.has_eof is None and is_eof(packet):  # after the placeholders
            session.has_eof = True
            packet = yield
        if packet.data[:1] == b"\xff":
            raise Malformed("an error amid columns")
        name, kind = column(packet.data, session.encoding, extended)
        values = exchange.conceal(packet)
        names.append(hide_values(name, values) if values else name)
        kinds.append(kind)
    return tuple(names), tuple(kinds)


def fields(exchange: Exchange) -> Answer:
    """Columns and nothing else, to COM_FIELD_LIST."""
    names: list[str] = []
    while True:
        packet = yield
        if first_byte(packet) == ERR:
            read_error(exchange, packet)
            return
        if is_end(packet):
            read_ok(exchange, packet, Outcome(tuple(names), len(names)))
            return
        if len(names) > _MOST_COLUMNS:
            raise Malformed("columns without an end")
        names.append(column(packet.data, exchange.session.encoding, False)[0])


def preparation(exchange: Exchange) -> Answer:
    """The number of the statement, its placeholders and columns, to COM_STMT_PREPARE."""
    packet = yield
    first = first_byte(packet)
    prepared, session = exchange.prepared, exchange.session
    if first == ERR:
        read_error(exchange, packet)
        return
    if first != OK or prepared is None:
        raise Malformed(f"an answer to a preparation that begins with 0x{first:02x}")
    reader = Reader(packet.data, 1)
    prepared.number = reader.number(4)
    columns, prepared.count = reader.number(2), reader.number(2)
    exchange.name, exchange.placeholders = str(prepared.number), prepared.count
    warnings = 0
    if reader.left >= 3:
        reader.number(1)
        warnings = reader.number(2)
    follow = not reader.left or reader.number(1) > 0
    session.keep(prepared)
    if follow:
        yield from _defined(exchange, prepared.count)
        prepared.columns, prepared.row_kinds = yield from _defined(exchange, columns)
    exchange.columns = prepared.columns
    exchange.result(Outcome(prepared.columns, None, None, warnings=warnings))


def _defined(
    exchange: Exchange, count: int
) -> Generator[None, Packet, tuple[tuple[str, ...], Kinds]]:
    """Columns with the EOF after them, if one comes. Where that is not known, and nothing follows,
    it is left: :meth:`MySqlDecoder._unasked` passes over it."""
    made = yield from _columns(exchange, count)
    if count and exchange.session.has_eof:
        packet = yield
        if not is_eof(packet):
            raise Malformed("no EOF after columns")
    return made


def fetched(exchange: Exchange) -> Answer:
    """Rows without columns, to COM_STMT_FETCH."""
    packet = yield
    prepared = exchange.prepared
    columns = prepared.columns if prepared else ()
    kinds = prepared.row_kinds if prepared else ()
    yield from _all_rows(exchange, packet, columns, kinds)
