"""Answers are read forgivingly in their form, and strictly in their substance."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.commands.teaching.answers import (
    Choice,
    FlagsForm,
    Form,
    NumberForm,
    StateForm,
    plain,
)
from netshell.commands.teaching.taking import is_word
from netshell.errors import BadArgument
from netshell.flow.state import State

WAITS = Choice("lesson.teardown.waits", ("client", "server", "both", "nobody"))
ERRORS = Choice("lesson.close_wait.again", ("EPIPE", "ETIMEDOUT", "EADDRINUSE", "NOTHING"))
PAUSE = Choice("lesson.nagle.pause", ("nothing", "forty", "second"))
YES = Choice("lesson.teardown.reuse", ("yes", "no"))


@pytest.mark.parametrize(
    "said",
    ["syn ack", "SYN,ACK", "SYN-ACK", "ack syn", "SA", "[S.]", "S.", " syn + ack ", "Syn and Ack",
     "SYN_ACK", "ＳＹＮ，ＡＣＫ", "'SYN/ACK'", "syn와 ack"],
)  # fmt: skip
def test_syn_ack_is_said_in_many_ways(said: str) -> None:
    assert FlagsForm().read(said) == "SYN,ACK"


@pytest.mark.parametrize(
    ("said", "meant"),
    [("syn", "SYN"), ("S", "SYN"), ("ack", "ACK"), (".", "ACK"), ("F.", "FIN,ACK"),
     ("push ack", "PSH,ACK"), ("reset", "RST"), ("rst ack", "RST,ACK"), ("R", "RST")],
)  # fmt: skip
def test_other_flags_are_other_answers(said: str, meant: str) -> None:
    assert FlagsForm().read(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [("3", "3"), ("30,000", "30000"), ("30_000", "30000"), ("30 000 bytes", "30000"), ("007", "7"),
     ("three", "3"), ("none", "0"), ("zero packets", "0"), ("3 packets.", "3"), ("세 개", "3"),
     ("3개", "3"), ("없음", "0"), ("３", "3"), (3, "3"), ("a packet", "1")],
)  # fmt: skip
def test_numbers(said: object, meant: str) -> None:
    assert NumberForm().read(said) == meant


@pytest.mark.parametrize("said", ["3.5", "-1", "1,0", "3 or 4", "many", "0x3", "", "½", True, None])
def test_what_is_no_number_is_asked_again(said: object) -> None:
    with pytest.raises(BadArgument):
        NumberForm().read(said)


@pytest.mark.parametrize("state", State)
def test_states_have_many_spellings(state: State) -> None:
    for said in (state, state.lower(), state.replace("_", "-"), state.replace("_", " ") + "."):
        assert StateForm().read(said) == state
    assert StateForm().read("fin_wait2") == "FIN_WAIT_2"
    assert StateForm().read("estab") == "ESTABLISHED"


@pytest.mark.parametrize(
    ("form", "said", "meant"),
    [(WAITS, "1", "client"), (WAITS, "(2)", "server"), (WAITS, "Client", "client"),
     (WAITS, "the server", "server"), (WAITS, "서버", "server"), (WAITS, "둘 다", "both"),
     (WAITS, "both", "both"), (WAITS, "none", "nobody"), (ERRORS, "epipe", "EPIPE"),
     (ERRORS, "timedout", "ETIMEDOUT"), (ERRORS, "nothing", "NOTHING"),
     (ERRORS, "eaddr", "EADDRINUSE"), (PAUSE, "about 40 ms", "forty"), (PAUSE, "40 ms", "forty"),
     (PAUSE, "1초 이상", "second"), (YES, "y", "yes"), (YES, "N", "no"), (YES, "네", "yes"),
     (YES, "아니요", "no"), (YES, "예.", "yes")],
)  # fmt: skip
def test_choices(form: Choice, said: str, meant: str) -> None:
    assert form.read(said) == meant


@pytest.mark.parametrize(
    ("form", "said"),
    [(WAITS, "0"), (WAITS, "5"), (WAITS, "client server"), (WAITS, "e"), (ERRORS, "e"),
     (YES, "maybe"), (YES, "yes no"), (PAUSE, "4")],
)  # fmt: skip
def test_what_could_be_two_is_asked_again(form: Choice, said: str) -> None:
    with pytest.raises(BadArgument):
        form.read(said)


@pytest.mark.parametrize("form", [FlagsForm(), NumberForm(), StateForm(), WAITS])
@pytest.mark.parametrize(
    "said", ["x" * 10**6, "\x1b[2J\x1b]0;x\x07", "\udc80\udcff", "\0", "ก" * 150, "‮", b"SYN", 1.5]
)
def test_hostile_answers_cost_one_clear_line(form: Form, said: object) -> None:
    with pytest.raises(BadArgument) as raised:
        form.read(said)
    line = str(raised.value)
    assert line.isprintable() and len(line) < 300
    line.encode()


@given(st.text(max_size=60))
def test_any_text_is_an_answer_or_one_line(said: str) -> None:
    for form in (FlagsForm(), NumberForm(), StateForm(), WAITS):
        try:
            assert form.read(said)
        except BadArgument as error:
            assert str(error).isprintable()


@given(st.integers(0, 10**17))
def test_every_number_is_itself(number: int) -> None:
    for said in (str(number), f"{number:,}", f"{number:_}", f"{number} bytes"):
        assert NumberForm().read(said) == str(number)
    assert NumberForm().shown(str(number)) == f"{number:,}"


def test_words_that_are_no_answers() -> None:
    assert all(is_word(said, ("q", "ㅂ")) for said in ("q", " Q ", "ㅂ"))
    assert not any(is_word(said, ("q", "ㅂ")) for said in ("", "quiet", "x" * 10**6))
    assert plain(f" {string.ascii_uppercase} ") == string.ascii_lowercase
