"""EAP over LAN (IEEE 802.1X) and what is in EAP itself (RFC 3748, RFC 5216, RFC 4187)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.text import bits

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_FRAMES = {
    0: "EAP packet",
    1: "EAPOL start",
    2: "EAPOL logoff",
    3: "EAPOL key",
    4: "Encapsulated ASF alert",
}
_CODES = {1: "Request", 2: "Response", 3: "Success", 4: "Failure"}
_IDENTITY, _NOTIFICATION, _NAK, _TLS, _SIM, _TTLS, _AKA, _FAST = 1, 2, 3, 13, 18, 21, 23, 43
_TYPES = {
    0: "No proposed",
    _IDENTITY: "Identity",
    _NOTIFICATION: "Notification",
    _NAK: "Nak",
    4: "MD5-challenge",
    5: "OTP",
    6: "GTC",
    _TLS: "TLS",
    _SIM: "SIM",
    _TTLS: "TTLS",
    _AKA: "AKA",
    _FAST: "FAST",
    254: "Expanded types",
    255: "Experimental",
}
_TLS_FLAGS = {0x80: "L bit", 0x40: "More fragments bit", 0x20: "Start bit"}
_SUBTYPES = {
    1: "Challenge",
    2: "Auth reject",
    4: "Sync failure",
    5: "Identity",
    10: "Start",
    11: "Challenge",
    12: "Notification",
    13: "Reauth",
    14: "Client error",
}
_SHORT = {
    _NOTIFICATION: "Notification",
    _NAK: "Legacy NAK",
    _TLS: "TLS/TTLS",
    _TTLS: "TLS/TTLS",
    _FAST: "FAST",
    _SIM: "SIM/AKA",
    _AKA: "SIM/AKA",
}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """Write a frame, and with -v the EAP packet in it."""
    scope.page.protocol = "eap"
    if not scope.has(0, 4):
        scope.truncated()
        return
    kind, length = scope.u8(1), scope.u16(2)
    scope.write(f"{_FRAMES.get(kind, 'unknown')} ({kind}) v{scope.u8(0)}, len {length}")
    if not settings.verbose or kind != 0:
        return
    if length == 0:
        scope.truncated()
        return
    scope.write(", ")
    show_eap(scope.sub(4, length))


def show_eap(scope: Scope) -> None:
    """Write an EAP packet: RADIUS carries them too."""
    write = scope.write
    kind, length = scope.u8(0), scope.u16(2)
    if length != scope.length:
        write("EAP fragment?")
        return
    write(f"{_CODES.get(kind, 'unknown')} ({kind}), id {scope.u8(1)}, len {length}")
    if length < 4:
        write(" (too short for EAP header)")
        return
    if not scope.has(0, length):
        scope.truncated()
        return
    if kind not in (1, 2):
        return
    if length < 5:
        write(" (too short for EAP request/response)")
        return
    method = scope.u8(4)
    write(f"\n\t\t Type {_TYPES.get(method, 'unknown')} ({method})")
    if method in _SHORT and length < 6:
        write(f" (too short for EAP {_SHORT[method]} request/response)")
        return
    _method(scope, method, length)


def _method(scope: Scope, method: int, length: int) -> None:
    """What is in a request or a response, by its method."""
    write = scope.write
    if method == _IDENTITY:
        if length > 5:
            write(", Identity: ")
            scope.string(5, length - 5)
    elif method == _NOTIFICATION:
        write(", Notification: ")
        scope.string(5, length - 5)
    elif method == _NAK:
        wanted = [f" {_TYPES.get(one, 'unknown')} ({one})" for one in scope.octets(5, length - 5)]
        write(",".join(wanted))
    elif method in (_TLS, _TTLS, _FAST):
        flags = scope.u8(5)
        if method != _TLS:
            write(f" {_TYPES[method]}v{flags & 7}")
        write(f" flags [{bits(_TLS_FLAGS, flags, 'none')}] 0x{flags:02x}")
        if flags & 0x80:
            if length < 10:
                write(f" (too short for EAP {_SHORT[method]} request/response with length)")
                return
            write(f", len {scope.u32(6)}")
    elif method in (_AKA, _SIM):
        write(f" subtype [{_SUBTYPES.get(scope.u8(5), 'unknown')}] 0x{scope.u8(5):02x}")
