"""Fast retransmit: duplicate acknowledgments tell of a gap at once (RFC 5681 section 3.2).

Six segments leave together and the first one is lost. Each of the others is answered by an
acknowledgment for the same byte, and SACK says what arrived (RFC 2018): the sender sends the
missing one again without waiting for its timer.
"""

from __future__ import annotations

import socket

from netshell.lab.acts import Option
from netshell.lab.faults.losing import Lost
from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import Stage

_SMALL: Option = (socket.IPPROTO_TCP, socket.TCP_MAXSEG, 112)  # 100 bytes beside timestamps


def _prepare(stage: Stage) -> None:
    stage.be_patient()
    stage.server.listen(options=(_SMALL,))


def _open(stage: Stage) -> str:
    stage.client.connect(stage.server)
    return stage.server.accept()


def _lose_the_first(stage: Stage) -> str:
    last = stage.packets_of(stage.client)[-1].ip_id or 0
    stage.server.lose(Lost(ip_id=(last + 1) & 0xFFFF))
    return stage.client.send(600)


SCENARIO = Scenario(
    name="fast_retransmit",
    settings={"tcp_early_retrans": "0"},
    prepare=_prepare,
    findings=("window_update", "duplicate_ack", "fast_retransmission", "retransmission"),
    steps=(
        Step("open", _open, packets=OPENING, states=("ESTABLISHED", "ESTABLISHED")),
        Step(
            "lose",
            _lose_the_first,
            packets=(
                "> ACK 100",
                "...",
                "< ACK",
                "...",
                "< ACK",
                "...",
                "> ACK 100",
                "...",
                "< ACK",
            ),
            states=("ESTABLISHED", "ESTABLISHED"),
            until=lambda stage: stage.has_acknowledged(stage.server),
        ),
    ),
)
