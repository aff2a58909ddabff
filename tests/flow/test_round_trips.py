"""Round trips that acknowledgments show: which of them are the way's time alone."""

from __future__ import annotations

import pytest

from netshell.flow.findings.running import Running
from netshell.flow.round_trips import clean
from netshell.flow.segments import segments_of
from netshell.flow.source import Held
from netshell.packet.table import decode
from tests.flow.findings.conversations import Sent, captured
from tests.flow.findings.test_beyond import ACK, FIN, WHO, c, s


def run_of(*sents: Sent) -> Running:
    chunk = captured([(WHO, list(sents))])
    source = Held([(0, decode(chunk), chunk)])
    return Running(segments_of(source, source.flows, 0))


ASKED = c(0, 1, size=100)
PLAIN = [s(4, 1, 101), s(300, 1, 101, 50)]


@pytest.mark.parametrize(
    ("sents", "least_ms"),
    [
        ([ASKED, *PLAIN], 4),
        ([ASKED, s(21, 1, 101, 50)], None),  # the server worked, then answered
        ([ASKED, s(41, 1, 101), s(300, 1, 101, 50)], None),  # held back
        ([ASKED, s(21, 1, 101, flags=FIN | ACK)], None),
        ([ASKED, *PLAIN, c(301, 101, 51, size=9), s(303, 51, 110)], 2),
    ],
)
def test_the_least_that_waited_for_nothing(sents: list[Sent], least_ms: int | None) -> None:
    found = clean(run_of(*sents), by_client=True)
    assert found == (None if least_ms is None else least_ms * 1_000_000)
