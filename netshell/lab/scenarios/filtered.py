"""Filtered: a firewall drops the SYNs, and nothing comes back.

The opposite of a refusal. How often and how long a kernel tries is a matter of tcp_syn_retries and
tcp_syn_linear_timeouts (ip-sysctl.rst): here once a second, until the program has had enough.
"""

from __future__ import annotations

import socket

from netshell.lab.faults import silence
from netshell.lab.scenario import Scenario, Step
from netshell.lab.stage import PORT, Stage

_NO_MORE = (socket.IPPROTO_TCP, 18, 1)  # TCP_USER_TIMEOUT of a millisecond: tcp(7)


def _prepare(stage: Stage) -> None:
    stage.server.listen()
    silence.drop(stage.server, PORT)


SCENARIO = Scenario(
    name="filtered",
    settings={"tcp_syn_linear_timeouts?": "100"},
    prepare=_prepare,
    findings=("retransmission", "syn_unanswered"),
    steps=(
        Step(
            "connect",
            lambda stage: stage.client.connect(stage.server),
            packets=("> SYN +",),
            states=("SYN_SENT", "LISTEN"),
        ),
        Step("again", lambda stage: None, packets=("> SYN +",), states=("SYN_SENT", "LISTEN")),
        Step(
            "give_up",
            lambda stage: stage.client.set(_NO_MORE),
            packets=("> SYN *",),
            states=("CLOSED", "LISTEN"),
            inferred=("SYN_SENT", "LISTEN"),
            hears=lambda stage: stage.client.problem(),
            told="ETIMEDOUT",
        ),
    ),
)
