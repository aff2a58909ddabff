"""Secrets that came over the wire: masked wherever they could be shown, unless asked for.

:class:`Masked` is the masked text itself, so what nobody thought of (a table, JSON, a data frame,
a file) shows that; what it hides is asked for by name, :func:`revealed`.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

MASK = "***"

T = TypeVar("T")


class Masked(str):
    """A text in which something is masked.

    >>> password = Masked(MASK, "hunter2")
    >>> f"PASS {password}", password.whole
    ('PASS ***', 'hunter2')
    """

    __slots__ = ("whole",)

    whole: str
    """The text as it came."""

    def __new__(cls, text: str, whole: str) -> Masked:
        made = super().__new__(cls, text)
        made.whole = whole
        return made

    def __reduce__(self) -> tuple[type[Masked], tuple[str, str]]:
        return Masked, (str(self), self.whole)


def revealed(value: T) -> T:
    """The same value (a text, a dataclass, a tuple, list or mapping of such), nothing masked."""
    return _revealed(value)  # type: ignore[no-any-return]


def _revealed(value: Any) -> Any:
    if isinstance(value, Masked):
        return value.whole
    if hasattr(value, "__revealed__"):  # a sequence or text that masks when it is looked at
        return value.__revealed__()
    if isinstance(value, tuple):
        parts = [_revealed(each) for each in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, list):
        return [_revealed(each) for each in value]
    if isinstance(value, dict):
        return {_revealed(key): _revealed(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        given = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
        new = {name: _revealed(each) for name, each in given.items()}
        changed = {name: each for name, each in new.items() if each is not given[name]}
        if not changed:
            return value
        made = replace(value, **changed)
        talk = getattr(value, "_talk", None)
        if talk is not None:  # a message stays its conversation's
            object.__setattr__(made, "_talk", talk)
        return made
    return value
