"""A command's line, read as sh(1) reads it: words, quotes, where the text goes.

Values of Python's are put in after the line is taken apart, so whatever they hold stays within
its word: a name from the network cannot become a pipe, an option's end or another command.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from netshell.errors import BadArgument


class Piece(NamedTuple):
    """A part of a word, and how it was quoted: "", "double" or "single"."""

    text: str
    quoted: str = ""


Word = tuple[Piece, ...]


@dataclass(slots=True)
class Line:
    """One command's words, and where what it writes goes."""

    words: list[Word] = field(default_factory=list)
    output: Word | None = None  # > or >> a file
    appends: bool = False
    errors: Word | None = None  # 2> a file
    errors_append: bool = False
    together: bool = False  # 2>&1: the errors go where the output goes
    pipe: str = ""  # what is to read it, for sh


_REDIRECTION = re.compile(r"(?P<of>[12]?)(?P<mark>>>|>)(?P<to>&[12])?")
_OTHERS = ("&&", "||", "&>", "&", "<", ";")
_SPACE = " \t\r\n\f\v"


def statements(text: str) -> list[str]:
    """What stands between the semicolons that are neither quoted nor in brackets.

    >>> statements("netstat -ant; dig 'a;b'")
    ['netstat -ant', " dig 'a;b'"]
    """
    found, start, depth = [], 0, 0
    for at in _bare(text):
        if text[at] in "({":
            depth += 1
        elif text[at] in ")}":
            depth = max(0, depth - 1)
        elif text[at] == ";" and not depth:
            found.append(text[start:at])
            start = at + 1
    return [*found, text[start:]]


def first_mark(text: str) -> int:
    """Where the first pipe or redirection stands that is not quoted; the length if none does."""
    return next((at for at in _bare(text) if text[at] in "|<>&"), len(text))


def read(text: str) -> Line:
    """Take a line apart.

    Raises BadArgument for a quote that is not closed and for what only a command shell does.

    >>> line = read("tcpdump -nn 'tcp[13] & 2 != 0' 2>/dev/null | head -3")
    >>> [word[0].text for word in line.words], line.errors[0].text, line.pipe
    (['tcpdump', '-nn', 'tcp[13] & 2 != 0'], '/dev/null', 'head -3')
    """
    line = Line()
    at = 0
    while True:
        at = _after_space(text, at)
        if at >= len(text) or (text[at] == "#" and (at == 0 or text[at - 1] in _SPACE)):
            return line
        if text[at] == "|" and text[at : at + 2] != "||":
            at += 1
            if text[at : at + 1] == "&":
                line.together, at = True, at + 1
            line.pipe = text[at:].strip()
            if not line.pipe:
                raise BadArgument("nothing reads the pipe", next_step="name a program behind |")
            return line
        if text[at] == ";" and not text[at + 1 :].strip():
            return line
        for mark in _OTHERS:
            if text.startswith(mark, at):
                raise _not_here(mark)
        if redirection := _REDIRECTION.match(text, at):
            at = _redirect(line, redirection, text)
            continue
        word, at = _word(text, at)
        line.words.append(word)


def _redirect(line: Line, found: re.Match[str], text: str) -> int:
    if to := found["to"]:
        if (found["of"], to) != ("2", "&1"):
            raise _not_here(found[0])
        line.together = True
        return found.end()
    start = _after_space(text, found.end())
    if start >= len(text) or text[start] in "|<>&;":
        raise BadArgument(f"no file is named behind {found[0]}")
    word, at = _word(text, start)
    if found["of"] == "2":
        line.errors, line.errors_append = word, found["mark"] == ">>"
    else:
        line.output, line.appends = word, found["mark"] == ">>"
    return at


def _not_here(mark: str) -> BadArgument:
    return BadArgument(
        f"{mark} is for a command shell",
        why="here one command runs, with | and > for what it writes",
        next_step="put a filter expression in quotes, or run the line behind !",
    )


def _word(text: str, at: int) -> tuple[Word, int]:
    """The word that begins here, and where it ends."""
    pieces: list[Piece] = []
    bare = ""
    while at < len(text) and text[at] not in _SPACE and text[at] not in "|<>&;":
        char = text[at]
        if char in "'\"":
            pieces += [Piece(bare)] if bare else []
            bare = ""
            quoted, at = _quoted(text, at)
            pieces.append(quoted)
        elif char == "\\" and at + 1 < len(text):
            pieces += [Piece(bare)] if bare else []
            bare = ""
            pieces.append(Piece(text[at + 1], "single"))
            at += 2
        elif char == "`" or text.startswith("$(", at):
            raise _not_here("$(...)" if char == "$" else "`...`")
        else:
            bare += char
            at += 1
    pieces += [Piece(bare)] if bare else []
    return tuple(pieces), at


def _quoted(text: str, at: int) -> tuple[Piece, int]:
    quote, start = text[at], at + 1
    kept, at = "", start
    while at < len(text):
        if text[at] == quote:
            return Piece(kept, "double" if quote == '"' else "single"), at + 1
        if quote == '"' and text[at] == "\\" and text[at + 1 : at + 2] in tuple('"\\$`'):
            at += 1
        kept += text[at]
        at += 1
    raise BadArgument(f"a quote is not closed: {quote}{text[start:]}")


def _bare(text: str) -> list[int]:
    """The places that are neither quoted nor escaped, up to a comment."""
    found: list[int] = []
    at, quote = 0, ""
    while at < len(text):
        char = text[at]
        if char == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "#" and (at == 0 or text[at - 1] in _SPACE):
            break
        else:
            found.append(at)
        at += 1
    return found


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


# --- what stands for something else ---------------------------------------------------------

_NAMED = re.compile(r"\$(?:(\w+)|\{(\w+)\})|\{([^\W\d]\w*(?:\.[^\W\d]\w*|\[-?\w+\])*)\}")


def expand(words: list[Word], names: Mapping[str, Any]) -> list[str]:
    """The words as the command gets them.

    ``$name``, ``${name}`` and ``{name.attribute[0]}`` are values of ``names``; ``$NAME`` is the
    environment's, if Python has none of that name. ``~`` is a home, ``*`` and its like are files
    that there are. What stands for nothing stays as it is typed.
    """
    return [each for word in words for each in _expanded(word, names)]


def _expanded(word: Word, names: Mapping[str, Any]) -> list[str]:
    text, pattern = "", ""
    for at, (piece, quoted) in enumerate(word):
        if quoted == "single":
            shown, matched = piece, glob.escape(piece)
        else:
            shown = _NAMED.sub(lambda found: _value(found, names), piece)
            bare = _NAMED.sub(lambda found: glob.escape(_value(found, names)), piece)
            matched = glob.escape(shown) if quoted else bare
            if at == 0 and not quoted and piece.startswith("~"):
                shown = matched = _home(shown)
        text += shown
        pattern += matched
    if pattern != glob.escape(text) and (found := sorted(glob.glob(pattern))):  # noqa: PTH207
        return found
    return [text]


def _home(text: str) -> str:
    try:
        return str(Path(text).expanduser())
    except RuntimeError:  # a user that nobody is
        return text


def _value(found: re.Match[str], names: Mapping[str, Any]) -> str:
    name = found[1] or found[2]
    if name:
        if name in names:
            return str(names[name])
        return os.environ.get(name, found[0])
    try:
        return str(eval(found[3], {"__builtins__": {}}, dict(names)))
    except Exception:  # noqa: BLE001  whatever it is, it stands for nothing: sh's own braces
        return found[0]
