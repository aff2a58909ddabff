"""What both ends say that they can do, as bits; and the character sets that they name by number.

Sources: the MySQL Source Code Documentation, "Capabilities Flags"; the MariaDB reference,
"Connection", whose own bits stand above the 32 of both (a server without CLIENT_MYSQL has them).
"""

from __future__ import annotations

MYSQL = 1
WITH_DB = 1 << 3
COMPRESS = 1 << 5
PROTOCOL_41 = 1 << 9
SSL = 1 << 11
SECURE_CONNECTION = 1 << 15
PLUGIN_AUTH = 1 << 19
CONNECT_ATTRS = 1 << 20
AUTH_LENENC = 1 << 21
SESSION_TRACK = 1 << 23
DEPRECATE_EOF = 1 << 24
ZSTD = 1 << 26
QUERY_ATTRIBUTES = 1 << 27
EXTENDED_METADATA = 1 << 35

_NAMES = {
    1: "CLIENT_FOUND_ROWS", 3: "CLIENT_CONNECT_WITH_DB", 5: "CLIENT_COMPRESS",
    7: "CLIENT_LOCAL_FILES", 9: "CLIENT_PROTOCOL_41", 10: "CLIENT_INTERACTIVE", 11: "CLIENT_SSL",
    13: "CLIENT_TRANSACTIONS", 15: "CLIENT_SECURE_CONNECTION", 16: "CLIENT_MULTI_STATEMENTS",
    17: "CLIENT_MULTI_RESULTS", 18: "CLIENT_PS_MULTI_RESULTS", 19: "CLIENT_PLUGIN_AUTH",
    20: "CLIENT_CONNECT_ATTRS", 21: "CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA",
    22: "CLIENT_CAN_HANDLE_EXPIRED_PASSWORDS", 23: "CLIENT_SESSION_TRACK",
    24: "CLIENT_DEPRECATE_EOF", 25: "CLIENT_OPTIONAL_RESULTSET_METADATA",
    26: "CLIENT_ZSTD_COMPRESSION_ALGORITHM", 27: "CLIENT_QUERY_ATTRIBUTES",
    28: "MULTI_FACTOR_AUTHENTICATION", 32: "MARIADB_CLIENT_PROGRESS",
    34: "MARIADB_CLIENT_STMT_BULK_OPERATIONS", 35: "MARIADB_CLIENT_EXTENDED_METADATA",
    36: "MARIADB_CLIENT_CACHE_METADATA", 37: "MARIADB_CLIENT_BULK_UNIT_RESULTS",
}  # fmt: skip


def names(bits: int) -> tuple[str, ...]:
    """The names of those that change what is said.

    >>> names(COMPRESS | SSL)
    ('CLIENT_COMPRESS', 'CLIENT_SSL')
    """
    return tuple(name for bit, name in _NAMES.items() if bits >> bit & 1)


_CHARSETS = {
    1: "big5", 4: "cp850", 7: "koi8r", 8: "latin1", 9: "latin2", 11: "ascii", 13: "sjis",
    16: "hebrew", 18: "tis620", 19: "euckr", 22: "koi8u", 24: "gb2312", 25: "greek",
    26: "cp1250", 28: "gbk", 30: "latin5", 33: "utf8mb3", 36: "cp866", 39: "macroman", 41: "latin7",
    45: "utf8mb4", 46: "utf8mb4", 47: "latin1", 48: "latin1", 49: "latin1", 51: "cp1251",
    57: "cp1256", 59: "cp1257", 63: "binary", 83: "utf8mb3", 87: "gbk", 95: "cp932", 97: "eucjpms",
    192: "utf8mb3", 224: "utf8mb4", 248: "gb18030", 255: "utf8mb4", 305: "utf8mb4", 309: "utf8mb4",
}  # fmt: skip
_ENCODINGS = {
    "big5": "big5", "cp850": "cp850", "koi8r": "koi8_r", "latin2": "iso8859_2", "sjis": "shift_jis",
    "hebrew": "iso8859_8", "tis620": "tis_620", "euckr": "euc_kr", "koi8u": "koi8_u",
    "gb2312": "gb2312", "greek": "iso8859_7", "cp1250": "cp1250", "gbk": "gbk",
    "latin5": "iso8859_9", "cp866": "cp866", "macroman": "mac_roman", "latin7": "iso8859_13",
    "cp1251": "cp1251", "cp1256": "cp1256", "cp1257": "cp1257", "cp932": "cp932",
    "eucjpms": "euc_jp", "gb18030": "gb18030",
}  # fmt: skip


def charset(number: int) -> str:
    """What a collation's number says of the characters: "utf8mb4"; else the number."""
    if 192 <= number <= 215:
        return "utf8mb3"
    if 224 <= number <= 247 or 255 <= number <= 323:
        return "utf8mb4"
    return _CHARSETS.get(number, str(number))


def encoding(number: int) -> str:
    """Python's name of it, for what is no UTF-8."""
    return _ENCODINGS.get(charset(number), "latin-1")
