"""SO_LINGER with a time of 0: close() aborts the connection (socket(7), RFC 9293 section 3.10.5).

A RST instead of a FIN: no TIME_WAIT, and whatever was not delivered is thrown away.
"""

from __future__ import annotations

from netshell.lab.scenario import OPENING, Scenario, Step

SCENARIO = Scenario(
    name="linger_0",
    findings=("connection_reset",),
    steps=(
        Step(
            "open",
            lambda stage: stage.open(),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "abort",
            lambda stage: stage.client.abort(),
            packets=("> RST,ACK",),
            states=("CLOSED", "CLOSED"),
        ),
        Step(
            "hear",
            lambda stage: stage.server.read(),
            states=("CLOSED", "CLOSED"),
            told="ECONNRESET",
        ),
    ),
)
