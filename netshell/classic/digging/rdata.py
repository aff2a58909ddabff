"""The data of records in BIND's presentation, one function or one line of a table a type.

From the bytes of the message, as far as the record goes: names may be compressed in any type.
The texts are those of RFC 1035 section 5.1 and of the RFC of each type, with BIND's spaces,
cases and line breaks. Data that do not fit their type raise Malformed.
"""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable

from netshell.classic.digging import signed
from netshell.classic.digging.fields import (
    Data,
    bracketed,
    escaped,
    generic,
    row,
    strings,
    wrapped,
)
from netshell.classic.digging.style import Style
from netshell.lookup.numbers import rcode_text
from netshell.lookup.wire import Malformed, Resource, label_text


def rdata_text(wire: bytes, resource: Resource, style: Style) -> str:
    """The data of a record. Raises Malformed where they do not fit its type.

    A record without data of a type that has some, as updates have it, is "".
    """
    data = Data(wire, resource.start, resource.end, style, resource.rdtype)
    show = None if style.unknown else _SHOWN.get(resource.rdtype)
    if show is None and not style.unknown and resource.rdclass == 1:
        show = _SHOWN_IN.get(resource.rdtype)
    elif show is None and not style.unknown and resource.rdtype == 1 and resource.rdclass == 3:
        show = _chaos_address
    if show is None:
        return generic(data)
    text = show(data)
    if data.left:
        raise Malformed("extra input data")
    return text


# --- types of their own form ----------------------------------------------------------------


def _aaaa(data: Data) -> str:
    if not data.style.expand_aaaa:
        return data.address6()
    octets = data.take(16).hex()
    return ":".join(octets[at : at + 4] for at in range(0, 32, 4))


def _chaos_address(data: Data) -> str:
    return f"{data.name()} {data.number(2):o}"


def _caa(data: Data) -> str:
    flags, length = data.number(1), data.number(1)
    if not 0 < length <= data.left:
        raise Malformed("FORMERR")
    tag = data.take(length)
    return f'{flags} {label_text(tag)} "{escaped(data.rest())}"'


def _wks(data: Data) -> str:
    words = [data.address4(), str(data.number(1))]
    for at, octet in enumerate(data.rest()):
        words += [str(at * 8 + bit) for bit in range(8) if octet & 0x80 >> bit]
    return " ".join(words)


def _loc(data: Data) -> str:
    version = data.number(1)
    if version != 0:
        data.at -= 1
        return generic(data)
    size, horizontal, vertical = (_centimetres(data.number(1)) for _ in range(3))
    latitude = _angle(data.number(4), "N", "S")
    longitude = _angle(data.number(4), "E", "W")
    height = data.number(4)
    below = height < 10000000
    height = 10000000 - height if below else height - 10000000
    altitude = f"{'-' if below else ''}{height // 100}.{height % 100:02}m"
    return f"{latitude} {longitude} {altitude} {size} {horizontal} {vertical}"


def _centimetres(octet: int) -> str:
    base, exponent = octet >> 4, octet & 0xF
    if base > 9 or exponent > 9:
        raise Malformed("out of range")
    if exponent < 2:
        return f"0.{base * 10**exponent:02}m"
    return f"{base * 10 ** (exponent - 2)}m"


def _angle(value: int, positive: str, negative: str) -> str:
    away = value - 0x80000000
    minutes, thousandths = divmod(abs(away), 60000)
    degrees, minutes = divmod(minutes, 60)
    seconds = f"{thousandths // 1000}.{thousandths % 1000:03}"
    return f"{degrees} {minutes} {seconds} {positive if away >= 0 else negative}"


def _apl(data: Data) -> str:
    items = []
    start = data.at
    while data.left:
        family, prefix, length = data.number(2), data.number(1), data.number(1)
        octets = data.take(length & 0x7F)
        sizes = {1: 4, 2: 16}
        if family not in sizes:
            data.at = start
            return generic(data)
        if len(octets) > sizes[family] or prefix > sizes[family] * 8:
            raise Malformed("out of range")
        kind = socket.AF_INET if family == 1 else socket.AF_INET6
        address = socket.inet_ntop(kind, octets.ljust(sizes[family], b"\0"))
        items.append(f"{'!' if length & 0x80 else ''}{family}:{address}/{prefix}")
    return " ".join(items)


def _a6(data: Data) -> str:
    prefix = data.number(1)
    if prefix > 128:
        raise Malformed("out of range")
    words = [str(prefix)]
    if prefix != 128:
        octets = bytearray(data.take(16 - prefix // 8).rjust(16, b"\0"))
        if prefix % 8:
            octets[prefix // 8] &= 0xFF >> prefix % 8
        words.append(socket.inet_ntop(socket.AF_INET6, bytes(octets)))
    else:
        words.append("")
    if prefix:
        words.append(data.name())
    return " ".join(words)


def _gateway(data: Data, kind: int) -> str:
    if kind == 0:
        return "."
    if kind == 1:
        return data.address4()
    return data.address6() if kind == 2 else data.name()


def _ipseckey(data: Data) -> str:
    precedence, kind, algorithm = data.number(1), data.number(1), data.number(1)
    if kind > 3:
        raise Malformed("not implemented")
    text = f"{precedence} {kind} {algorithm} {_gateway(data, kind)}"
    text += f"{data.style.break_}{data.some().base64()}"
    return f"( {text} )" if data.style.multiline else text


def _amtrelay(data: Data) -> str:
    precedence, kind = data.number(1), data.number(1)
    head = f"{precedence} {kind >> 7} {kind & 0x7F}"
    if kind & 0x7F > 3:
        return f"{head} {data.hex()}"
    return f"{head} {_gateway(data, kind & 0x7F)}"


def _hip(data: Data) -> str:
    tag_length, algorithm, key_length = data.number(1), data.number(1), data.number(2)
    tag = data.take(tag_length).hex().upper()
    key = base64.b64encode(data.take(key_length)).decode("ascii")
    parts = [f"{algorithm} {tag}", key]
    while data.left:
        parts.append(data.name())
    text = data.style.break_.join(parts)
    return f"( {text} )" if data.style.multiline else text


def _dhcid(data: Data) -> str:
    octets = data.wire[data.at : data.end]
    body = data.some().base64()
    if not data.style.multiline:
        return body
    text = f"( {body} )"
    if len(octets) >= 3:  # said whatever +rrcomments says
        text += f" ; {int.from_bytes(octets[:2], 'big')} {octets[2]} {len(octets) - 3}"
    return text


def _options(data: Data) -> str:
    return generic(data) if data.left else ""


def _nsap(data: Data) -> str:
    return f"0x{data.some().rest().hex()}"


def _isdn(data: Data) -> str:
    first = data.string()
    return f"{first} {data.string()}" if data.left else first


def _atma(data: Data) -> str:
    kind = data.number(1)
    octets = data.some().rest()
    return f"+{octets.decode('ascii', 'backslashreplace')}" if kind == 1 else octets.hex()


def _locator(data: Data) -> str:
    octets = data.take(8)
    return ":".join(f"{int.from_bytes(octets[at : at + 2], 'big'):x}" for at in range(0, 8, 2))


def _dashes(count: int) -> Callable[[Data], str]:
    def show(data: Data) -> str:
        if data.left != count:
            raise Malformed("FORMERR")
        return data.rest().hex("-")

    return show


def _doa(data: Data) -> str:
    head = f"{data.number(4)} {data.number(4)} {data.number(1)} {data.string()}"
    if not data.left:
        return f"{head} -"
    return f"{head} {base64.b64encode(data.rest()).decode('ascii')}"


_SVC = ("mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint")


def _svcb(data: Data) -> str:
    words = [str(data.number(2)), data.name()]
    while data.left:
        key = data.number(2)
        value = Data(data.wire, data.at + 2, data.at + 2, data.style)
        value.end += data.number(2)
        data.take(value.left)
        name = _SVC[key] if key < len(_SVC) else f"key{key}"
        words.append(f"{name}{_parameter(key, value)}")
    return " ".join(words)


def _parameter(key: int, value: Data) -> str:
    items: list[str] = []
    match key:
        case 0:
            while value.left:
                number = value.number(2)
                items.append(_SVC[number] if number < len(_SVC) else f"key{number}")
        case 1:
            while value.left:
                item = value.take(value.number(1))
                items.append(escaped(item.replace(b"\\", rb"\\").replace(b",", rb"\,")))
            return f'="{",".join(items)}"'
        case 2:
            return ""
        case 3:
            return f"={value.number(2)}"
        case 4:
            while value.left:
                items.append(value.address4())
        case 5:
            return f"={base64.b64encode(value.rest()).decode('ascii')}"
        case 6:
            while value.left:
                items.append(value.address6())
        case _:
            return f'="{escaped(value.rest())}"' if value.left else ""
    return f"={','.join(items)}"


def _tkey(data: Data) -> str:
    name, begins, ends = data.name(), data.number(4), data.number(4)
    mode, error = data.number(2), rcode_text(data.number(2))
    parts = [f"{name} {begins} {ends} {mode} {error}"]
    for _ in range(2):
        octets = data.take(data.number(2))
        parts += [str(len(octets)), base64.b64encode(octets).decode("ascii")]
    return " ".join(parts if parts[-1] else parts[:-1])


_NAME = row("n")
_SHOWN: dict[int, Callable[[Data], str]] = {
    2: _NAME, 3: _NAME, 4: _NAME, 5: _NAME, 6: signed.soa, 7: _NAME, 8: _NAME, 9: _NAME,
    12: _NAME, 13: row("ss"), 14: row("nn"), 15: row("2n"), 16: strings, 17: row("nn"),
    18: row("2n"), 19: row("s"), 20: _isdn, 21: row("2n"), 24: signed.signature,
    25: signed.key, 27: row("sss"), 29: _loc, 30: signed.next_name, 31: bracketed("hex"),
    32: bracketed("hex"), 37: signed.certificate, 39: _NAME, 40: wrapped("111", "base64"),
    43: signed.digest, 44: wrapped("11", "hex"), 45: _ipseckey, 46: signed.signature,
    47: signed.next_secure, 48: signed.key, 50: signed.next_hashed, 51: signed.hashing,
    41: _options, 52: wrapped("111", "hex"), 53: wrapped("111", "hex"), 55: _hip, 56: strings,
    57: signed.key, 58: row("nn"), 59: signed.digest, 60: signed.key,
    61: bracketed("base64", hidden=True), 62: signed.sync, 63: signed.zone_digest,
    99: strings, 104: lambda data: f"{data.number(2)} {_locator(data)}", 105: row("2a"),
    106: lambda data: f"{data.number(2)} {_locator(data)}", 107: row("2n"), 108: _dashes(6),
    109: _dashes(8), 249: _tkey, 256: row("22q"), 257: _caa, 258: strings, 259: _doa,
    260: _amtrelay, 32768: signed.digest, 32769: signed.digest,
}  # fmt: skip
"""Types that are the same in every class."""

_SHOWN_IN: dict[int, Callable[[Data], str]] = {
    1: row("a"), 11: _wks, 22: _nsap, 23: _NAME, 26: row("2nn"),
    28: _aaaa, 33: row("222n"), 34: _atma, 35: row("22sssn"), 36: row("2n"), 38: _a6, 42: _apl,
    49: _dhcid, 64: _svcb, 65: _svcb,
}  # fmt: skip
"""Types of the Internet's class."""
