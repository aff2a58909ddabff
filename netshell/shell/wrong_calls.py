"""A call with arguments that a verb or a method does not take, told in one line.

Python answers it with a TypeError and a page of traceback. The function is found by the name in
Python's message; what it takes is said instead.
"""

from __future__ import annotations

import inspect
import re
import sys
from difflib import get_close_matches
from types import TracebackType
from typing import Any

from netshell.commands import VERBS
from netshell.errors import BadArgument

_NAME = re.compile(r"([\w.]+)\(\) (missing|takes|got)\b")
_UNKNOWN = re.compile(r"unexpected keyword argument '(\w+)'")


def told(error: BaseException, trace: TracebackType | None) -> BadArgument | None:
    """The line to show for a call as it was typed; None for any other error.

    >>> print(told(TypeError("Flow.plot() missing 1 required positional argument: 'kind'"), None))
    Flow.plot() missing 1 required positional argument: 'kind'; it takes kind, side=None
    """
    found = _NAME.match(str(error)) if type(error) is TypeError else None
    function = _function(found[1]) if found else None
    if found is None or function is None or _is_ours(trace):
        return None
    takes = [*_takes(function)]
    name = found[1] if "." not in found[1] else found[1].partition(".")[2]
    unknown = _UNKNOWN.search(str(error))
    if unknown is None:
        return BadArgument(str(error), next_step=f"it takes {', '.join(takes) or 'nothing'}")
    names = [each.partition("=")[0] for each in takes]
    near = get_close_matches(unknown[1], names, 1)
    step = f"did you mean {near[0]}=?" if near else f"it takes {', '.join(names) or 'nothing'}"
    return BadArgument(f"{name}() takes no {unknown[1]!r}", next_step=step)


def _takes(function: Any) -> list[str]:
    found = inspect.signature(function).parameters.values()
    return [
        each.name if each.default is each.empty else f"{each.name}={each.default!r}"
        for each in found
        if each.name != "self"
    ]


def _function(name: str) -> Any:
    """The verb, or the method of one of our classes, that is called so."""
    verb = next((each for each in VERBS if each.name == name), None)
    if verb is not None:
        return verb.load()
    owner, _, attribute = name.partition(".")
    for module, loaded in list(sys.modules.items()):
        kind = vars(loaded).get(owner) if module.startswith("netshell.") else None
        if isinstance(kind, type) and kind.__module__ == module:
            return inspect.getattr_static(kind, attribute, None)
    return None


def _is_ours(trace: TracebackType | None) -> bool:
    """Whether the call stands in our own code: then it is our mistake, with its traceback."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    where = str(trace.tb_frame.f_globals.get("__name__", ""))
    # A verb that is not loaded yet passes the call on.
    return where.startswith("netshell.") and where != "netshell.shell.verbs"
