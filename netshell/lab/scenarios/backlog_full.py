"""A full backlog: a server that does not call accept() fast enough (listen(2)).

The kernel completes handshakes until the listener's queue is full, and then drops SYNs: to the
client that looks like a lost packet, and it tries again.
"""

from __future__ import annotations

from netshell.lab.scenario import OPENING, Scenario, Step

SCENARIO = Scenario(
    name="backlog_full",
    settings={"tcp_syn_linear_timeouts?": "100"},
    findings=("retransmission",),
    steps=(
        Step(
            "listen",
            lambda stage: stage.server.listen(backlog=1),
            states=("CLOSED", "LISTEN"),
        ),
        Step(
            "first",
            lambda stage: stage.client.connect(stage.server, name="first"),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "second",
            lambda stage: stage.client.connect(stage.server, name="second"),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "third",
            lambda stage: stage.client.connect(stage.server, name="third"),
            packets=("> SYN +",),
            states=("SYN_SENT", "LISTEN"),
        ),
        Step(
            "accept",
            lambda stage: stage.server.accept(name="first"),
            packets=("> SYN +", "< SYN,ACK", "> ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
    ),
)
