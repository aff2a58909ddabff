"""A small HTTP/1.1 server for the lab (RFC 9110, 9112), whose closing side can be chosen.

    python -m netshell.lab.http_server PORT client|server

The same request always gets the same bytes: there is no Date (RFC 9110, 6.6.1, lets a server
without a clock leave it out), and head and body leave in one segment. Whoever closes first ends up
in TIME_WAIT: with "server", each response says `Connection: close` and is followed by the FIN; with
"client", the server waits for the client's FIN, even if that had asked it to close.
"""

from __future__ import annotations

import http.server
import sys

from netshell.lab.listening import serve

PAGE = b"""\
<!doctype html>
<title>www.lab</title>
<h1>It works</h1>
<p>This page came over a private wire between two hosts of the netshell lab.</p>
"""

_LINE = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+\n"
_MOST_BYTES = 100_000_000


class Handler(http.server.BaseHTTPRequestHandler):
    """`/` is a page, `/bytes/N` is N bytes of text, everything else is not found."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body together
    timeout = 60
    server_closes = False

    def do_GET(self) -> None:
        self._reply(with_body=True)

    def do_HEAD(self) -> None:
        self._reply(with_body=False)

    def handle(self) -> None:
        """Serve one connection."""
        try:
            super().handle()
            self.wfile.flush()
            if not self.server_closes:
                while self.rfile.read(65536):  # until the client's FIN
                    pass
        except OSError:  # the client is gone, or silent for too long
            self.close_connection = True

    def send_response(self, code: int, message: str | None = None) -> None:
        """Start a response, without Date."""
        self.send_response_only(code, message)
        self.send_header("Server", "netshell-lab")

    def log_message(self, *_: object) -> None:
        """Keep no log: the wire is there to be watched."""

    def _reply(self, *, with_body: bool) -> None:
        status, kind, body = self._resource()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.server_closes:
            self.send_header("Connection", "close")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _resource(self) -> tuple[int, str, bytes]:
        """Status, media type and body of what the target names."""
        path = self.path.partition("?")[0]
        if path == "/":
            return 200, "text/html; charset=utf-8", PAGE
        folder, _, size = path.rpartition("/")
        if folder == "/bytes" and size.isdecimal() and len(size) <= 9:
            wanted = min(int(size), _MOST_BYTES)
            return 200, "text/plain", (_LINE * (wanted // len(_LINE) + 1))[:wanted]
        return 404, "text/plain", b"no such page\n"


def main(port: int, closes: str) -> None:
    """Serve on `port` until killed; `closes` is the side that closes first."""
    Handler.server_closes = closes == "server"
    serve(port, tcp=Handler)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
