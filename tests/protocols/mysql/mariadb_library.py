"""MariaDB's own client library, for what no Python client of it sends: statements executed as they
are prepared, in bulk, through a cursor, with values sent beforehand."""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
from collections.abc import Iterator, Sequence
from typing import Any

_ARRAY_SIZE, _CURSOR_TYPE, _PREFETCH = 201, 1, 2  # attributes of a statement: STMT_ATTR_...
_LONG, _STRING, _BLOB = 3, 254, 252


class _Bind(ctypes.Structure):
    """``MYSQL_BIND``."""

    _fields_ = [
        ("length", ctypes.POINTER(ctypes.c_ulong)), ("is_null", ctypes.c_char_p),
        ("buffer", ctypes.c_void_p), ("error", ctypes.c_void_p), ("indicator", ctypes.c_void_p),
        ("store", ctypes.c_void_p), ("fetch", ctypes.c_void_p), ("skip", ctypes.c_void_p),
        ("buffer_length", ctypes.c_ulong), ("offset", ctypes.c_ulong),
        ("length_value", ctypes.c_ulong), ("flags", ctypes.c_uint), ("pack_length", ctypes.c_uint),
        ("buffer_type", ctypes.c_int), ("error_value", ctypes.c_char),
        ("is_unsigned", ctypes.c_char), ("long_data_used", ctypes.c_char),
        ("is_null_value", ctypes.c_char), ("extension", ctypes.c_void_p),
    ]  # fmt: skip


class Library:
    """One connection through it."""

    def __init__(self, library: ctypes.CDLL, handle: int) -> None:
        self._library, self._handle = library, ctypes.c_void_p(handle)

    @contextlib.contextmanager
    def _statement(self) -> Iterator[ctypes.c_void_p]:
        self._library.mysql_stmt_init.restype = ctypes.c_void_p
        statement = ctypes.c_void_p(self._library.mysql_stmt_init(self._handle))
        try:
            yield statement
        finally:
            self._library.mysql_stmt_close(statement)

    def _call(self, name: str, statement: ctypes.c_void_p, *arguments: Any) -> None:
        if getattr(self._library, name)(statement, *arguments):
            self._library.mysql_stmt_error.restype = ctypes.c_char_p
            raise RuntimeError(f"{name}: {self._library.mysql_stmt_error(statement)!r}")

    def _set(self, statement: ctypes.c_void_p, attribute: int, number: int) -> None:
        value = ctypes.c_ulong(number)
        self._call("mysql_stmt_attr_set", statement, attribute, ctypes.byref(value))

    def execute_direct(self, sql: str) -> None:
        """Prepare and execute in one go: COM_STMT_EXECUTE of number -1."""
        with self._statement() as statement:
            data = sql.encode()
            size = ctypes.c_ulong(len(data))
            self._call("mariadb_stmt_execute_direct", statement, data, size)

    def fetch(self, sql: str, at_once: int) -> int:
        """Rows through a cursor, so many with each COM_STMT_FETCH; how many they were."""
        with self._statement() as statement:
            self._call("mysql_stmt_prepare", statement, sql.encode(), ctypes.c_ulong(len(sql)))
            self._set(statement, _CURSOR_TYPE, 1)
            self._set(statement, _PREFETCH, at_once)
            self._call("mysql_stmt_execute", statement)
            count = 0
            while self._library.mysql_stmt_fetch(statement) == 0:
                count += 1
            return count

    def insert_many(self, sql: str, rows: Sequence[tuple[int, str]]) -> None:
        """Insert rows of a number and a text with COM_STMT_BULK_EXECUTE."""
        count = len(rows)
        numbers = (ctypes.c_int * count)(*(row[0] for row in rows))
        texts = (ctypes.c_char_p * count)(*(row[1].encode() for row in rows))
        sizes = (ctypes.c_ulong * count)(*(len(row[1].encode()) for row in rows))
        binds = (_Bind * 2)()
        binds[0].buffer_type, binds[0].buffer = _LONG, ctypes.cast(numbers, ctypes.c_void_p)
        binds[1].buffer_type, binds[1].buffer = _STRING, ctypes.cast(texts, ctypes.c_void_p)
        binds[1].length = ctypes.cast(sizes, ctypes.POINTER(ctypes.c_ulong))
        with self._statement() as statement:
            self._call("mysql_stmt_prepare", statement, sql.encode(), ctypes.c_ulong(len(sql)))
            self._set(statement, _ARRAY_SIZE, count)
            self._call("mysql_stmt_bind_param", statement, binds)
            self._call("mysql_stmt_execute", statement)

    def send_long(self, sql: str, pieces: Sequence[bytes]) -> None:
        """Execute with one value, which is sent beforehand in pieces."""
        binds = (_Bind * 1)()
        binds[0].buffer_type = _BLOB
        with self._statement() as statement:
            self._call("mysql_stmt_prepare", statement, sql.encode(), ctypes.c_ulong(len(sql)))
            self._call("mysql_stmt_bind_param", statement, binds)
            for piece in pieces:
                size = ctypes.c_ulong(len(piece))
                self._call("mysql_stmt_send_long_data", statement, 0, piece, size)
            self._call("mysql_stmt_execute", statement)


@contextlib.contextmanager
def connected(port: int, user: str, password: str, database: str) -> Iterator[Library]:
    """A connection. Raises OSError where the library is not installed."""
    library = ctypes.CDLL("libmariadb.so.3")
    library.mysql_init.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(library.mysql_init(None))
    library.mysql_real_connect.restype = ctypes.c_void_p
    made = library.mysql_real_connect(
        handle, b"127.0.0.1", user.encode(), password.encode(), database.encode(), port, None,
        ctypes.c_ulong(0),
    )  # fmt: skip
    if not made:
        library.mysql_error.restype = ctypes.c_char_p
        raise RuntimeError(f"no connection: {library.mysql_error(handle)!r}")
    try:
        yield Library(library, made)
    finally:
        library.mysql_close(handle)
