"""Which lines at the prompt are commands: ``netstat -ant`` without a percent sign.

Python comes first. A line that Python can run is Python, and so is all that stands in brackets,
strings or indented blocks. A command is a line that begins with a tool's name and either is no
Python at all (``dig naver.com``), or could only fail as Python: ``netstat -ant`` is a subtraction
of two names that nobody has given to anything. The same with a name of the user's (``dig = 3``,
``x = 5``) is Python, and so is what is written as Python is (``dig - x``, ``dig(...)``).
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from netshell.classic import TOOLS
from netshell.shell.typed import locate
from netshell.shell.verbs import LazyVerb, is_verb
from netshell.shell.words import first_mark, statements

_TOOL = "|".join(tool.name for tool in TOOLS)
_START = re.compile(rf"(?P<sure>%|sudo\s+)?(?P<tool>{_TOOL})(?P<rest>(?=[\s;]|\Z).*)", re.DOTALL)
_ANY = re.compile(rf"^(?:%|sudo\s+)?(?:{_TOOL})(?=[\s;]|\Z)", re.MULTILINE)

_OPTION = re.compile(r"(?:-[A-Za-z46]|--[A-Za-z]|\+[A-Za-z]|@[\w.:])[^\s()\[\]{}'\"]*\Z")
"""A word that is an option or a server: an operator that clings to what follows, and no call."""
_KEYWORDS = {"in", "is", "and", "or", "if", "else", "for"}
"""What goes on with an expression: a line that has one behind the name is a mistake in Python."""


def rewritten(lines: list[str], names: Mapping[str, Any]) -> list[str]:
    """The lines of a cell with Python in place of its commands.

    ``names`` are those of the user's. Pure but for what it reads of ``names``.

    >>> rewritten(["netstat -ant\\n", "x = 1\\n"], {})
    ["get_ipython().run_tool('netstat', '-ant')\\n", 'x = 1\\n']
    """
    text = "".join(lines)
    if not _ANY.search(text) or text.lstrip().startswith(("%%", "!!")):
        return lines
    done: list[str] = []
    doubtful: list[tuple[int, str, str]] = []  # Python that could only fail: where, it, instead
    at = 0
    while at < len(lines):
        end, line = _joined(lines, at)
        if _ANY.match(line):
            code = _command(line, names)
            if code is not None and _is_statement(done):
                code += "\n" * (end - at)
                if _is_python(line):
                    doubtful.append((len(done), line, code))
                else:
                    done += code.splitlines(keepends=True)
                    at = end
                    continue
        done += lines[at:end]
        at = end
    bound = dict(_bound("".join(done))) if doubtful else {}
    for start, line, code in doubtful:
        # A name that the cell gives away before the line is the user's, as if it were so already.
        own = {name for name, number in bound.items() if number <= start}
        if _command(line, {**names, **dict.fromkeys(own)}) is not None:
            instead = code.splitlines(keepends=True)
            done[start : start + len(instead)] = instead
    return done


def is_command_begun(before: str, line: str, names: Mapping[str, Any]) -> bool:
    """Whether a line that is being typed, behind these lines, can become a command.

    >>> is_command_begun("", "netstat -", {}), is_command_begun("", "dig = ", {})
    (True, False)
    """
    found = _START.match(line)
    if found is None or not _is_statement([before]):
        return False
    value = names.get(found["tool"])
    if value is not None and not isinstance(value, LazyVerb) and not is_verb(value):
        return False
    rest = found["rest"].lstrip()
    return not rest or rest in ("-", "+", "@") or _may_be_arguments(rest)


def _joined(lines: Sequence[str], at: int) -> tuple[int, str]:
    """A line with those that a backslash at its end joins to it, and where the next one begins."""
    line = lines[at].rstrip("\r\n")
    at += 1
    while at < len(lines) and (len(line) - len(line.rstrip("\\"))) % 2:
        line = line[:-1] + lines[at].rstrip("\r\n")
        at += 1
    return at, line


def _is_statement(before: list[str]) -> bool:
    """Whether a new statement begins behind these lines."""
    text = "".join(before)
    if text.rstrip("\r\n").endswith("\\"):
        return False
    cursor = locate(text)
    return not cursor.calls and cursor.string is None


def _command(line: str, names: Mapping[str, Any]) -> str | None:
    """The Python that runs a line, if its first statement is a command."""
    codes: list[str] = []
    for part in statements(line):
        piece = part.strip()
        found = _START.match(piece)
        if found and (found["sure"] or _is_command(piece, found, names)):
            words = f"{found['tool']!r}, {found['rest'].strip()!r}"
            root = ", as_root=True" if found["sure"] not in (None, "%") else ""
            codes.append(f"get_ipython().run_tool({words}{root})")
        elif not codes:
            return None
        elif piece:
            codes.append(piece)
    # IPython's own marks are its own only at a line's beginning.
    return ("\n" if any(code[0] in "!%" for code in codes) else "; ").join(codes)


def _is_command(piece: str, found: re.Match[str], names: Mapping[str, Any]) -> bool:
    tool, rest = found["tool"], found["rest"].strip()
    if not rest or rest.startswith("#"):
        return tool not in names
    if not _is_python(piece):
        return _is_open(piece) is False and _may_be_arguments(rest)
    if tool not in names:
        return _is_like_options(rest) or _is_like_expression(piece, tool, rest)
    value = names[tool]
    if not isinstance(value, LazyVerb) and not is_verb(value):
        return False
    if rest.startswith(". "):  # the root: `dig . NS` is Python, but the verb has no such attribute
        word, _, rest = rest[2:].strip().partition(" ")
        if hasattr(value, word):
            return False
        return not rest or _is_like_options(rest)
    used = set(_names(piece)) - {tool}
    if (used and used <= names.keys()) or rest[0] in "|>":
        return False
    return _is_like_options(rest) or _is_like_expression(piece, tool, rest)


def _is_like_options(rest: str) -> bool:
    """Whether a text that is Python, too, is written as options are: ``-ant``, never ``- ant``."""
    cut = first_mark(rest)
    words = rest[:cut].partition(" #")[0].split()
    if cut < len(rest) and (rest[cut] not in "|>" or rest[cut + 1 : cut + 2] == "="):
        return False
    return bool(words or cut < len(rest)) and all(_OPTION.match(word) for word in words)


def _is_like_expression(piece: str, tool: str, rest: str) -> bool:
    """Whether options and operands are Python by chance: ``tcpdump -r /tmp/x.pcap`` divides, and
    ``tcpdump -nn (tcp or udp)`` calls.

    Python must be sure to ask for the tool's name before anything else. An operator that stands
    alone, as in ``dig -x - y``, is Python's; a ``-`` before an option is standard output.
    """
    cut = first_mark(rest)
    if rest[cut : cut + 1] not in ("", "|", ">") or rest[cut + 1 : cut + 2] == "=":
        return False
    words = rest[:cut].split()
    alone = [
        word
        for word, after in pairwise([*words, ""])
        if not any(map(str.isalnum, word)) and not (word == "-" and _OPTION.match(after))
    ]
    if alone or not words or not _OPTION.match(words[0]):
        return False
    tree = _parsed(piece)
    node: ast.AST | None = tree.body[0] if tree and len(tree.body) == 1 else None
    node = node.value if isinstance(node, ast.Expr) else None
    while isinstance(node, ast.BinOp) or (
        isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Gt)  # `> file`
    ):
        node = node.left
    return isinstance(node, ast.Name) and node.id == tool


def _may_be_arguments(rest: str) -> bool:
    """Whether a text that is no Python can be a command's: not a slip in an expression."""
    first, after = rest[0], rest[1:2]
    if first.isalnum() or first == "_":
        word = re.match(r"\w+", rest)
        return word is None or word[0] not in _KEYWORDS
    if first in "-+@":
        return bool(after) and after not in " \t=([{'\""
    if first in ".":
        return after in ("", " ")
    if first in ":*":
        return after == {":": ":", "*": "."}[first]
    if first in "!|>":
        return after != "="
    return first in "'\"\\/~$" or (first == "{" and "}" in rest)


def _is_python(text: str) -> bool:
    return _parsed(text) is not None


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():  # of odd escapes: Python says that when it runs the line
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_open(text: str) -> bool:
    """Whether a bracket or a long string goes on behind the line."""
    cursor = locate(text + "\n")
    return bool(cursor.calls) or cursor.string is not None


def _names(text: str) -> Iterator[str]:
    tree = _parsed(text)
    nodes = ast.walk(tree) if tree else ()
    return (node.id for node in nodes if isinstance(node, ast.Name))


def _bound(text: str) -> Iterator[tuple[str, int]]:
    """The names that a cell gives to something, each with its first line, from 0."""
    tree = _parsed(text)
    pending: list[ast.AST] = [*reversed(tree.body)] if tree else []
    seen = set()
    while pending:
        node = pending.pop()
        names: list[str] = []
        inside: list[ast.AST] = [*ast.iter_child_nodes(node)]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names, inside = [node.name], []  # names within are not the cell's
        elif isinstance(node, ast.Lambda):
            inside = []
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names = [node.id]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [(each.asname or each.name).partition(".")[0] for each in node.names]
        for name in names:
            if name not in seen:
                seen.add(name)
                yield name, getattr(node, "lineno", 1) - 1
        pending += reversed(inside)
