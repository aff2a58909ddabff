"""Where SQL has a secret in it: passwords of roles and users, columns named so, connection strings.

Found are literals (``PASSWORD '...'``, ``IDENTIFIED BY '...'``, ``SET PASSWORD = '...'``,
``password = '...'`` and ``'...' = password`` in any clause, the values of an INSERT's column or of
a row's item that is named so, what follows a literal that is such a name, the arguments of
functions that encrypt), what stands in other literals and in comments after ``password=`` or in a
URL's userinfo or in SQL that they are (``DO``, ``EXECUTE '...'``), numbers of three and more digits
in such places, and placeholders there, whose bound values are secret then. Names are those of
:func:`netshell.protocols.secret_names.is_secret`. What is computed, named otherwise, or not named
(``INSERT INTO t VALUES (...)``) is not found. Sources: the PostgreSQL reference on CREATE ROLE,
CREATE SUBSCRIPTION, CREATE USER MAPPING and pgcrypto; the MySQL and MariaDB references on CREATE
USER, SET PASSWORD, CHANGE MASTER and encryption functions.
"""

from __future__ import annotations

from collections.abc import Sequence

from netshell.protocols.secret import MASK, Masked
from netshell.protocols.sql_reader import NOTHING, Hidden, Reader, may_hide

__all__ = ["NOTHING", "Hidden", "covered", "masked_sql", "secrets_in"]


def masked_sql(
    sql: bytes, backslashes: bool = False, encoding: str = "utf-8"
) -> tuple[str, Hidden]:
    """A statement as text, what is secret in it masked, and where that was.

    ``backslashes``: they escape in every literal (MySQL), not only in ``E'...'`` (PostgreSQL).

    >>> masked_sql(b"ALTER ROLE ann PASSWORD 'hunter2'")[0]
    "ALTER ROLE ann PASSWORD '***'"
    """
    hidden = secrets_in(sql, backslashes)
    whole = sql.decode(encoding, "replace")
    if not hidden.places:
        return whole, hidden
    return Masked(covered(sql, hidden.places).decode(encoding, "replace"), whole), hidden


def covered(data: bytes, places: Sequence[tuple[int, int]]) -> bytes:
    """Bytes with the mask in some places, which are in order."""
    made, at = [], 0
    for begin, end in places:
        made += [data[at:begin], MASK.encode()]
        at = end
    return b"".join([*made, data[at:]])


def secrets_in(sql: bytes, backslashes: bool = False) -> Hidden:
    """What is secret in a statement; nearly free for one that has no such word."""
    # Mostly there is none of these signs, one of which is in every name of a secret. A byte is
    # found in half the time of a text, a text in a third of the time of bytes.
    octets = sql.lower()
    low = octets.decode("latin-1")
    if (
        (0x70 in octets and ("pas" in low or "pw" in low or "pin" in low or "otp" in low))
        or (0x6B in octets and ("key" in low or "tok" in low or "coo" in low or "kenn" in low))
        or (0x76 in octets and ("cv" in low or "verif" in low))
        or (0x6A in octets and "jw" in low)
        or (0x2F in octets and "://" in low)
        or "ss" in low  # session, assertion
        or ("cr" in low and ("sec" in low or "cred" in low or "crypt" in low))
        or ("si" in low and ("sig" in low or "sid" in low))
        or "aut" in low
        or "ntif" in low  # identified
        or "saml" in low
        or "hmac" in low
    ) and may_hide(sql):
        return Reader(sql, backslashes).read()
    if backslashes and ("encode(" in low or "decode(" in low):
        return Reader(sql, backslashes).read()
    return NOTHING
