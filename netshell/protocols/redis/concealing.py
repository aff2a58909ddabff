"""Which arguments and answers of Redis are secrets: passwords, wherever commands take them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from netshell.protocols.masking import in_value, mask
from netshell.protocols.redis.values import Beginning, Failure
from netshell.protocols.secret import MASK, Masked
from netshell.protocols.secret_names import is_secret

_PAIRS = {"HSET": 1, "HMSET": 1, "HSETNX": 1, "MSET": 0, "MSETNX": 0}
"""Commands with names before values, and where the first name is."""
_VALUES = {"SET": 1, "SETNX": 1, "GETSET": 1, "APPEND": 1, "SETEX": 2, "PSETEX": 2}
"""Commands with a key, and where its value is."""
_MEMBERS = frozenset({
    "LPUSH", "RPUSH", "LPUSHX", "RPUSHX", "LSET", "LREM", "LPOS", "SADD", "SREM", "SISMEMBER",
    "SMISMEMBER", "SETRANGE", "ZREM", "ZSCORE", "ZMSCORE", "ZRANK", "ZREVRANK", "PUBLISH",
    "SPUBLISH",
})  # fmt: skip
"""Commands with values behind a key, or a channel."""
_SCORED = frozenset({"ZADD", "ZINCRBY"})
"""Commands with a key, and pairs at their end: a number, a value."""
_ASKING = frozenset({"GET", "GETDEL", "GETEX", "GETSET", "HGET", "MGET", "HMGET"})
"""Commands that are answered what their keys, or the fields after the first of them, have."""
_LISTING = frozenset({
    "GETRANGE", "SUBSTR", "LRANGE", "LINDEX", "LPOP", "RPOP", "SMEMBERS", "SPOP", "SRANDMEMBER",
    "DUMP", "ZRANGE", "ZREVRANGE", "ZRANGEBYSCORE", "ZREVRANGEBYSCORE", "ZRANGEBYLEX", "ZPOPMIN",
    "ZPOPMAX", "ZRANDMEMBER", "ZSCAN", "SSCAN",
})  # fmt: skip
"""Commands that are answered what their key has."""
_PAIRED = frozenset(
    {"HGETALL", "HSCAN", "HRANDFIELD", "XRANGE", "XREVRANGE", "XREAD", "XREADGROUP"}
)
"""Commands that are answered names with their values."""
SCRIPTS = frozenset({"EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO"})
CREDENTIALS = frozenset({"AUTH", "HELLO", "CONFIG", "ACL", "MIGRATE", "SENTINEL"})
"""Commands of which nothing is shown raw while they are not whole."""
LEAST = 6
"""Bytes that a text with a secret in it has at least: ``pwd=ab``."""
SENSITIVE = CREDENTIALS.union(
    _ASKING, _PAIRS, _VALUES, _MEMBERS, _SCORED, _LISTING, _PAIRED, SCRIPTS,
    ("XADD", "SLOWLOG", "MODULE", "SCRIPT", "FUNCTION"),
)  # fmt: skip
"""Commands that may have secrets in them, or in what they are answered."""

_RULES = (">", "<", "#", "!")  # of ACL SETUSER: what follows is a password, or its hash


def may_hide(command: str, words: Sequence[Any]) -> bool:
    """Whether a command may have a secret in it, or in its answer: told in little time."""
    if command in CREDENTIALS or command in _PAIRED or command == "SLOWLOG":
        return True
    if (
        command in _ASKING or command in _VALUES or command in _MEMBERS or command in _SCORED
    ):  # mostly one key
        words = words[1:2] if command not in ("MGET", "HGET", "HMGET") else words[1:]
    return any(isinstance(each, str) and _SIGNS.search(each) for each in words)


def secret_arguments(command: str, arguments: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """The places among the arguments, and how many characters of each may be shown.

    >>> list(secret_arguments("HELLO", ["3", "AUTH", "bob", "hunter2"]))
    [(3, 0)]
    """
    words = [each.upper() if isinstance(each, str) else "" for each in arguments]
    if command == "AUTH":
        first = 1 if len(words) == 2 else 0  # any other number is a mistake: which is the password?
        yield from ((at, 0) for at in range(first, len(words)))
    elif command == "HELLO" and "AUTH" in words[1:]:
        yield from _at(words.index("AUTH", 1) + 2, words)
    elif command in ("CONFIG", "SENTINEL") and "SET" in words[:2]:
        first = words.index("SET") + (2 if command == "SENTINEL" and words[0] == "SET" else 1)
        yield from _named(first, arguments, _is_secret)
    elif command == "ACL" and words[:1] == ["SETUSER"]:
        for at, word in enumerate(words):
            is_selector = word[:1] == "(" and any(each in word for each in _RULES)
            if at > 1 and (is_selector or word.startswith(_RULES)):
                yield at, 1
    elif command == "MODULE" and words[:1] == ["LOADEX"] and "CONFIG" in words:
        for at in range(words.index("CONFIG") + 1, len(words) - 1):
            if _is_secret(arguments[at]):
                yield at + 1, 0
    elif command in SCRIPTS:
        yield from _given(arguments)
    elif command == "MIGRATE":
        options = words[5 : words.index("KEYS") if "KEYS" in words else None]
        for at, word in enumerate(options, 5):
            if word in ("AUTH", "AUTH2"):
                yield from _at(at + (1 if word == "AUTH" else 2), words)
    elif command in _VALUES:
        if words and _is_secret_key(arguments[0]):
            yield from _at(_VALUES[command], words)
    elif command in _MEMBERS:
        if words and _is_secret_key(arguments[0]):
            yield from ((at, 0) for at in range(1, len(words)))
    elif command in _SCORED:
        if words and _is_secret_key(arguments[0]):
            yield from ((at, 0) for at in sorted(range(len(words) - 1, 1, -2)))
    elif command in _PAIRS:
        yield from _named(_PAIRS[command], arguments, _is_secret_key)
    elif command == "XADD":
        first = next(
            (at for at, word in enumerate(words) if at and _ID.fullmatch(word)), len(words)
        )
        yield from _named(first + 1, arguments, _is_secret_key)


def _named(
    first: int, arguments: Sequence[Any], is_one: Callable[[Any], bool]
) -> Iterator[tuple[int, int]]:
    """Of names, each before its value, the values of secret ones."""
    for at in range(first, len(arguments) - 1, 2):
        if is_one(arguments[at]):
            yield at + 1, 0


def _given(arguments: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """What a script is given beside keys: secret if a key is, or it names such a key or field, or
    logs in with them."""
    count = arguments[1] if len(arguments) > 1 else ""
    first = 2 + (int(count) if isinstance(count, str) and count.isdigit() and len(count) < 5 else 0)
    keys = arguments[2:first]
    low = arguments[0].lower() if arguments and isinstance(arguments[0], str) else ""
    logs_in = any(each in low for each in _LOGGING_IN)
    if logs_in or any(map(_is_secret_key, keys)) or (first < len(arguments) and _names_one(low)):
        yield from ((at, 0) for at in range(first, len(arguments)))


_LOGGING_IN = ("'auth'", '"auth"', "requirepass", "masterauth", "setuser")
_NAMED = re.compile(r"""(?<![\w'"])['"]([\w:.-]{1,128})['"]""")
"""A literal of a script that may be the name of a key or a field."""


def _names_one(script: str) -> bool:
    """Whether a script has the name of a secret as a literal."""
    return _SIGNS.search(script) is not None and any(map(_is_secret_key, _NAMED.findall(script)))


_ID = re.compile(r"\*|\d+-(?:\d+|\*)")
_SIGNS = re.compile(
    r"(?i:pas|pw|nnwort|setuser|secret|token|auth|\Bkey|[^a-z]key|cred|jwt|otp|pin|cv[vc]|s[ie][gds]|cookie|asse|saml|veri)"
)


def _is_secret_key(name: Any) -> bool:
    """Whether a key or a field is a password by its name, "user:7:password" by its last word."""
    if not isinstance(name, str) or _SIGNS.search(name) is None:
        return False
    return is_secret(name.rpartition(":")[2])


def _at(place: int, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    if place < len(words):
        yield place, 0


def _is_secret(name: Any) -> bool:
    """Whether a setting has a password: requirepass, masterauth, tls-key-file-pass, auth-pass."""
    return isinstance(name, str) and (
        is_secret(name.lower()) or name.lower() in ("requirepass", "masterauth")
    )


class MaskedFailure(Masked, Failure):
    """An error in which something is masked."""

    __slots__ = ()

    def __reduce__(self) -> tuple[type[Masked], tuple[str, str]]:
        return MaskedFailure, (str(self), self.whole)


def failure(text: str) -> Failure:
    """An error, masked or not."""
    return MaskedFailure(str(text), text.whole) if isinstance(text, Masked) else Failure(text)


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
    if command in _ASKING:
        keys = arguments[1:] if command[0] == "H" else arguments
        return any(map(_is_secret_key, keys))
    if command in _LISTING:
        return bool(arguments) and _is_secret_key(arguments[0])
    if command in SCRIPTS:
        count = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], str) else ""
        keys = arguments[2 : 2 + int(count)] if count.isdigit() and len(count) < 5 else ()
        low = arguments[0].lower() if command.startswith("EVAL") and first else ""
        return any(map(_is_secret_key, keys)) or ("get" in low and _names_one(low))
    if command in _PAIRED or command in ("SENTINEL", "SLOWLOG"):
        return True
    return command == "ACL" and first in ("GENPASS", "LIST", "GETUSER")


def masked_answer(
    command: str, arguments: Sequence[Any], value: Any, places: Sequence[tuple[int, int]]
) -> tuple[Any, list[tuple[int, int]]]:
    """An answer with its secrets masked, and which of its strings' places they are in."""
    if command in ("MGET", "HMGET"):
        return _chosen(arguments[command == "HMGET" :], value, places)
    if command in _ASKING:
        return (masked(value), list(places)) if isinstance(value, str | bytes) else (value, [])
    first = arguments[0].upper() if arguments and isinstance(arguments[0], str) else ""
    if command in _LISTING or command in SCRIPTS:
        made = _all_masked(value)
        return made, list(places) if made is not value else []
    if command == "SLOWLOG":
        made = _without_arguments(value)
        return made, list(places) if made is not value else []
    if (command in _PAIRED or command == "SENTINEL") and _is_nested(value):
        made = pairs_masked(value)
        return made, list(places) if made is not value else []
    if (command in _PAIRED or command in ("CONFIG", "SENTINEL")) and isinstance(value, list | dict):
        flat = [*value] if isinstance(value, list) else [x for item in value.items() for x in item]
        hidden = [
            at + 1 for at in range(0, len(flat) - 1, 2)
            if (_is_secret(flat[at]) or (command in _PAIRED and _is_secret_key(flat[at])))
            and isinstance(flat[at + 1], str | bytes) and flat[at + 1]
        ]  # fmt: skip
        for at in hidden:
            flat[at] = masked(flat[at])
        if hidden:
            is_map = isinstance(value, dict)
            value = dict(zip(flat[::2], flat[1::2], strict=False)) if is_map else flat
        return value, [places[at] for at in hidden if at < len(places)]
    if first == "GENPASS" and isinstance(value, str):
        return masked(value), list(places)
    if first in ("LIST", "GETUSER"):
        return _without_hashes(value), list(places)
    return value, []


def _without_arguments(value: Any) -> Any:
    """The entries of SLOWLOG GET without the secrets of their commands."""
    if not isinstance(value, list):
        return value
    made = [_entry(each) for each in value]
    return made if any(map(_differ, made, value)) else value


def _entry(entry: Any) -> Any:
    said = entry[3] if isinstance(entry, list) and len(entry) > 3 else None
    if not isinstance(said, list) or not said or not isinstance(said[0], str):
        return entry
    made = list(said)
    for at, shown in secret_arguments(said[0].upper(), said[1:]):
        if isinstance(said[at + 1], str | bytes):
            made[at + 1] = masked(said[at + 1], shown)
    made = [concealed(each) for each in made]
    return [*entry[:3], made, *entry[4:]] if any(map(_differ, made, said)) else entry


def _is_nested(value: Any) -> bool:
    items = value.values() if isinstance(value, dict) else value
    return isinstance(value, list | dict) and any(isinstance(x, list | dict) for x in items)


def _all_masked(value: Any) -> Any:
    """A value of which all texts are secret; as deep as it is nested, which is bounded."""
    if isinstance(value, str | bytes) and value and not isinstance(value, Failure):
        return masked(value)
    if isinstance(value, list) and value:
        return [_all_masked(each) for each in value]
    return value


def pairs_masked(value: Any) -> Any:
    """A value in which what follows the name of a secret is masked, however deep it is: the same
    object if there is none."""
    if isinstance(value, dict):
        new = {
            name: _all_masked(each) if _is_secret_key(name) else pairs_masked(each)
            for name, each in value.items()
        }
        return new if any(map(_differ, new.values(), value.values())) else value
    if not isinstance(value, list):
        return value
    made = [pairs_masked(each) for each in value]
    for at in range(len(made) - 1):
        if isinstance(value[at], str) and _is_secret_key(value[at]):
            made[at + 1] = _all_masked(made[at + 1])
    return made if any(map(_differ, made, value)) else value


def _chosen(
    keys: Sequence[Any], value: Any, places: Sequence[tuple[int, int]]
) -> tuple[Any, list[tuple[int, int]]]:
    """The values of some keys. Where one is nil, the strings' places are not those of the keys:
    all are secret then."""
    if not isinstance(value, list):
        return value, []
    made, hidden = list(value), []
    for at, name in enumerate(keys[: len(made)]):
        if _is_secret_key(name) and isinstance(made[at], str | bytes):
            made[at] = masked(made[at])
            hidden.append(at)
    if len(places) != len(made):
        return made, list(places) if hidden else []
    return made, [places[at] for at in hidden]


def concealed(value: Any) -> Any:
    """A value in which texts that are JSON, URLs or connection strings have their secrets masked:
    the same object if none has."""
    kind = type(value)
    if kind is str:
        if (
            "=" not in value and '"' not in value and "/" not in value and "':" not in value
        ):  # as mostly
            return value
        return _text_concealed(value)
    if isinstance(value, str | bytes):
        return _text_concealed(value)
    if isinstance(value, list):
        made = [concealed(each) for each in value]
        return made if any(map(_differ, made, value)) else value
    if isinstance(value, dict):
        new = {name: concealed(each) for name, each in value.items()}
        return new if any(map(_differ, new.values(), value.values())) else value
    return value


def _differ(one: Any, other: Any) -> bool:
    return one is not other


def _text_concealed(value: str | bytes) -> Any:
    if isinstance(value, Masked):
        return value
    if isinstance(value, str):
        if "=" not in value and '"' not in value and "/" not in value and "':" not in value:
            return value
        data = value.encode("utf-8", "surrogatepass")
    else:
        data = value
    places = in_value(data)
    if not places:
        return value
    shown = mask(data, places)
    assert isinstance(shown, Masked)
    cut = "…" if isinstance(value, Beginning) else ""
    return Masked(f"{shown}{cut}", f"{shown.whole}{cut}")


def places_in(value: Any, begin: int, end: int) -> Sequence[tuple[int, int]]:
    """Where a string that is at a place has its secrets; all of it, where it is not kept whole."""
    data = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    if not isinstance(data, bytes) or len(data) != end - begin:
        return ((begin, end),)
    return [(begin + first, begin + last) for first, last in in_value(data)]


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
