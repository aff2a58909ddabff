"""Findings where the clock goes back, and of openings that cross: no times, and no loss."""

from __future__ import annotations

import numpy as np
from tcp_talk import talk

from netshell.flow.details import Details
from netshell.flow.findings import find
from netshell.flow.findings.finding import Finding

OPENED = "0 > S 0\n 10 < S. 0 1\n 20 > . 1 1\n"
AT_ONCE = """
0   > S  0
1   < S  0
50  > S. 0 1
51  < S. 0 1
"""


def read(text: str) -> list[Finding]:
    return list(find(talk(text)))


def test_a_syn_sent_again_before_the_first() -> None:
    found = read("5000 > S 0\n 4000 > S 0\n 2000 > S 0")
    assert [each.kind for each in found] == ["retransmission"] * 2
    for each in found:
        assert "the clock went back" in each.text and "-" not in each.text


def test_nobody_knows_how_long_an_answer_took_over_which_the_clock_was_set_back() -> None:
    turn = "{} > P. 1 1 3\n {} < . 1 4\n 5030 < P. 1 4 5"
    assert [each.kind for each in read(OPENED + turn.format(30, 40))] == ["slow_server"]
    assert read(OPENED + turn.format(30, -10_000)) == []


def test_nor_is_it_told_how_long_the_client_waited() -> None:
    back = Details(talk(OPENED + "30 > P. 1 1 3\n 10 < P. 1 4 5"))
    assert np.all(back["first_byte_ms"].missing) and np.all(back["longest_wait_ms"].missing)


def test_what_comes_behind_a_forged_rst_is_not_called_overtaken_for_sure() -> None:
    (found,) = read(OPENED + "30 > P. 1 1 3\n 31 < R 90000000\n 32 < P. 1 4 4")
    assert found.kind == "out_of_order" and "that RST is none of this connection" in found.text


def test_who_opens_at_once_sends_nothing_again() -> None:
    found = read(AT_ONCE)
    assert [(each.kind, each.packet) for each in found] == [
        ("retransmission", 2),
        ("retransmission", 3),
    ]
    for each in found:
        assert "both opened at once" in each.text and "seems lost" not in each.text
    details = Details(talk(AT_ONCE))
    assert details["client_retransmitted_packets"].values.tolist() == [0]
    assert details["server_retransmitted_packets"].values.tolist() == [0]
    again = Details(talk(AT_ONCE + "90 > S. 0 1"))
    assert again["client_retransmitted_packets"].values.tolist() == [1]
