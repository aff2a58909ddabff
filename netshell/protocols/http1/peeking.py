"""What one packet's payload says by itself: the start line of a head, and the body's type."""

from __future__ import annotations

import re

from netshell.protocols.api import Peek
from netshell.protocols.http1.head import Headers, request_line, status_line
from netshell.protocols.masking import in_body, in_head, moved

_LONGEST = 2048
"""Bytes of a request line that are looked at."""
_END = re.compile(rb"\n\r?\n|\Z")


def peeked(data: bytes) -> Peek | None:
    """What a payload says that begins with a head, whole or not."""
    if data.startswith(b"HTTP/1."):
        start = status_line(data)
        text = f"{start.status} {start.reason}".strip()
    elif not b"A" <= data[:1] <= b"Z":  # as all methods begin that are registered
        return None
    else:
        line = data[:_LONGEST].partition(b"\n")[0]
        start = request_line(line + b"\n")
        text = f"{start.method} {start.target}"
    if not start.version:
        return None
    head = _END.search(data)
    end = len(data) if head is None else head.end()
    headers = Headers(data[:end])
    secrets = in_head(data[:end])
    if end < len(data):
        kind = headers.get("content-type")
        secrets += moved(in_body(kind, data[end:]), end)
        if start.status and kind:
            text = f"{text}, {kind.partition(';')[0]}"
    return Peek(f"HTTP {text}" if text.isprintable() else f"HTTP {' '.join(text.split())}", secrets)
