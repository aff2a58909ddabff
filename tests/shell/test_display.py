"""How results and verbs look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from netshell.commands import VERBS
from netshell.commands.dig import dig
from netshell.results import Records
from netshell.shell.display import draw_result, draw_verb, examples
from netshell.shell.verbs import LazyVerb, is_verb, namespace
from netshell.view import Block, Column, Note


@dataclass(frozen=True)
class Number:
    value: int


class Numbers(Records[Number]):
    heads = (Column("value", "right"),)

    def row(self, record: Any) -> list[str]:
        return [str(record.value)]


def test_a_long_table_is_cut_with_a_note() -> None:
    lines = draw_result(Numbers([Number(value) for value in range(2000)]), rows=500).splitlines()
    assert len(lines) == 502 and lines[500].strip() == "499"
    assert lines[501] == "500 of 2,000 rows shown; print(_) shows all, _[500:1000] the next"
    assert len(draw_result(Numbers([Number(1)] * 500), rows=500).splitlines()) == 501


def test_what_is_brief_by_itself_is_not_cut_again() -> None:
    class Few(Numbers):
        is_brief = True

        def view(self) -> Sequence[Block]:
            return (Note("the first ones"),)

    assert draw_result(Few([Number(1)] * 2000), rows=500) == "the first ones"


def test_a_verb_shows_how_it_is_called() -> None:
    text = draw_verb(dig)
    assert text.startswith("dig(name, rdtype='A', server=None, *, tcp=False")
    assert "what a name resolves to" in text and 'dig("192.0.2.7")' in text
    assert text.endswith("dig() runs it, dig? tells more")


def test_every_verb_has_a_docstring_with_an_example() -> None:
    for verb in VERBS:
        function = verb.load()
        assert is_verb(function)
        assert function.__doc__, verb.name
        assert any(verb.name in line for line in examples(function)), verb.name
        assert not any("doctest" in line for line in examples(function))


def test_a_lazy_verb_answers_for_its_function() -> None:
    import inspect
    import pickle

    lazy = namespace()["dig"]
    assert isinstance(lazy, LazyVerb)
    assert repr(lazy) == "<verb dig: what a name resolves to, for how long, and who says so>"
    assert lazy.__doc__ == dig.__doc__ and lazy.__name__ == "dig"
    assert inspect.signature(lazy) == inspect.signature(dig)
    assert inspect.unwrap(lazy) is dig
    assert pickle.loads(pickle.dumps(lazy)).verb is not None
    assert callable(lazy) and str(lazy.__call__.__self__) == repr(lazy)
