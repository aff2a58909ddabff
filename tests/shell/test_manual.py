"""``verb?`` at the width of a screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from pty_shell import Shell

from netshell.commands import VERBS
from netshell.commands.conns import conns
from netshell.commands.dig import dig
from netshell.shell.manual import pages, reflowed, signature


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
        shell.run("dig??")
        shell.shows("Source:")
