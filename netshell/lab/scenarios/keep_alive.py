"""Keep-alive: an idle connection is probed, if the program asked for it (RFC 9293 section 3.8.4).

By default nobody asks, and the first probe would come after two hours (tcp(7)); here after a
second. A peer that answers no probe is taken for dead.
"""

from __future__ import annotations

import socket

from netshell.lab.acts import Option
from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import Stage

_PROBING: tuple[Option, ...] = (
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 2),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
)


def _ask_for_it(stage: Stage) -> None:
    stage.client.set(*_PROBING)


SCENARIO = Scenario(
    name="keep_alive",
    findings=("keep_alive", "keep_alive_ack", "connection_reset"),
    steps=(
        Step(
            "open",
            lambda stage: stage.open(),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "talk",
            lambda stage: stage.client.send(10),
            packets=("> PSH,ACK 10", "< ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "probe",
            _ask_for_it,
            packets=("> ACK", "< ACK", "..."),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "vanish",
            lambda stage: stage.server.lose(),
            packets=("...", "> ACK", "> ACK", "> RST,ACK"),
            states=("CLOSED", "ESTABLISHED"),
            inferred=("CLOSED", "CLOSED"),
            hears=lambda stage: stage.client.problem(),
            told="ETIMEDOUT",
        ),
    ),
)
