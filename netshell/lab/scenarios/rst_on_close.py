"""close() with unread data sends RST, not FIN: RFC 1122 section 4.2.2.13, RFC 2525 section 2.17.

The peer is to know that its data was never read.
"""

from __future__ import annotations

from netshell.lab.scenario import OPENING, Scenario, Step

SCENARIO = Scenario(
    name="rst_on_close",
    findings=("connection_reset",),
    steps=(
        Step(
            "open",
            lambda stage: stage.open(),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "send",
            lambda stage: stage.client.send(20),
            packets=("> PSH,ACK 20", "< ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "close",
            lambda stage: stage.server.close(),
            packets=("< RST,ACK",),
            states=("CLOSED", "CLOSED"),
            hears=lambda stage: stage.client.problem(),
            told="ECONNRESET",
        ),
    ),
)
