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
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache

from netshell.packet.payload import Places
from netshell.protocols.masking_json import in_json
from netshell.protocols.masking_xml import in_tags, in_xml
from netshell.protocols.secret import MASK, Masked
from netshell.protocols.secret_names import LONGEST, is_secret, names_secret, says_nothing

# --- URLs and forms ---

_USERINFO = re.compile(rb"(?:\\?/){2}([^\s/?#\"'<>\\]*+)")
_ROUNDS = 3  # times that a text has its signs as %xx
_PARAMETER = re.compile(
    rb"%(?:25)*+(?:3F|26|23)([\w.-]{1,256}+)%(?:25)*+3D((?:[^\s&;#\"'<>%]|%(?!(?:25)*+(?:26|23)))++)",
    re.I,
)
_PARAMETER = re.compile(rb"(?:^|(?<=[?&;#]))([^=&;?#\s\"'<>]{1,256})=([^&;#\s\"'<>]++)")
_CODE = 6  # bytes of a "code" (RFC 6749 4.1.2); shorter ones are of countries, languages, errors
_CODES = frozenset((b"code", b"key"))
_NAMES = re.compile(rb"(?:^|[?&;#])([^=&;?#]*+)=")
_SHORT = 512  # bytes of a text whose names are remembered: those of a site come again


def in_url(data: bytes) -> Places:
    """Userinfo (all of it: tokens stand there, too) and the values of secret parameters.

    >>> in_url(b"https://bob:hunter2@example.org/?q=1&token=abc")
    ((8, 19), (43, 46))
    """
    places = _userinfo(data) if b"@" in data else []
    if b"=" in data:
        places += _parameters(data, data.find(b"//") + 1)
        if b"+" in data:
            places += _assigned(data.replace(b"+", b" "))
    if b"%" in data:
        places += _encoded(data)
    return merged(places) if places else ()


def in_form(data: bytes) -> Places:
    """Values of secret parameters of application/x-www-form-urlencoded, or of a query alone; what
    is secret in other values that are URLs."""
    if b"=" not in data:
        return ()
    places = _parameters(data, 0)
    if b"%" in data:
        places += _encoded(data)
    if b"@" in data:
        places += _userinfo(data)
    return merged(places) if places else ()


def _encoded(data: bytes) -> list[tuple[int, int]]:
    """What is secret in a text that has its signs as %xx, once or more often: parameters, URLs,
    JSON, connection strings."""
    found: list[tuple[int, int]] = []
    plain = data
    rounds: list[list[int]] = []
    while b"%" in plain and len(rounds) < _ROUNDS:
        plain, escapes = _unescaped(plain)
        if not escapes:
            break
        rounds.append(escapes)
        places = _userinfo(plain) if b"@" in plain else []
        spaced = plain.replace(b"+", b" ")
        if b"=" in spaced:
            places += [*_parameters(plain.replace(b"?", b"&"), 0), *_assigned(spaced)]
        if b'":' in spaced or b'" :' in spaced:
            places += in_json(spaced)
        for place in places:
            begin, end = place
            for earlier in reversed(rounds):
                begin += 2 * bisect_left(earlier, begin)
                end += 2 * bisect_left(earlier, end)
            found.append((begin, end))
    return found


def _unescaped(data: bytes) -> tuple[bytes, list[int]]:
    """A text with its signs, and where in it those were that stood as %xx."""
    first, *others = data.split(b"%")
    made, escapes = bytearray(first), []
    for each in others:
        sign = _HEX.match(each)
        if sign is None:
            made += b"%" + each
        else:
            escapes.append(len(made))
            made.append(int(sign[0], 16))
            made += each[2:]
    return bytes(made), escapes


_HEX = re.compile(rb"[0-9A-Fa-f]{2}")


def _userinfo(data: bytes) -> list[tuple[int, int]]:
    found = []
    for match in _USERINFO.finditer(data):
        end = data.rfind(b"@", match.start(1), match.end(1))
        if end > match.start(1):
            found.append((match.start(1), end))
    return found


def _any_secret(names: tuple[bytes, ...]) -> bool:
    return any(len(name) <= LONGEST and (names_secret(name) or name in _CODES) for name in names)


_known = lru_cache(4096)(_any_secret)


def _parameters(data: bytes, at: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    names = _NAMES.findall(data[at:] if at else data)
    if not (_known if len(data) <= _SHORT else _any_secret)(tuple(names)):
        return found  # nearly always, and told in a fifth of the time
    for match in _PARAMETER.finditer(data, at):
        is_one = names_secret(match[1]) or (match[1] in _CODES and len(match[2]) >= _CODE)
        if is_one and not says_nothing(match[2]):
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
    found = [
        match.span(match.lastindex or 0)
        for match in _ASSIGNED.finditer(data)
        if names_secret(match[1]) and not says_nothing(match[match.lastindex or 0])
    ]
    if _CHAINED.search(data):
        found += _chained(data)
    return found


_CHAINED = re.compile(rb"=[^=\s&;]++=")


def _chained(data: bytes) -> Iterable[tuple[int, int]]:
    """The same where a value is an assignment: ``name=token=abc``."""
    for match in _ASSIGNED.finditer(data):
        begin, end = match.span(match.lastindex or 0)
        *names, last = match[match.lastindex or 0].split(b"=")
        if names_secret(match[1]) or says_nothing(last):
            continue
        for name in names:
            begin += len(name) + 1
            if names_secret(name[-LONGEST:]):
                yield begin, end
                break


# --- bodies ---

_FIELD = re.compile(
    rb'name="([^"\r\n]{1,256})"[^\n]*+\n(?:[^\r\n]++\r?\n){0,8}\r?\n(.*?)(?=\r?\n--|\Z)',
    re.DOTALL | re.IGNORECASE,
)


def in_multipart(data: bytes) -> Places:
    """Values of secret fields of multipart/form-data (RFC 7578)."""
    if b"name=" not in data:
        return ()
    return tuple(
        match.span(2)
        for match in _FIELD.finditer(data)
        if names_secret(match[1]) and match[2].strip()
    )


def in_body(content_type: str, data: bytes) -> Places:
    """The same in a body, by what its header says it is: a form, JSON, several parts, or text."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return in_form(data)
    if kind.startswith("multipart/"):
        return merged((*in_multipart(data), *in_value(data)))
    if kind.endswith("json"):
        return _with_urls(data, in_json(data))
    if kind.endswith("xml"):
        return in_value(data)
    if not kind or kind.startswith("text/") or kind in _TEXTS:
        return in_text(data)
    return ()


_TEXTS = frozenset(
    f"application/{each}" for each in ("javascript", "graphql", "sql", "toml", "yaml", "x-yaml")
)


def in_value(data: bytes) -> Places:
    """What is secret in a value of a row, a notice, a key's value: URLs with userinfo, connection
    strings (``host=h password=...``), JSON, XML. Nearly free for what is none.

    >>> mask(b"host=h password=hunter2", in_value(b"host=h password=hunter2"))
    'host=h password=***'
    """
    # Numbers, which are found in a tenth of the time that bytes are.
    if 0x3D not in data and 0x2F not in data and 0x22 not in data and 0x27 not in data:  # = / " '
        return ()
    found: list[tuple[int, int]] = []
    if b"=" in data:
        found += _assigned(data)
        if b"<" in data and (b"value=" in data or b"content=" in data):
            found += in_tags(data)
    if b'":' in data or b'" :' in data or b"':" in data:
        found += in_json(data)
    if b"</" in data:
        found += in_xml(data)
    return _with_urls(data, found)


def hide_in_value(text: str) -> str:
    """The same, of a text: a :class:`Masked` if there is any.

    >>> hide_in_value("postgresql://bob:hunter2@h/db")
    'postgresql://***@h/db'
    """
    if "=" not in text and '"' not in text and "//" not in text and "':" not in text:
        return text
    data = text.encode("utf-8", "surrogatepass")
    places = in_value(data)
    return mask(data, places) if places else text


def _with_urls(data: bytes, places: Iterable[tuple[int, int]]) -> Places:
    found = list(places)
    if b"@" in data and (b"//" in data or b"/\\/" in data):
        found += _userinfo(data)
    if b"%" in data:
        found += _encoded(data)
    return merged(found) if found else ()


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
_SPOKEN = frozenset(
    b"chat superchat soap wamp wamp.2.json wamp.2.msgpack v10.stomp v11.stomp v12.stomp mqtt amqp"
    b" mqttv3.1 xmpp sip msrp ocpp1.6 ocpp2.0 ocpp2.0.1 graphql-ws graphql-transport-ws binary json"
    b" base64 bearer token access_token authorization vite-hmr v4.channel.k8s.io v5.channel.k8s.io"
    b" actioncable-v1-json actioncable-unsupported jsonrpc".split()
)
"""Protocols in WebSocket; browsers can give a token only among their names."""
_ITEM = re.compile(rb"[^\s,]++")
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
    if name == "sec-websocket-protocol":
        return tuple(each.span() for each in _ITEM.finditer(value) if each[0] not in _SPOKEN)
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
    return (is_secret(name) or name == "authentication") and name not in (
        "www-authenticate",
        "proxy-authenticate",
    )


def _cookies(value: bytes, most: int | None) -> Places:
    pairs, at = [], 0
    for part in value.split(b";"):
        equals = part.find(b"=")
        if equals >= 0:
            pairs.append((at + equals + 1, at + len(part)))
        at += len(part) + 1
    pairs = pairs[:most]
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
    return (
        text in ("cookie", "set-cookie", "sec-websocket-protocol")
        or text in _WITH_URL
        or _is_secret_header(text)
    )


# --- text that nobody reads ---


_SIGNS = (
    b"pass", b"pw", b"nnwort", b"secret", b"cred", b"auth", b"jwt", b"token", b"key", b"otp",
    b"pin", b"cvv", b"cvc", b"sig", b"sid", b"sess", b"cookie", b"assertion", b"saml",
    b"verifier", b"%",
)  # fmt: skip
"""Some of these is in every name of a secret, or signs for it."""


_TOLD = re.compile(rb"(?<![\w\"-])([\w-]{1,64}+)[ \t]{0,8}+:[ \t]{1,8}+([^\s<>\"',;{}\[\]]++)")
"""``password: value``, as YAML and people write it."""


def in_text(data: bytes) -> Places:
    """What looks like a secret in bytes that no decoder reads: headers, URLs, parameters, JSON."""
    low = data.lower()
    if not any(sign in low for sign in _SIGNS):
        return merged(_userinfo(data)) if b"@" in data and b"//" in data else ()
    found = list(in_head(data)) if b":" in data else []
    if b": " in data:
        found += [
            each.span(2)
            for each in _TOLD.finditer(data)
            if names_secret(each[1]) and not _is_secret_scheme(each)
        ]
    found += in_value(data)
    return merged(found) if found else ()


def _is_secret_scheme(told: re.Match[bytes]) -> bool:
    """Whether a header's value is only the scheme of a secret, or nothing."""
    word = told[2]
    return says_nothing(word) or word.decode("latin-1").lower() in _SCHEMES


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


def merged(places: Iterable[tuple[int, int]]) -> Places:
    """Places in order, those that touch or overlap as one."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(places):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return tuple(merged)
