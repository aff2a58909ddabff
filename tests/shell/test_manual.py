"""``verb?`` at the width of a screen."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from pty_shell import Shell

from netshell.commands import VERBS
from netshell.commands.conns import conns
from netshell.commands.dig import dig
from netshell.flow.flow import Flow
from netshell.flow.flows import Flows
from netshell.shell.manual import is_ours, pages, reflowed, signature


def test_a_signature_has_one_parameter_a_line_and_no_quotes() -> None:
    lines = signature(conns, 80).splitlines()
    assert lines[0] == "conns(" and lines[-1] == ") -> Sockets"
    assert "    state: str | Iterable[str] | None = None," in lines
    assert "    proto: str = 'tcp'," in lines
    assert "    *," in signature(dig, 80).splitlines()


def test_a_short_signature_is_one_line() -> None:
    def verb(name: str, count: int = 3) -> None: ...

    assert signature(verb, 80) == "verb(name: str, count: int = 3) -> None"


def test_paragraphs_lists_and_options_are_filled_and_examples_are_not() -> None:
    text = (
        "Says ``this`` in a line\nand :func:`that` too.\n\n"
        "state   one of them, which takes\n        two lines\npid     a number\n\n"
        "- one thing that is\n  long\n- another\n\n"
        ">>> call(1)     # what it does in many words\n1\n"
    )
    assert reflowed(text, 30).splitlines() == [
        "Says this in a line and that",
        "too.",
        "",
        "state   one of them, which",
        "        takes two lines",
        "pid     a number",
        "",
        "- one thing that is long",
        "- another",
        "",
        "    # what it does in many words",
        ">>> call(1)",
        "1",
    ]


RESULTS = (
    "capture.capture.Capture", "flow.flows.Flows", "flow.flow.Flow", "flow.states.States",
    "flow.plot.FlowPlot", "flow.ladder.FlowLadder", "flow.findings.finding.Findings",
    "flow.stream.Stream", "flow.dialogue.Dialogue", "packet.packet.Packet", "results.Records",
)  # fmt: skip


@pytest.mark.parametrize("name", RESULTS)
def test_every_member_of_a_result_is_told_without_what_is_inside(name: str) -> None:
    module, _, kind_name = name.rpartition(".")
    kind = getattr(import_module(f"netshell.{module}"), kind_name)
    members = [vars(kind)[each] for each in vars(kind) if not each.startswith("_")]
    told = [each for each in members if is_ours(each)]
    assert is_ours(kind)
    for each in [kind, *told]:
        for head, text in pages(each, 80):
            assert all(word not in text for word in ("doctest", ":meth:", "``", "as segments"))
            if head != "Signature":
                assert max(map(len, text.splitlines() or [""])) <= 80, text


def test_fields_and_results_have_heads_of_their_own() -> None:
    (head, line), *rest = pages(vars(Flow)["states"], 80)
    assert (head, line) == ("Field", "Flow.states: States") and rest[-1] == ("Type", "property")
    assert pages(Flows(), 80)[0] == ("Type", "Flows")
    assert pages(Flows().where, 80)[-1] == ("Type", "method")
    assert not any(map(is_ours, (len, str.upper, "text", [1], Path)))


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_fits_80_columns(verb: object) -> None:
    for _, text in pages(verb.load(), 80):  # type: ignore[attr-defined]
        assert max(map(len, text.splitlines())) <= 80


def test_at_the_prompt(tmp_path: Path) -> None:
    with Shell(tmp_path, PAGER="cat", columns=80, rows=60) as shell:
        shell.ready()
        shell.run("dig?")
        shell.shows("    server: ")
        shell.shows("Type:      function")
        shell.run("raise NetshellError('cannot ' + 'see anything ' * 5, why='stays-whole')")
        shell.shows("anything:\n    stays-whole")
        shell.run("from netshell.capture.capture import Capture")
        shell.run("from netshell.capture.store import Store; cap = Capture(Store())")
        shell.run("cap.flows?")
        shell.shows("Field:     Capture.flows: Flows")
        shell.run("cap.flows.top?")
        shell.shows("Type:      method")
        shell.run("cap?")
        shell.shows("Type:      Capture")
        assert "property object" not in shell.text and "File:" not in shell.text
        shell.run("dig??")
        shell.shows("Source:")
