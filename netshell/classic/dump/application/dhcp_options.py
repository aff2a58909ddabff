"""The options of DHCP (RFC 2132 and IANA's list), written one a line with -v.

``_OPTIONS`` says of each what it is called and how its data is written; an option that is not in
it is written in words, halves or bytes, as its size allows.
"""

from __future__ import annotations

from collections.abc import Callable

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.text import Scope, named

_PAD, _END = 0, 255
_MESSAGE_TYPE = 53
_PARAMETERS = 55

_MESSAGES = {
    **{1: "Discover", 2: "Offer", 3: "Request", 4: "Decline", 5: "ACK", 6: "NACK"},
    **{7: "Release", 8: "Inform", 10: "LeaseQuery", 11: "LeaseUnassigned"},
    **{12: "LeaseUnknown", 13: "LeaseActive"},
}
_OVERLOADED = {1: "file", 2: "sname", 3: "file+sname"}
_NODES = {1: "b-node", 2: "p-node", 4: "m-node", 8: "h-node"}
_HARDWARE = {
    **{1: "ether", 6: "ieee802", 7: "arcnet", 15: "frelay", 23: "strip", 24: "ieee1394"},
}
_AGENT = {1: "Circuit-ID", 2: "Remote-ID", 6: "Subscriber-ID"}

Show = Callable[[Scope, Settings, int, int], int]
"""Writes `size` bytes at an offset, all of which are there; returns how many it left."""


def show_options(scope: Scope, settings: Settings) -> None:
    """The magic cookie and the options behind it, to the end that they name or to the bytes'."""
    scope.write("\n\t  Vendor-rfc1048 Extensions")
    scope.write(f"\n\t    Magic Cookie 0x{scope.u32(0):08x}")
    at = 4
    while scope.has(at):
        code = scope.u8(at)
        at += 1
        bare = code in (_PAD, _END)
        if bare and settings.verbose < 3:
            if code == _END:
                return
            continue
        size = 0
        if not bare:
            size = scope.u8(at)
            at += 1
        title, show = _OPTIONS.get(code, _UNKNOWN)
        scope.write(f"\n\t    {title} ({code}), length {size}{': ' if size else ''}")
        if code == _PAD:
            again = scope.rest(at)
            zeros = len(again) - len(again.lstrip(b"\0"))
            at += zeros
            if zeros:
                scope.write(f", occurs {zeros + 1}")
        if not scope.has(at, size):
            scope.truncated()
            return
        if code == _MESSAGE_TYPE and size == 1:
            scope.write(named(_MESSAGES, scope.u8(at), "Unknown (%u)"))
        elif code == _PARAMETERS:
            _parameters(scope, at, size)
        else:
            left = show(scope, settings, at, size)
            if left:
                scope.write(f"\n\t  trailing data length {left}")
        at += size


def _parameters(scope: Scope, at: int, size: int) -> None:
    """The options that are asked for, four a line."""
    for index, code in enumerate(scope.octets(at, size)):
        scope.write(", " if index % 4 else "\n\t      ")
        scope.write(f"{_OPTIONS.get(code, _UNKNOWN)[0]} ({code})")


# How data is written, by its kind


def _text(scope: Scope, settings: Settings, at: int, size: int) -> int:
    scope.write('"')
    scope.printable(at, size)
    scope.write('"')
    return 0


def _addresses(scope: Scope, settings: Settings, at: int, size: int) -> int:
    steps = range(at, at + size // 4 * 4, 4)
    scope.write(",".join(settings.host(scope.octets(step, 4)) for step in steps))
    return size % 4


def _pairs(scope: Scope, settings: Settings, at: int, size: int) -> int:
    steps = range(at, at + size // 8 * 8, 8)
    host = settings.host
    scope.write(
        ",".join(
            f"({host(scope.octets(step, 4))}:{host(scope.octets(step + 4, 4))})" for step in steps
        )
    )
    return size % 8


def _longs(scope: Scope, settings: Settings, at: int, size: int) -> int:
    steps = range(at, at + size // 4 * 4, 4)
    scope.write(",".join(str(scope.u32(step)) for step in steps))
    return size % 4


def _signed_longs(scope: Scope, settings: Settings, at: int, size: int) -> int:
    steps = range(at, at + size // 4 * 4, 4)
    scope.write(",".join(str((scope.u32(step) ^ 1 << 31) - (1 << 31)) for step in steps))
    return size % 4


def _shorts(scope: Scope, settings: Settings, at: int, size: int) -> int:
    steps = range(at, at + size // 2 * 2, 2)
    scope.write(",".join(str(scope.u16(step)) for step in steps))
    return size % 2


def _booleans(scope: Scope, settings: Settings, at: int, size: int) -> int:
    values = scope.octets(at, size)
    scope.write(",".join({0: "N", 1: "Y"}.get(value, f"{value}?") for value in values))
    return 0


def _bytes(scope: Scope, settings: Settings, at: int, size: int) -> int:
    scope.write(".".join(str(value) for value in scope.octets(at, size)))
    return 0


def _nothing(scope: Scope, settings: Settings, at: int, size: int) -> int:
    return size


def _by_size(scope: Scope, settings: Settings, at: int, size: int) -> int:
    """An option that tcpdump does not know: in the widest units that its size is made of."""
    show = _bytes if size % 2 else _shorts if size % 4 else _longs
    return show(scope, settings, at, size)


# Options that have a form of their own


def _flag(table: dict[int, str]) -> Show:
    """One byte that `table` names."""

    def show(scope: Scope, settings: Settings, at: int, size: int) -> int:
        if size < 1:
            scope.write("[ERROR: length < 1 bytes]")
            return 0
        scope.write(named(table, scope.u8(at)))
        return size - 1

    return show


def _client_name(scope: Scope, settings: Settings, at: int, size: int) -> int:
    """RFC 4702: flags, two result codes, the name."""
    if size < 3:
        scope.write("[ERROR: length < 3 bytes]")
        return 0
    flags = scope.u8(at)
    if flags & 0xF0:
        scope.write(f"[ERROR: MBZ nibble 0x{flags >> 4:x} != 0] ")
    if flags & 0x0F:
        letters = "".join(letter for bit, letter in enumerate("SOEN") if flags & 1 << bit)
        scope.write(f"[{letters}] ")
    first, second = scope.u8(at + 1), scope.u8(at + 2)
    if first or second:
        scope.write(f"{first}/{second} ")
    return _text(scope, settings, at + 3, size - 3)


def _client_id(scope: Scope, settings: Settings, at: int, size: int) -> int:
    """A hardware type and address, or a text behind a zero."""
    if size < 1:
        scope.write("[ERROR: length < 1 bytes]")
        return 0
    kind = scope.u8(at)
    if not kind:
        return _text(scope, settings, at + 1, size - 1)
    scope.write(f"{named(_HARDWARE, kind, 'hardware-type %u,')} ")
    scope.write(scope.octets(at + 1, size - 1).hex(":"))
    return 0


def _agent_information(scope: Scope, settings: Settings, at: int, size: int) -> int:
    """RFC 3046: what a relay adds, options in the option."""
    while size >= 2:
        code, inner = scope.u8(at), scope.u8(at + 1)
        at, size = at + 2, size - 2
        title = named(_AGENT, code, "Unknown")
        scope.write(f"\n\t      {title} SubOption {code}, length {inner}: ")
        if inner > size:
            scope.write("length goes past end of option")
            return 0
        if code in _AGENT:
            scope.printable(at, inner)
        else:
            scope.unknown("\n\t\t", at, inner)
        at, size = at + inner, size - inner
    return size


def _classless_routes(scope: Scope, settings: Settings, at: int, size: int) -> int:
    """RFC 3442: networks, as long as their masks, and the router to each."""
    if size < 5:
        scope.write("[ERROR: length < 5 bytes]")
        return 0
    stop, first = at + size, True
    while at < stop:
        if not first:
            scope.write(",")
        first = False
        width = scope.u8(at)
        at += 1
        if width > 32:
            scope.write(f"[ERROR: Mask width ({width}) > 32]")
            return 0
        octets = (width + 7) // 8
        if stop - at < octets + 4:
            scope.write(f"[ERROR: Remaining length ({stop - at}) < {octets + 4} bytes]")
            return 0
        network = ".".join(map(str, scope.octets(at, octets).ljust(4, b"\0")))
        target = f"{network}/{width}" if width else "default"
        scope.write(f"({target}:{settings.host(scope.octets(at + octets, 4))})")
        at += octets + 4
    return 0


def _user_classes(scope: Scope, settings: Settings, at: int, size: int) -> int:
    """RFC 3004: texts, each behind its length."""
    if size < 2:
        scope.write("[ERROR: length < 2 bytes]")
        return 0
    stop, count = at + size, 1
    while at < stop:
        inner = scope.u8(at)
        at += 1
        scope.write(f"\n\t      instance#{count}: ")
        if not inner:
            scope.write("[ERROR: suboption length must be non-zero]")
            return 0
        if stop - at < inner:
            scope.write("[ERROR: invalid option]")
            return 0
        _text(scope, settings, at, inner)
        scope.write(f", length {inner}")
        at += inner
        count += 1
    return 0


_UNKNOWN: tuple[str, Show] = ("Unknown", _by_size)

_OPTIONS: dict[int, tuple[str, Show]] = {
    # RFC 2132: the network, and who serves what
    _PAD: ("PAD", _nothing),
    1: ("Subnet-Mask", _addresses),
    2: ("Time-Zone", _signed_longs),
    3: ("Default-Gateway", _addresses),
    4: ("Time-Server", _addresses),
    5: ("IEN-Name-Server", _addresses),
    6: ("Domain-Name-Server", _addresses),
    7: ("LOG", _addresses),
    8: ("CS", _addresses),
    9: ("LPR-Server", _addresses),
    10: ("IM", _addresses),
    11: ("RL", _addresses),
    12: ("Hostname", _text),
    13: ("BS", _shorts),
    14: ("DP", _text),
    15: ("Domain-Name", _text),
    16: ("SS", _addresses),
    17: ("RP", _text),
    18: ("EP", _text),
    # RFC 2132: parameters of IP, of the link, of TCP
    19: ("IPF", _booleans),
    20: ("SRT", _booleans),
    21: ("PF", _pairs),
    22: ("RSZ", _shorts),
    23: ("TTL", _bytes),
    24: ("MTU-Timeout", _longs),
    25: ("MTU-Table", _shorts),
    26: ("MTU", _shorts),
    27: ("LSN", _booleans),
    28: ("BR", _addresses),
    29: ("MD", _booleans),
    30: ("MS", _booleans),
    31: ("Router-Discovery", _booleans),
    32: ("RSA", _addresses),
    33: ("Static-Route", _pairs),
    34: ("UT", _booleans),
    35: ("AT", _longs),
    36: ("IE", _booleans),
    37: ("TT", _bytes),
    38: ("KI", _longs),
    39: ("KG", _booleans),
    # RFC 2132: applications
    40: ("YD", _text),
    41: ("YS", _addresses),
    42: ("NTP", _addresses),
    43: ("Vendor-Option", _bytes),
    44: ("Netbios-Name-Server", _addresses),
    45: ("WDD", _addresses),
    46: ("Netbios-Node", _flag(_NODES)),
    47: ("Netbios-Scope", _text),
    48: ("XFS", _addresses),
    49: ("XDM", _addresses),
    # RFC 2132: the lease and the message itself
    50: ("Requested-IP", _addresses),
    51: ("Lease-Time", _longs),
    52: ("OO", _flag(_OVERLOADED)),
    _MESSAGE_TYPE: ("DHCP-Message", _bytes),
    54: ("Server-ID", _addresses),
    _PARAMETERS: ("Parameter-Request", _bytes),
    56: ("MSG", _text),
    57: ("MSZ", _shorts),
    58: ("RN", _longs),
    59: ("RB", _longs),
    60: ("Vendor-Class", _text),
    61: ("Client-ID", _client_id),
    64: ("N+D", _shorts),
    65: ("N+S", _addresses),
    66: ("TFTP", _text),
    67: ("BF", _text),
    68: ("MH", _addresses),
    69: ("SMTP", _addresses),
    70: ("POP3", _addresses),
    71: ("NNTP", _addresses),
    72: ("WWW", _addresses),
    73: ("FG", _addresses),
    74: ("IRC", _addresses),
    75: ("STS", _addresses),
    76: ("STDA", _addresses),
    # Later RFCs, as IANA lists them
    77: ("User-Class", _user_classes),
    78: ("SLP-DA", _bytes),
    79: ("SLP-SCOPE", _bytes),
    80: ("SLP-NA", _text),
    81: ("FQDN", _client_name),
    82: ("Agent-Information", _agent_information),
    83: ("ARMT", _bytes),
    88: ("TZSTR", _text),
    89: ("FQDNS", _bytes),
    90: ("AUTH", _bytes),
    91: ("Last-Transaction-Time", _signed_longs),
    92: ("Associated-IP", _addresses),
    93: ("ARCH", _shorts),
    94: ("NDI", _bytes),
    95: ("LDAP", _text),
    97: ("GUID", _bytes),
    98: ("UAP", _text),
    100: ("POSIX-TZ", _text),
    101: ("TZ-Name", _text),
    112: ("NI", _addresses),
    113: ("NITAG", _text),
    114: ("URL", _text),
    116: ("NOAUTO", _booleans),
    117: ("NSSEARCH", _shorts),
    118: ("SUBNET", _addresses),
    121: ("Classless-Static-Route", _classless_routes),
    150: ("TFTP-Server-Address", _addresses),
    161: ("MUD-URL", _text),
    249: ("Classless-Static-Route-Microsoft", _classless_routes),
    _END: ("END", _nothing),
}
