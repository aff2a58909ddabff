"""Protocols of text lines, as tcpdump writes them: the first line, or with -v all of them.

``show_lines`` is what HTTP, RTSP, SIP, SMTP, FTP and whois share. Those that carry bodies are
written only where the first word is a request's or a response's code follows; the others always.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.text import Scope

_LONGEST_WORD = 128
_BLANK = b" \t\r\n"
_WORD_END = re.compile(rb"[^!-~]")
_END = re.compile(rb"[^\t -~]")
"""What ends a line, or the text: a line's end or a byte that is no text."""


def show_lines(
    scope: Scope, settings: Settings, protocol: str, methods: Collection[str] | None = None
) -> None:
    """The protocol's name in capitals and its lines.

    `methods` are the words that requests begin with, in capitals; None: every line is written.
    """
    scope.enter(protocol)
    wanted = methods is None or _opens_message(scope, methods)
    scope.write(protocol.upper())
    if not wanted:
        return
    octets = scope.rest(0, scope.length)
    if not settings.verbose:
        _line(scope, octets, 0, ": ")
        return
    scope.write(f", length: {scope.length}")
    at = 0
    while at < scope.length:
        behind = _line(scope, octets, at, "\n\t")
        if not behind:
            break
        at = behind


def _opens_message(scope: Scope, methods: Collection[str]) -> bool:
    """Whether the first word is a request's, or the second a code of three digits."""
    word, at = _word(scope, 0)
    if not word:
        return False
    if word.decode("ascii").upper() in methods:
        return True
    code, _ = _word(scope, at)
    return len(code) == 3 and code.isdigit()


def _word(scope: Scope, at: int) -> tuple[bytes, int]:
    """The word at `at` and where the next of its line begins; empty where there is none.

    A word that is cut off, too long or has bytes that are no printable ASCII is none.
    """
    octets = scope.rest(at, min(scope.length - at, _LONGEST_WORD + 1))
    found = _WORD_END.search(octets)
    if found is None:
        # It ends where the text does, or too late, or nobody knows where.
        if len(octets) > _LONGEST_WORD or len(octets) < scope.length - at:
            return b"", 0
        word = octets
    elif found[0] in _BLANK:
        word = octets[: found.start()]
    else:
        return b"", 0
    stop = at + len(word)
    # A tab is no printable character to tcpdump: the next word begins behind spaces only.
    while stop < scope.length and scope.has(stop) and scope.u8(stop) == 0x20:
        stop += 1
    return word, stop


def _line(scope: Scope, octets: bytes, at: int, prefix: str) -> int:
    """Write the line at `at`; the offset behind its end, 0 where there is no more text.

    Raises Truncated, and writes nothing, where the captured bytes end before the line does.
    """
    found = _END.search(octets, at)
    if found is None:
        scope.need(at, scope.length - at)
        scope.write(prefix + octets[at:].decode("ascii"))
        scope.truncated()
        return 0
    end = found.start()
    behind = end + 1
    if octets[end] == 0x0D and behind < scope.length and scope.u8(behind) == 0x0A:
        behind += 1
    elif octets[end] != 0x0A:
        return 0
    scope.write(prefix + octets[at:end].decode("ascii"))
    return behind
