"""A server that says what nginx would not, over real connections: codings, 103, 1.0, WebSocket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import brotli
import httpx
import zstandard
from nginx_server import ITEMS
from onloopback import capturing

from netshell.protocols.http1.exchange import HttpExchange

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def coded(coding: str, body: bytes) -> bytes:
    return HEAD + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (
        coding.encode(), len(body), body,
    )  # fmt: skip


@contextmanager
def answering(*answers: bytes, closes: bool = False) -> Iterator[int]:
    """A port where the requests of one connection are answered so, one by one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        serves = threading.Thread(target=_serve, args=(server, answers, closes))
        serves.start()
        try:
            yield server.getsockname()[1]
        finally:
            serves.join()


def _serve(server: socket.socket, answers: tuple[bytes, ...], closes: bool) -> None:
    client, _ = server.accept()
    with client:
        client.settimeout(60)
        for answer in answers:
            heard = b""
            while b"\r\n\r\n" not in heard:
                heard += client.recv(65536)
            client.sendall(answer)
        if not closes:
            client.recv(1)  # until the client has read all of it


def test_codings_that_httpx_reads() -> None:
    answers = [
        coded("br", brotli.compress(ITEMS, quality=4)), coded("zstd", zstandard.compress(ITEMS)),
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + HEAD + b"Content-Length: 2\r\n\r\n{}",
    ]  # fmt: skip
    with (
        answering(*answers) as port,
        capturing(port) as capture,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client,
    ):
        got = [client.get(f"/{number}") for number in range(3)]
    found = [each for each in capture.messages if isinstance(each, HttpExchange)]
    assert [each.response_body.data for each in found] == [each.content for each in got]
    assert [each.response_body.decoded_size for each in found] == [len(ITEMS), len(ITEMS), 2]
    assert [each.status for each in found[2].interim] == [103]


def test_a_body_that_ends_with_the_connection() -> None:
    answer = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"a line\n" * 9000
    with answering(answer, closes=True) as port, capturing(port) as capture:
        got = httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=60)
    (found,) = capture.messages
    assert isinstance(found, HttpExchange) and found.lacking == ""
    assert found.response_body.size == len(got.content) == 63_000


def test_websocket_frames_are_raw() -> None:
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi"
    asked = b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    with (
        answering(switching) as port,
        capturing(port) as capture,
        socket.create_connection(("127.0.0.1", port), 60) as client,
    ):
        client.sendall(asked)
        heard = b""
        while len(heard) < len(switching):
            heard += client.recv(65536)
        client.sendall(b"\x81\x80")
    first, second = capture.messages
    assert str(first) == "http GET /ws → 101 Switching Protocols, websocket"
    assert second.protocol == "raw" and second.kind == "raw"


def test_another_protocol_in_a_tunnel() -> None:
    inner = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    tunnel = b"HTTP/1.1 200 Connection established\r\n\r\n"
    with (
        answering(tunnel, inner) as port,
        capturing(port) as capture,
        socket.create_connection(("127.0.0.1", port), 60) as client,
    ):
        client.sendall(b"CONNECT a.example:80 HTTP/1.1\r\n\r\n")
        heard = b""
        while heard != tunnel:
            heard += client.recv(65536)
        client.sendall(b"GET /inside HTTP/1.1\r\n\r\n")
        while heard != tunnel + inner:
            heard += client.recv(65536)
    assert [str(each) for each in capture.messages] == [
        "http CONNECT a.example:80 → 200 Connection established",
        "http GET /inside → 200 OK, 2 bytes",
    ]
