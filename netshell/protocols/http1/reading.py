"""Heads and bodies as lines to read: fields one by one, and as much of a body as one reads.

JSON is laid out, token by token: the text stays what was sent (numbers, order, repeated names),
also where it breaks off or is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netshell.protocols.http1.body import Body
from netshell.protocols.http1.head import Headers
from netshell.view import Line, Span

MOST_LINES = 40
MOST_TEXT = 4096

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?+|[{}\[\],:]|[^\s{}\[\],:"]++|\s++', re.DOTALL)
_OPENING, _CLOSING = frozenset("{["), frozenset("}]")
_DEEPEST = 20  # indents


def lines_of(headers: Headers, body: Body | None) -> Iterator[Line]:
    """A head's fields and the beginning of its body, after an empty line."""
    for number, (name, value) in enumerate(headers):
        if number == MOST_LINES:
            yield Span(f"{len(headers) - number:,} more fields", "quiet")
            break
        yield (Span(f"{name}: ", "key"), value)
    if body is None:
        return
    if body.size:
        yield ""
        yield from _lines(body)
    for name, value in list(body.trailers)[:MOST_LINES]:
        yield (Span(f"{name}: ", "key"), value, Span(" (trailer)", "quiet"))


def _lines(body: Body) -> Iterator[Line]:
    decoded = body.decoded
    if body.codings and not decoded.data:
        why = f": {decoded.reason}" if decoded.reason else ""
        yield Span(f"{body.size:,} bytes, {', '.join(body.codings)[:40]}{why}", "quiet")
        return
    if not body.is_text:
        yield Span(str(body), "quiet")
        return
    text = body.text
    shown = text[:MOST_TEXT]
    lines = laid_out(shown) if body.type.endswith("json") else shown.splitlines()
    yield from lines[:MOST_LINES]
    size = body.decoded_size
    if len(lines) > MOST_LINES or len(text) > MOST_TEXT or size is None or size > len(body.data):
        of = "" if size is None else f" of {size:,} bytes"
        why = f": {decoded.reason}" if decoded.reason else ""
        yield Span(f"… only the beginning{of}{why}", "quiet")


def laid_out(text: str) -> list[str]:
    """JSON in lines, indented; at most MOST_LINES and one.

    >>> laid_out('{"a": [1, 2], "b": {}}')
    ['{', '  "a": [', '    1,', '    2', '  ],', '  "b": {}', '}']
    """
    lines, depth, before = [""], 0, ""
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token.isspace():
            continue
        closes = token in _CLOSING
        depth -= closes and depth > 0
        if before not in _OPENING if closes else before in _OPENING or before == ",":
            if len(lines) > MOST_LINES:
                break
            lines.append("  " * min(depth, _DEEPEST))
        lines[-1] += f"{token} " if token == ":" else token
        depth += token in _OPENING
        before = token
    return lines
