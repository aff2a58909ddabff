"""How results and verbs look at the prompt, drawn for the terminal's width."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from netshell.commands import VERBS
from netshell.results import Records, Result
from netshell.view import Block, Lines, Note, Span


def draw_result(result: Result, rows: int) -> str:
    """A result for the screen; a table of more than ``rows`` is cut, and says so."""
    if isinstance(result, Records) and len(result) > rows and not result.is_brief:
        note = (
            f"{rows:,} of {len(result):,} rows shown; print(_) shows all, "
            f"_[{rows}:{2 * rows}] the next"
        )
        return _screen([*result[:rows].view(), Note(note, "warn")])
    return _screen(result.view())


def draw_head(result: Result) -> str:
    """The first block of a result alone: of a capture, what was captured and what was lost."""
    return _screen(result.view()[:1])


def draw_lost(capture: Any, number: int) -> str:
    """What is said of a running capture whose last name was taken away by a cell."""
    on = ", ".join(capture.ifaces or capture.names)
    what = f'"{capture.filter_text}" ' if capture.filter_text else ""
    return _screen(
        [
            Note(
                f"{what}on {on} is still being captured: captures()[{number}].stop() ends it",
                "warn",
            )
        ]
    )


def draw_verb(function: Any) -> str:
    """How a verb is called: its signature, what it does, its examples."""
    name = function.__name__
    does = next((verb.does for verb in VERBS if verb.name == name), "")
    from netshell.render.terminal import width

    columns = width()
    lines: list[str | Span | Sequence[str | Span]] = [(Span(name, "key"), _parameters(function))]
    lines.append(f"    {does}")
    for example in examples(function):
        fits = not columns or len(example) + 4 <= columns
        shown = example if fits else example.partition("  #")[0].rstrip()
        lines.append(Span(f"    {shown}", "quiet"))
    lines.append((Span(f"{name}()", "key"), " runs it, ", Span(f"{name}?", "key"), " tells more"))
    return _screen([Lines(lines)])


def examples(function: Any) -> list[str]:
    """The calls shown in a docstring, without their prompts."""
    lines = (line.strip() for line in inspect.getdoc(function).splitlines())  # type: ignore[union-attr]
    return [line[4:] for line in lines if line.startswith((">>> ", "... "))]


def _parameters(function: Any) -> str:
    signature = inspect.signature(function)
    bare = [each.replace(annotation=each.empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))


def _screen(blocks: Sequence[Block]) -> str:
    from netshell.render.terminal import blocks as draw_blocks

    return draw_blocks(blocks)
