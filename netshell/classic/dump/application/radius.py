"""RADIUS (RFC 2865, RFC 2866, RFC 5176): one line; with -v the attributes, with -vv their bytes."""

from __future__ import annotations

import time
from collections.abc import Callable

from netshell.classic.dump.application.ntp import timestamp
from netshell.classic.dump.application.radius_attributes import ATTRIBUTES
from netshell.classic.dump.enterprises import ENTERPRISES
from netshell.classic.dump.links import eapol
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, bits, escaped, named

_HEADER = 20
_CODES = {
    **{1: "Access-Request", 2: "Access-Accept", 3: "Access-Reject", 4: "Accounting-Request"},
    **{5: "Accounting-Response", 11: "Access-Challenge", 12: "Status-Server"},
    **{13: "Status-Client", 40: "Disconnect-Request", 41: "Disconnect-ACK"},
    **{42: "Disconnect-NAK", 43: "CoA-Request", 44: "CoA-ACK", 45: "CoA-NAK", 255: "Reserved"},
}
_FRAMED_ADDRESS, _LOGIN_HOST, _IPX_NETWORK = 8, 14, 23
_LINK, _APPLETALK_NETWORK = 37, 38
_SECONDS = (27, 28, 41, 46, 85)
_VLAN_NUMBER, _VLAN_NAME, _TUNNEL_TYPE, _TUNNEL_MEDIUM = 56, 58, 64, 65
_PASSWORD, _EAP, _PREFERENCE = 69, 79, 83
_TAGGED_TEXTS = (66, 67, 81, 82, 90, 91)
_ARAP_PASSWORD, _ARAP_FEATURES, _ARAP_RESPONSE, _ERROR_CAUSE = 70, 71, 84, 101
_TAGS = {0x31: "Tagged", 0x32: "Untagged"}
_OPERATORS = {0x30: "TADIG", 0x31: "REALM", 0x32: "E212", 0x33: "ICC"}
_CAUSES = {
    201: "Residual Session Context Removed",
    202: "Invalid EAP Packet (Ignored)",
    401: "Unsupported Attribute",
    402: "Missing Attribute",
    403: "NAS Identification Mismatch",
    404: "Invalid Request",
    405: "Unsupported Service",
    406: "Unsupported Extension",
    407: "Invalid Attribute Value",
    501: "Administratively Prohibited",
    502: "Request Not Routable (Proxy)",
    503: "Session Context Not Found",
    504: "Session Context Not Removable",
    505: "Other Proxy Processing Error",
    506: "Resources Unavailable",
    507: "Request Initiated",
    508: "Multiple Session Selection Unsupported",
    509: "Location Info Required",
}
_FEATURES = {
    1 << 0: "MIP6_INTEGRATED",
    1 << 1: "LOCAL_HOME_AGENT_ASSIGNMENT",
    1 << 40: "PMIP6_SUPPORTED",
    1 << 41: "IP4_HOA_SUPPORTED",
    1 << 42: "LOCAL_MAG_ROUTING_SUPPORTED",
    1 << 43: "ASSIGN_LOCAL_IP",
    1 << 44: "MIP4_SUPPORTED",
    1 << 45: "OPTIMIZED_IDLE_MODE_MOBILITY",
    1 << 46: "GTPv2_SUPPORTED",
    1 << 47: "IP4_TRANSPORT_SUPPORTED",
    1 << 48: "IP4_HOA_ONLY_SUPPORTED",
    1 << 49: "INTER_MAG_ROUTING_SUPPORTED",
}
_POLICIES = {1 << bit: f"MBZ-{15 - bit}" for bit in range(15)} | {0x8000: "Retransmission Allowed"}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A request or a response."""
    scope.enter("radius")
    if not scope.has(0, _HEADER) or scope.u16(2) < _HEADER:
        scope.truncated()
        return
    length = min(scope.u16(2), scope.length)
    code = scope.u8(0)
    what = f"{named(_CODES, code, 'Unknown Command')} ({code}), id: 0x{scope.u8(1):02x}"
    if not settings.verbose:
        scope.write(f"RADIUS, {what} length: {length}")
        return
    scope.write(f"RADIUS, length: {length}\n\t{what}, Authenticator: {scope.octets(4, 16).hex()}")
    if length > _HEADER and not _attributes(scope, settings, _HEADER, length):
        scope.truncated()


def _attributes(scope: Scope, settings: Settings, at: int, stop: int) -> bool:
    while at < stop:
        if stop - at < 2 or not scope.has(at, 2):
            return False
        code, size = scope.u8(at), scope.u8(at + 1)
        name, kind, _ = ATTRIBUTES.get(code, ("Unknown", "", ()))
        scope.write(f"\n\t  {name} Attribute ({code}), length: {size}")
        if size < 2:
            scope.write(" (bogus, must be >= 2)")
            return True
        if size > stop - at:
            scope.write(" (bogus, goes past end of packet)")
            return True
        scope.write(", Value: ")
        show_value = _VALUES.get(kind)
        if size > 2 and show_value is not None:
            value = scope.sub(at + 2, size - 2)
            if not show_value(value, settings, code):
                scope.truncated()
        if settings.verbose > 1:
            scope.unknown("\n\t    ", at + 2, size - 2)
        at += size
    return True


# How values are written, by their kind: False where one is cut off


def _dotted(octets: bytes) -> str:
    return "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in octets)


def _wrong_size(value: Scope, right: int) -> bool:
    """Write that the size is not the only right one, if so."""
    if value.length != right:
        value.write(f"ERROR: length {value.length} != {right}")
    return value.length != right


def _tag(number: int) -> str:
    return f"Tag[{number}] " if number else "Tag[Unused] "


def _vlan_tag(value: Scope) -> str:
    tag = value.u8(0)
    return f"{named(_TAGS, tag, 'Unknown tag')} (0x{tag:02x}) "


def _text(value: Scope, settings: Settings, code: int) -> bool:
    """Up to a zero; some have a tag before the text (RFC 2868)."""
    at = 0
    if not value.has(0, value.length):
        return False
    if code == _PASSWORD:
        if value.length < 3:
            return False
        first = value.u8(0)
        value.write(_tag(first if first <= 0x1F else 0))
        value.write(f"Salt {value.u16(1)} ")
        at = 3
    elif code in _TAGGED_TEXTS and value.u8(0) <= 0x1F:
        value.write(_tag(value.u8(0)))
        at = 1
    elif code == _VLAN_NAME:
        value.write(_vlan_tag(value))
        at = 1
    elif code == _EAP:
        eapol.show_eap(value)
        return True
    value.write(_dotted(value.octets(at, value.length - at).partition(b"\0")[0]))
    return True


def _number(value: Scope, settings: Settings, code: int) -> bool:
    if _wrong_size(value, 4):
        return True
    names = ATTRIBUTES[code][2]
    if names:
        if code in (_TUNNEL_TYPE, _TUNNEL_MEDIUM):
            value.write(_tag(value.u8(0)))
            number = value.u24(1)
        else:
            number = value.u32(0)
        value.write((names[number] if number < len(names) else "") or f"#{number}")
        return True
    number = value.u32(0)
    if code in _SECONDS:
        value.write(_span(number))
    elif code == _IPX_NETWORK and number == 0xFFFFFFFE:
        value.write("NAS Select")
    elif code == _LINK and not number:
        value.write("Unnumbered")
    elif code == _APPLETALK_NETWORK and not number:
        value.write("NAS assigned")
    elif code == _PREFERENCE:
        value.write(f"{_tag(value.u8(0))}{value.u24(1)}")
    elif code == _VLAN_NUMBER:
        value.write(f"{_vlan_tag(value)}{value.u24(1)}")
    else:
        value.write(str(number))
    return True


def _span(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    if seconds < 60:
        # C takes the number for a signed one; those below 60 are the same.
        return f"{seconds:02} secs"
    if seconds < 3600:
        return f"{minutes:02}:{rest:02} min"
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02} hours"


def _ipv4(value: Scope, settings: Settings, code: int) -> bool:
    if _wrong_size(value, 4):
        return True
    octets = value.octets(0, 4)
    if code in (_FRAMED_ADDRESS, _LOGIN_HOST) and octets[:3] == b"\xff\xff\xff":
        choice = {0xFF: "User Selected", 0xFE: "NAS Select"}.get(octets[3])
        value.write(choice or settings.host(octets))
    else:
        value.write(settings.host(octets))
    return True


def _ipv6(value: Scope, settings: Settings, code: int) -> bool:
    if not _wrong_size(value, 16):
        value.write(settings.host(value.octets(0, 16)))
    return True


def _network6(value: Scope, settings: Settings, code: int) -> bool:
    """A reserved byte, the prefix's length, as much of it as there is (RFC 3162)."""
    size = value.length
    if not 2 <= size <= 18:
        value.write(f"ERROR: length {size} not in range (2..18)")
        return True
    if not value.has(0, size):
        return False
    width = value.u8(1)
    if width > 128:
        value.write(f"ERROR: netmask {width} not in range (0..128)")
        return True
    value.write(f"{settings.host(value.octets(2, size - 2).ljust(16, bytes(1)))}/{width}")
    if width > 8 * (size - 2):
        value.write(" (inconsistent prefix length)")
    return True


def _link6(value: Scope, settings: Settings, code: int) -> bool:
    if _wrong_size(value, 17):
        return True
    if not value.has(0, 17):
        return False
    width = value.u8(0)
    if width > 128:
        value.write(f"ERROR: netmask {width} not in range (0..128)")
    else:
        value.write(f"{settings.host(value.octets(1, 16))}/{width}")
    return True


def _vendor(value: Scope, settings: Settings, code: int) -> bool:
    """An enterprise's own attributes."""
    if value.length < 4:
        return False
    enterprise = value.u32(0)
    value.write(f"Vendor: {named(ENTERPRISES, enterprise, 'Unknown')} ({enterprise})")
    at = 4
    while value.length - at >= 2:
        kind, size = value.u8(at), value.u8(at + 1)
        if size < 2 or size > value.length - at:
            value.write(f"\n\t    Vendor Attribute: {kind}, Length: {size} (bogus, ")
            past = "goes past end of vendor-specific attribute)"
            value.write("must be >= 2)" if size < 2 else past)
            return True
        if not value.has(at + 2, size - 2):
            return False
        text = _dotted(value.octets(at + 2, size - 2))
        value.write(f"\n\t    Vendor Attribute: {kind}, Length: {size - 2}, Value: {text}")
        at += size
    return True


def _date(value: Scope, settings: Settings, code: int) -> bool:
    """Seconds since 1970, in local time."""
    if not _wrong_size(value, 4):
        value.write(time.ctime(value.u32(0)))
    return True


def _features(value: Scope, settings: Settings, code: int) -> bool:
    if not _wrong_size(value, 8):
        value.write("[")
        value.write(f"{bits(_FEATURES, value.u64(0), '')}]")
    return True


def _operator(value: Scope, settings: Settings, code: int) -> bool:
    if not value.has(0, value.length):
        return False
    if value.length < 2:
        value.write(f"ERROR: length {value.length} < 2")
        return True
    value.write(f"[{named(_OPERATORS, value.u8(0), 'unknown namespace %u')}] ")
    value.write(escaped(value.octets(1, value.length - 1)))
    return True


def _location(value: Scope, settings: Settings, code: int) -> bool:
    """RFC 5580: where, of whom, since when and how it is known."""
    if not value.has(0, value.length):
        return False
    if value.length < 21:
        value.write(f"ERROR: length {value.length} < 21")
        return True
    form = named({0: "Civic", 1: "Geospatial"}, value.u8(2), "Unknown (%u)")
    entity = named({0: "User", 1: "RADIUS"}, value.u8(3), "Unknown (%u)")
    value.write(
        f"index {value.u16(0)}, code {form}, entity {entity}"
        f", sighting time {timestamp(value.u64(4))}, time to live {timestamp(value.u64(12))}"
        f', method "{escaped(value.octets(20, value.length - 20))}"'
    )
    return True


def _position(value: Scope, settings: Settings, code: int) -> bool:
    from netshell.classic.dump.hex import both

    if not value.has(0, value.length):
        return False
    if value.length < 3:
        value.write(f"ERROR: length {value.length} < 3")
        return True
    value.write(f"index {value.u16(0)}, location")
    value.write(both(value.octets(2, value.length - 2), "\n\t    "))
    return True


def _policy(value: Scope, settings: Settings, code: int) -> bool:
    if not value.has(0, value.length):
        return False
    if value.length < 10:
        value.write(f"ERROR: length {value.length} < 10")
        return True
    value.write(f"flags [{bits(_POLICIES, value.u16(0), 'none')}], ")
    value.write(f"retention expires {timestamp(value.u64(2))}")
    if value.length > 10:
        value.write(f', note well "{escaped(value.octets(10, value.length - 10))}"')
    return True


def _special(value: Scope, settings: Settings, code: int) -> bool:
    """AppleTalk's (RFC 2869), and why a change was refused (RFC 5176)."""
    if code == _ARAP_PASSWORD:
        if not _wrong_size(value, 16):
            value.write(f"User_challenge ({_capitals(value, 0, 8)}")
            value.write(f") User_resp({_capitals(value, 8, 8)})")
    elif code == _ARAP_FEATURES:
        if not _wrong_size(value, 14):
            value.write(f"User can{'' if value.u8(0) else 'not'} change password")
            value.write(f", Min password length: {value.u8(1)}")
            value.write(f", created at: {_capitals(value, 2, 4)}")
            value.write(f", expires in: {_capitals(value, 6, 4)}")
            value.write(f", Current Time: {_capitals(value, 10, 4)}")
    elif code == _ARAP_RESPONSE:
        if value.length < 8:
            value.write(f"ERROR: length {value.length} != 8")
        else:
            value.write(_capitals(value, 0, 8))
    elif value.length != 4:
        value.write(f"Error: length {value.length} != 4")
    else:
        cause = value.u32(0)
        value.write(f"Error cause {cause}: ")
        value.write(named(_CAUSES, cause, "Error-Cause %u not known"))
    return True


def _capitals(value: Scope, at: int, count: int) -> str:
    return value.octets(at, count).hex().upper()


_VALUES: dict[str, Callable[[Scope, Settings, int], bool]] = {
    "text": _text,
    "number": _number,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "network6": _network6,
    "link6": _link6,
    "vendor": _vendor,
    "date": _date,
    "features": _features,
    "operator": _operator,
    "location": _location,
    "position": _position,
    "policy": _policy,
    "special": _special,
}
