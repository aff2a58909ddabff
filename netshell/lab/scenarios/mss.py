"""The MSS: each side says in its SYN how large a segment it takes (RFC 9293 section 3.7.1).

The client takes what an Ethernet of 1500 bytes holds. The server here takes 536 bytes, the least
that every host must, and sends no more itself; each segment has 12 bytes less, for timestamps.
"""

from __future__ import annotations

import socket

from netshell.lab.acts import Option
from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import Stage

_SMALL: Option = (socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)


def _open(stage: Stage) -> str:
    stage.client.connect(stage.server)
    return stage.server.accept()


SCENARIO = Scenario(
    name="mss",
    prepare=lambda stage: stage.server.listen(options=(_SMALL,)),
    steps=(
        Step("open", _open, packets=OPENING, states=("ESTABLISHED", "ESTABLISHED")),
        Step(
            "up",
            lambda stage: stage.client.send(1000),
            packets=("> ACK 524", "< ACK ?", "> PSH,ACK 476", "< ACK +"),
            states=("ESTABLISHED", "ESTABLISHED"),
            until=lambda stage: stage.has_acknowledged(stage.server),
        ),
        Step(
            "down",
            lambda stage: stage.server.send(1000),
            packets=("< ACK 524", "> ACK ?", "< PSH,ACK 476", "> ACK +"),
            states=("ESTABLISHED", "ESTABLISHED"),
            until=lambda stage: stage.has_acknowledged(stage.client),
        ),
    ),
)
