"""Recorded captures of nginx (test_nginx.py writes them anew): golden, beside tshark and h11."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import h11
import pytest
from feeding import cuts, heard, read
from nginx_server import ITEMS, RECORDED

import netshell
from netshell.flow.delivery import Heard
from netshell.protocols.http1.decoder import Http1Decoder
from netshell.protocols.http1.exchange import HttpExchange

NAMES = ("nginx.pcap", "pipelined.pcap")
GOLDEN = {
    "nginx.pcap": [
        "GET /page.html → 200 OK, text/html, 48 bytes",
        "GET /zipped/items.json → 200 OK, application/json, 1,122 bytes (gzip 161)",
        "HEAD /pixels.png → 200 OK",
        "GET /page.html → 304 Not Modified",
        "GET /none?password=***&page=2 → 404 Not Found, text/html, 146 bytes",
        "GET /empty → 204 No Content",
        "GET /moved → 302 Moved Temporarily, text/html, 138 bytes",
        "GET /up/slow → 200 OK, text/plain, 3,012 bytes",
        "POST /page.html → 405 Not Allowed, text/html, 150 bytes",
        "GET /pixels.png → 200 OK, image/png, 2,048 bytes",
    ],
    "pipelined.pcap": [
        "GET /page.html → 200 OK, text/html, 48 bytes",
        "HEAD /pixels.png → 200 OK",
        "GET /none → 404 Not Found, text/html, 146 bytes",
        "GET /closing → 200 OK, application/octet-stream, 4 bytes",
    ],
}


def pieces(name: str) -> list[Heard]:
    return heard(netshell.read(RECORDED / name).flows[0])


def exchanges(name: str) -> list[HttpExchange]:
    found = read(pieces(name), (), True, [Http1Decoder])
    return [each for each in found if isinstance(each, HttpExchange)]


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str) -> None:
    assert [str(each) for each in exchanges(name)] == [f"http {line}" for line in GOLDEN[name]]


@pytest.mark.parametrize("name", NAMES)
def test_in_other_pieces(name: str) -> None:
    whole = exchanges(name)
    for cut in cuts(pieces(name)):
        assert read(cut, (), True, [Http1Decoder]) == whole


def test_bodies() -> None:
    found = exchanges("nginx.pcap")
    assert found[1].response_body.data == ITEMS
    assert found[7].response_body.trailers == found[0].response_body.trailers  # nginx drops them
    assert found[8].request_body.text == '{"user":"ann","password":"***"}'


def by_h11(role: type[h11.Sentinel], data: bytes, asked: list[h11.Request]) -> Iterator[tuple]:
    """What h11 says of what one side sent: the other side's part is played for it."""
    ours = h11.Connection(role)
    ours.receive_data(data)
    for request in asked if role is h11.CLIENT else [None] * len(asked):
        if request is not None:
            ours.send(request)
            ours.send(h11.EndOfMessage())
        head, body = None, b""
        while not isinstance(event := ours.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                body += bytes(event.data)
            else:
                head = event
        yield head, body
        if role is h11.SERVER:
            ours.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
            ours.send(h11.EndOfMessage())
        if ours.our_state is h11.MUST_CLOSE or ours.their_state is h11.MUST_CLOSE:
            return
        ours.start_next_cycle()


@pytest.mark.parametrize("name", NAMES)
def test_beside_h11(name: str) -> None:
    found = exchanges(name)
    flow = netshell.read(RECORDED / name).flows[0]
    sent, got = (bytes(flow.stream(side).data) for side in ("client", "server"))
    placeholders = [h11.Request(method="GET", target="/", headers=[("host", "a")])] * len(found)
    requests = list(by_h11(h11.SERVER, sent, placeholders))
    assert len(requests) == len(found)
    for exchange, (head, body) in zip(found, requests, strict=True):
        assert exchange.method.encode() == head.method
        assert exchange.request_body.kept == body
        assert [(k.lower(), v) for k, v in exchange.request_headers.__revealed__()] == [
            (k.decode(), v.decode()) for k, v in head.headers
        ]
    asked = [
        h11.Request(method=head.method, target=head.target, headers=[("host", "a")])
        for head, _ in requests
    ]
    answers = list(by_h11(h11.CLIENT, got, asked))
    assert len(answers) == len(found)
    for exchange, (head, body) in zip(found, answers, strict=True):
        assert (exchange.status, exchange.reason.encode()) == (head.status_code, head.reason)
        assert exchange.response_body.kept == body
        assert [(k.lower(), v) for k, v in exchange.response_headers.__revealed__()] == [
            (k.decode(), v.decode()) for k, v in head.headers
        ]


def test_beside_tshark(peer: Callable[[str], Path]) -> None:
    name = "nginx.pcap"  # tshark 4.0 reads one answer only of those pipelined in one segment
    fields = ("request.method", "request.uri", "response.code", "content_type")
    options = [each for field in fields for each in ("-e", f"http.{field}")]
    done = subprocess.run(
        [peer("tshark"), "-r", RECORDED / name, "-d", f"tcp.port=={port(name)},http", "-Y", "http",
         "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|", *options],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    asked = [
        pair
        for row in rows
        for pair in zip(row[0].split("|"), row[1].split("|"), strict=True)
        if row[0]
    ]
    codes = [code for row in rows for code in row[2].split("|") if code]
    found = exchanges(name)
    assert [each.method for each in found] == [method for method, _ in asked]
    assert [each.target.replace("***", "hunter2") for each in found] == [uri for _, uri in asked]
    assert [str(each.status) for each in found] == codes


def port(name: str) -> int:
    return netshell.read(RECORDED / name).flows[0].server.port or 0
