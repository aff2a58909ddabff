"""Flows whose packets were let go say so, and not that there was nothing."""

from __future__ import annotations

import pytest
from frames import chunk_of, segment

from netshell.capture.amount import Keep
from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.commands.explain.flows import flow as explained
from netshell.flow.flow import Flow
from netshell.flow.held import NONE_HELD, let_go

SYN, RST, ACK = 2, 4, 16
START = (
    segment(sport=4000, flags=SYN, seq=9),
    segment("10.0.0.2", 80, "10.0.0.1", 4000, flags=SYN | ACK, seq=5, ack=10),
    segment(sport=4000, flags=ACK, seq=10, ack=6),
    segment(sport=4000, flags=ACK, seq=10, ack=6, payload=b"asked"),
)


def flow(later: int, sport: int) -> Flow:
    """A flow of four packets, when as many others as said came behind it."""
    capture = Capture(Store(keep=Keep(packets=8)))
    for frame in START:
        capture.add(chunk_of([frame]))
    found = capture.flows[0]
    assert let_go(found) == ""
    for number in range(later):
        capture.add(chunk_of([segment(sport=sport, flags=ACK, seq=10 + number, ack=6)]))
        assert len(capture.flows)
    return found


def test_one_that_is_gone_does_not_deny_that_it_was() -> None:
    gone = flow(40, 5000)
    assert let_go(gone) == NONE_HELD
    assert str(gone.teardown) == NONE_HELD
    for told in (gone.findings, gone.states, gone.follow(), gone.ladder(), explained(gone)):
        text = str(told) if not hasattr(told, "lines") else "\n".join(told.lines)
        assert NONE_HELD.removesuffix(" any more").lower() in text.lower(), text
    assert "no TCP" not in str(gone.states) + str(gone.teardown)


@pytest.mark.parametrize(("later", "says"), [(6, "its first 2 packets"), (5, "its first packet")])
def test_one_whose_start_is_gone_says_it(later: int, says: str) -> None:
    cut = flow(later, 4000)
    assert let_go(cut) == f"{says} w{'as' if later == 5 else 'ere'} let go"
    assert f"{says[0].upper()}{says[1:]} w" in "\n".join(explained(cut).lines)
    assert says in str(cut.follow())


def test_one_that_is_all_there_says_nothing() -> None:
    whole = flow(2, 4000)
    assert let_go(whole) == ""
    assert "let go" not in str(whole.follow()) + "\n".join(explained(whole).lines)
    assert str(whole.findings) == "no findings"
