"""Every scenario produces what it declares: packets, both kernels' states, findings, what was told.

The states are the kernels' own (sock_diag, asked inside each host), and those that the packets tell
are compared with them. A step that does not produce what it declares fails in the play itself.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from conftest import missing
from patience import until_it_holds

from netshell.catalogue import LANGUAGES, entries, has
from netshell.commands import staged
from netshell.errors import Unavailable
from netshell.lab.play import Play
from netshell.lab.scenario import BY_PACE, pattern
from netshell.lab.scenarios import SCENARIOS, load

FIXED = {
    "begin", "happened", "how", "next", "no_sockets", "over", "pause", "settings", "shell",
    "silent", "step", "stopped", "told",
}  # fmt: skip
"""Texts that are not a scenario's."""


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_produces_what_it_declares(name: str) -> None:
    # Nothing waits by time but what is about time: an ACK delayed by 40 ms, and not by 250.
    tries = (60.0, 60.0) if name == "delayed_ack" else (60.0,)
    until_it_holds(lambda patience_s: check(name, patience_s), tries)


def check(name: str, patience_s: float) -> None:
    """Play one, and compare all of it with what it declares."""
    scenario = load(name)
    try:
        play = Play(scenario, staged.EYES, patience_s)
    except Unavailable as error:
        missing(str(error))
    with play:
        played = list(play.rest())
        assert play.over
        for one in played:
            assert one.states == one.step.states
            assert fnmatchcase(one.told, one.step.told)
        tokens = "".join(f"{word};" for word in play.tokens())
        declared = pattern([each for step in scenario.steps for each in step.packets])
        assert declared.fullmatch(tokens), tokens
        assert [packet for one in played for packet in one.packets] == play.stage.packets()
        kinds = {finding.kind for finding in play.capture.findings}
        assert kinds - BY_PACE == set(scenario.findings)
        assert play.capture.stop().stats.dropped == 0


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_has_a_text_for_everything(name: str, lang: str) -> None:
    scenario = load(name)
    assert scenario.name == name
    wanted = {"title", "why", *(step.name for step in scenario.steps)}
    assert len(wanted) == len(scenario.steps) + 2
    written = {key for key in entries("scenario", lang) if key.startswith(f"{name}.")}
    assert written == {f"{name}.{word}" for word in wanted}
    assert all(has(scenario.says(step)) for step in scenario.steps)


def test_no_text_is_of_no_scenario() -> None:
    for lang in LANGUAGES:
        assert {key.partition(".")[0] for key in entries("scenario", lang)} == {*SCENARIOS, *FIXED}


@pytest.mark.parametrize("name", SCENARIOS)
def test_sentences_are_of_a_lines_length_or_a_few(name: str) -> None:
    for lang, most in (("en", 300), ("ko", 220)):
        for key, said in entries("scenario", lang).items():
            if key.startswith(f"{name}."):
                assert len(said) <= (72 if key.endswith(".title") else most), key
                assert re.search(r"[.)]$", said) or key.endswith(".title"), key


def test_every_scenario_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[3] / "docs" / "lab.rst").read_text(encoding="utf-8")
    assert re.findall(r"^([a-z0-9_]+) {2,}[^ =]", text, re.M) == list(SCENARIOS)
