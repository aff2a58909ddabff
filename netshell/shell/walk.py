"""Walking through code as a shell would show it: run, print, explain, and check each step.

What is shown is what runs: a step is its source, evaluated in one namespace; its value is drawn as
the prompt draws it. A step counts as done only if its check of that value holds.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from netshell.errors import NetshellError
from netshell.render import terminal
from netshell.results import Result
from netshell.view import Lines, Note, Span, Style, clean, draw


@dataclass(frozen=True, slots=True)
class Step:
    """One line at the prompt.

    ``says`` explains the value in a sentence; ``holds`` tells whether the step really happened.
    ``silent`` steps show no value, as an assignment at the prompt.
    """

    code: str
    says: Callable[[Any], str]
    holds: Callable[[Any], bool]
    where: str = "eth0"
    run: Callable[[str], Any] | None = None  # elsewhere than in the walk's own namespace


class Walk:
    """Steps that share a namespace, and how many of them held."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.number = 0
        self.failed: list[str] = []

    def title(self, *lines: str) -> None:
        """A headline and what is to be known before the first step."""
        say([Span(lines[0], "head")], *lines[1:])

    def take(self, step: Step) -> Any:
        """Run one step and print it; the value, None if it failed."""
        self.number += 1
        say()
        say([Span(f"[{step.where}] In [{self.number}]: ", "good"), step.code])
        try:
            value = step.run(step.code) if step.run else self._evaluate(step.code)
            held = step.holds(value)
        except NetshellError as error:
            say(Span(str(error), "bad"))
            self.failed.append(step.code)
            return None
        if value is not None and not _is_assignment(step.code):
            sys.stdout.write(f"{_shown(value)}\n")
        if held:
            note(step.says(value))
        else:
            self.failed.append(step.code)
            note("This is not what a working network shows here: the step failed.", "bad")
        return value

    def closing(self) -> int:
        """Say how it went; the exit status."""
        say()
        if not self.failed:
            say(Span(f"All {self.number} steps happened.", "good"))
            return 0
        say(Span(f"{len(self.failed)} of {self.number} steps failed: {self.failed[0]}", "bad"))
        return 1

    def _evaluate(self, code: str) -> Any:
        """Run the statements; the value of the last one, be it an expression or an assignment."""
        tree = ast.parse(code)
        last = tree.body[-1]
        if isinstance(last, ast.Expr):
            head = ast.Module(tree.body[:-1], [])
            exec(compile(head, "<walk>", "exec"), self.namespace)
            return eval(compile(ast.Expression(last.value), "<walk>", "eval"), self.namespace)
        exec(compile(tree, "<walk>", "exec"), self.namespace)
        if isinstance(last, ast.Assign) and isinstance(last.targets[0], ast.Name):
            return self.namespace[last.targets[0].id]
        return None


def say(*lines: str | Span | Sequence[str | Span]) -> None:
    """Lines for the reader; an empty one without arguments."""
    sys.stdout.write(terminal.blocks([Lines(lines or ("",))]) + "\n")


def note(text: str, style: Style = "quiet") -> None:
    """An explanation, wrapped to the terminal and set apart by a bar."""
    width = terminal.width()
    wrapped = draw([Note(text, style)], max(20, width - 2) if width else 0)
    paint = terminal.paint if terminal.coloured() else lambda part, style: part
    bar = "│" if (getattr(sys.stdout, "encoding", "") or "").lower().startswith("utf") else "|"
    for line in wrapped.splitlines():
        sys.stdout.write(f"{paint(bar, 'key')} {paint(line, style)}\n")
    sys.stdout.flush()


def _shown(value: Any) -> str:
    if isinstance(value, Result):
        return terminal.screen(value)
    return clean(repr(value))


def _is_assignment(code: str) -> bool:
    return isinstance(ast.parse(code).body[-1], ast.Assign)
