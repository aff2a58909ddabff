"""The OPT pseudosection: EDNS's version, flags, size and options (RFC 6891), as dig has them."""

from __future__ import annotations

import socket
from collections.abc import Callable

from netshell.classic.digging.style import duration
from netshell.lookup.wire import DO, Malformed, Message

NSID, SUBNET, EXPIRE, COOKIE, KEEPALIVE, PADDING, ERROR = 3, 8, 9, 10, 11, 12, 15
_CO = 0x4000
_REPLACED = "\ufffd"
_KNOWN = {
    1: "LLQ", NSID: "NSID", SUBNET: "CLIENT-SUBNET", EXPIRE: "EXPIRE", COOKIE: "COOKIE",
    KEEPALIVE: "TCP KEEPALIVE", PADDING: "PAD", 14: "KEY-TAG", ERROR: "EDE", 16: "CLIENT-TAG",
    17: "SERVER-TAG",
}  # fmt: skip

NAMES = {
    "LLQ": 1, "UL": 2, "NSID": NSID, "DAU": 5, "DHU": 6, "N3U": 7, "ECS": SUBNET,
    "EXPIRE": EXPIRE, "COOKIE": COOKIE, "KEEPALIVE": KEEPALIVE, "PADDING": PADDING, "PAD": PADDING,
    "CHAIN": 13, "KEY-TAG": 14, "EDE": ERROR, "CLIENT-TAG": 16, "SERVER-TAG": 17, "DEVICEID": 26946,
}  # fmt: skip
"""Options as ``+ednsopt=`` names them."""

ERRORS = (
    "Other", "Unsupported DNSKEY Algorithm", "Unsupported DS Digest Type", "Stale Answer",
    "Forged Answer", "DNSSEC Indeterminate", "DNSSEC Bogus", "Signature Expired",
    "Signature Not Yet Valid", "DNSKEY Missing", "RRSIGs Missing", "No Zone Key Bit Set",
    "NSEC Missing", "Cached Error", "Not Ready", "Blocked", "Censored", "Filtered", "Prohibited",
    "Stale NXDOMAIN Answer", "Not Authoritative", "Not Supported", "No Reachable Authority",
    "Network Error", "Invalid Data",
)  # fmt: skip
"""What the codes of extended errors say (RFC 8914)."""


def options(message: Message) -> list[tuple[int, bytes]]:
    """The options of the OPT record: code and data. Raises Malformed where one is broken."""
    if message.opt is None:
        return []
    at, end, found = message.opt.start, message.opt.end, []
    while at < end:
        if at + 4 > end:
            raise Malformed("malformed OPT option")
        code, length = (int.from_bytes(message.wire[at + n : at + n + 2], "big") for n in (0, 2))
        at += 4 + length
        data = message.wire[at - length : at]
        if at > end or not _fits(code, data):
            raise Malformed("malformed OPT option")
        found.append((code, data))
    return found


def opt_lines(message: Message, cookie: bytes) -> list[str]:
    """The section's lines; ``cookie`` is the client's own, b"" where none was sent."""
    if message.opt is None:
        return []
    ttl = message.opt.ttl
    names = [name for bit, name in ((DO, "do"), (_CO, "co")) if ttl & bit]
    text = "".join(f" {name}" for name in names)
    unknown = ttl & 0xFFFF & ~(DO | _CO)
    size = f" MBZ: 0x{unknown:04x}, udp: " if unknown else " udp: "
    lines = [
        ";; OPT PSEUDOSECTION:",
        f"; EDNS: version: {ttl >> 16 & 0xFF}, flags:{text};{size}{message.opt.rdclass}",
    ]
    return lines + [_line(code, data, cookie) for code, data in options(message)]


def _line(code: int, data: bytes, cookie: bytes) -> str:
    head = f"; {_KNOWN.get(code, f'OPT={code}')}:"
    show = _SHOWN.get(code)
    if code == COOKIE and data:
        state = f" ({'good' if data[:8] == cookie and len(data) > 8 else 'bad'})"
        return f"{head} {data.hex()}{state if cookie else ''}"
    said = show(data) if show else None
    if said is None:
        said = f" {data.hex(' ')}{_texts(data)}" if data else ""
    return head + said


def _texts(data: bytes) -> str:
    return f' ("{"".join(chr(o) if 0x20 <= o < 0x7F else "." for o in data)}")'


def _llq(data: bytes) -> str:
    version, operation, error = (int.from_bytes(data[at : at + 2], "big") for at in (0, 2, 4))
    number, lifetime = int.from_bytes(data[6:14], "big"), int.from_bytes(data[14:], "big")
    return (
        f" Version: {version}, Opcode: {operation}, Error: {error}, "
        f"Identifier: {number}, Lifetime: {lifetime}"
    )


def _subnet(data: bytes) -> str:
    family, source, scope = int.from_bytes(data[:2], "big"), data[2], data[3]
    if family == 0:
        return f" 0/{source}/{scope}"
    kind, size = (socket.AF_INET, 4) if family == 1 else (socket.AF_INET6, 16)
    return f" {socket.inet_ntop(kind, data[4:].ljust(size, bytes(1)))}/{source}/{scope}"


def _expire(data: bytes) -> str | None:
    if len(data) != 4:
        return None
    seconds = int.from_bytes(data, "big")
    return f" {seconds} ({duration(seconds, True)})"


def _keepalive(data: bytes) -> str | None:
    if len(data) != 2:
        return None
    tenths = int.from_bytes(data, "big")
    return f" {tenths // 10}.{tenths % 10} secs"


def _numbers(data: bytes) -> str:
    tags = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
    return f" {', '.join(map(str, tags))}"


def _error(data: bytes) -> str:
    code = int.from_bytes(data[:2], "big")
    text = f" {code} ({ERRORS[code]})" if code < len(ERRORS) else f" {code}"
    if len(data) > 2:
        # UTF-8 (RFC 8914 2): what is none, and what a terminal might obey, is a dot an octet.
        said = data[2:].decode("utf-8", "replace")
        safe = "".join(char if char.isprintable() and char != _REPLACED else "." for char in said)
        text += f": ({safe})"
    return text


_SHOWN: dict[int, Callable[[bytes], str | None]] = {
    1: _llq, SUBNET: _subnet, EXPIRE: _expire, KEEPALIVE: _keepalive, ERROR: _error,
    PADDING: lambda data: f" ({len(data)} bytes)" if data else "",
    14: _numbers, 16: _numbers, 17: _numbers,
}  # fmt: skip


def _fits(code: int, data: bytes) -> bool:
    """Whether an option has the form that its RFC gives it, as far as BIND looks."""
    match code:
        case 1:
            return len(data) == 18
        case 8:
            return _is_subnet(data)
        case 9:
            return len(data) in (0, 4)
        case 10:
            return len(data) == 8 or 16 <= len(data) <= 40
        case 14:
            return len(data) > 0 and len(data) % 2 == 0
        case 15:
            return len(data) >= 2
        case 16 | 17:
            return len(data) == 2
    return True


def _is_subnet(data: bytes) -> bool:
    if len(data) < 4:
        return False
    family, source, scope = int.from_bytes(data[:2], "big"), data[2], data[3]
    most = {0: 0, 1: 32, 2: 128}.get(family, -1)
    if source > most or scope > most or len(data) - 4 != (source + 7) // 8:
        return False
    return source % 8 == 0 or not data[-1] & 0xFF >> source % 8
