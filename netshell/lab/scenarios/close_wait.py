"""CLOSE_WAIT that stays: a program that leaks its sockets, and what becomes of the other side.

The peer's FIN is acknowledged by the kernel; only the program can close the socket, and does not.
CLOSE_WAIT has no timer. FIN_WAIT_2 has one once no process holds the socket (tcp_fin_timeout in
tcp(7)); a write then meets a RST. RFC 9293 section 3.6; the timers are Linux's.
"""

from __future__ import annotations

from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import Stage


def _leak_another(stage: Stage) -> None:
    stage.client.connect(stage.server, name="second")
    stage.server.accept(name="second")
    stage.client.stop_sending("second")


def _write(stage: Stage) -> str:
    stage.client.close("second")
    return stage.server.send(8, name="second")


SCENARIO = Scenario(
    name="close_wait",
    settings={"tcp_fin_timeout": "2"},  # the finding is of CLOSE_WAIT for a second or more
    findings=("connection_reset",),
    steps=(
        Step(
            "open",
            lambda stage: stage.open(),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "close",
            lambda stage: stage.client.stop_sending(),
            packets=("> FIN,ACK", "< ACK"),
            states=("FIN_WAIT_2", "CLOSE_WAIT"),
        ),
        Step(
            "leak",
            lambda stage: stage.client.close(),
            states=("CLOSED", "CLOSE_WAIT"),
            inferred=("FIN_WAIT_2", "CLOSE_WAIT"),
        ),
        Step(
            "more",
            _leak_another,
            packets=(*OPENING, "> FIN,ACK", "< ACK"),
            states=("FIN_WAIT_2", "CLOSE_WAIT"),
            finds=("close_wait",),
        ),
        Step(
            "write",
            _write,
            packets=("< PSH,ACK 8", "> RST"),
            states=("CLOSED", "CLOSED"),
        ),
        Step(
            "again",
            lambda stage: stage.server.send(8, name="second"),
            states=("CLOSED", "CLOSED"),
            told="EPIPE",
        ),
    ),
)
