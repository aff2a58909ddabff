"""``verb?``, ``cap.flows.where?``, ``flow.states?``: how it is called and what it says of itself,
set for the width of the screen.

Docstrings are written for the source's lines; a screen may be narrower. Paragraphs, lists and
tables of options are filled again, examples stay as they are.
"""

from __future__ import annotations

import inspect
import re
import textwrap
import types
from typing import Any

from netshell.results import Result

WIDEST = 100  # longer lines are hard to read


def is_ours(thing: object) -> bool:
    """Whether it is a verb, a result, a class of results, or a method or property of one."""
    function = _function(thing)
    if function is not None:
        return str(function.__module__).startswith("netshell.")
    kind = thing if isinstance(thing, type) else type(thing)
    return issubclass(kind, Result) and kind.__module__.startswith("netshell.")


def pages(thing: Any, width: int) -> list[tuple[str, str]]:
    """The heads and texts that describe a thing, in ``width`` cells where words allow it."""
    size = min(width or WIDEST, WIDEST)
    text = ("Docstring", reflowed(inspect.getdoc(thing) or "", size))
    function = _function(thing)
    if function is None:
        return [("Type", (thing if isinstance(thing, type) else type(thing)).__name__), text]
    if isinstance(thing, property):
        returned = function.__annotations__.get("return", "")
        owner, _, name = function.__qualname__.rpartition(".")
        return [("Field", f"{owner}.{name}: {_type(returned)}"), text, ("Type", "property")]
    kind = "method" if inspect.ismethod(thing) else "function"
    return [("Signature", signature(thing, size)), text, ("Type", kind)]


def _function(thing: object) -> types.FunctionType | None:
    """The function behind a verb, a method or a property; None for what has none."""
    found = thing.fget if isinstance(thing, property) else getattr(thing, "__func__", thing)
    return found if isinstance(found, types.FunctionType) else None


def signature(function: Any, width: int) -> str:
    """How it is called: in one line if that fits, else a parameter a line.

    >>> signature(print_nothing, 80)
    'print_nothing(times: int = 1) -> None'
    """
    found = inspect.signature(function)
    parts: list[str] = []
    for each in found.parameters.values():
        if each.kind is each.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        kind = "" if each.annotation is each.empty else f": {_type(each.annotation)}"
        default = "" if each.default is each.empty else f" = {each.default!r}"
        parts.append(f"{each.name}{kind}{default}")
    returned = found.return_annotation
    end = ")" if returned is found.empty else f") -> {_type(returned)}"
    line = f"{function.__name__}({', '.join(parts)}{end}"
    if len(line) + len("Signature: ") <= width:
        return line
    return "\n".join([f"{function.__name__}(", *(f"    {part}," for part in parts), end])


def _type(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def reflowed(text: str, width: int) -> str:
    """A docstring filled to a width, without its markup."""
    text = re.sub(r" *# doctest: \+\w+$", "", text, flags=re.MULTILINE)
    text = re.sub(r":\w+:`(?:~[\w.]*\.)?~?([^`]+)`", r"\1", text).replace("``", "")
    blocks = [_block(block.splitlines(), width) for block in re.split(r"\n\s*\n", text)]
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _block(lines: list[str], width: int) -> list[str]:
    if lines[0].startswith(">>>"):
        return [part for line in lines for part in _example(line, width)]
    items: list[list[str]] = []
    for line in lines:
        if not items or _ITEM.match(line):
            items.append([line])
        else:
            items[-1].append(line.strip())
    return [part for item in items for part in _item(" ".join(item), width)]


_ITEM = re.compile(r"- |\w+ {2,}(?=\S)")


def _item(text: str, width: int) -> list[str]:
    start = _ITEM.match(text)
    head = start[0] if start else ""
    return textwrap.wrap(
        text[len(head) :],
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _example(line: str, width: int) -> list[str]:
    """A line of an example; what its comment says stands above it where both do not fit."""
    code, mark, comment = line.partition("  #")
    if len(line) <= width or not mark:
        return [line]
    code, comment = code.rstrip(), comment.strip()
    together = f"{code}  # {comment}"
    return [together] if len(together) <= width else [f"    # {comment}", code]
