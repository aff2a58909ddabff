"""Which names say that what they name is a secret: of parameters, members, headers, columns."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from urllib.parse import unquote_to_bytes

ANYWHERE = frozenset((
    "password", "passwd", "passwort", "passwords", "passphrase", "passcode", "passkey", "pwd",
    "pw", "kennwort", "secret", "secrets", "credential", "credentials", "authorization", "jwt",
))  # fmt: skip
AT_THE_END = frozenset((
    "pass", "token", "auth", "authtoken", "accesstoken", "refreshtoken", "apikey", "apitoken",
    "otp", "totp", "pin", "cvv", "cvc", "sig", "signature", "sid", "sessionid", "jsessionid",
    "phpsessid", "session", "cookie", "assertion", "samlresponse", "requirepass",
    "masterauth", "userpassword", "newpassword", "oldpassword", "secretkey", "accesskey",
    "privatekey", "dbpass", "userpass", "rootpass", "adminpass", "smtppass",
))  # fmt: skip
_KEYS = (
    "api", "access", "private", "secret", "session", "auth", "encryption", "signing", "account",
    "shared", "subscription", "master",
)  # fmt: skip
PAIRS = frozenset((first, "key") for first in _KEYS) | {
    ("session", "id"), ("code", "verifier"), ("authentication", "string")
}  # fmt: skip
_MADE_OF = frozenset(("hash", "digest", "value", "text", "plain", "string"))
"""What may stand behind: "token_hash"."""
_ENDS = ("password", "passwd", "passwort", "passphrase", "secret")
TORN = frozenset(("pass", each) for each in ("word", "words", "wd", "phrase", "code"))
"""Words that are one, wherever they stand."""
_OF_PAGES = frozenset(
    ("page", "next", "previous", "prev", "continuation", "cursor", "sync", "resume")
)
"""What stands before "token" where it is a place in a list."""
_COUNTED = frozenset((
    "max", "min", "total", "prompt", "completion", "input", "output", "used", "cached", "cache",
    "reasoning", "num", "count", "limit", "remaining", "read", "creation", "thinking", "budget",
    "prediction", "audio", "image", "text", "sampled", "stop", "special", "context", "n",
))  # fmt: skip
"""What stands before "tokens" where they are pieces of texts, and counted."""

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
LONGEST = 256  # characters of a name


@lru_cache(maxsize=1024)
def is_secret(name: str) -> bool:
    """Whether what a form, JSON, query or header calls so is a secret.

    >>> [is_secret(name) for name in ("user[password]", "accessToken", "x-api-key", "nextToken")]
    [True, True, True, False]
    """
    words = [word.lower() for word in _WORDS.findall(name[-LONGEST:])]
    if not words:
        return False
    if not ANYWHERE.isdisjoint(words) or tuple(words[-2:]) in PAIRS:
        return True
    if "pass" in words and not TORN.isdisjoint(pairwise(words)):
        return True
    if len(words) > 1 and words[-1] in _MADE_OF:
        words.pop()
    if words[-1] == "token":
        return _OF_PAGES.isdisjoint(words)
    if words[-1] == "tokens":
        return _COUNTED.isdisjoint(words)
    if words[-1] == "keys":
        return (*words[-2:-1], "key") in PAIRS
    return words[-1] in AT_THE_END or words[-1].endswith(_ENDS)


@lru_cache(maxsize=4096)
def names_secret(name: bytes) -> bool:
    """The same of a name in bytes, which may have its signs as %xx."""
    if b"%" in name:
        name = unquote_to_bytes(name)
    return is_secret(name.decode("latin-1"))


def says_nothing(value: bytes) -> bool:
    """Whether a value hides nothing: it is empty, true, false or null."""
    return value.strip(b"\"' \t\\").lower() in (b"", b"true", b"false", b"null", b"none")
