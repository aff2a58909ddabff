"""TIME_WAIT on the server, and "address already in use".

The server's program closes first and is started again: its port is taken by what the connection
left behind, unless it asks for SO_REUSEADDR (socket(7)), as servers do.
"""

from __future__ import annotations

from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import Stage


def _end_the_server(stage: Stage) -> None:
    stage.server.close()
    stage.server.close("listener")


SCENARIO = Scenario(
    name="time_wait",
    steps=(
        Step(
            "open",
            lambda stage: stage.open(),
            packets=OPENING,
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "end",
            _end_the_server,
            packets=("< FIN,ACK", "> ACK"),
            states=("CLOSE_WAIT", "FIN_WAIT_2"),
        ),
        Step(
            "close",
            lambda stage: stage.client.close(),
            packets=("> FIN,ACK", "< ACK"),
            states=("CLOSED", "TIME_WAIT"),
        ),
        Step(
            "restart",
            lambda stage: stage.server.listen(reuse=False),
            states=("CLOSED", "TIME_WAIT"),
            told="EADDRINUSE",
        ),
        Step("reuse", lambda stage: stage.server.listen(), states=("CLOSED", "TIME_WAIT")),
    ),
)
