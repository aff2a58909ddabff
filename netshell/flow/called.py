"""Methods and verbs that say in one line what is wrong with how they are called."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any, ParamSpec, TypeVar

from netshell.errors import BadArgument
from netshell.flow.given import nearest

P = ParamSpec("P")
R = TypeVar("R")


def checked_call(function: Callable[P, R]) -> Callable[P, R]:
    """A method that raises BadArgument, not TypeError, for arguments it does not have.

    Where it takes both a ``count`` and an order ``by``, they may come in any order: a number is
    the count, a text the order.
    """
    shape = signature(function)
    takes_both = {"by", "count"} <= set(shape.parameters)

    @wraps(function)
    def call(*given: P.args, **named: P.kwargs) -> R:
        if takes_both:
            given, named = _sorted(given, named)
        try:
            shape.bind(*given, **named)
        except TypeError as error:
            raise _refused(function.__name__, shape, named, str(error)) from None
        return function(*given, **named)

    return call


def _sorted(given: Any, named: Any) -> tuple[Any, Any]:
    """Two arguments by their kind, where that tells them apart."""
    me, *rest = given
    kinds = ["by" if isinstance(each, str) else "count" for each in rest]
    numbers = all(isinstance(each, str | int) for each in rest)
    if not numbers or len({*kinds, *named}) < len(kinds) + len(named):
        return given, named
    return (me,), {**dict(zip(kinds, rest, strict=True)), **named}


def _refused(name: str, shape: Signature, named: Any, words: str) -> BadArgument:
    parameters = [each for each in shape.parameters.values() if each.name != "self"]
    taken = [each.name for each in parameters]
    for each in named:
        if each not in taken:
            return BadArgument(f"{name}() takes no {each!r}", next_step=nearest(each, taken))
    use = Signature([each.replace(annotation=Parameter.empty) for each in parameters])
    return BadArgument(f"{name}(): {words}", next_step=f"it is called as {name}{use}")
