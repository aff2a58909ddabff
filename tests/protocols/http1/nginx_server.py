"""nginx as it comes from Debian, for as long as a test needs it, with an upstream that answers
as nginx itself would not: in chunks, with trailers, with 103 first."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from daemon import folder, free_port, is_open, serving

from netshell.capture.capture import Capture

RECORDED = Path(__file__).parent / "recorded"

ITEMS = b'{"items": [' + b", ".join(b'{"id": %d, "name": "item"}' % i for i in range(40)) + b"]}\n"
PAGE = b"<!doctype html>\n<title>A page</title>\n<p>Hello.\n"
PIXELS = bytes(range(256)) * 8

_CONFIG = """
daemon off; worker_processes 1; pid {home}/pid; error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log off; server_tokens off; default_type application/octet-stream;
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
  types {{ text/html html; application/json json; image/png png; }}
  gzip_types application/json; gzip_min_length 100;
  server {{
    listen 127.0.0.1:{port}; root {home}/files;
    location / {{ add_header X-Served-By nginx; }}
    location /zipped/ {{ alias {home}/files/; gzip on; }}
    location /empty {{ return 204; }}
    location /moved {{ return 302 "/page.html?token=hunter2"; }}
    location /kept/ {{ alias {home}/kept/; dav_methods PUT; client_max_body_size 8m; }}
    location /up/ {{
      proxy_pass http://127.0.0.1:{upstream}/; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_buffering off;
    }}
    location /closing {{ keepalive_timeout 0; return 200 "bye\\n"; }}
  }}
}}
"""


class Server(NamedTuple):
    """Where it listens, and where what was put there is."""

    port: int
    kept: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Upstream(BaseHTTPRequestHandler):
    """Answers in chunks: three of them, after a while of a chunk's extension."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b"one\n", "zwölf\n".encode(), b"x" * 3000 + b"\n"):
            self.wfile.write(b"%x;part=1\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\nX-Checked: yes\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextlib.contextmanager
def upstream() -> Iterator[int]:
    """The port at which :class:`Upstream` listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        serves = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serves.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            serves.join()


@contextlib.contextmanager
def running(program: Path) -> Iterator[Server]:
    """nginx, from when it listens to the end."""
    with folder() as home, upstream() as behind:
        port = free_port()
        for name in ("files", "kept"):
            (home / name).mkdir()
            (home / name).chmod(0o777)
        (home / "files" / "items.json").write_bytes(ITEMS)
        (home / "files" / "page.html").write_bytes(PAGE)
        (home / "files" / "pixels.png").write_bytes(PIXELS)
        config = home / "nginx.conf"
        config.write_text(_CONFIG.format(home=home, port=port, upstream=behind))
        with serving([program, "-e", "stderr", "-c", config], home, lambda: is_open(port)):
            yield Server(port, home / "kept")


def keep(capture: Capture, name: str) -> None:
    """Write a recorded capture anew, where NETSHELL_RECORD asks for that."""
    if os.environ.get("NETSHELL_RECORD"):
        capture.save(RECORDED / name)
