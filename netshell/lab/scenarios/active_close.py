"""A connection closed by the client first: RFC 9293 section 3.6.

Four segments, as each side closes by itself; the side that closes first keeps TIME_WAIT.
"""

from __future__ import annotations

from netshell.lab.scenario import OPENING, Scenario, Step

SCENARIO = Scenario(
    name="active_close",
    steps=(
        Step(
            "open",
            lambda stage: stage.open(),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "close",
            lambda stage: stage.client.close(),
            packets=("> FIN,ACK", "< ACK"),
            states=("FIN_WAIT_2", "CLOSE_WAIT"),
        ),
        Step(
            "hear",
            lambda stage: stage.server.read(),
            states=("FIN_WAIT_2", "CLOSE_WAIT"),
            told="0 B",
        ),
        Step(
            "answer",
            lambda stage: stage.server.close(),
            packets=("< FIN,ACK", "> ACK"),
            states=("TIME_WAIT", "CLOSED"),
        ),
    ),
)
