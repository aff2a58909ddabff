"""A lost segment, and its retransmission after a timeout: RFC 6298, RFC 9293 section 3.8.1.

One segment alone: no later one can tell that it is lost, so only the timer is left. It doubles with
each attempt. (Tail loss probes, RFC 8985 section 7, are off here: they are a timeout in disguise.)
"""

from __future__ import annotations

from netshell.lab.faults.losing import DATA
from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import Stage


def _send_in_vain(stage: Stage) -> str:
    stage.server.lose(DATA)
    return stage.client.send(100)


SCENARIO = Scenario(
    name="lost_segment",
    settings={"tcp_early_retrans": "0", "tcp_rto_max_ms?": "2000"},
    findings=("retransmission",),
    steps=(
        Step(
            "open",
            lambda stage: stage.open(),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "lose",
            _send_in_vain,
            packets=("> PSH,ACK 100 +",),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "again",
            lambda stage: None,
            packets=("> PSH,ACK 100 +",),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "arrive",
            lambda stage: stage.server.hear(),
            packets=("> PSH,ACK 100 +", "< ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
    ),
)
