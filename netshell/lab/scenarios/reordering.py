"""Reordering: a segment overtakes the one before it, and nothing is lost (RFC 4737).

The client's interface holds both back and lets the second go first. The receiver answers with a
duplicate acknowledgment, as it would to a loss, and the sender falls for it (RACK, RFC 8985): it
sends the first again, and is told by D-SACK (RFC 2883) that this was needless.
"""

from __future__ import annotations

import socket

from netshell.lab.acts import Option
from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import NO_DELAY, Stage

_FIRST_BAND: Option = (socket.SOL_SOCKET, socket.SO_PRIORITY, 6)  # tc-prio(8)'s map


def _hold_two(stage: Stage) -> str:
    stage.client.hold()
    stage.client.send(100)
    stage.client.set(_FIRST_BAND)
    return stage.client.send(200)


SCENARIO = Scenario(
    name="reordering",
    settings={"tcp_early_retrans": "0"},
    prepare=Stage.be_patient,
    findings=("lost_segment", "out_of_order", "window_update", "retransmission", "duplicate_ack"),
    steps=(
        Step(
            "open",
            lambda stage: stage.open(options=(NO_DELAY,)),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step("hold", _hold_two, states=("ESTABLISHED", "ESTABLISHED")),
        Step(
            "overtake",
            lambda stage: stage.client.release(),
            packets=(
                *("> PSH,ACK 200", "> PSH,ACK 100"),
                *("< ACK", "> PSH,ACK 100", "< ACK", "< ACK"),
            ),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
    ),
)
