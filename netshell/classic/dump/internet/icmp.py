"""ICMP (RFC 792) with the packet an error is about, and extensions behind it (RFC 4884)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import sums

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_REPLY, _UNREACHABLE, _QUENCH, _REDIRECT, _REQUEST = 0, 3, 4, 5, 8
_ADVERTISEMENT, _EXCEEDED, _PARAMETER, _TIME_REPLY, _MASK_REPLY = 9, 11, 12, 14, 18
_ERRORS = (_UNREACHABLE, _QUENCH, _REDIRECT, _EXCEEDED, _PARAMETER)
_EXTENDED = (_UNREACHABLE, _EXCEEDED, _PARAMETER)
_QUOTED = 8  # where the packet an error is about begins
_QUOTED_DST = _QUOTED + 16
_LONGEST = 163  # characters: what tcpdump has room for, whatever the names of hosts
_EXTENSION = 136  # where extensions begin: behind 128 bytes of quoted packet
_NAMES = {
    _QUENCH: "source quench",
    10: "router solicitation",
    15: "information request",
    16: "information reply",
    17: "address mask request",
}
_UNREACHABLES = {
    0: "net {} unreachable",
    1: "host {} unreachable",
    5: "{} unreachable - source route failed",
    6: "net {} unreachable - unknown",
    7: "host {} unreachable - unknown",
    8: "{} unreachable - source host isolated",
    9: "net {} unreachable - admin prohibited",
    10: "host {} unreachable - admin prohibited",
    11: "net {} unreachable - tos prohibited",
    12: "host {} unreachable - tos prohibited",
    13: "host {} unreachable - admin prohibited filter",
    14: "host {} unreachable - host precedence violation",
    15: "host {} unreachable - precedence cutoff",
}
_REDIRECTS = {
    0: "redirect {} to net {}",
    1: "redirect {} to host {}",
    2: "redirect-tos {} to net {}",
    3: "redirect-tos {} to host {}",
}
_TRANSPORTS = {6: "tcp", 17: "udp"}
_OBJECTS = {1: "MPLS Stack Entry", 2: "Interface Identification"}


def show(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write a message; with -v, the packet that an error is about on a line of its own."""
    scope.page.protocol = "icmp"
    kind, code = scope.u8(0), scope.u8(1)
    text = _text(scope, kind, code, settings)
    if text is None:
        scope.truncated()
        return
    write, length = scope.write, scope.length
    write(f"ICMP {text[:_LONGEST]}, length {length}")
    if not settings.verbose:
        return
    if not fragmented and scope.has(0, length):
        found = sums.checksum(scope.octets(0, length))
        if found:
            field = scope.u16(2)
            write(f" (wrong icmp cksum {field:x} (->{sums.expected(field, found):x})!)")
    if kind in _ERRORS:
        from netshell.classic.dump.internet import ip

        write("\n\t")
        quoted = scope.cut(_QUOTED, scope.u16(_QUOTED + 2))
        quoted.need(0, 4)
        ip.show(quoted, settings, state)
    scope.page.protocol = "icmp"
    if length > _EXTENSION and kind in _EXTENDED:
        _extensions(scope, length)


def _text(scope: Scope, kind: int, code: int, settings: Settings) -> str | None:
    """What a message says; None where it is cut off."""
    if kind in (_REQUEST, _REPLY):
        name = "request" if kind == _REQUEST else "reply"
        return f"echo {name}, id {scope.u16(4)}, seq {scope.u16(6)}"
    if kind == _UNREACHABLE:
        return _unreachable(scope, code, settings)
    if kind == _REDIRECT:
        destination = settings.host(scope.octets(_QUOTED_DST, 4))
        gateway = settings.host(scope.octets(4, 4))
        if code in _REDIRECTS:
            return _REDIRECTS[code].format(destination, gateway)
        return f"redirect-#{code} {destination} to {gateway}"
    if kind == _ADVERTISEMENT:
        return _routers(scope, settings)
    if kind == _EXCEEDED:
        if not scope.has(_QUOTED_DST, 4):
            return None
        if code == 0:
            return "time exceeded in-transit"
        return "ip reassembly time exceeded" if code == 1 else f"time exceeded-#{code}"
    if kind == _PARAMETER:
        return f"parameter problem - {f'code {code}' if code else f'octet {scope.u8(4)}'}"
    if kind == _MASK_REPLY:
        return f"address mask is 0x{scope.u32(8):08x}"
    if kind == 13:
        return f"time stamp query id {scope.u16(4)} seq {scope.u16(6)}"
    if kind == _TIME_REPLY:
        if not scope.has(16, 4):
            return None
        times = [_clock(scope.u32(offset)) for offset in (8, 12, 16)]
        names = "time stamp reply id {} seq {}: org {}, recv {}, xmit {}"
        return names.format(scope.u16(4), scope.u16(6), *times)
    return _NAMES.get(kind, f"type-#{kind}")


def _unreachable(scope: Scope, code: int, settings: Settings) -> str | None:
    if code == 3 and not scope.has(_QUOTED + 9):
        return None
    if code == 3:
        port = scope.u16(_QUOTED + (scope.u8(_QUOTED) & 0x0F) * 4 + 2)
        protocol = scope.u8(_QUOTED + 9)
        host = settings.host(scope.octets(_QUOTED_DST, 4))
        name = _TRANSPORTS.get(protocol)
        if name is None:
            return f"{host} protocol {protocol} port {port} unreachable"
        return f"{host} {name} port {settings.port(protocol, port)} unreachable"
    if code == 4:
        mtu = scope.u16(6)
        host = settings.host(scope.octets(_QUOTED_DST, 4))
        return f"{host} unreachable - need to frag{f' (mtu {mtu})' if mtu else ''}"
    host = settings.host(scope.octets(_QUOTED_DST, 4))
    if code == 2:
        return f"{host} protocol {scope.u8(_QUOTED + 9)} unreachable"
    return _UNREACHABLES.get(code, f"{{}} unreachable - #{code}").format(host)


def _routers(scope: Scope, settings: Settings) -> str | None:
    """A router's advertisement (RFC 1256)."""
    if not scope.has(4, 4):
        return None
    count, size, lifetime = scope.u8(4), scope.u8(5), scope.u16(6)
    minutes, seconds = divmod(lifetime, 60)
    if lifetime < 60:
        time = str(lifetime)
    elif lifetime < 3600:
        time = f"{minutes}:{seconds:02}"
    else:
        time = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    text = f"router advertisement lifetime {time} {count}:"
    if size != 2:
        return f"{text} [size {size}]"
    for offset in range(8, 8 + count * 8, 8):
        if not scope.has(offset, 8):
            return None
        text += f" {{{settings.host(scope.octets(offset, 4))} {scope.u32(offset + 4)}}}"
    return text


def _clock(milliseconds: int) -> str:
    """The time of day, by its milliseconds."""
    seconds, thousandths = divmod(milliseconds, 1000)
    hours, rest = divmod(seconds, 3600)
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}.{thousandths:03}"


def _extensions(scope: Scope, length: int) -> None:
    """What a router appended to the quoted packet (RFC 4884, RFC 4950)."""
    write = scope.write
    if not scope.has(0, _EXTENSION + 5):
        scope.truncated()
        return
    left = length - _EXTENSION
    whole = scope.has(_EXTENSION, left)
    wrong = whole and sums.checksum(scope.octets(_EXTENSION, left)) != 0
    if scope.u8(5) == 0 and wrong:
        return  # nothing says that there is an extension, and what is there does not add up
    version = scope.u8(_EXTENSION) >> 4
    write(f"\n\tICMP Multi-Part extension v{version}")
    if version != 2:
        write(" packet not supported")
        return
    if whole:
        state = "incorrect" if wrong else "correct"
        write(f", checksum 0x{scope.u16(_EXTENSION + 2):04x} ({state}), length {left}")
    left = (left - 4) & 0xFFFFFFFF
    offset = _EXTENSION + 4
    while left > 4:
        if not scope.has(offset, 4):
            scope.truncated()
            return
        size, number, kind = scope.u16(offset), scope.u8(offset + 2), scope.u8(offset + 3)
        name = _OBJECTS.get(number, "unknown")
        write(f"\n\t  {name} Object ({number}), Class-Type: {kind}, length {size}")
        left -= 4
        offset += 4
        if number == 0 or size < 4:
            return
        size -= 4
        if number == 1 and kind == 1:
            label = scope.u32(offset)
            write(f"\n\t    label {label >> 12}, tc {label >> 9 & 7}")
            write(f"{', [S]' if label & 0x100 else ''}, ttl {label & 0xFF}")
        else:
            scope.unknown("\n\t    ", offset, size)
        if left < size:
            break
        left -= size
        offset += size
