"""A cache between a program and a DNS server: the TTL counts down (RFC 1034 section 3.6).

The client has a caching resolver of its own, and its program asks that one: only what the cache
does not know is on the wire.
"""

from __future__ import annotations

from netshell.lab.scenario import Scenario, Step
from netshell.lab.servers import start_dns, start_dns_cache
from netshell.lab.stage import Stage

_CACHE = "127.0.0.1"


def _prepare(stage: Stage) -> None:
    start_dns(stage.server.host)
    start_dns_cache(stage.client.host, stage.server.host.ipv4)


def _count_down(stage: Stage) -> str:
    """Ask the cache until a second of the TTL is gone."""
    heard = stage.client.ask("mail.lab", server=_CACHE)
    return "" if heard.endswith("TTL 300") else heard


SCENARIO = Scenario(
    name="dns_cache",
    filter="port 53",
    prepare=_prepare,
    steps=(
        Step(
            "ask",
            lambda stage: stage.client.ask("mail.lab", server=_CACHE),
            packets=("> UDP n", "< UDP n"),
            told="NOERROR: 10.77.0.2, TTL 300",
        ),
        Step("cached", lambda stage: None, hears=_count_down, told="NOERROR: 10.77.0.2, TTL 2??"),
        Step(
            "brief",
            lambda stage: stage.client.ask("brief.lab", server=_CACHE),
            packets=("> UDP n", "< UDP n"),
            told="NOERROR: 10.77.0.2, TTL 2",
        ),
        Step(
            "expire",
            lambda stage: None,
            packets=("> UDP n", "< UDP n", "..."),
            hears=lambda stage: stage.client.ask("brief.lab", server=_CACHE),
            told="NOERROR: 10.77.0.2, TTL ?",
        ),
    ),
)
