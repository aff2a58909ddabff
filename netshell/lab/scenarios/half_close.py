"""Half-close: one side has finished sending, and goes on receiving (RFC 9293 section 3.6).

A FIN closes one direction. As long as the program holds the socket, FIN_WAIT_2 has no timer.
"""

from __future__ import annotations

from netshell.lab.scenario import OPENING, Scenario, Step

SCENARIO = Scenario(
    name="half_close",
    steps=(
        Step(
            "open",
            lambda stage: stage.open(),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "shutdown",
            lambda stage: stage.client.stop_sending(),
            packets=("> FIN,ACK", "< ACK"),
            states=("FIN_WAIT_2", "CLOSE_WAIT"),
        ),
        Step(
            "send",
            lambda stage: stage.server.send(500),
            packets=("< PSH,ACK 500", "> ACK"),
            states=("FIN_WAIT_2", "CLOSE_WAIT"),
        ),
        Step(
            "read",
            lambda stage: stage.client.read(),
            states=("FIN_WAIT_2", "CLOSE_WAIT"),
            told="500 B",
        ),
        Step(
            "close",
            lambda stage: stage.server.close(),
            packets=("< FIN,ACK", "> ACK"),
            states=("TIME_WAIT", "CLOSED"),
        ),
    ),
)
