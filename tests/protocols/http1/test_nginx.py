"""nginx asked by httpx, curl and by hand: what is read equals what the clients sent and got.

With NETSHELL_RECORD=1, these tests write what is in recorded/ anew.
"""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
from nginx_server import ITEMS, PAGE, PIXELS, Server, keep
from onloopback import capturing

from netshell.capture.capture import Capture
from netshell.protocols.http1.exchange import HttpExchange
from netshell.protocols.secret import revealed


def exchanges(capture: Capture) -> list[HttpExchange]:
    """What is read of a capture that has ended: nothing but whole exchanges."""
    found = [each for each in capture.messages if isinstance(each, HttpExchange)]
    assert len(found) == len(capture.messages)
    return found


def assert_same(exchange: HttpExchange, response: httpx.Response) -> None:
    """An exchange is what httpx says of it: line, headers, body, both ways."""
    exchange = revealed(exchange)
    request = response.request
    assert exchange.method == request.method
    assert exchange.target == request.url.raw_path.decode()
    assert exchange.url == str(request.url)
    assert [(k.lower(), v) for k, v in exchange.request_headers] == [
        (k.decode().lower(), v.decode()) for k, v in request.headers.raw
    ]
    assert exchange.request_body.data == request.content
    assert (exchange.status, exchange.reason) == (response.status_code, response.reason_phrase)
    assert list(exchange.response_headers) == [
        (k.decode(), v.decode()) for k, v in response.headers.raw
    ]
    assert exchange.response_body.data == response.content
    assert exchange.response_body.size == response.num_bytes_downloaded
    assert exchange.lacking == "" and exchange.faults == ()


def test_httpx_keeps_one_connection_open(nginx: Server) -> None:
    got = []
    with capturing(nginx.port) as capture, httpx.Client(base_url=nginx.url, timeout=60) as client:
        got.append(client.get("/page.html"))
        got.append(client.get("/zipped/items.json", headers={"Accept-Encoding": "gzip"}))
        got.append(client.head("/pixels.png"))
        tag = got[0].headers["etag"]
        got.append(client.get("/page.html", headers={"If-None-Match": tag}))
        got.append(client.get("/none?password=hunter2&page=2", auth=("ann", "hunter2")))
        got.append(client.get("/empty", headers={"Cookie": "id=hunter2; theme=dark"}))
        got.append(client.get("/moved"))
        got.append(client.get("/up/slow"))
        got.append(client.post("/page.html", json={"user": "ann", "password": "hunter2"}))
        got.append(client.get("/pixels.png"))
    found = exchanges(capture)
    assert len(found) == len(got)
    for exchange, response in zip(found, got, strict=True):
        assert_same(exchange, response)
    assert {each.flow for each in found} == {0}
    assert [each.answered for each in found] == [
        f"200 OK, text/html, {len(PAGE)} bytes",
        f"200 OK, application/json, {len(ITEMS):,} bytes (gzip {found[1].response_body.size})",
        "200 OK",
        "304 Not Modified",
        "404 Not Found, text/html, 146 bytes",
        "204 No Content",
        "302 Moved Temporarily, text/html, 138 bytes",
        "200 OK, text/plain, 3,012 bytes",
        "405 Not Allowed, text/html, 150 bytes",
        f"200 OK, image/png, {len(PIXELS):,} bytes",
    ]
    assert [each.problem for each in found if each.problem] == ["404 Not Found", "405 Not Allowed"]
    keep(capture, "nginx.pcap")


def test_no_secret_is_shown(nginx: Server) -> None:
    with capturing(nginx.port) as capture, httpx.Client(base_url=nginx.url, timeout=60) as client:
        client.get("/none?password=hunter2&page=2", auth=("ann", "hunter2"))
        client.get("/moved", headers={"Cookie": "id=hunter2"})
        client.post("/page.html", data={"user": "ann", "pwd": "hunter2"})
    for exchange in exchanges(capture):
        shown = [str(line) for side in ("client", "server") for line in exchange.said(side)]
        text = "\n".join([str(exchange), repr(exchange), exchange.json(), *shown])
        assert "hunter2" not in text and "YW5uOmh1bnRlcjI" not in text
        assert re.search("hunter2|YW5uOmh1bnRlcjI", str(revealed(exchange).json()))
        for side, begin, end in exchange.secrets:
            secret = exchange_bytes(capture, exchange.flow, side)[begin:end]
            assert secret in (b"hunter2", b"YW5uOmh1bnRlcjI=")


def exchange_bytes(capture: Capture, flow: int, side: str) -> bytes:
    return bytes(capture.flows[flow].stream(side).data)


def test_curl_waits_for_100(nginx: Server, tmp_path: Path, peer: Callable[[str], Path]) -> None:
    body = tmp_path / "body"
    body.write_bytes(PIXELS * 1000)
    with capturing(nginx.port) as capture:
        subprocess.run(
            [peer("curl"), "-sS", "--http1.1", "-H", "Expect: 100-continue",
             "--expect100-timeout", "60", "-T", body, f"{nginx.url}/kept/put"],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
    (exchange,) = exchanges(capture)
    assert exchange.asked == "PUT /kept/put"
    assert [(each.status, each.reason) for each in exchange.interim] == [(100, "Continue")]
    assert exchange.status in (201, 204)
    assert exchange.request_body.size == len(PIXELS) * 1000
    assert exchange.request_body.kept == (PIXELS * 32)[:65536]
    assert (nginx.kept / "put").stat().st_size == exchange.request_body.size
    assert len(exchange.parts) == 3 and exchange.sending_s and exchange.first_byte_s is not None
    assert exchange.interim[0].time_ns < exchange.asked_ns <= exchange.replied_ns


def test_curl_sends_chunks_and_gets_gzip(nginx: Server, peer: Callable[[str], Path]) -> None:
    with capturing(nginx.port) as capture:
        done = subprocess.run(
            [peer("curl"), "-sS", "--http1.1", "--compressed", f"{nginx.url}/zipped/items.json",
             "--next", "-sS", "--http1.1", "-X", "PUT", "-H", "Transfer-Encoding: chunked",
             "-T", "-", f"{nginx.url}/kept/chunks"],
            check=True, capture_output=True, timeout=60, input=b"a line\n" * 5000,
        )  # fmt: skip
    first, second = exchanges(capture)
    assert first.response_body.data == ITEMS and ITEMS in done.stdout
    assert second.request_body.size == 35_000
    assert second.request_body.text.startswith("a line\na line\n")
    assert (nginx.kept / "chunks").read_bytes() == second.request_body.data


def test_pipelined_requests_are_answered_in_order(nginx: Server) -> None:
    asked = [("GET", "/page.html"), ("HEAD", "/pixels.png"), ("GET", "/none"), ("GET", "/closing")]
    said = "".join(f"{method} {path} HTTP/1.1\r\nHost: a\r\n\r\n" for method, path in asked)
    answer = b""
    address = "127.0.0.1", nginx.port
    with capturing(nginx.port) as capture, socket.create_connection(address, 60) as client:
        client.sendall(said.encode())
        while piece := client.recv(65536):
            answer += piece
    found = exchanges(capture)
    assert [(each.method, each.target) for each in found] == asked
    assert [each.status for each in found] == [200, 200, 404, 200]
    assert [each.keep_alive for each in found] == [True, True, True, False]
    assert found[0].response_body.data == PAGE and found[3].response_body.data == b"bye\n"
    assert sum(part.end - part.begin for each in found for part in each.parts[1:]) == len(answer)
    keep(capture, "pipelined.pcap")
