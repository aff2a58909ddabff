"""What a capture knows of its queries' connections."""

from __future__ import annotations

import pytest

from netshell.capture.queried import Knowing
from netshell.protocols.api import Part, Place
from netshell.protocols.statement import Statement
from tests.commands.test_explain_flows import as_capture
from tests.flow.findings.conversations import Sent, captured
from tests.flow.findings.test_beyond import WHO, c, opened, s

ASKED = c(20, 1, size=100)


@pytest.mark.parametrize(
    ("sents", "network_ms"),
    [
        ([*opened(), ASKED, s(351, 1, 101, 50)], 20.0),
        ([ASKED, s(51, 1, 101, 50)], None),  # the answer tells nothing of the way
        ([ASKED, s(61, 1, 101), s(91, 1, 101, 50)], None),  # nor does what was held back
        ([ASKED, s(23, 1, 101), s(91, 1, 101, 50)], 3.0),
    ],
)
def test_the_networks_part_is_unknown_where_no_round_trip_was_seen(
    sents: list[Sent], network_ms: float | None
) -> None:
    capture = as_capture(captured([(WHO, sents)]))
    message = Statement(kind="Query", parts=(Part("client", 0, 100, 1, 2),), statement="select 1")
    object.__setattr__(message, "_talk", Place(0, None, ()))
    assert Knowing(capture.source).network(message) == network_ms
