"""The three-way handshake, and the first data: RFC 9293 section 3.5.

The kernel completes it by itself: the connection is ESTABLISHED before the server's program has
called accept().
"""

from __future__ import annotations

from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import Stage


def _send_back(stage: Stage) -> None:
    stage.server.read()
    stage.server.send(b"hello")


SCENARIO = Scenario(
    name="handshake",
    steps=(
        Step("listen", lambda stage: stage.server.listen(), states=("CLOSED", "LISTEN")),
        Step(
            "connect",
            lambda stage: stage.client.connect(stage.server),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step("accept", lambda stage: stage.server.accept(), states=("ESTABLISHED", "ESTABLISHED")),
        Step(
            "talk",
            lambda stage: stage.client.send(b"hi"),
            packets=("> PSH,ACK 2", "< ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "answer",
            _send_back,
            packets=("< PSH,ACK 5", "> ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
    ),
)
