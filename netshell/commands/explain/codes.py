"""Error codes of protocols explained: by themselves, as text, and for the messages they are in."""

from __future__ import annotations

import re

from netshell.commands.explain.code_meanings import (
    HTTP,
    HTTP_SOURCE,
    MYSQL,
    MYSQL_SOURCE,
    REDIS,
    REDIS_SOURCE,
    SQL_SOURCE,
    SQLSTATE,
    TLS,
    TLS_SOURCE,
    Meaning,
)
from netshell.commands.explain.explanation import Explanation

_STATUS = re.compile(r"http\s*/?\s*(?:status\s*)?([1-5]\d\d)", re.IGNORECASE)
_STATE = re.compile(r"sqlstate\s*:?\s*\[?([0-9a-z]{5})\]?", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:mysql|mariadb|er|error)\s*:?\s*([1-9]\d{3})(?:\s*\(\w+\))?", re.IGNORECASE
)


def code(text: str) -> Explanation | None:
    """What "HTTP 404", "SQLSTATE 40P01", "MySQL 1213", "WRONGTYPE" or "unknown_ca" means; None for
    other words."""
    bare = text.strip()
    if found := _STATUS.fullmatch(bare):
        return http(int(found[1]))
    if found := _STATE.fullmatch(bare):
        return sqlstate(found[1])
    if found := _NUMBER.fullmatch(bare):
        return mysql(found[1])
    if bare.upper() in REDIS and bare.upper() != "ERR":
        return redis(bare)
    return tls(bare)


def http(status: int, reason: str = "") -> Explanation:
    """A status, by itself or by its class."""
    meaning = HTTP.get(str(status)) or HTTP.get(str(status)[0], Meaning("No status of HTTP."))
    return _explained("http", f"HTTP {status} {reason}".strip(), meaning, HTTP_SOURCE)


def sqlstate(state: str) -> Explanation:
    """A SQLSTATE, by itself or by its class."""
    name = state.upper()
    meaning = SQLSTATE.get(name) or SQLSTATE.get(name[:2])
    if meaning is None:
        meaning = Meaning("No class of the SQL standard or PostgreSQL: an extension's own.")
    return _explained("sql", f"SQLSTATE {name}", meaning, SQL_SOURCE)


def mysql(number: str, state: str = "") -> Explanation:
    """An error number of MySQL or MariaDB; of others, what the class of their SQLSTATE says."""
    meaning = MYSQL.get(number) or SQLSTATE.get(state[:2])
    if meaning is None:
        meaning = Meaning("Not in netshell's short list.", "perror knows all numbers.")
    named = f"MySQL error {number}" + (f" ({state})" if state else "")
    return _explained("sql", named, meaning, MYSQL_SOURCE)


def redis(error: str) -> Explanation | None:
    """An error of Redis, by its first word."""
    word = error.strip().partition(" ")[0].upper()
    meaning = REDIS.get(word)
    return None if meaning is None else _explained("redis", word, meaning, REDIS_SOURCE)


def tls(alert: str) -> Explanation | None:
    """An alert of TLS, by its name."""
    name = alert.strip().lower().replace(" ", "_").replace("-", "_")
    meaning = TLS.get(name)
    return None if meaning is None else _explained("tls", name, meaning, TLS_SOURCE)


def _explained(kind: str, subject: str, meaning: Meaning, source: str) -> Explanation:
    lines = (meaning.what, f"To do: {meaning.act}") if meaning.act else (meaning.what,)
    return Explanation(kind, subject, lines, source)
