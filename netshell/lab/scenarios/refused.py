"""Refused: nothing listens, and the kernel says so at once (RFC 9293 section 3.10.7.1).

The opposite of silence: the host is there, and so is the way to it.
"""

from __future__ import annotations

from netshell.lab.scenario import Scenario, Step

SCENARIO = Scenario(
    name="refused",
    findings=("connection_refused",),
    steps=(
        Step(
            "connect",
            lambda stage: stage.client.connect(stage.server),
            packets=("> SYN", "< RST,ACK"),
            states=("CLOSED", "CLOSED"),
            hears=lambda stage: stage.client.problem(),
            told="ECONNREFUSED",
        ),
    ),
)
