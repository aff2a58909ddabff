"""How scenarios write packets down, and what becomes of a step that does not happen."""

from __future__ import annotations

import pytest
from conftest import missing

from netshell.commands import staged
from netshell.errors import NetshellError, NotFound, Unavailable
from netshell.lab.play import Play
from netshell.lab.scenario import OPENING, Scenario, Step, pattern
from netshell.lab.scenarios import SCENARIOS, load


@pytest.mark.parametrize(
    ("packets", "tokens", "matches"),
    [
        (("> SYN",), "> SYN;", True),
        (("> SYN",), "< SYN;", False),
        (("x SYN",), "< SYN;", True),
        (("> SYN",), "> SYN 5;", False),
        (("> SYN n",), "> SYN 5;", True),
        (("> SYN n",), "> SYN;", False),
        (("> SYN 5",), "> SYN 55;", False),
        (("> SYN +",), "> SYN;> SYN;", True),
        (("> SYN +",), "", False),
        (("> SYN *",), "", True),
        (("> SYN ?", "< RST,ACK"), "< RST,ACK;", True),
        (("> SYN ?", "< RST,ACK"), "> SYN;> SYN;< RST,ACK;", False),
        (("< ACK",), "< ACK win0;", False),
        (("< ACK win0",), "< ACK win0;", True),
        (("...", "< ACK", "..."), "> ACK 5;< ACK;> ACK;", True),
        (("...",), "", True),
        ((), "", True),
        ((), "> SYN;", False),
    ],
)
def test_a_pattern(packets: tuple[str, ...], tokens: str, matches: bool) -> None:
    assert bool(pattern(packets).fullmatch(tokens)) is matches


def test_names_are_taken_as_they_are_typed() -> None:
    assert load("Close-Wait").name == load("close wait").name == "close_wait"
    assert len(set(SCENARIOS)) == len(SCENARIOS)
    with pytest.raises(NotFound):
        load("../wire")


def play(step: Step) -> Play:
    try:
        return Play(Scenario("wrong", (step,)), staged.EYES, patience_s=1.0)
    except Unavailable as error:
        missing(str(error))


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            Step("a", lambda stage: stage.open(), ("> SYN",)),
            "; instead of > SYN",
        ),
        (
            Step("b", lambda stage: stage.open(), OPENING, ("ESTABLISHED", "CLOSE_WAIT")),
            "states ('ESTABLISHED', 'ESTABLISHED') instead of ('ESTABLISHED', 'CLOSE_WAIT')",
        ),
        (
            Step(
                "c", lambda stage: stage.open(), OPENING, ("ESTABLISHED", "ESTABLISHED"),
                inferred=("ESTABLISHED", "LISTEN"),
            ),
            "the packets tell ('ESTABLISHED', 'ESTABLISHED') instead of ('ESTABLISHED', 'LISTEN')",
        ),
        (
            Step("d", lambda stage: stage.server.listen(), told="EADDRINUSE"),
            "the program was told '' instead of 'EADDRINUSE'",
        ),
        (
            Step("e", lambda stage: stage.open(), OPENING, finds=("zero_window",)),
            "no finding zero_window",
        ),
        (Step("f", lambda stage: None, until=lambda stage: False), "what it waits for did not"),
    ],
    ids=lambda value: value.name if isinstance(value, Step) else "",
)  # fmt: skip
def test_a_step_that_does_not_happen_says_what_was_there_instead(step: Step, said: str) -> None:
    with play(step) as one, pytest.raises(NetshellError) as raised:
        one.step()
    assert str(raised.value).startswith(f"the step did not happen {step.name} of wrong: ")
    assert said in str(raised.value)


def test_a_kernel_that_refuses_a_setting_is_told() -> None:
    scenario = Scenario("wrong", (), settings={"no_such_setting": "1", "nor_this?": "1"})
    with pytest.raises(Unavailable, match="a setting of the kernel cannot be changed"):
        Play(scenario, staged.EYES)


@pytest.mark.parametrize("name", ["filtered", "zero_window", "lost_segment", "keep_alive"])
def test_somebody_may_think_about_a_step_for_a_while(name: str) -> None:
    """A kernel's timers go on meanwhile: what they send belongs to the next step."""
    try:
        one = Play(load(name), staged.EYES)
    except Unavailable as error:
        missing(str(error))
    with one:
        for step in one.scenario.steps:
            played = one.step()
            repeats = any(word.endswith(("+", "...")) for word in step.packets)
            if repeats and not one.over:
                one.capture.wait(count=len(one.capture) + 2, seconds=60)
            assert played.step is step
        assert one.over
