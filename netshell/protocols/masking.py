"""Where secrets stand in what was sent: passwords in URLs, headers, forms and JSON.

Each ``in_...`` takes bytes as they came and gives the places (begin, end; exclusive) of what
nobody should read over a shoulder, in order, none within another; :func:`mask` makes the text to
show of them. All take linear time, whatever the bytes, and never raise.

What is a secret is told by its name (:func:`is_secret`), or by its place: userinfo of URLs
(RFC 3986 3.2.1), credentials and cookies of HTTP (RFC 9110 11.4, RFC 6265). Hiding too much is the
smaller mistake; empty values, true, false and null hide nothing. SQL has ``sql_secrets``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from netshell.packet.payload import Places
from netshell.protocols.secret import MASK, Masked

_ANYWHERE = frozenset((
    "password", "passwd", "passwort", "passwords", "passphrase", "passcode", "pwd", "secret",
    "secrets", "credential", "credentials", "authorization", "jwt",
))  # fmt: skip
_AT_THE_END = frozenset((
    "pass", "token", "auth", "authtoken", "accesstoken", "refreshtoken", "apikey", "apitoken",
    "otp", "totp", "pin", "cvv", "cvc", "sig", "signature", "sid", "sessionid", "jsessionid",
    "phpsessid", "session", "cookie", "assertion", "samlresponse", "requirepass",
    "masterauth", "userpassword", "newpassword", "oldpassword", "secretkey", "accesskey",
    "privatekey", "clientsecret",
))  # fmt: skip
_KEYS = (
    "api", "access", "private", "secret", "session", "auth", "encryption", "signing", "account",
    "shared", "subscription", "master",
)  # fmt: skip
_PAIRS = frozenset((first, "key") for first in _KEYS) | {("session", "id"), ("code", "verifier")}
_OF_PAGES = frozenset(
    ("page", "next", "previous", "prev", "continuation", "cursor", "sync", "resume")
)
"""What stands before "token" where it is a place in a list."""

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LONGEST = 256  # characters of a name


@lru_cache(maxsize=1024)
def is_secret(name: str) -> bool:
    """Whether what a form, JSON, query or header calls so is a secret.

    >>> [is_secret(name) for name in ("user[password]", "accessToken", "x-api-key", "nextToken")]
    [True, True, True, False]
    """
    words = [word.lower() for word in _WORDS.findall(name[-_LONGEST:])]
    if not words:
        return False
    if not _ANYWHERE.isdisjoint(words) or tuple(words[-2:]) in _PAIRS:
        return True
    if words[-1] == "token":
        return _OF_PAGES.isdisjoint(words)
    return words[-1] in _AT_THE_END or words[-1].endswith(("password", "passwd"))


@lru_cache(maxsize=1024)
def _names_secret(name: bytes) -> bool:
    if b"%" in name:
        name = unquote_to_bytes(name)
    return is_secret(name.decode("latin-1"))


# --- URLs and forms ---

_USERINFO = re.compile(rb"//([^\s/?#\"'<>\\]*+)")
_PARAMETER = re.compile(rb"(?:^|(?<=[?&;#]))([^=&;?#\s\"'<>]{1,256})=([^&;#\s\"'<>]++)")
_APART = bytes.maketrans(b"&;#", b"???")


def in_url(data: bytes) -> Places:
    """Userinfo (all of it: tokens stand there, too) and the values of secret parameters.

    >>> in_url(b"https://bob:hunter2@example.org/?q=1&token=abc")
    ((8, 19), (43, 46))
    """
    places = _userinfo(data) if b"@" in data else []
    if b"=" in data:
        places += _parameters(data, data.find(b"//") + 1)
    return _ordered(places) if places else ()


def in_form(data: bytes) -> Places:
    """Values of secret parameters of application/x-www-form-urlencoded, or of a query alone."""
    return tuple(_parameters(data, 0)) if b"=" in data else ()


def _userinfo(data: bytes) -> list[tuple[int, int]]:
    found = []
    for match in _USERINFO.finditer(data):
        end = data.rfind(b"@", match.start(1), match.end(1))
        if end > match.start(1):
            found.append((match.start(1), end))
    return found


def _parameters(data: bytes, at: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for piece in (data[at:] if at else data).translate(_APART).split(b"?"):
        name, is_named, _ = piece.partition(b"=")
        if is_named and len(name) <= _LONGEST and _names_secret(name):
            break
    else:  # nearly always, and told in a fifth of the time
        return found
    for match in _PARAMETER.finditer(data, at):
        if _names_secret(match[1]) and not _says_nothing(match[2]):
            begin, end = match.span(2)
            if data[max(match.start() - 1, 0) : match.start()] == b";":  # of a path: /a;id=1?b=2
                stop = data.find(b"?", begin, end)
                end = end if stop < 0 else stop
            found.append((begin, end))
    return found


_ASSIGNED = re.compile(
    rb"(?:^|(?<=[\s?&;#\"'(,{\x00]))([\w.\[\]%-]{1,256})="
    rb"(?:\"([^\"\r\n]*+)|'([^'\r\n]*+)|([^&;#\s\"'<>]++))"
)


def _assigned(data: bytes) -> list[tuple[int, int]]:
    """The same anywhere in a text: after a blank, a quote or a bracket, with its value in quotes
    or without."""
    return [
        match.span(match.lastindex or 0)
        for match in _ASSIGNED.finditer(data)
        if _names_secret(match[1]) and not _says_nothing(match[match.lastindex or 0])
    ]


def _says_nothing(value: bytes) -> bool:
    return value.strip(b"\"' \t").lower() in (b"", b"true", b"false", b"null", b"none")


# --- JSON and multipart forms ---

_MEMBER = re.compile(
    rb'"([^"\\]{1,256})"\s*+:\s*+'
    rb'(?:"((?:[^"\\]|\\.)*+)|([^\s"{}\[\],]++)|(\[(?:[^\]"]|"(?:[^"\\]|\\.)*+"?+)*+))',
    re.DOTALL,
)
_FIELD = re.compile(
    rb'name="([^"\r\n]{1,256})"[^\n]*+\n(?:[^\r\n]++\r?\n){0,8}\r?\n(.*?)(?=\r?\n--|\Z)',
    re.DOTALL | re.IGNORECASE,
)


def in_json(data: bytes) -> Places:
    """Values of secret members of JSON, whole or only the beginning of one.

    >>> in_json(b'{"user": "bob", "password": "hunter2"}')
    ((29, 36),)
    """
    if b":" not in data:
        return ()
    found = []
    for match in _MEMBER.finditer(data):
        if is_secret(match[1].decode("latin-1")):
            which = match.lastindex or 0
            if not _says_nothing(match[which]):
                found.append(match.span(which))
    return tuple(found)


def in_multipart(data: bytes) -> Places:
    """Values of secret fields of multipart/form-data (RFC 7578)."""
    if b"name=" not in data:
        return ()
    return tuple(
        match.span(2)
        for match in _FIELD.finditer(data)
        if _names_secret(match[1]) and match[2].strip()
    )


def in_body(content_type: str, data: bytes) -> Places:
    """The same in a body, by what its header says it is: a form, JSON, several parts, or text."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return in_form(data)
    if kind.startswith("multipart/"):
        return in_multipart(data)
    if kind.endswith("json"):
        return in_json(data)
    return in_url(data) if kind.startswith("text/") and b"//" in data else ()


# --- headers ---

_SCHEMES = frozenset((
    "apikey", "aws4-hmac-sha256", "basic", "bearer", "concealed", "digest", "dpop", "gnap",
    "hmac", "hoba", "key", "mutual", "negotiate", "ntlm", "oauth", "privatetoken",
    "scram-sha-1", "scram-sha-256", "token", "vapid",
))  # fmt: skip
"""Authentication schemes (IANA's registry, and usual ones): these words are no secrets."""
_WITH_URL = frozenset((
    "location", "referer", "content-location", "link", "destination", "origin", "refresh",
    "x-forwarded-uri", "x-original-url", "x-rewrite-url",
))  # fmt: skip
_PAIR = re.compile(rb"([^=;]*+)=([^;]*+)")
_SCHEME = re.compile(rb"\s*([!-~]++)\s++(?=\S)")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LONGEST_HEADER = 64  # characters of its name


def in_header(name: str, value: bytes) -> Places:
    """What is secret in the value of an HTTP header. Its scheme, the names of cookies and what a
    Set-Cookie says beside its value stay.

    >>> in_header("Authorization", b"Bearer abc.def"), in_header("Cookie", b"id=7; theme=dark")
    (((7, 14),), ((3, 4), (12, 16)))
    """
    name = name.lower()
    if name in ("cookie", "set-cookie"):
        return _cookies(value, 1 if name == "set-cookie" else None)
    if name in _WITH_URL:
        return in_url(value)
    if not _is_secret_header(name):
        return ()
    begin = len(value) - len(value.lstrip())
    scheme = _SCHEME.match(value)
    if scheme and scheme[1].decode("latin-1").lower() in _SCHEMES:
        begin = scheme.end()
    end = len(value.rstrip())
    return ((begin, end),) if end > begin else ()


@lru_cache(maxsize=512)
def _is_secret_header(name: str) -> bool:
    return is_secret(name) and name not in ("www-authenticate", "proxy-authenticate")


def _cookies(value: bytes, most: int | None) -> Places:
    pairs = [match.span(2) for match in _PAIR.finditer(value)][:most]
    first = value.partition(b";")[0]
    if b"=" not in first and first.strip():
        return ((0, len(first)), *(pairs if most is None else ()))
    return tuple((begin, end) for begin, end in pairs if end > begin)


def in_head(data: bytes) -> Places:
    """What is secret in the head of an HTTP message, cut anywhere: its target, its headers."""
    at = data.find(b"\n") + 1 or len(data)
    found = list(in_url(data[:at]))
    for line in data[at:].split(b"\n"):
        colon = line.find(b":")
        if 0 < colon <= _LONGEST_HEADER and _matters(line[:colon]):
            value = line[colon + 1 :].rstrip(b"\r")
            begin = at + colon + 1
            inside = in_header(line[:colon].decode("latin-1"), value)
            found += [(begin + first, begin + end) for first, end in inside]
        at += len(line) + 1
    return tuple(found)


@lru_cache(maxsize=1024)
def _matters(name: bytes) -> bool:
    """Whether the value of a header may have secrets in it."""
    if not _NAME.fullmatch(name):
        return False
    text = name.decode("latin-1").lower()
    return text in ("cookie", "set-cookie") or text in _WITH_URL or _is_secret_header(text)


# --- text that nobody reads ---


_SIGNS = (
    b"pass", b"pwd", b"secret", b"cred", b"auth", b"jwt", b"token", b"key", b"otp", b"pin", b"cvv",
    b"cvc", b"sig", b"sid", b"sess", b"cookie", b"assertion", b"saml", b"verifier", b"%",
)  # fmt: skip
"""Some of these is in every name of a secret, or signs for it."""


def in_text(data: bytes) -> Places:
    """What looks like a secret in bytes that no decoder reads: headers, URLs, parameters, JSON."""
    low = data.lower()
    if not any(sign in low for sign in _SIGNS):
        return _ordered(_userinfo(data)) if b"@" in data and b"//" in data else ()
    found = list(in_head(data)) if b":" in data else []
    if b"//" in data and b"@" in data:
        found += _userinfo(data)
    if b"=" in data:
        found += _assigned(data)
    if b'":' in data or b'" :' in data:
        found += in_json(data)
    return _ordered(found) if found else ()


# --- shown ---


def mask(data: bytes, places: Places, encoding: str = "utf-8") -> str:
    """The text of bytes with ``***`` for each secret: a :class:`Masked` if there are any.

    >>> mask(b"/?token=abc", in_url(b"/?token=abc"))
    '/?token=***'
    """
    if not places:
        return data.decode(encoding, "replace")
    shown, at = [], 0
    for begin, end in places:
        shown += [data[at:begin].decode(encoding, "replace"), MASK]
        at = end
    shown.append(data[at:].decode(encoding, "replace"))
    return Masked("".join(shown), data.decode(encoding, "replace"))


def mask_text(text: str, places: Places) -> str:
    """The same of a text whose places count its characters."""
    if not places:
        return text
    shown, at = [], 0
    for begin, end in places:
        shown += [text[at:begin], MASK]
        at = end
    return Masked("".join([*shown, text[at:]]), text)


def moved(places: Places, by: int) -> Places:
    """Places that count from ``by`` bytes earlier."""
    return tuple((begin + by, end + by) for begin, end in places) if by else places


def _ordered(places: Iterable[tuple[int, int]]) -> Places:
    """Places in order, those that touch or overlap as one."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(places):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return tuple(merged)
