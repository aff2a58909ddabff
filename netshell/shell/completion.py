"""Tab, where Python's own completion cannot know: options of verbs, of results' methods and of the
classic commands, and what goes into them.

:func:`complete` is handed the text before the cursor and finds the call that the cursor is in,
whatever is still open around it. Options are read from the verb's source, so Tab loads no verb;
hosts come from /etc/hosts, the sockets of this machine and what was typed before. No name is ever
asked of the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from netshell.classic import TOOLS
from netshell.commands import VERBS, Verb
from netshell.shell.options import parameters, positional, required
from netshell.shell.tool_options import complete_command
from netshell.shell.typed import Call, Cursor, locate
from netshell.shell.values import BY_PARAMETER, BY_VERB, Source
from netshell.shell.verbs import LazyVerb, is_verb


@dataclass(frozen=True, slots=True)
class Candidate:
    """One completion: the text that replaces the fragment, and a word about it."""

    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Completions:
    """What fits, the end of the typed text that it replaces, and whether nothing else can fit.

    ``explained`` says that what is said about each is worth a line of its own.
    """

    fragment: str = ""
    candidates: tuple[Candidate, ...] = ()
    only: bool = False
    explained: bool = False


_NOT_OWN = {"In", "Out", "exit", "quit", "get_ipython", "open"}  # IPython's


# --- completing -----------------------------------------------------------------------------


def complete(text: str, names: Mapping[str, Any]) -> Completions:
    """What can come at the end of ``text``, in a namespace ``names``.

    >>> [each.text for each in complete('dig("example.org", "MX', {"dig": LazyVerb(VERBS[4])})
    ...  .candidates]
    ['MX']
    """
    command = complete_command(text, names)
    if command is not None:
        fragment, found = command
        fitting = tuple(Candidate(*each) for each in found.items())
        explained = any(each.text[:1] in ("-", "+") for each in fitting)
        return Completions(fragment, fitting, only=True, explained=explained)
    if text.lstrip().startswith(("%", "!", "?")):
        return Completions()
    cursor = locate(text)
    if not cursor.code:
        return Completions()
    if cursor.string is not None:
        return _in_string(text, cursor, names)
    last = re.search(r"\w*\Z", text)
    typed = last[0] if last else ""
    before = text[: len(text) - len(typed)]
    if typed[:1].isdigit():
        return Completions()
    if before.endswith("."):
        return _members(typed, before[:-1], names)
    call = cursor.calls[-1] if cursor.calls else None
    taking = _taking(call, text, names) if call else None
    if call is None or taking is None:
        return _verbs(typed, before, names) if typed else Completions()
    if call.keyword:
        return _argument(typed, _quoted(typed, taking.values(call), names), names)
    if not before.endswith(("(", ",")) and not before[-1:].isspace():
        return Completions()
    taken = {*call.given, *taking.in_order[: call.argument]}
    options = tuple(
        Candidate(f"{option}=", about)
        for option, about in taking.options.items()
        if option.startswith(typed) and option not in taken
    )
    needed = call.argument < taking.needed and not call.given
    first = _quoted(typed, taking.values(call), names) if needed else ()
    return _argument(typed, first + options, names)


@dataclass(frozen=True, slots=True)
class _Taking:
    """What a verb or a method takes."""

    options: Mapping[str, str]
    in_order: list[str]
    needed: int  # the first so many are offered by value, too
    source: Callable[[str], Source | None]

    def values(self, call: Call) -> Source | None:
        """Where values for the current argument come from."""
        at = call.argument
        option = call.keyword or (self.in_order[at] if at < len(self.in_order) else "")
        return self.source(option) if option else None


def _taking(call: Call, text: str, names: Mapping[str, Any]) -> _Taking | None:
    verb = _verb(call.callee, names)
    if verb is not None:
        name = verb.name
        return _Taking(
            parameters(verb),
            positional(verb),
            len(required(verb)),
            lambda option: BY_VERB.get((name, option)) or BY_PARAMETER.get(option),
        )
    if "." not in call.callee:
        return None
    from netshell.shell import choices
    from netshell.shell.members import method

    function = method(text[: call.opened], names)
    if function is None:
        return None
    options, in_order, needed = choices.parameters(function)
    qualname = function.__qualname__
    return _Taking(options, in_order, len(needed), lambda option: choices.source(qualname, option))


def _members(typed: str, text: str, names: Mapping[str, Any]) -> Completions:
    from netshell.shell.members import members

    known = None if typed.startswith("_") else members(text, names)
    if known is None:
        return Completions()
    fitting = (each for each in known.items() if each[0].startswith(typed))
    return Completions(typed, tuple(Candidate(*each) for each in fitting), only=True)


def _argument(typed: str, found: tuple[Candidate, ...], names: Mapping[str, Any]) -> Completions:
    """What was found for an argument, and the user's own names that begin so: nothing else.

    Python's builtins and keywords would bury it: ``conns(st`` is seldom ``staticmethod``.
    """
    own = tuple(
        Candidate(name)
        for name in names
        if typed and name.startswith(typed) and not name.startswith("_") and name not in _NOT_OWN
    )
    return Completions(typed, found + own, only=bool(found) or not typed)


def _verbs(typed: str, before: str, names: Mapping[str, Any]) -> Completions:
    found = {verb.name: verb.does for verb in VERBS if _verb(verb.name, names)}
    if before == "" or before.endswith("\n"):  # only there is `netstat -ant` a command
        found = {tool.name: tool.does for tool in TOOLS if tool.name not in names} | found
    fitting = [each for each in found.items() if each[0].startswith(typed)]
    return Completions(typed, tuple(Candidate(*each) for each in fitting))


def _in_string(text: str, cursor: Cursor, names: Mapping[str, Any]) -> Completions:
    typed = cursor.string or ""
    # A list or a tuple of values is looked through: conns(state=["LISTEN", "EST<Tab>
    call = next((each for each in reversed(cursor.calls) if each.callee), None)
    if call is None:
        return Completions()
    taking = _taking(call, text, names)
    source: Source | None = None
    if taking is not None:
        source = taking.values(call)
    elif "." in call.callee:
        from netshell.shell import choices

        source = choices.source(call.callee.rpartition(".")[2], call.keyword)
    if source is None:
        # IPython would offer files and Python's names; neither goes into our strings.
        return Completions(only=taking is not None)
    fragment = source.fragment(typed)
    found = tuple(Candidate(*each) for each in source.matching(typed, names).items())
    return Completions(fragment, found, only=True)


def _quoted(typed: str, source: Source | None, names: Mapping[str, Any]) -> tuple[Candidate, ...]:
    if source is None:
        return ()
    found = source.matching(typed, names)
    return tuple(
        Candidate(value if source.numbers and value.isdecimal() else f'"{value}"', about)
        for value, about in found.items()
    )


def _verb(callee: str, names: Mapping[str, Any]) -> Verb | None:
    """The verb that this name stands for here, unless the user gave the name to something else."""
    name = callee.removeprefix("netshell.")
    value = names.get(name)
    if value is not None and not isinstance(value, LazyVerb) and not is_verb(value):
        return None
    return next((verb for verb in VERBS if verb.name == name), None)
