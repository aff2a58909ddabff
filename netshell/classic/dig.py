"""dig: questions to name servers, and what they answered, as BIND's dig 9.18 prints it.

``netshell.classic.digging`` has its parts; this reads the command line, ~/.digrc and batch files,
finds the servers and asks lookup by lookup. The first line names this program's version where
dig names its own: ``; <<>> DiG 9.18-netshell <<>>``. Exit status: 0 for any reply, 9 for none,
8 for a batch file that cannot be read, 10 for what is no name, as dig has them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from netshell.classic.digging.table import OPTIONS
from netshell.classic.options import described
from netshell.classic.outcome import Outcome
from netshell.errors import BadArgument, NetshellError, NotFound
from netshell.lookup.asking import name_wire
from netshell.lookup.names import brief
from netshell.view import clean

if TYPE_CHECKING:
    from netshell.classic.digging.conversation import Conversation
    from netshell.classic.digging.line import Line, Lookup
    from netshell.flow.key import Endpoint

__all__ = ["OPTIONS", "run"]

ILLEGAL = 10
"""The exit status for what is no domain name."""

VERSION = "9.18-netshell"
"""What stands behind DiG: whose text it is, and who printed it."""

_TAKES = "[@SERVER] [OPTION ...] [NAME] [TYPE] [CLASS] [+OPTION ...]  ..."
_DOES = "DNS questions and answers, as BIND's dig 9.18 prints them"


def run(arguments: Sequence[str], out: TextIO, err: TextIO) -> Outcome:
    """Run a dig command line; the outcome's records are an Answer, or Answers of several.

    Raises NetshellError for what dig does not know or cannot do.

    >>> run(["@192.0.2.1", "example.org", "MX"], sys.stdout, sys.stderr)  # doctest: +SKIP
    """
    from netshell.classic.digging.conversation import Conversation
    from netshell.classic.digging.line import Line
    from netshell.lookup.resolvconf import search_list

    line = Line(_addresses, err, VERSION)
    if not any(word.startswith("-") and "r" in word[1:].lstrip("46himnuv")[:1]
               for word in arguments):  # fmt: skip
        for words in _digrc():
            line.read(words, batch=True, settings=True)
    lookups = line.read(arguments)
    if line.whole.wants:
        return _about(line.whole.wants, out, err)
    conversation = Conversation(line.whole, out, *search_list())
    status = _run(line, lookups, conversation, err)
    return Outcome(_records(conversation), status)


def _about(wanted: str, out: TextIO, err: TextIO) -> Outcome:
    if wanted == "version":
        err.write(f"DiG {VERSION}\n")
    else:
        out.write(described("dig", _TAKES, _DOES, OPTIONS))
    return Outcome()


def _run(line: Line, lookups: list[Lookup], conversation: Conversation, err: TextIO) -> int:
    batch = line.whole.batch
    try:
        for lookup in lookups:
            if not _look_up(lookup, conversation, err):
                return ILLEGAL
        if batch is not None:
            status = _batch(line, batch, conversation, err)
            return status or conversation.status
    except KeyboardInterrupt:
        return 130  # what came so far stays
    return conversation.status


def _batch(line: Line, name: str, conversation: Conversation, err: TextIO) -> int:
    """The lookups of a batch file, a line each; its status."""
    with ExitStack() as stack:
        try:
            file: Iterable[str] = (
                sys.stdin if name == "-"
                else stack.enter_context(Path(name).open(encoding="utf-8", errors="replace"))
            )  # fmt: skip
        except OSError as error:
            err.write(f"{name}: {error.strerror}\ndig: couldn't open specified batch file\n")
            return 8
        for text in file:
            words = text.split()
            try:
                for lookup in line.read(words, batch=True):
                    if not _look_up(lookup, conversation, err):
                        return ILLEGAL
            except NetshellError as error:
                err.write(f"{error}\n")  # this line's; the others are still asked
    return 0


def _look_up(lookup: Lookup, conversation: Conversation, err: TextIO) -> bool:
    """Do one; False for what is no name, where dig ends, whatever was still to come."""
    try:
        name_wire(lookup.name)
    except BadArgument as error:
        err.write(f"dig: {clean(brief(lookup.name))} is not a legal name ({error.why})\n")
        return False
    whole = conversation.whole
    port = (
        whole.port if whole.port is not None else 443 if lookup.https else 853 if lookup.tls else 53
    )
    servers = _servers(lookup, conversation, port)
    if not servers:
        conversation.say(";; No acceptable nameservers")
    elif lookup.trace:
        from netshell.classic.digging.walk import walk

        walk(conversation, lookup, servers, port)
    else:
        conversation.look_up(lookup, servers)
    conversation.out.flush()
    return True


def _servers(lookup: Lookup, conversation: Conversation, port: int) -> list[tuple[Endpoint, str]]:
    """The lookup's servers of the families that are wanted. Raises NotFound if -4 leaves none."""
    from netshell.flow.key import Endpoint
    from netshell.lookup.resolvconf import resolvers
    from netshell.lookup.servers import LOCAL

    whole = conversation.whole
    source = whole.source.address if whole.source else ""
    ipv4 = whole.ipv4 and ":" not in source
    ipv6 = whole.ipv6 and (not source or ":" in source)
    given = lookup.servers
    found = given if given is not None else [(each, each) for each in resolvers() or LOCAL]
    kept = [each for each in found if (ipv6 if ":" in each[0] else ipv4)]
    if given is None and not kept:
        kept = [("::1", "::1")] if ipv6 else [("127.0.0.1", "127.0.0.1")]
    if kept:
        return [(Endpoint(address, port), called) for address, called in kept]
    if not ipv6:
        assert given is not None
        raise NotFound(
            "couldn't get address for", where=repr(given[0][1]),
            why="address family not supported", next_step="it has none of IPv4: leave out -4",
        )  # fmt: skip
    for address, _ in given or ():
        conversation.say(f";; Skipping mapped address '::ffff:{address}'")
    return []


def _addresses(text: str) -> list[tuple[str, str]]:
    """A server's addresses, each with its name as written. Raises NetshellError."""
    from netshell.lookup.system import addresses

    if not text:
        raise BadArgument("no name server given", next_step="write @192.0.2.1 or @ns1.example.org")
    return [(address, text) for address in addresses(text)]


def _digrc() -> list[list[str]]:
    """The lines of ~/.digrc, in words; none if there is no such file."""
    home = os.environ.get("HOME")
    if not home:
        return []
    try:
        text = (Path(home) / ".digrc").read_text("utf-8", "replace")
    except OSError:
        return []
    return [words for line in text.splitlines() if (words := line.split())]


def _records(conversation: Conversation) -> object:
    from netshell.lookup.answer import Answers

    answers = conversation.answers
    return answers[0] if len(answers) == 1 else Answers(answers)
