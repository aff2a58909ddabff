"""Aliases: a chain of CNAMEs, one that leads nowhere, and one in a circle (RFC 1034 section 3.6.2).

The answer holds the whole way, and may be kept no longer than its shortest TTL.
"""

from __future__ import annotations

from netshell.lab.scenario import Scenario, Step
from netshell.lab.servers import start_dns

_ASKED = ("> UDP n", "< UDP n")

SCENARIO = Scenario(
    name="dns_cname",
    filter="port 53",
    prepare=lambda stage: start_dns(stage.server.host),
    steps=(
        Step(
            "chain",
            lambda stage: stage.client.ask("shop.lab"),
            packets=_ASKED,
            told="NOERROR: cdn.lab, edge.lab, 10.77.0.2, TTL 20",
        ),
        Step(
            "nowhere",
            lambda stage: stage.client.ask("nowhere.lab"),
            packets=_ASKED,
            told="NXDOMAIN: missing.lab, TTL 3600",
        ),
        Step(
            "circle",
            lambda stage: stage.client.ask("circle.lab"),
            packets=_ASKED,
            told="NOERROR: circle2.lab, circle.lab, TTL 3600",
        ),
    ),
)
