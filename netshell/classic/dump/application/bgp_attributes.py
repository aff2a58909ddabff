"""BGP's updates: withdrawn routes, the attributes of a path, and the routes that it leads to.

Of the families of routes in the multiprotocol attributes those of IPv4 and IPv6 are read; what
tcpdump reads of labels, VPNs, NSAP and layer 2 is written in hexadecimal.
"""

from __future__ import annotations

from collections.abc import Callable

from netshell.classic.dump.application.bgp import SUBFAMILIES
from netshell.classic.dump.numbers import FAMILIES
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.text import Scope, bits, named

_ATTRIBUTES = {
    1: "Origin",
    2: "AS Path",
    3: "Next Hop",
    4: "Multi Exit Discriminator",
    5: "Local Preference",
    6: "Atomic Aggregate",
    7: "Aggregator",
    8: "Community",
    9: "Originator ID",
    10: "Cluster List",
    11: "DPA",
    12: "Advertisers",
    13: "RCID Path / Cluster ID",
    14: "Multi-Protocol Reach NLRI",
    15: "Multi-Protocol Unreach NLRI",
    16: "Extended Community",
    17: "AS4 Path",
    18: "Aggregator4",
    22: "PMSI Tunnel",
    23: "Tunnel Encapsulation",
    24: "Traffic Engineering",
    25: "IPv6 Extended Community",
    26: "Accumulated IGP Metric",
    27: "PE Distinguisher Label",
    28: "Entropy Label",
    32: "Large Community",
    128: "Attribute Set",
    255: "Reserved for development",
}
_AS4_PATH = 17
_ORIGINS = {0: "IGP", 1: "EGP", 2: "Incomplete"}
_SEGMENTS = {1: ("{ ", "}"), 2: ("", ""), 3: ("( ", ")"), 4: ("({ ", "})")}
_COMMUNITIES = {
    0xFFFFFF01: " NO_EXPORT",
    0xFFFFFF02: " NO_ADVERTISE",
    0xFFFFFF03: " NO_EXPORT_SUBCONFED",
}
_EXTENDED = {
    **dict.fromkeys((0x0002, 0x0102, 0x0202), "target"),
    **dict.fromkeys((0x0003, 0x0103, 0x0203), "origin"),
    **{0x4004: "link-BW", 0x030C: "encapsulation", 0x800A: "layer2-info"},
    **dict.fromkeys((0x0005, 0x0105, 0x0205, 0x8005), "ospf-domain"),
    **dict.fromkeys((0x0306, 0x8000), "ospf-route-type"),
    **dict.fromkeys((0x0107, 0x8001), "ospf-router-id"),
    0x8800: "eigrp-general-route (flag, tag)",
    0x8801: "eigrp-route-metric (AS, delay)",
    0x8802: "eigrp-route-metric (reliability, nexthop, bandwidth)",
    0x8803: "eigrp-route-metric (load, MTU)",
    0x8804: "eigrp-external-route (remote-AS, remote-ID)",
    0x8805: "eigrp-external-route (remote-proto, remote-metric)",
    **{0x0009: "source-AS", 0x010B: "vrf-route-import", 0x000A: "l2vpn-id", 0xF10A: "l2vpn-id"},
}
_EXTENDED_FLAGS = {0x8000: "vendor-specific", 0x4000: "non-transitive"}
_IPV4, _IPV6 = 1, 2
_ROUTES = (1, 2, 3)
"""Subsequent families whose routes are prefixes alone."""

Show = Callable[[Scope, Settings, int], bool]
"""Writes an attribute's value, to the scope's length; False where it is cut off."""


def show_update(message: Scope, settings: Settings, at: int) -> bool:
    """An update from its withdrawn routes on; False where it is cut off."""
    write, length = message.write, message.length
    if length < at + 2:
        return False
    withdrawn = message.u16(at)
    at += 2
    if length - at < withdrawn:
        return False
    if withdrawn > 1:
        write("\n\t  Withdrawn routes:")
        left = _withdrawn(message, settings, at, at + withdrawn)
        if left is None:
            return False
        # What an illegal prefix leaves is not skipped.
        at, withdrawn = at + withdrawn - left, left
    else:
        at += withdrawn
    if length - at < 2:
        return False
    size = message.u16(at)
    at += 2
    if not withdrawn and not size and length == at:
        write("\n\t  End-of-Rib Marker (empty NLRI)")
        return True
    if size:
        if length - at < size:
            return False
        if _attributes(message, settings, at, at + size, "path attrs too short", 0) is None:
            return False
        at += size
    if at < length:
        write("\n\t  Updated routes:")
        return _routes(message, settings, at, length, "\n\t    ", 4, length - at)
    return True


def _withdrawn(message: Scope, settings: Settings, at: int, stop: int) -> int | None:
    """Withdrawn routes; how many bytes an illegal prefix leaves, None where one is cut off."""
    several = _has_paths(message, at, stop - at, 32)
    while at < stop:
        number = 0
        if several:
            if stop - at < 4:
                return 0
            number = message.u32(at)
            at += 4
        size = _prefix(message, settings, at, stop - at, 4, "\n\t    ")
        if size is None:
            return None
        if not size:
            return stop - at
        if several:
            message.write(f"   Path Id: {number}")
        at += size
    return 0


def _routes(
    message: Scope, settings: Settings, at: int, stop: int, indent: str, width: int, room: int
) -> bool:
    """Prefixes of `width` bytes at most; False where one is cut off."""
    several = _has_paths(message, at, stop - at, width * 8)
    inside = indent != "\n\t    "
    while at < stop:
        number = 0
        if several:
            if not inside and stop - at < 4:
                return False
            number = message.u32(at)
            at += 4
        # In attributes tcpdump looks at the attribute's size, not at what is left of it.
        size = _prefix(message, settings, at, room if inside else stop - at, width, indent)
        if size is None:
            return False
        if several and (size or inside):
            message.write(f"   Path Id: {number}")
        if not size:
            # With path identifiers tcpdump takes the failure for three bytes more.
            if not (several and inside):
                return True
            size = -1
        at += size
    return True


def _prefix(
    message: Scope, settings: Settings, at: int, left: int, width: int, indent: str
) -> int | None:
    """A prefix; its size, 0 where its length is illegal, None where it is cut off."""
    if left < 1 or not message.has(at):
        return None
    length = message.u8(at)
    if length > width * 8:
        message.write("\n\t    (illegal prefix length)")
        return 0
    count = (length + 7) // 8
    if left - 1 < count or not message.has(at + 1, count):
        return None
    octets = bytearray(message.octets(at + 1, count))
    if length % 8:
        octets[-1] &= 0xFF00 >> length % 8 & 0xFF
    host = settings.host(bytes(octets).ljust(width, b"\0"))
    message.write(f"{indent}{host}/{length}")
    return 1 + count


def _has_paths(message: Scope, at: int, length: int, most: int) -> bool:
    """Whether path identifiers stand before the prefixes (RFC 7911): by what fits, as tcpdump."""
    if length < 5:
        return False
    offset = 0
    while offset < length:
        offset += 4
        if not message.has(at + offset):
            break
        prefix = message.u8(at + offset)
        if prefix > most:
            return False
        offset += 1 + (prefix + 7) // 8
    if offset > length:
        return False
    offset = 0
    while offset < length:
        if not message.has(at + offset):
            break
        prefix = message.u8(at + offset)
        if prefix < 1 or prefix > most:
            return True
        offset += 1 + (prefix + 7) // 8
    return offset > length


def _attributes(
    message: Scope, settings: Settings, at: int, stop: int, short: str, level: int
) -> int | None:
    """The attributes up to `stop`: how many bytes short ones left, None if one is cut off."""
    write = message.write
    indent = "\n\t      " if level else "\n\t  "
    line = "" if level else "\n\t "
    while at < stop:
        if stop - at < 2:
            write(f"{line} [{short}]")
            return stop - at
        flags, code = message.u8(at), message.u8(at + 1)
        at += 2
        width = 2 if flags & 0x10 else 1
        if stop - at < width:
            message.need(at, width)
            write(f"{line} [{short}]")
            return stop - at
        size = message.u16(at) if width == 2 else message.u8(at)
        at += width
        write(f"{indent}{named(_ATTRIBUTES, code, 'Unknown Attribute')} ({code}), length: {size}")
        if flags:
            letters = "".join(
                letter for bit, letter in zip((128, 64, 32, 16), "OTPE", strict=True) if flags & bit
            )
            write(f", Flags [{letters}{f'+{flags & 0xF:x}' if flags & 0xF else ''}]")
            if not level:
                write(": ")
        if level:
            write(": ")
        if stop - at < size:
            write(f" [{short}]")
            return stop - at
        if level > 10:
            write("(too many nested levels, not recursing)")
        elif not _attribute(message.sub(at, size), settings, code, level):
            return None
        at += size
    return 0


def _attribute(value: Scope, settings: Settings, code: int, level: int) -> bool:
    show_value = _VALUES.get(code)
    if code == 128:
        if value.length < 4:
            return False
        value.write(f"\n\t    Origin AS: {value.u32(0)}")
        left = _attributes(value, settings, 4, value.length, "path attr too short", level + 1)
        # tcpdump counts the length down: as much as is left of it is dumped, from the beginning.
        if left and settings.verbose > 1:
            value.unknown("\n\t    ", 0, left)
        return left is not None
    if show_value is None:
        if not value.has(0, value.length):
            return False
        value.write(f"\n\t    no Attribute {code} decoder")
        if settings.verbose <= 1:
            value.unknown("\n\t    ", 0, value.length)
    elif not show_value(value, settings, code):
        return False
    if settings.verbose > 1 and value.length and code != 32:
        value.unknown("\n\t    ", 0, value.length)
    return True


def _sized(size: int, form: Callable[[Scope, Settings], str]) -> Show:
    """A value of `size` bytes."""

    def show(value: Scope, settings: Settings, code: int) -> bool:
        value.write(form(value, settings) if value.length == size else "invalid len")
        return True

    return show


def _path(value: Scope, settings: Settings, code: int) -> bool:
    """Segments of AS numbers, of two bytes if that fits, else of four."""
    if value.length % 2:
        value.write("invalid len")
        return True
    if not value.length:
        value.write("empty")
        return True
    width = 4 if code == _AS4_PATH or not _of_two(value) else 2
    at = 0
    while at < value.length:
        opens, closes = _SEGMENTS.get(value.u8(at), ("?", "?"))
        count = value.u8(at + 1)
        value.write(opens)
        at += 2
        for _ in range(count):
            if not value.has(at, width):
                return False
            value.write(f"{value.u16(at) if width == 2 else value.u32(at)} ")
            at += width
        value.write(closes)
    return True


def _of_two(value: Scope) -> bool:
    at = 0
    while at < value.length:
        if value.u8(at) not in _SEGMENTS:
            return False
        at += 2 + value.u8(at + 1) * 2
    return at == value.length


def _aggregator(value: Scope, settings: Settings, code: int) -> bool:
    if value.length not in ((6, 8) if code == 7 else (8,)):
        value.write("invalid len")
        return True
    number = value.u16(0) if value.length == 6 else value.u32(0)
    origin = settings.host(value.octets(value.length - 4, 4))
    value.write(f" AS #{number}, origin {origin}")
    return True


def _communities(value: Scope, settings: Settings, code: int) -> bool:
    if value.length % 4:
        value.write("invalid len")
        return True
    for at in range(0, value.length, 4):
        number = value.u32(at)
        plain = f"{number >> 16}:{number & 0xFFFF}{', ' if at + 4 < value.length else ''}"
        value.write(_COMMUNITIES.get(number, plain))
    return True


def _clusters(value: Scope, settings: Settings, code: int) -> bool:
    if value.length % 4:
        value.write("invalid len")
        return True
    steps = range(0, value.length, 4)
    value.write(", ".join(settings.host(value.octets(at, 4)) for at in steps))
    return True


def _large_communities(value: Scope, settings: Settings, code: int) -> bool:
    if not value.length or value.length % 12:
        value.write("invalid len")
        if settings.verbose > 1 and value.length:
            value.unknown("\n\t    ", 0, value.length)
        return True
    steps = range(0, value.length, 12)
    words = (":".join(str(value.u32(at + step)) for step in (0, 4, 8)) for at in steps)
    value.write("\n\t    " + ", ".join(words))
    return True


def _extended_communities(value: Scope, settings: Settings, code: int) -> bool:
    """RFC 4360: routes' targets and origins, and the bytes of what is rarer."""
    if value.length % 8:
        value.write("invalid len")
        return True
    for at in range(0, value.length, 8):
        kind = value.u16(at)
        name = named(_EXTENDED, kind, "unknown extd community typecode")
        flags = bits(_EXTENDED_FLAGS, kind, "none")
        value.write(f"\n\t    {name} (0x{kind:04x}), Flags [{flags}]: ")
        value.write(_community(value, settings, at, kind))
    return True


def _community(value: Scope, settings: Settings, at: int, kind: int) -> str:
    host = settings.host
    if kind in (0x0002, 0x0003, 0x000A):
        number = value.u32(at + 4)
        return f"{value.u16(at + 2)}:{number} (= {host(value.octets(at + 4, 4))})"
    if kind in (0x0102, 0x0103, 0xF10A, 0x010B):
        return f"{host(value.octets(at + 2, 4))}:{value.u16(at + 6)}"
    if kind in (0x0202, 0x0203):
        return f"{value.u32(at + 2)}:{value.u16(at + 6)}"
    if kind in (0x0005, 0x0105, 0x0205, 0x8005, 0x0107, 0x8001):
        return host(value.octets(at + 2, 4))
    if kind == 0x0009:
        return f"AS {value.u16(at + 2)}"
    return value.octets(at + 2, 6).hex()


def _family(value: Scope, settings: Settings) -> int:
    """Write whose routes they are; how long their addresses are, 0 where they are not read."""
    family, subfamily = value.u16(0), value.u8(2)
    vendor = "vendor specific " if subfamily > 128 else ""
    value.write(
        f"\n\t    AFI: {named(FAMILIES, family, 'Unknown AFI')} ({family})"
        f", {vendor}SAFI: {named(SUBFAMILIES, subfamily, 'Unknown SAFI')} ({subfamily})"
    )
    width = {_IPV4: 4, _IPV6: 16}.get(family, 0)
    if width and subfamily in _ROUTES:
        return width
    value.write(f"\n\t    no AFI {family} / SAFI {subfamily} decoder")
    if settings.verbose <= 1:
        value.unknown("\n\t    ", 0, value.length)
    return 0


def _reachable(value: Scope, settings: Settings, code: int) -> bool:
    """RFC 4760: the next hops and the routes."""
    if value.length < 3:
        return False
    width = _family(value, settings)
    if not width:
        return True
    if value.length < 4:
        return False
    size, at = value.u8(3), 4
    if size:
        if value.length - at < size:
            return False
        value.write("\n\t    nexthop: ")
        stop = at + size
        while at < stop:
            if at > 4:
                value.write(", ")
            if stop - at < width:
                value.write("invalid len")
                at = stop
            else:
                value.write(settings.host(value.octets(at, width)))
                at += width
    value.write(f", nh-length: {size}")
    if value.length - at < 1:
        return False
    count = value.u8(at)
    at += 1
    if not count:
        value.write(", no SNPA")
    else:
        value.write(f"\n\t    {count} SNPA")
    for _ in range(count):
        if value.length - at < 1:
            return False
        inner = value.u8(at)
        value.write(f"\n\t      {inner} bytes")
        at += 1
        if value.length - at < inner:
            return False
        at += inner
    return _routes(value, settings, at, value.length, "\n\t      ", width, value.length)


def _unreachable(value: Scope, settings: Settings, code: int) -> bool:
    if not value.has(0, 3):
        return False
    width = _family(value, settings)
    if not width:
        return True
    if value.length == 3:
        value.write("\n\t      End-of-Rib Marker (empty NLRI)")
    return _routes(value, settings, 3, value.length, "\n\t      ", width, value.length)


_VALUES: dict[int, Show] = {
    1: _sized(1, lambda value, settings: named(_ORIGINS, value.u8(0), "Unknown Origin Typecode")),
    2: _path,
    3: _sized(4, lambda value, settings: settings.host(value.octets(0, 4))),
    4: _sized(4, lambda value, settings: str(value.u32(0))),
    5: _sized(4, lambda value, settings: str(value.u32(0))),
    6: _sized(0, lambda value, settings: ""),
    7: _aggregator,
    8: _communities,
    9: _sized(4, lambda value, settings: settings.host(value.octets(0, 4))),
    10: _clusters,
    14: _reachable,
    15: _unreachable,
    16: _extended_communities,
    17: _path,
    18: _aggregator,
    32: _large_communities,
}
