"""Both ends close at once: their FINs cross on the wire (RFC 9293 section 3.6, case 3).

Each interface holds its packets back, so that both have sent their FIN before either arrives. Each
side is then CLOSING until its own FIN is acknowledged, and both end up in TIME_WAIT.
"""

from __future__ import annotations

from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import Stage


def _close_both(stage: Stage) -> None:
    for side in (stage.client, stage.server):
        side.hold()
    for side in (stage.client, stage.server):
        side.close()


def _let_the_first_go(stage: Stage) -> None:
    stage.client.release()
    stage.client.hold()


SCENARIO = Scenario(
    name="simultaneous_close",
    prepare=Stage.be_patient,
    steps=(
        Step(
            "open",
            lambda stage: stage.open(),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "both",
            _close_both,
            states=("FIN_WAIT_1", "FIN_WAIT_1"),
            inferred=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "cross",
            _let_the_first_go,
            packets=("> FIN,ACK",),
            states=("FIN_WAIT_1", "CLOSING"),
            inferred=("FIN_WAIT_1", "CLOSE_WAIT"),
        ),
        Step(
            "other",
            lambda stage: stage.server.release(),
            packets=("< FIN,ACK", "< ACK"),
            states=("TIME_WAIT", "CLOSING"),
        ),
        Step(
            "end",
            lambda stage: stage.client.release(),
            packets=("> ACK",),
            states=("TIME_WAIT", "TIME_WAIT"),
        ),
    ),
)
