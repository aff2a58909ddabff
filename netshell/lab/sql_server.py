"""A server that speaks PostgreSQL's protocol, for those who have no PostgreSQL at hand.

    python -m netshell.lab.sql_server PORT

The messages are the protocol's own (PostgreSQL documentation, "Frontend/Backend Protocol", version
3.0), and any client connects. Behind them is no database: every query gets one row, the number 1,
and `pg_sleep(SECONDS)` in it takes that long first.
"""

from __future__ import annotations

import re
import socketserver
import struct
import sys
import time

from netshell.lab.listening import serve

_SSL_REQUEST, _GSS_REQUEST, _PROTOCOL_3 = 80877103, 80877104, 196608
_INT4 = 23  # the type's OID
_LONGEST_S = 10.0
_MOST_BYTES = 1 << 20
_SLEEP = re.compile(rb"pg_sleep\(\s*(\d+(?:\.\d+)?)\s*\)", re.IGNORECASE)


def message(kind: bytes, body: bytes = b"") -> bytes:
    """One message: its kind, its length, its body."""
    return kind + struct.pack("!I", len(body) + 4) + body


READY = message(b"Z", b"I")
_SETTINGS = {b"server_version": b"15.0 (netshell lab)", b"client_encoding": b"UTF8"}
WELCOME = (
    message(b"R", struct.pack("!I", 0))
    + b"".join(message(b"S", name + b"\0" + value + b"\0") for name, value in _SETTINGS.items())
    + message(b"K", struct.pack("!II", 1, 1))
    + READY
)


def answer(query: bytes) -> bytes:
    """What a query gets: one column, one row."""
    if not query.strip():
        return message(b"I") + READY
    column = b"?column?\0" + struct.pack("!IHIhih", 0, 0, _INT4, 4, -1, 0)
    return (
        message(b"T", struct.pack("!H", 1) + column)
        + message(b"D", struct.pack("!HI", 1, 1) + b"1")
        + message(b"C", b"SELECT 1\0")
        + READY
    )


def sleeps_s(query: bytes) -> float:
    """For how long a query is to take."""
    found = _SLEEP.search(query)
    return min(float(found[1]), _LONGEST_S) if found else 0.0


class Handler(socketserver.StreamRequestHandler):
    """One connection: its opening, and one query after the other."""

    timeout = 600

    def handle(self) -> None:
        try:
            if self._open():
                self.wfile.write(WELCOME)
                while self._take_query():
                    pass
        except OSError:  # a client that is gone, or silent for too long
            return

    def _open(self) -> bool:
        """Read the startup message; refuse encryption, which a student could not read."""
        while len(head := self.rfile.read(8)) == 8:
            length, code = struct.unpack("!II", head)
            if code in (_SSL_REQUEST, _GSS_REQUEST):
                self.wfile.write(b"N")
                continue
            if code != _PROTOCOL_3 or not 8 <= length <= _MOST_BYTES:
                return False
            self.rfile.read(length - 8)
            return True
        return False

    def _take_query(self) -> bool:
        """Answer one message; False at the end."""
        head = self.rfile.read(5)
        if len(head) < 5 or head[:1] != b"Q":
            return False
        (length,) = struct.unpack("!I", head[1:])
        if not 4 <= length <= _MOST_BYTES:
            return False
        query = self.rfile.read(length - 4).rstrip(b"\0")
        time.sleep(sleeps_s(query))  # what it was asked for
        self.wfile.write(answer(query))
        return True


def main(port: int) -> None:
    """Serve on `port` until killed."""
    serve(port, tcp=Handler)


if __name__ == "__main__":
    main(int(sys.argv[1]))
