"""The verbs as names to type: callable from the first prompt, loaded when first used.

A verb's module may bring numpy, Scapy or dnspython with it; none of that may stand between the
user and the first prompt. So a namespace starts with :class:`LazyVerb` objects. At the prompt, a
verb that is named in a cell is swapped for the real function before the cell runs (see
``extension.py``), so that ``?``, ``??``, ``help`` and pickling all meet the function itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netshell.commands import VERBS, Verb
from netshell.errors import NetshellError

if TYPE_CHECKING:
    from inspect import Signature


class LazyVerb:
    # A verb that is not loaded yet; whatever is asked of it, the function answers. (A comment and
    # no docstring: an instance's ``__doc__`` is its verb's.)

    __slots__ = ("verb",)

    def __init__(self, verb: Verb) -> None:
        self.verb = verb

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        return self.verb.load()(*args, **keywords)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what others look for in any object is no reason to load it
            raise AttributeError(name)
        return getattr(self.verb.load(), name)

    @property
    def __wrapped__(self) -> Any:
        return self.verb.load()

    @property
    def __signature__(self) -> Signature:
        from inspect import signature

        return signature(self.verb.load())

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        doc: str | None = self.verb.load().__doc__
        return doc

    @property
    def __name__(self) -> str:
        return self.verb.name

    def __repr__(self) -> str:
        return f"<verb {self.verb.name}: {self.verb.does}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return (LazyVerb, (self.verb,))


def namespace() -> dict[str, Any]:
    """Every verb by its name, not loaded, and the error they raise.

    >>> namespace()["explain"]
    <verb explain: what a flag, state, finding, packet or conversation means>
    """
    return {**{verb.name: LazyVerb(verb) for verb in VERBS}, "NetshellError": NetshellError}


def is_verb(function: Any) -> bool:
    """Whether this function is one of the verbs."""
    module, name = getattr(function, "__module__", ""), getattr(function, "__name__", "")
    return any(verb.name == name and f"netshell.commands.{verb.module}" == module for verb in VERBS)
