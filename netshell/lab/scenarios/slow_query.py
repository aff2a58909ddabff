"""A slow query: the kernel acknowledges at once, the database takes its time.

PostgreSQL's protocol, by a server of the lab that speaks it (no PostgreSQL needed, and none behind
it). What the capture shows is what a real one would: `lab.play.capture.queries()`.
"""

from __future__ import annotations

import struct

from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.servers import start_sql
from netshell.lab.sql_server import message
from netshell.lab.stage import Stage

_PORT = 5432
_OPENED = "RSSKZ"
_ANSWERED = "TDCZ"


def _log_in(stage: Stage) -> str:
    stage.client.connect(stage.server, _PORT)
    names = b"user\0student\0database\0lab\0\0"
    return stage.client.send(struct.pack("!II", len(names) + 8, 196608) + names)


def _ask(query: bytes) -> bytes:
    return message(b"Q", query + b"\0")


SCENARIO = Scenario(
    name="slow_query",
    prepare=lambda stage: start_sql(stage.server.host),
    steps=(
        Step(
            "log_in",
            _log_in,
            packets=(*OPENING, "> PSH,ACK n", "< ACK ?", "< PSH,ACK n", "> ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
            hears=lambda stage: stage.client.message_kinds(),
            told=_OPENED,
        ),
        Step(
            "fast",
            lambda stage: stage.client.send(_ask(b"SELECT 1")),
            packets=("> PSH,ACK n", "< ACK ?", "< PSH,ACK n", "> ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
            hears=lambda stage: stage.client.message_kinds(),
            told=_ANSWERED,
        ),
        Step(
            "slow",
            lambda stage: stage.client.send(_ask(b"SELECT pg_sleep(1)")),
            packets=("> PSH,ACK n", "< ACK", "< PSH,ACK n", "> ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
            hears=lambda stage: stage.client.message_kinds(),
            told=_ANSWERED,
            finds=("slow_server",),
        ),
    ),
)
