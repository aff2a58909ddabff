"""A zero window: the receiver's program does not read, and its kernel says stop.

The sender's kernel keeps what the program wrote and asks again and again whether there is room
(RFC 9293 section 3.8.6.1). The network is fine: it is the receiver that is slow.
"""

from __future__ import annotations

import socket

from netshell.lab.acts import Option
from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import Stage

_LITTLE_ROOM: Option = (socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
_MUCH = 30_000


def _open(stage: Stage) -> str:
    stage.client.connect(stage.server)
    return stage.server.accept()


def _write_and_close(stage: Stage) -> None:
    stage.client.send(_MUCH)
    stage.client.stop_sending()


SCENARIO = Scenario(
    name="zero_window",
    settings={"tcp_early_retrans": "0", "tcp_rto_max_ms?": "1000"},
    prepare=lambda stage: stage.server.listen(options=(_LITTLE_ROOM,)),
    findings=("window_full", "zero_window", "keep_alive", "window_update"),
    steps=(
        Step("open", _open, packets=OPENING, states=("ESTABLISHED", "ESTABLISHED")),
        Step(
            "fill",
            _write_and_close,
            packets=("...", "< ACK win0", "..."),
            states=("FIN_WAIT_1", "ESTABLISHED"),
            inferred=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "probe",
            lambda stage: None,
            packets=("...", "> ACK", "< ACK win0", "..."),
            states=("FIN_WAIT_1", "ESTABLISHED"),
            inferred=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "read",
            lambda stage: None,
            packets=("...", "< ACK", "...", "> FIN,PSH,ACK n", "..."),
            states=("FIN_WAIT_2", "CLOSE_WAIT"),
            hears=lambda stage: stage.server.read(),  # again and again, up to the end
            told="0 B",
        ),
    ),
)
