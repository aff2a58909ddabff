"""Four ways to get no address: NXDOMAIN, no data, REFUSED, SERVFAIL (RFC 1035, RFC 2308).

They mean different things, and only the first one says that the name does not exist.
"""

from __future__ import annotations

from netshell.lab.scenario import Scenario, Step
from netshell.lab.servers import start_dns

_ASKED = ("> UDP n", "< UDP n")

SCENARIO = Scenario(
    name="dns_nxdomain",
    filter="port 53",
    prepare=lambda stage: start_dns(stage.server.host),
    steps=(
        Step(
            "missing",
            lambda stage: stage.client.ask("no-such-host.lab"),
            packets=_ASKED,
            told="NXDOMAIN",
        ),
        Step(
            "no_data",
            lambda stage: stage.client.ask("v4.lab", "AAAA"),
            packets=_ASKED,
            told="NOERROR: no data",
        ),
        Step(
            "refused",
            lambda stage: stage.client.ask("www.example"),
            packets=_ASKED,
            told="REFUSED",
        ),
        Step(
            "failed",
            lambda stage: stage.client.ask("servfail.lab"),
            packets=_ASKED,
            told="SERVFAIL",
        ),
    ),
)
