"""Nagle against delayed acknowledgments: 40 ms in which nobody does anything.

The sender holds a small segment back until the one before it is acknowledged (Nagle, RFC 9293
section 3.7.4); the receiver waits for something to send with its acknowledgment (section 3.8.6.3).
TCP_NODELAY (tcp(7)) ends it, and so does one write instead of two.
"""

from __future__ import annotations

import socket

from netshell.lab.acts import Option
from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import NO_DELAY, Stage

_LAZY: Option = (socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)


def _open(stage: Stage) -> None:
    stage.open()
    stage.server.set(_LAZY)


def _send_two_at_once(stage: Stage) -> str:
    stage.server.set(_LAZY)
    stage.client.set(NO_DELAY)
    return stage.client.send(20, 30)


SCENARIO = Scenario(
    name="delayed_ack",
    settings={"tcp_early_retrans": "0"},
    findings=("nagle_delayed_ack",),
    steps=(
        Step("open", _open, packets=OPENING, states=("ESTABLISHED", "ESTABLISHED")),
        Step(
            "nagle",
            lambda stage: stage.client.send(20, 30),
            packets=("> PSH,ACK 20", "< ACK", "> PSH,ACK 30", "< ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "no_delay",
            _send_two_at_once,
            packets=("> PSH,ACK 20", "< ACK ?", "> PSH,ACK 30", "< ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
            until=lambda stage: stage.has_acknowledged(stage.server),
        ),
    ),
)
