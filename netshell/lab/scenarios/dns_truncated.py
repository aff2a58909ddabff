"""An answer too large for UDP: truncated, and asked for again over TCP (RFC 7766)."""

from __future__ import annotations

from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.servers import start_dns

SCENARIO = Scenario(
    name="dns_truncated",
    filter="port 53",
    prepare=lambda stage: start_dns(stage.server.host),
    steps=(
        Step(
            "udp",
            lambda stage: stage.client.ask("large.lab", "TXT"),
            packets=("> UDP n", "< UDP n"),
            told="NOERROR: truncated",
        ),
        Step(
            "tcp",
            lambda stage: stage.client.ask_by_tcp("large.lab", "TXT", stage.server),
            packets=(*OPENING, "> PSH,ACK n", "...", "> FIN,ACK", "...", "< FIN,ACK", "> ACK"),
            states=("TIME_WAIT", "CLOSED"),
            told="NOERROR: 60 records, TTL 3600",
        ),
    ),
)
