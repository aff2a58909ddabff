"""Values in ASN.1's basic encoding (X.690), as SNMP has them: one is read, one is written.

What tcpdump says of those that it does not expect is kept to the letter: ``x`` is what it calls
every class.
"""

from __future__ import annotations

from typing import NamedTuple

from netshell.classic.dump.application.snmp_names import ABBREVIATED, NAMES
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.text import Scope, escaped

_UNIVERSAL = (
    *("U-0", "Boolean", "Integer", "Bitstring", "String", "Null", "ObjID", "ObjectDes"),
    *("U-8", "U-9", "U-10", "U-11", "U-12", "U-13", "U-14", "U-15", "Sequence", "Set"),
)
_APPLICATION = ("IpAddress", "Counter", "Gauge", "TimeTicks", "Opaque", "C-5", "Counter64")
_CONTEXT = (
    *("GetRequest", "GetNextRequest", "GetResponse", "SetRequest", "Trap", "GetBulk"),
    *("Inform", "V2Trap", "Report"),
)
_EXCEPTIONS = ("noSuchObject", "noSuchInstance", "endOfMibView")
_CLASSES = (_UNIVERSAL, _APPLICATION, _CONTEXT, ("P-0",))

INTEGER, STRING, NULL, IDENTIFIER, SEQUENCE = "integer", "string", "null", "identifier", "sequence"
UNSIGNED, ADDRESS, PDU, OTHER = "unsigned", "address", "pdu", "other"
_EXCEPTION, _UNKNOWN = "exception", "unknown"

# What primitive values of each class are; all others are OTHER
_PRIMITIVE: tuple[dict[int, str], ...] = (
    {2: INTEGER, 4: STRING, 5: NULL, 6: IDENTIFIER},
    {0: ADDRESS, 1: UNSIGNED, 2: UNSIGNED, 3: UNSIGNED, 6: UNSIGNED},
    dict.fromkeys(range(3), _EXCEPTION),
    {},
)
_COUNTER64 = 6
_MASK = 0xFFFFFFFF


class Stop(Exception):
    """The value is not as it should be, which has been written: its group goes no further."""


class Value(NamedTuple):
    """A value: what it is, its number in its class, where its data is, and where the next begins.

    `number` is an integer's, where it is one.
    """

    kind: str
    code: int
    at: int
    size: int
    behind: int
    number: int = 0


def read(scope: Scope, at: int, stop: int) -> Value:
    """The value at `at`, which must end by `stop`. Raises Stop, and says why, where there is none.

    Raises Truncated where its head is cut off.
    """
    write = scope.write
    if at >= stop:
        write("[nothing to parse]")
        raise Stop
    head = scope.u8(at)
    code, constructed, group = head & 0x1F, bool(head & 0x20), head >> 6
    at += 1
    if code == 0x1F:
        code = 0
        while True:
            octet = scope.u8(at)
            if at >= stop:
                write("[Xtagfield?]")
                raise Stop
            code = (code << 7 | octet & 0x7F) & 0xFF
            at += 1
            if not octet & 0x80:
                break
    if at >= stop:
        write("[no asnlen]")
        raise Stop
    size = scope.u8(at)
    at += 1
    if size & 0x80:
        count = size & 0x7F
        if stop - at < count:
            write(f"[asnlen? {stop - at}<{count}]")
            raise Stop
        _need(scope, at, count)
        size = int.from_bytes(scope.octets(at, count), "big") & _MASK
        at += count
    if stop - at < size:
        write(f"[len{stop - at}<asnlen{size}]")
        raise Stop
    form, names = "PC"[constructed], _CLASSES[group]
    if code >= len(names):
        write(f"[id?{form}/x/{code}]")
        raise Stop
    _need(scope, at, size)
    kind = _constructed(scope, group, code) if constructed else _primitive(scope, group, code)
    number = 0
    if kind == INTEGER:
        if not size:
            write("[asnlen=0]")
            raise Stop
        number = _signed(int.from_bytes(scope.octets(at, size), "big", signed=True))
    elif kind == UNSIGNED:
        number = int.from_bytes(scope.octets(at, size), "big")
        number &= (1 << 64) - 1 if code == _COUNTER64 else _MASK
    return Value(kind, code, at, size, at + size, number)


def _need(scope: Scope, at: int, count: int) -> None:
    if not scope.has(at, count):
        scope.truncated()
        raise Stop


def _signed(number: int) -> int:
    """The lower 32 bits, as C has them."""
    return ((number & _MASK) ^ 1 << 31) - (1 << 31)


def _primitive(scope: Scope, group: int, code: int) -> str:
    kind = _PRIMITIVE[group].get(code)
    if kind is not None:
        return kind
    if group == 2:
        return _UNKNOWN
    scope.write(f"[P/{('U', 'A', '', 'x')[group]}/{_CLASSES[group][code]}]")
    return OTHER


def _constructed(scope: Scope, group: int, code: int) -> str:
    if group == 2:
        return PDU
    if group == 0 and code == 16:
        return SEQUENCE
    scope.write(f"C/{'x' if group else 'U'}/{_CLASSES[group][code]}")
    return OTHER


def show(scope: Scope, settings: Settings, value: Value) -> None:
    """Write a value."""
    write, octets = scope.write, scope.rest(value.at, value.size)
    match value.kind:
        case "integer" | "unsigned":
            write(str(value.number))
        case "string":
            write(text(octets))
        case "identifier":
            write(identifier(octets, settings))
        case "sequence":
            write(f"Seq({value.size})")
        case "pdu":
            write(f"{_CONTEXT[value.code]}({value.size})")
        case "address":
            if value.size != 4:
                write("[inetaddr len!=4]")
            write(".".join(map(str, octets)))
        case "exception":
            write(f"[{_EXCEPTIONS[value.code]}]")
        case "other":
            write(underlined(octets))
        case "unknown":
            write("[BE_ANY!?]")


def text(octets: bytes) -> str:
    """A string: in quotes, or as bytes where one of them is no printable ASCII."""
    if all(0x20 <= octet < 0x7F for octet in octets):
        return f'"{escaped(octets)}"'
    return octets.hex("_")


def underlined(octets: bytes) -> str:
    """Bytes, each behind an underscore."""
    return "".join(f"_{octet:02x}" for octet in octets)


def identifier(octets: bytes, settings: Settings) -> str:
    """An object's path: numbers, or without -n the names of those that tcpdump knows.

    >>> identifier(bytes.fromhex("2b06010201010300"), Settings())
    'system.sysUpTime.0'
    >>> identifier(bytes.fromhex("2b06010201010300"), Settings(numeric=True))
    '.1.3.6.1.2.1.1.3.0'
    """
    numbers = _numbers(octets)
    if settings.numeric:
        return "".join(f".{number & _MASK}" for number in numbers)
    prefix, known = "", 0
    if len(octets) > 2:
        for root, letter in ABBREVIATED:
            # Compared as bytes: none of these paths has a number that needs two.
            if octets.startswith(bytes((43, *root[2:]))):
                prefix, known = letter, len(root)
                break
    words: list[str] = []
    path = tuple(numbers)
    for index in range(known, len(path)):
        name = NAMES.get(path[: index + 1])
        if name is None:
            words += [str(number & _MASK) for number in path[index:]]
            break
        words.append(name)
    joined = ".".join(words)
    return prefix + joined if known or not words else "." + joined


def _numbers(octets: bytes) -> list[int]:
    """An identifier's numbers; the first byte or bytes hold two. What is not ended is left out."""
    numbers: list[int] = []
    number = 0
    for octet in octets:
        number = _signed(number << 7 | octet & 0x7F)
        if octet & 0x80:
            continue
        if not numbers:
            # Towards zero, as C divides: a number that overflowed is negative.
            first = min(int(number / 40), 2)
            numbers.append(first)
            number -= first * 40
        numbers.append(number)
        number = 0
    return numbers
