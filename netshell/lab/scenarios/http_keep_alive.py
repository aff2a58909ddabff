"""HTTP with and without a connection that stays: RFC 9112 section 9.

Two requests on one connection, and one on a connection that the server closes behind its answer: a
handshake and a teardown for each request, and TIME_WAIT on the server.
"""

from __future__ import annotations

from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.servers import start_http
from netshell.lab.stage import Stage

_KEEPS, _CLOSES = 80, 81
_GET = b"GET / HTTP/1.1\r\nHost: www.lab\r\n\r\n"
_EXCHANGE = ("> PSH,ACK n", "< ACK ?", "< PSH,ACK n", "> ACK")
_OK = "HTTP/1.1 200 OK"


def _prepare(stage: Stage) -> None:
    start_http(stage.server.host, port=_KEEPS, closes="client")
    start_http(stage.server.host, port=_CLOSES, closes="server")


def _connect(port: int) -> Step:
    return Step(
        "connect" if port == _KEEPS else "other",
        lambda stage: stage.client.connect(stage.server, port),
        packets=OPENING,
        states=("ESTABLISHED", "ESTABLISHED"),
    )


SCENARIO = Scenario(
    name="http_keep_alive",
    prepare=_prepare,
    steps=(
        _connect(_KEEPS),
        Step(
            "first",
            lambda stage: stage.client.send(_GET),
            packets=_EXCHANGE,
            states=("ESTABLISHED", "ESTABLISHED"),
            hears=lambda stage: stage.client.reply(),
            told=_OK,
        ),
        Step(
            "second",
            lambda stage: stage.client.send(_GET),
            packets=_EXCHANGE,
            states=("ESTABLISHED", "ESTABLISHED"),
            hears=lambda stage: stage.client.reply(),
            told=_OK,
        ),
        Step(
            "close",
            lambda stage: stage.client.close(),
            packets=("> FIN,ACK", "< ACK ?", "< FIN,ACK", "> ACK"),
            states=("TIME_WAIT", "CLOSED"),
        ),
        _connect(_CLOSES),
        Step(
            "one",
            lambda stage: stage.client.send(_GET),
            packets=("> PSH,ACK n", "< ACK ?", "< PSH,ACK n", "> ACK ?", "< FIN,ACK", "> ACK"),
            states=("CLOSE_WAIT", "FIN_WAIT_2"),
            hears=lambda stage: stage.client.reply(),
            told=_OK,
        ),
        Step(
            "end",
            lambda stage: stage.client.close(),
            packets=("> FIN,ACK", "< ACK"),
            states=("CLOSED", "TIME_WAIT"),
        ),
    ),
)
