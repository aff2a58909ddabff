"""The lines of an explanation as the catalogue has them: what it is, why it is here, what to do."""

from __future__ import annotations

from collections.abc import Iterator

from netshell.catalogue import counted, has, text


def sentences(key: str, *parts: str, **values: object) -> Iterator[str]:
    """The texts of some parts of a key, those that there are, each with what begins its line.

    The part ``what`` needs no beginning; the others have theirs in ``explain.toml``.
    """
    for part in parts:
        if has(f"{key}.{part}"):
            said = text(f"{key}.{part}", **values)
            yield said if part == "what" else text(f"explain.{part}", text=said)


def amount(count: int, unit: str = "byte") -> str:
    """So many of a unit, one of those in ``amount.toml``: "1,448 bytes"."""
    return counted(f"amount.{unit}", count)


def side(name: str) -> str:
    """The side of a conversation, "client" or "server", as it is called."""
    return text(f"side.{name}")


def sentence(said: str) -> str:
    """The text with a capital letter and a full stop."""
    return f"{said[:1].upper()}{said[1:]}{'' if said.endswith('.') else '.'}"
