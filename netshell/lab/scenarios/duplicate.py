"""A duplicate: the network delivers a segment twice, and TCP throws one of them away.

The second copy is put on the wire as it was captured. The receiver acknowledges again, and says by
D-SACK that it had those bytes already (RFC 2883).
"""

from __future__ import annotations

from netshell.lab.scenario import OPENING, Scenario, Step

SCENARIO = Scenario(
    name="duplicate",
    findings=("retransmission", "spurious_retransmission", "duplicate_ack"),
    steps=(
        Step(
            "open",
            lambda stage: stage.open(),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "send",
            lambda stage: stage.client.send(100),
            packets=("> PSH,ACK 100", "< ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "twice",
            lambda stage: stage.client.repeat(stage.packets_of(stage.client)[-1]),
            packets=("> PSH,ACK 100", "< ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "read",
            lambda stage: stage.server.read(),
            states=("ESTABLISHED", "ESTABLISHED"),
            told="100 B",
        ),
    ),
)
