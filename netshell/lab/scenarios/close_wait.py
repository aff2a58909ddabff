"""CLOSE_WAIT that stays: a program that leaks its sockets, and what becomes of the other side.

The peer's FIN is acknowledged by the kernel; only the program can close the socket, and does not.
CLOSE_WAIT has no timer. FIN_WAIT_2 of a socket that no process holds has one (tcp_fin_timeout in
tcp(7)): it expires, and a write meets a RST. Observed so on Linux; RFC 9293 section 3.6.
"""

from __future__ import annotations

from netshell.lab.scenario import Scenario, Step

SCENARIO = Scenario(
    name="close_wait",
    settings={"tcp_fin_timeout": "2"},  # the finding is of CLOSE_WAIT for a second or more
    findings=("close_wait", "connection_reset"),
    steps=(
        Step(
            "open",
            lambda stage: stage.open(),
            packets=("> SYN", "< SYN,ACK", "> ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "close",
            lambda stage: stage.client.close(),
            packets=("> FIN,ACK", "< ACK"),
            states=("FIN_WAIT_2", "CLOSE_WAIT"),
        ),
        Step(
            "leak",
            lambda stage: None,
            states=("CLOSED", "CLOSE_WAIT"),
            inferred=("FIN_WAIT_2", "CLOSE_WAIT"),
        ),
        Step(
            "write",
            lambda stage: stage.server.send(b"too late"),
            packets=("< PSH,ACK 8", "> RST"),
            states=("CLOSED", "CLOSED"),
        ),
        Step(
            "again",
            lambda stage: stage.server.send(b"still"),
            states=("CLOSED", "CLOSED"),
            told="EPIPE",
        ),
    ),
)
