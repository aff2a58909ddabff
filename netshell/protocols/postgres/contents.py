"""What an exchange's bytes say: statement, values, columns, rows, errors; what is secret in them.

Nothing here is asked before somebody looks at a message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from netshell.flow.sides import Side
from netshell.protocols.postgres.exchange import Exchange
from netshell.protocols.postgres.told import STATES, Head, heads, tag_count, trouble
from netshell.protocols.postgres.values import decoded, fields, hexed, is_binary, type_name
from netshell.protocols.secret import MASK, Masked
from netshell.protocols.sql_secrets import NOTHING, Hidden, masked_sql


def counted(count: int, word: str) -> str:
    """So many of something: "1 row", "1,000 rows"."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def sql_of(exchange: Exchange) -> tuple[str, Hidden]:
    """The statement's text, masked, and what is secret in it."""
    prepared = exchange.prepared
    sql, cut = exchange.sql, exchange.cut
    if prepared is not None:
        sql, cut = prepared.sql, prepared.cut
    if not sql:
        return "", NOTHING
    text, hidden = masked_sql(sql, encoding=exchange.session.encoding)
    if cut:
        more = f"... [{cut:,} more bytes]"
        text = Masked(text + more, text.whole + more) if isinstance(text, Masked) else text + more
    return text, hidden


def _secrets(exchange: Exchange) -> tuple[tuple[Side, int, int], ...]:
    hidden = sql_of(exchange)[1]
    if hidden is NOTHING:
        return ()
    found: list[tuple[Side, int, int]] = []
    if exchange.sql_at >= 0:
        at = exchange.sql_at
        found += [("client", at + begin, at + end) for begin, end in hidden.places]
    if hidden.numbers and exchange.bind:
        bound = _bound(exchange)
        place = exchange.bind_at + len(exchange.bind) - bound.after
        for number, value in enumerate(bound.values):
            place += 4
            if number in hidden.numbers and value:
                found.append(("client", place, place + len(value)))
            place += len(value or b"")
    return tuple(found)


class _Bound:
    """What a Bind says after its names: formats, values, formats of the result."""

    __slots__ = ("after", "formats", "is_cut", "result", "values")

    def __init__(self, data: bytes) -> None:
        self.formats: tuple[int, ...] = ()
        self.values: list[bytes | None] = []
        self.result: tuple[int, ...] = ()
        self.is_cut = False  # the last value is what is kept of it
        self.after = 0  # bytes from the first value's length to the end
        try:
            self.formats, at = _formats(data, 0)
            count, at = int.from_bytes(data[at : at + 2], "big"), at + 2
            self.after = len(data) - at
            self.values, at = fields(data, at, count, may_end=True)
            self.is_cut = at > len(data)
            self.result = _formats(data, at)[0]
        except ValueError:
            return  # cut: what is there


def _formats(data: bytes, at: int) -> tuple[tuple[int, ...], int]:
    count = int.from_bytes(data[at : at + 2], "big")
    at += 2
    end = at + 2 * count
    if end > len(data):
        raise ValueError("cut")
    return tuple([data[each + 1] for each in range(at, end, 2)]), end


def _bound(exchange: Exchange) -> _Bound:
    found = exchange.__dict__.get("_bound")
    if found is None:
        found = exchange.__dict__["_bound"] = _Bound(exchange.bind)
    return found


def _parameters(exchange: Exchange) -> tuple[Any, ...]:
    if not exchange.bind:
        return ()
    bound, encoding = _bound(exchange), exchange.session.encoding
    oids = exchange.oids
    secret = sql_of(exchange)[1].numbers
    found: list[Any] = []
    for at, data in enumerate(bound.values):
        oid = oids[at] if at < len(oids) else 0
        value = None
        if data is not None:
            value = decoded(data, oid, is_binary(bound.formats, at), encoding)
            if bound.is_cut and at == len(bound.values) - 1:
                value = f"{hexed(value) if isinstance(value, bytes) else value}... [cut]"
        found.append(Masked(MASK, str(value)) if at in secret and value is not None else value)
    return tuple(found)


def _heads(exchange: Exchange) -> tuple[Head, ...]:
    found = exchange.__dict__.get("_heads")
    if found is None:
        found = heads(exchange.heads, exchange.session.encoding)
        exchange.__dict__["_heads"] = found
    return found


def _first_rows(exchange: Exchange) -> tuple[tuple[Any, ...], ...]:
    if not exchange.first:
        return ()
    encoding, found = exchange.session.encoding, _heads(exchange)
    formats = tuple(head.format for head in found)
    if exchange.bind:
        result = _bound(exchange).result
        formats = result if len(result) > 1 else result * len(found)
    rows: list[tuple[Any, ...]] = []
    for body in exchange.first:
        if exchange.copy:
            rows.append((_copied_row(body, encoding),))
            continue
        try:
            values, _ = fields(body, 2, min(int.from_bytes(body[:2], "big"), len(body)))
        except ValueError:
            continue  # longer than what is kept
        oids = [head.oid for head in found] if len(found) == len(values) else [0] * len(values)
        rows.append(
            tuple(
                None
                if data is None
                else decoded(data, oid, at < len(formats) and formats[at] == 1, encoding)
                for at, (data, oid) in enumerate(zip(values, oids, strict=True))
            )
        )
    return tuple(rows)


def _copied_row(body: bytes, encoding: str) -> str:
    if any(each < 32 and each not in b"\t\r\n" for each in body):
        return hexed(body)
    return body.decode(encoding, "replace").rstrip("\n")


def _rows(exchange: Exchange) -> int | None:
    if exchange.heads or exchange.rows or exchange.is_suspended:
        return exchange.rows
    return None if exchange.tag is None else tag_count(exchange.tag)


def _error(name: str) -> Callable[[Exchange], Any]:
    def read_error(exchange: Exchange) -> Any:
        if exchange.error is None:
            return None if name == "position" else () if name == "others" else ""
        return getattr(trouble(exchange.error, exchange.session.encoding), name)

    return read_error


def _notices(exchange: Exchange) -> tuple[str, ...]:
    encoding = exchange.session.encoding
    return tuple(str(trouble(each, encoding)) for each in exchange.notices or ())


def _name(exchange: Exchange) -> str:
    name = b"" if exchange.prepared is None else exchange.prepared.name
    return name.decode(exchange.session.encoding, "replace")


def _tag(exchange: Exchange) -> str:
    return "" if exchange.tag is None else exchange.tag.decode("utf-8", "replace")


def lacking(exchange: Exchange) -> str:
    """What of an exchange is not there."""
    reasons = [exchange.lacking] if exchange.lacking else []
    if exchange.is_unseen:
        reasons.append("what was asked lacks")
    prepared = exchange.prepared
    if prepared is not None and prepared.why:
        reasons.append(prepared.why)
    if exchange.lost:
        reasons.append(f"{counted(exchange.lost, 'byte')} lack")
    return ", ".join(reasons)


CONTENTS: Mapping[str, Callable[[Exchange], Any]] = {
    "kind": lambda exchange: exchange.kind,
    "parts": Exchange.parts,
    "lacking": lacking,
    "secrets": _secrets,
    "statement": lambda exchange: sql_of(exchange)[0],
    "name": _name,
    "parameters": _parameters,
    "user": lambda exchange: exchange.session.user,
    "database": lambda exchange: exchange.session.database,
    "application": lambda exchange: exchange.session.application,
    "rows": _rows,
    "columns": lambda exchange: tuple(head.name for head in _heads(exchange)),
    "types": lambda exchange: tuple(type_name(head.oid) for head in _heads(exchange)),
    "tag": _tag,
    "error": _error("message"),
    "code": _error("code"),
    "severity": _error("severity"),
    "detail": _error("detail"),
    "hint": _error("hint"),
    "position": _error("position"),
    "error_fields": _error("others"),
    "notices": _notices,
    "transaction": lambda exchange: STATES.get(exchange.state, ""),
    "first_row_ns": lambda exchange: exchange.first_ns,
    "first_rows": _first_rows,
    "row_bytes": lambda exchange: exchange.row_bytes,
    "portal": lambda exchange: exchange.portal.decode(exchange.session.encoding, "replace"),
    "limit": lambda exchange: exchange.limit,
    "is_suspended": lambda exchange: exchange.is_suspended,
    "copy": lambda exchange: exchange.copy,
    "copied": lambda exchange: (exchange.given, exchange.copied),
    "copied_bytes": lambda exchange: (exchange.given_bytes, exchange.copied_bytes),
    "before_ns": lambda exchange: exchange.before_ns,
    "together": lambda exchange: exchange.together,
    "batch_ns": lambda exchange: exchange.batch_ns,
}
"""A message's fields, each with what reads it."""
