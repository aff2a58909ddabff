"""What netshell raises: one base and a few children, each a single line a person can act on.

Every error says *what* could not be done, *where*, *why*, and the *next step*; the shell prints
that line and nothing else. The parts keep the text as it was; ``str()`` is clean and of one line.
Foreign exceptions are translated into these once, at the I/O edge.
"""

from __future__ import annotations

from netshell.view import clean

LONGEST = 600
"""Characters of one part of an error's line; what a user typed may be any length."""


class NetshellError(Exception):
    """Something netshell was asked for could not be done.

    >>> str(NetshellError("cannot capture", where="on eth9", why="no such interface",
    ...                   next_step="use one of lo, eth0"))
    'cannot capture on eth9: no such interface; use one of lo, eth0'
    """

    def __init__(self, what: str, *, where: str = "", why: str = "", next_step: str = "") -> None:
        super().__init__(what, where, why, next_step)
        self.what = what
        self.where = where
        self.why = why
        self.next_step = next_step

    def __str__(self) -> str:
        what, where, why, step = map(_shown, (self.what, self.where, self.why, self.next_step))
        line = f"{what} {where}".rstrip()
        if why:
            line += f": {why}"
        if step:
            line += f"; {step}"
        return line

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders in the lab; the default would lose the keywords.
        return (_rebuild, (type(self), self.what, self.where, self.why, self.next_step))


def brief(value: object, most: int = 40) -> str:
    """What a user gave, as the line that refuses it names it: never longer, whatever it is.

    >>> brief("x" * 100, 10), brief(10**5000)
    ("'xxxxxxxxx", 'a huge number')
    """
    try:
        return repr(value)[:most]
    except Exception:  # noqa: BLE001  a user's class may raise anything, and what is wrong is not this
        # Python writes no number of thousands of digits: that would take too long.
        return "a huge number" if isinstance(value, int) else f"a {type(value).__name__}"


def _shown(part: str) -> str:
    """A part of the line: on one line, safe in a terminal, and of a length that can be read."""
    text = clean(part)
    if len(text) <= LONGEST:
        return text
    kept = LONGEST // 2
    return f"{text[:kept]} … {text[-kept:]}"


def _rebuild(
    kind: type[NetshellError], what: str, where: str, why: str, next_step: str
) -> NetshellError:
    return kind(what, where=where, why=why, next_step=next_step)


class BadArgument(NetshellError):
    """An argument no verb can make sense of: a filter, a port, a state, a record type."""


class NoRow(NetshellError, IndexError):
    """A row, packet or byte that a result does not have; to Python an IndexError."""


class BadIndex(BadArgument, TypeError):
    """What is no place in a result; to Python a TypeError."""


class NoneOfThese(BadArgument, ValueError):
    """What was looked for in a result, and is not in it; to Python a ValueError."""


class NotFound(NetshellError):
    """A host, interface or file that does not exist."""


class NotPermitted(NetshellError):
    """The kernel refuses this user; the next step is the exact command that changes it."""


class Unavailable(NetshellError):
    """Something this machine lacks: a library, an optional extra, a kernel feature."""


class BadFile(NetshellError):
    """A file that is not, or no longer, what its name or header promises."""


class CaptureFailed(NetshellError):
    """A capture that could not start or ended early; what it had captured is kept."""


class LookupFailed(NetshellError):
    """A DNS question that got no usable answer from any server."""


class Stopped(NetshellError):
    """Work the user ended with Ctrl-C before it was done; nothing of it is half done."""
