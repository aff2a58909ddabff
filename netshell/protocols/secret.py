"""Secrets that came over the wire: masked wherever they could be shown, unless asked for.

:class:`Masked` is the masked text itself, so what nobody thought of (a table, JSON, a data frame,
a file) shows that; what it hides is asked for by name, :func:`revealed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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


# --- what is repeated ---

_WORD = 8  # a shorter value is looked for as whole words, one of less than _QUOTED in quotes
_QUOTED = 4
_QUOTES = frozenset("'\"`")


def values_of(*shown: Any) -> tuple[str, ...]:
    """What is masked in texts and parameters (tuples of such, too), each value once; () mostly.

    >>> values_of(Masked("PASSWORD '***'", "PASSWORD 'hunter2'"), 5)
    ('hunter2',)
    """
    found: dict[str, None] = {}
    for each in shown:
        if isinstance(each, Masked):
            found.update(dict.fromkeys(_values(each)))
        elif isinstance(each, tuple):
            found.update(dict.fromkeys(values_of(*each)))
    return tuple(found) if found else ()


def _values(masked: Masked) -> Iterable[str]:
    first, *behind = str(masked).split(MASK)
    whole, at = masked.whole, len(first)
    for number, piece in enumerate(behind, 1):
        if number == len(behind):
            end = len(whole) - len(piece)
        else:
            end = whole.find(piece, at + 1) if piece else at
        if end < at:  # not made of it: nothing is known of the rest
            end = len(whole)
        yield from _spellings(whole[at:end])
        at = end + len(piece)


def _spellings(value: str) -> Iterable[str]:
    """A value as it stands, and without its escapes."""
    if value and value != MASK:
        yield value
        plain = value.replace("''", "'")
        plain = re.sub(r"\\(.)", r"\1", plain, flags=re.S) if "\\" in plain else plain
        if plain != value:
            yield plain


def hide_values(text: str, values: Iterable[str]) -> str:
    """A text with the mask wherever one of some secret values is repeated in it, or the beginning
    of one (servers cut what they repeat): a :class:`Masked` if that is anywhere.

    >>> hide_values("syntax error near 'hunter2' at line 1", ["hunter2"])
    "syntax error near '***' at line 1"
    """
    places = repeated(text, values)
    if not places:
        return text
    made, at = [], 0
    for begin, end in places:
        made += [text[at:begin], MASK]
        at = end
    return Masked("".join([*made, text[at:]]), revealed(text))


def places_of_values(data: bytes, values: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Where bytes repeat secret values: places (begin, end; exclusive) in order."""
    return repeated(data.decode("latin-1"), [each.encode().decode("latin-1") for each in values])


def repeated(text: str, values: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """The same in a text, in characters."""
    found = [place for value in values for place in _places(text, value)]
    if not found:
        return ()
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return tuple(merged)


def _places(text: str, value: str) -> Iterable[tuple[int, int]]:
    size = len(value)
    head = value[:_QUOTED]
    at = text.find(head) if head and value != MASK else -1
    while at >= 0:
        end = at + _common(text, at, value)
        before, behind = text[at - 1 : at] if at else "", text[end : end + 1]
        if end - at < _QUOTED:
            hit = end - at == size and before in _QUOTES and behind in _QUOTES
        elif end - at == size:
            hit = size >= _WORD or not (_is_word(before) or _is_word(behind))
        else:
            hit = end - at >= _WORD or (before in _QUOTES and not _is_word(behind))
        if hit:
            yield at, end
        at = text.find(head, end if hit else at + 1)


def _common(text: str, at: int, value: str) -> int:
    """How many characters of a value are at a place, where it may be cut: found by halves."""
    if text.startswith(value, at):
        return len(value)
    low, high = 0, len(value)
    if not text.startswith(value[:_WORD], at):  # mostly: the rest of a long one is not looked at
        high = min(high, _WORD)
    while low < high:
        half = (low + high + 1) // 2
        if text.startswith(value[:half], at):
            low = half
        else:
            high = half - 1
    return low


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


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
