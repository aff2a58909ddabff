"""Where messages begin in bytes from the midst of a conversation.

No byte marks a message's beginning. But its length says where the next one is, and bodies have
forms: a place from which several messages of right form follow each other is a beginning. Each
form weighs as much as it is hard to meet by chance; ENOUGH is proof. The answer depends on the
bytes only, never on how they were cut.

Source: PostgreSQL documentation, 55.7 "Message Formats".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from struct import Struct

from netshell.protocols.postgres.values import fields

_HEADER = Struct(">BI").unpack_from
ENOUGH = 3
_STEPS = 8
"""Messages that are looked at from one place."""

_CLIENT = re.compile(rb"[BCDEFHPQSXcdfp]\0\0[\0-\x3f]", re.S)
_SERVER = re.compile(rb"[123ACDEGHIKNRSTVWZcdnst]\0\0[\0-\x3f]", re.S)
_WORD = re.compile(rb"[^\0]*\0")
_TAG = re.compile(rb"[A-Z][A-Z ]{1,40}(?: \d{1,20}){0,2}\0")
_CONTROL = re.compile(rb"[\0-\x08\x0b\x0e-\x1f]")
_TEXT = re.compile(rb"[^\0]+\0")
_ERROR = re.compile(rb"S[A-Za-z\x80-\xff]+\0(?:[A-Za-z][^\0]*\0)+\0")
_SETTING = re.compile(rb"[A-Za-z_][\w.]*\0[^\0]*\0")


def begin_of_chain(data: bytes, is_client: bool) -> tuple[int, int]:
    """Where the first message begins, and 0; or up to where none does, and how many bytes there
    must be, from the first, to say more."""
    look = _CLIENT if is_client else _SERVER
    at = 0
    while True:
        found = look.search(data, at)
        if found is None:
            # What may be the first bytes of one.
            tail = max(at, len(data) - 3)
            return tail, tail + 4
        at = found.start()
        weight, need = weigh(data, at, is_client)
        if weight >= ENOUGH:
            return at, 0
        if need:
            return at, need
        at += 1


def weigh(data: bytes, at: int, is_client: bool, most: int = ENOUGH) -> tuple[int, int]:
    """How much what follows a place looks like messages, up to ``most``; 0 if not at all. And how
    many bytes must be there to say more; 0 if that is all."""
    forms = CLIENT if is_client else SERVER
    weight, size = 0, len(data)
    for _ in range(_STEPS):
        if at + 5 > size:
            return weight, at + 5
        kind, length = _HEADER(data, at)
        form = forms.get(kind)
        end = at + 1 + length
        if form is None or length < 4 or length >= 1 << 14:
            return 0, 0
        if end > size:
            return weight, end
        fits = form(data[at + 5 : end])
        if not fits:
            return 0, 0
        weight += fits
        if weight >= most:
            break
        at = end
    return weight, 0


# --- forms: each takes a body and says how much it weighs, 0 if it has not the form ---

_Form = Callable[[bytes], int]


def _nothing(body: bytes) -> int:
    return 0 if body else 1


def _ready(body: bytes) -> int:
    return 3 if body in (b"I", b"T", b"E") else 0


def _tag(body: bytes) -> int:
    return 2 if _TAG.fullmatch(body) else 0


def _row(body: bytes) -> int:
    count = int.from_bytes(body[:2], "big")
    if len(body) < 2 or count > 1700:
        return 0
    try:
        values, end = fields(body, 2, count)
    except ValueError:
        return 0
    return (2 if values else 1) if end == len(body) else 0


def _heads(body: bytes) -> int:
    count, at = int.from_bytes(body[:2], "big"), 2
    if len(body) < 2 or count > 1700:
        return 0
    for _ in range(count):
        at = body.find(b"\0", at) + 19
        if at < 19 or at > len(body):
            return 0
    return 3 if at == len(body) and count else 0


def _types(body: bytes) -> int:
    return 1 if len(body) == 2 + 4 * int.from_bytes(body[:2], "big") else 0


def _error(body: bytes) -> int:
    return 3 if _ERROR.fullmatch(body) else 0


def _setting(body: bytes) -> int:
    return 2 if _SETTING.fullmatch(body) else 0


def _notification(body: bytes) -> int:
    return 2 if len(body) > 6 and body.count(b"\0", 4) == 2 and body[-1:] == b"\0" else 0


def _authentication(body: bytes) -> int:
    return 1 if len(body) >= 4 and int.from_bytes(body[:4], "big") <= 12 else 0


def _key(body: bytes) -> int:
    return 1 if 8 <= len(body) <= 260 else 0


def _copying(body: bytes) -> int:
    if len(body) < 3 or body[0] > 1 or len(body) != 3 + 2 * int.from_bytes(body[1:3], "big"):
        return 0
    return 2


def _copied(body: bytes) -> int:
    return 1 if body else 0


def _result(body: bytes) -> int:
    length = int.from_bytes(body[:4], "big", signed=True)
    return 1 if len(body) == 4 + max(length, 0) else 0


def _query(body: bytes) -> int:
    return 3 if _WORD.fullmatch(body) and _is_text(body[:-1]) else 0


def _is_text(body: bytes) -> bool:
    return _CONTROL.search(body, 0, 100) is None


def _parse(body: bytes) -> int:
    name = body.find(b"\0") + 1
    end = body.find(b"\0", name) + 1
    if not name or not end or not _is_text(body[: name - 1]) or not _is_text(body[name : end - 1]):
        return 0
    return 3 if len(body) == end + 2 + 4 * int.from_bytes(body[end : end + 2], "big") else 0


def _bind(body: bytes) -> int:
    portal = body.find(b"\0") + 1
    at = body.find(b"\0", portal) + 1
    if not portal or not at:
        return 0
    at += 2 + 2 * int.from_bytes(body[at : at + 2], "big")
    try:
        _, at = fields(body, at + 2, int.from_bytes(body[at : at + 2], "big"))
    except ValueError:
        return 0
    return 3 if len(body) == at + 2 + 2 * int.from_bytes(body[at : at + 2], "big") else 0


def _named(body: bytes) -> int:
    return 2 if body[:1] in (b"S", b"P") and _WORD.fullmatch(body, 1) else 0


def _execute(body: bytes) -> int:
    return 2 if body[-5:-4] == b"\0" and body.find(b"\0") == len(body) - 5 else 0


def _text(body: bytes) -> int:
    return 1 if _TEXT.fullmatch(body) else 0


def _call(body: bytes) -> int:
    return 1 if len(body) >= 10 else 0


_PASSWORD = re.compile(
    rb"md5[0-9a-f]{32}\0|SCRAM-SHA-256(?:-PLUS)?\0.{4}[ynp],.*|c=[^\0]+,p=[^\0]+", re.S
)


def _password(body: bytes) -> int:
    if _PASSWORD.fullmatch(body):
        return 3
    return 2 if 1 < len(body) <= 1024 and _TEXT.fullmatch(body) and _is_text(body[:-1]) else 0


def _by_letter(forms: Mapping[bytes, _Form]) -> dict[int, _Form]:
    return {letter: form for letters, form in forms.items() for letter in letters}


CLIENT = _by_letter(
    {b"Q": _query, b"P": _parse, b"B": _bind, b"DC": _named, b"E": _execute, b"SHXc": _nothing,
     b"d": _copied, b"f": _text, b"F": _call, b"p": _password}
)  # fmt: skip

SERVER = _by_letter(
    {b"123nscI": _nothing, b"Z": _ready, b"C": _tag, b"D": _row, b"T": _heads, b"t": _types,
     b"EN": _error, b"S": _setting, b"A": _notification, b"R": _authentication, b"K": _key,
     b"GHW": _copying, b"d": _copied, b"V": _result}
)  # fmt: skip
