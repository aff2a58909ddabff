"""What an exchange's bytes say: statement, values, columns, rows, errors; what is secret in them.

Nothing here is asked before somebody looks at a message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from netshell.flow.sides import Side
from netshell.protocols.masking import in_text, mask, mask_text, merged
from netshell.protocols.postgres.exchange import Exchange
from netshell.protocols.postgres.hidden import (
    Copying,
    answered,
    asked_sql,
    copying,
    in_spoken,
    in_trouble,
    of_key,
    reaches,
    secret_columns,
)
from netshell.protocols.postgres.splitting import arguments
from netshell.protocols.postgres.told import STATES, Head, heads, tag_count, trouble
from netshell.protocols.postgres.values import decoded, fields, hexed, is_binary, type_name
from netshell.protocols.secret import (
    MASK,
    Masked,
    hide_values,
    places_of_values,
    revealed,
    values_of,
)
from netshell.protocols.sql_secrets import NOTHING, Hidden, covered, masked_sql, secrets_in


def counted(count: int, word: str) -> str:
    """So many of something: "1 row", "1,000 rows"."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def sql_of(exchange: Exchange) -> tuple[str, Hidden]:
    """The statement's text, masked, and what is secret in it."""
    sql = asked_sql(exchange)
    if not sql:
        return "", NOTHING
    encoding = exchange.session.encoding
    text, hidden = masked_sql(sql, encoding=encoding)
    if exchange.runs is not None:
        numbers = secrets_in(exchange.runs.sql).numbers
        given = [place for at, place in enumerate(arguments(sql)) if at in numbers]
        if given:
            places = tuple(sorted({*hidden.places, *given}))
            hidden = Hidden(places, hidden.numbers)
            text = Masked(covered(sql, places).decode(encoding, "replace"), revealed(text))
    return text, hidden


def _secrets(exchange: Exchange) -> tuple[tuple[Side, int, int], ...]:
    hidden = sql_of(exchange)[1]
    found = answered(exchange, _heads(exchange), _values(exchange))
    if hidden is NOTHING and not exchange.bind and exchange.error is None:
        return tuple(found)
    if exchange.sql_at >= 0:
        at = exchange.sql_at
        found += [("client", at + begin, at + end) for begin, end in hidden.places]
        if reaches(hidden.places, len(asked_sql(exchange))):
            found[-1] = "client", found[-1][1], exchange.end
    if exchange.bind and exchange.bind_at >= 0:
        bound = _bound(exchange)
        place = exchange.bind_at + len(exchange.bind) - bound.after
        for number, value in enumerate(bound.values):
            place += 4
            size = len(value or b"")
            is_cut = bound.is_cut and number == len(bound.values) - 1
            inside = in_text(value) if value and (b"=" in value or b":" in value) else ()
            if number in hidden.numbers and value:
                found.append(("client", place, exchange.end if is_cut else place + size))
            elif inside and is_cut and inside[-1][1] == size:
                found.append(("client", place + inside[0][0], exchange.end))
            else:
                found += [("client", place + begin, place + end) for begin, end in inside]
            place += size
    if exchange.error is not None and exchange.error_at >= 0:
        at = exchange.error_at
        repeated = places_of_values(exchange.error, _values(exchange))
        inside = in_trouble(exchange.error, bool(asked_sql(exchange)))
        repeated = merged((*repeated, *inside))
        found += [("server", at + begin, at + end) for begin, end in repeated]
    return tuple(found)


def _values(exchange: Exchange) -> tuple[str, ...]:
    """What is secret in what was asked: the server may repeat it."""
    return values_of(sql_of(exchange)[0], _parameters(exchange))


def without_secrets(text: str) -> str:
    """A text that somebody stored or told, with the passwords in it masked that stand in
    connection strings, URLs and their like."""
    if "=" not in text and ":" not in text:
        return text
    data = text.encode("utf-8", "surrogatepass")
    places = in_text(data)
    return mask(data, places) if places else text


def _shown(value: Any) -> Any:
    return without_secrets(value) if isinstance(value, str) else value


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
            value = _shown(decoded(data, oid, is_binary(bound.formats, at), encoding))
        found.append(
            Masked(MASK, str(revealed(value))) if at in secret and value is not None else value
        )
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
    hidden, repeated = secret_columns(found, asked_sql(exchange)), _values(exchange)
    moved = copying(exchange.sql) if exchange.copy else None
    rows: list[tuple[Any, ...]] = []
    for body in exchange.first:
        if exchange.copy:
            rows.append((_copied_row(body, encoding, moved),))
            continue
        try:
            values, _ = fields(body, 2, min(int.from_bytes(body[:2], "big"), len(body)))
        except ValueError:
            continue  # longer than what is kept
        oids = [head.oid for head in found] if len(found) == len(values) else [0] * len(values)
        row = [
            None
            if data is None
            else _shown(decoded(data, oid, at < len(formats) and formats[at] == 1, encoding))
            for at, (data, oid) in enumerate(zip(values, oids, strict=True))
        ]
        if repeated:
            row = [hide_values(each, repeated) if isinstance(each, str) else each for each in row]
        for at in hidden:
            if at < len(row) and row[at] not in (None, ""):
                row[at] = Masked(MASK, str(revealed(row[at])))
        rows.append(tuple(row))
    return tuple(rows)


def _copied_row(body: bytes, encoding: str, moved: Copying | None) -> str:
    is_binary = any(each < 32 and each not in b"\t\r\n" for each in body)
    text = hexed(body) if is_binary else body.decode(encoding, "replace").rstrip("\r\n")
    if moved is None:
        return text if is_binary else without_secrets(text)
    if is_binary or moved.is_binary:  # where columns are in it is not read
        return Masked(MASK, text)
    shown = mask_text(text, moved.places(text))
    inside = without_secrets(str(shown))
    return Masked(str(inside), text) if isinstance(inside, Masked) else shown


def _rows(exchange: Exchange) -> int | None:
    if exchange.heads or exchange.rows or exchange.is_suspended:
        return exchange.rows
    return None if exchange.tag is None else tag_count(exchange.tag)


def _error(name: str) -> Callable[[Exchange], Any]:
    def read_error(exchange: Exchange) -> Any:
        if exchange.error is None:
            return None if name == "position" else () if name == "others" else ""
        value = getattr(trouble(exchange.error, exchange.session.encoding), name)
        return _told(exchange, value)

    return read_error


def _told(exchange: Exchange, value: Any) -> Any:
    """What the server says, without the secrets of what was asked, and others."""
    if isinstance(value, tuple):
        return tuple((name, _told(exchange, text)) for name, text in value)
    if isinstance(value, str) and (value.startswith("Key (") or not asked_sql(exchange)):
        data = value.encode("utf-8", "surrogatepass")
        places = of_key(data) if asked_sql(exchange) else in_spoken(data)
        if places:
            return mask(data, places)
    return without_secrets_of(value, _values(exchange)) if isinstance(value, str) else value


def without_secrets_of(text: str, values: tuple[str, ...]) -> str:
    """A text without some values, and without what looks like a secret by itself."""
    text = hide_values(text, values) if values else text
    shown = without_secrets(str(text))
    return Masked(str(shown), revealed(text)) if isinstance(shown, Masked) else text


def _notices(exchange: Exchange) -> tuple[str, ...]:
    encoding = exchange.session.encoding
    if not exchange.notices:
        return ()
    return tuple(_told(exchange, str(trouble(each, encoding))) for each in exchange.notices)


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
    cut = exchange.cut if prepared is None else prepared.cut
    if cut:
        reasons.append(f"{counted(cut, 'byte')} of the statement are not kept")
    if exchange.bind_cut:
        reasons.append(f"{counted(exchange.bind_cut, 'byte')} of the values are not kept")
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
