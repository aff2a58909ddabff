"""An MTU black hole: small packets pass, large ones vanish without a word (RFC 2923 section 2.1).

The connection opens, small requests are answered, and the first large one hangs. A router that
cannot pass a packet on should say so by ICMP; where that is filtered, the sender can only try
smaller segments by itself (RFC 4821; tcp_mtu_probing in ip-sysctl.rst).
"""

from __future__ import annotations

from netshell.lab.faults.losing import Lost
from netshell.lab.scenario import OPENING, Scenario, Step
from netshell.lab.stage import Stage

_LARGE = Lost(longer_than=1200)
_LATER = {"tcp_mtu_probing": "1", "tcp_base_mss": "1024"}


def _open(stage: Stage) -> None:
    stage.open()
    stage.server.lose(_LARGE)


def _is_stuck(stage: Stage) -> bool:
    """Whether the first large segment has been sent four times."""
    large = [packet for packet in stage.packets_of(stage.client) if packet.payload_len > 1200]
    return sum(packet.seq == large[0].seq for packet in large) >= 4 if large else False


SCENARIO = Scenario(
    name="black_hole",
    settings={"tcp_early_retrans": "0", "tcp_retries1": "2", "tcp_rto_max_ms?": "1000"},
    findings=("duplicate_ack", "retransmission"),
    steps=(
        Step("open", _open, packets=OPENING, states=("ESTABLISHED", "ESTABLISHED")),
        Step(
            "small",
            lambda stage: stage.client.send(100),
            packets=("> PSH,ACK 100", "< ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
        ),
        Step(
            "large",
            lambda stage: stage.client.send(3000),
            packets=("> ACK 1448", "> ACK 1448", "...", "> ACK 1448", "..."),
            states=("ESTABLISHED", "ESTABLISHED"),
            until=_is_stuck,
            finds=("mtu_black_hole",),
        ),
        Step(
            "shrink",
            lambda stage: stage.client.configure(_LATER),
            packets=("...", "< ACK"),
            states=("ESTABLISHED", "ESTABLISHED"),
            until=lambda stage: stage.has_acknowledged(stage.server),
        ),
    ),
)
