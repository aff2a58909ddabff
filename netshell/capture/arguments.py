"""What people give to a capture, checked: each refusal is one line that says what would do."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from netshell.capture.nic import shown
from netshell.errors import BadArgument

LONGEST_S = 1e9
"""Some thirty years: longer times are cut to it, as no clock of the system takes all of them."""

_MOST_IFACES = 4096
_SHOWN = 60  # characters of a wrong value in an error line


def filter_text(given: Any) -> str:
    """A BPF filter; "" for every packet. Raises BadArgument."""
    if isinstance(given, str):
        return str(given)
    raise refusal("filter", given, 'use text, "tcp port 80"; leave it out for every packet')


def iface_names(given: Any) -> tuple[str, ...]:
    """One or several interface names, each as it is shown. Raises BadArgument."""
    step = 'use a name, several, or "any"'
    if isinstance(given, str):
        names: list[Any] = [given]
    else:
        if isinstance(given, bytes | bytearray) or not isinstance(given, Iterable):
            raise refusal("iface", given, step)
        names = []
        for name in given:
            if not isinstance(name, str) or len(names) == _MOST_IFACES:
                raise refusal("iface", given, step)
            names.append(name)
    if not names or not all(names):
        raise BadArgument("no interface to capture on", next_step='use a name, or "any"')
    return tuple(shown(str(name)) for name in names)


def whole(given: Any, name: str, least: int, next_step: str, most: int | None = None) -> int:
    """A whole number from ``least`` to ``most``. Raises BadArgument."""
    try:
        if isinstance(given, bool | np.bool_):
            raise TypeError
        number = operator.index(given)
    except TypeError:
        raise refusal(name, given, next_step) from None
    if number < least or (most is not None and number > most):
        raise refusal(name, given, next_step)
    return number


def seconds(given: Any, next_step: str) -> float:
    """A finite time, LONGEST_S at most. Raises BadArgument."""
    if isinstance(given, bool | np.bool_) or not isinstance(
        given, int | float | np.integer | np.floating
    ):
        raise refusal("seconds", given, next_step)
    if isinstance(given, int):
        return float(max(-LONGEST_S, min(given, LONGEST_S)))  # whatever its size
    if not math.isfinite(given):
        raise refusal("seconds", given, next_step)
    return max(-LONGEST_S, min(float(given), LONGEST_S))


def switch(given: Any, name: str) -> bool:
    """True or False. Raises BadArgument."""
    if isinstance(given, bool | np.bool_) or (isinstance(given, int) and given in (0, 1)):
        return bool(given)
    raise refusal(name, given, "use True or False")


def selection(given: Any, held: int) -> Any:
    """One bool a packet, of the first ones at least, as an array. Raises BadArgument."""
    step = "use a BPF filter, a function of a packet, or one bool a packet"
    refused = BadArgument("cannot filter", where=f"by {type(given).__name__}", next_step=step)
    if not isinstance(given, list | tuple) and not hasattr(given, "__array__"):
        raise refused
    try:
        chosen = np.asarray(given)
    except (ValueError, TypeError, OverflowError):  # nested, and not evenly
        raise refused from None
    if chosen.dtype != bool or chosen.ndim != 1 or len(chosen) > held:
        raise refused
    return chosen


def refusal(name: str, given: Any, next_step: str) -> BadArgument:
    """The error for a wrong value, cut short."""
    try:
        text = repr(given)
    except ValueError:  # a number of more digits than Python writes
        text = "a huge number"
    if len(text) > _SHOWN:
        text = f"{text[: _SHOWN - 1]}…"
    return BadArgument(f"bad {name}", where=text, next_step=next_step)
