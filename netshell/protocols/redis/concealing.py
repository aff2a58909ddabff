"""Which arguments and answers of Redis are secrets: passwords, wherever commands take them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from netshell.protocols.redis.values import Beginning
from netshell.protocols.secret import MASK, Masked
from netshell.protocols.secret_names import is_secret

SENSITIVE = frozenset({"AUTH", "HELLO", "CONFIG", "ACL", "MIGRATE", "SENTINEL"})
"""Commands that may have secrets in them, or in what they are answered."""

_RULES = (">", "<", "#", "!")  # of ACL SETUSER: what follows is a password, or its hash


def secret_arguments(command: str, arguments: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """The places among the arguments, and how many characters of each may be shown.

    >>> list(secret_arguments("HELLO", ["3", "AUTH", "bob", "hunter2"]))
    [(3, 0)]
    """
    words = [each.upper() if isinstance(each, str) else "" for each in arguments]
    if command == "AUTH":
        first = 0 if len(words) == 1 else 1
        yield from ((at, 0) for at in range(first, len(words)))
    elif command == "HELLO" and "AUTH" in words[1:]:
        yield from _at(words.index("AUTH", 1) + 2, words)
    elif command in ("CONFIG", "SENTINEL") and "SET" in words[:2]:
        first = words.index("SET") + (2 if command == "SENTINEL" and words[0] == "SET" else 1)
        for at in range(first, len(words) - 1, 2):
            if _is_secret(arguments[at]):
                yield at + 1, 0
    elif command == "ACL" and words[:1] == ["SETUSER"]:
        yield from ((at, 1) for at, word in enumerate(words) if at > 1 and word.startswith(_RULES))
    elif command == "MIGRATE":
        options = words[5 : words.index("KEYS") if "KEYS" in words else None]
        for at, word in enumerate(options, 5):
            if word in ("AUTH", "AUTH2"):
                yield from _at(at + (1 if word == "AUTH" else 2), words)


def _at(place: int, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    if place < len(words):
        yield place, 0


def _is_secret(name: Any) -> bool:
    """Whether a setting has a password: requirepass, masterauth, tls-key-file-pass, auth-pass."""
    return isinstance(name, str) and (
        is_secret(name.lower()) or name.lower() in ("requirepass", "masterauth")
    )


def masked(value: Any, shown: int = 0) -> Masked:
    """A secret, of which the first ``shown`` characters may be seen."""
    whole = value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")
    if isinstance(value, Beginning):
        whole += "…"
    return Masked(whole[:shown] + MASK, whole)


def has_secret_answer(command: str, arguments: Sequence[Any]) -> bool:
    """Whether what a command is answered may have passwords in it."""
    first = arguments[0].upper() if arguments and isinstance(arguments[0], str) else ""
    if command == "CONFIG":
        return first == "GET"
    return command == "ACL" and first in ("GENPASS", "LIST", "GETUSER")


def masked_answer(
    command: str, arguments: Sequence[Any], value: Any, places: Sequence[tuple[int, int]]
) -> tuple[Any, list[tuple[int, int]]]:
    """An answer with its secrets masked, and which of its strings' places they are in."""
    first = arguments[0].upper()
    if command == "CONFIG" and isinstance(value, list | dict):
        flat = value if isinstance(value, list) else [x for item in value.items() for x in item]
        hidden = [
            at + 1 for at in range(0, len(flat) - 1, 2)
            if _is_secret(flat[at]) and flat[at + 1] not in ("", None)
        ]  # fmt: skip
        for at in hidden:
            flat[at] = masked(flat[at])
        if isinstance(value, dict):
            value = dict(zip(flat[::2], flat[1::2], strict=False))
        return value, [places[at] for at in hidden if at < len(places)]
    if first == "GENPASS" and isinstance(value, str):
        return masked(value), list(places)
    if first in ("LIST", "GETUSER"):
        return _without_hashes(value), list(places)
    return value, []


def _without_hashes(value: Any) -> Any:
    """Passwords' hashes are the words that begin with #: told of, not shown."""
    if isinstance(value, str) and "#" in value:
        shown = " ".join(f"#{MASK}" if each[:1] == "#" else each for each in value.split(" "))
        return Masked(shown, value) if shown != value else value
    if isinstance(value, list):
        hidden = False
        found = []
        for each in value:
            found.append(
                [masked(item) for item in each] if hidden and isinstance(each, list)
                else _without_hashes(each)
            )  # fmt: skip
            hidden = each == "passwords"
        return found
    if isinstance(value, dict):
        return {
            name: [masked(item) for item in each]
            if name == "passwords" and isinstance(each, list)
            else _without_hashes(each)
            for name, each in value.items()
        }
    return value
