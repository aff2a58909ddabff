"""TCP Fast Open: data in the SYN, for a client that was here before (RFC 7413).

The first connection asks the server for a cookie. With it, the second one carries its request in
the SYN, and the server's program may read it before the handshake is complete.
"""

from __future__ import annotations

import socket

from netshell.lab.acts import Option
from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import Stage

_ALLOW: Option = (socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 8)
_REQUEST = b"GET / HTTP/1.0\r\n\r\n"


def _close(stage: Stage) -> None:
    stage.server.accept()
    stage.client.close()
    stage.server.close()


def _read(stage: Stage) -> str:
    stage.server.accept()
    return stage.server.read()


SCENARIO = Scenario(
    name="fast_open",
    settings={"tcp_fastopen": "3"},
    prepare=lambda stage: stage.server.listen(options=(_ALLOW,)),
    steps=(
        Step(
            "cookie",
            lambda stage: stage.client.connect_with(stage.server, _REQUEST),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "close",
            _close,
            packets=("> FIN,ACK", "< ACK ?", "< FIN,ACK", "> ACK"),
            states=("TIME_WAIT", "CLOSED"),
        ),
        Step(
            "data",
            lambda stage: stage.client.connect_with(stage.server, _REQUEST),
            packets=("> SYN 18", "< SYN,ACK", "> ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "read",
            _read,
            states=("ESTABLISHED", "ESTABLISHED"),
            told="18 B",
        ),
    ),
)
