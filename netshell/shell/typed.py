"""What is open around the cursor: brackets, the options given so far, a string.

A line being typed is no Python yet, so it is read character by character: quotes, comments and
brackets are all that matter, and the text may stop anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(slots=True)
class Call:
    """An open bracket in the typed text, and how far its arguments have come."""

    callee: str  # "" for a bracket that calls nothing
    argument: int = 0  # how many arguments without a name came before
    keyword: str = ""  # the option being given a value
    opened: int = 0  # where its bracket stands
    start: int = 0  # where the current argument begins
    given: set[str] = field(default_factory=set)  # options already there


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cursor stands: the brackets around it, and the string it is in, if any."""

    calls: list[Call]
    string: str | None  # what the open string holds so far
    code: bool  # False in a comment


_STRING = re.compile(r"(?i)([rbuf]{0,2})('''|\"\"\"|'|\")")
_CALLEE = re.compile(r"[\w.]*\w\s*\Z")
_OPTION = re.compile(r"\s*([^\W\d]\w*)\s*\Z")


def locate(text: str) -> Cursor:
    """Where the end of this text stands; the text may stop anywhere."""
    calls: list[Call] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "#":
            end = text.find("\n", at)
            if end < 0:
                return Cursor(calls, None, code=False)
            at = end
        elif string := _STRING.match(text, at) if not _inside_name(text, at) else None:
            quote = string[2]
            closed = _string_end(text, string.end(), quote)
            if closed is None:
                return Cursor(calls, text[string.end() :], code=True)
            at = closed
            continue
        elif char in "([{":
            callee = _CALLEE.search(text, 0, at) if char == "(" else None
            calls.append(Call(callee[0].strip() if callee else "", opened=at, start=at + 1))
        elif char in ")]}" and calls:
            calls.pop()
        elif char == "," and calls:
            call = calls[-1]
            call.argument += not call.keyword
            call.keyword, call.start = "", at + 1
        elif char == "=" and calls and text[at + 1 : at + 2] != "=":
            option = _OPTION.match(text, calls[-1].start, at)
            if option:
                calls[-1].keyword = option[1]
                calls[-1].given.add(option[1])
        at += 1
    return Cursor(calls, None, code=True)


def _inside_name(text: str, at: int) -> bool:
    return at > 0 and (text[at - 1].isalnum() or text[at - 1] == "_")


def _string_end(text: str, at: int, quote: str) -> int | None:
    """The index after the closing quote; None if the string is still open."""
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(quote, at):
            return at + len(quote)
        elif text[at] == "\n" and len(quote) == 1:
            return at  # a mistake, but the string does not reach the next line
        else:
            at += 1
    return None
