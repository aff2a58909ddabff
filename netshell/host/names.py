"""Interfaces' names as they are shown, by number and back.

The kernel allows any bytes but white space, "/" and ":" in a name (``dev_valid_name`` in its
``net/core/dev.c``). What is not UTF-8 is shown escaped, everywhere alike, and may be typed so.
"""

from __future__ import annotations

import os
import socket

from netshell.host.netlink import text


def by_index() -> dict[int, str]:
    """Every interface's name by its number, in the kernel's order."""
    return {index: _shown(name) for index, name in socket.if_nameindex()}


def of(index: int) -> str:
    """An interface's name by its number; the number as text if it just went away."""
    if not index:
        return ""
    try:
        return _shown(socket.if_indextoname(index))
    except (OSError, OverflowError):
        return str(index)


def index_of(name: str) -> int:
    """The number of an interface by its name, or by its number as text; 0 if there is none."""
    for index, known in socket.if_nameindex():
        if name in (known, _shown(known)):
            return index
    numbers = [index for index, _name in socket.if_nameindex() if str(index) == name]
    return numbers[0] if numbers else 0


def _shown(name: str) -> str:
    return text(os.fsencode(name))
