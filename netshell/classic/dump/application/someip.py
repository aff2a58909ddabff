"""SOME/IP, of cars (AUTOSAR's protocol specification): the message's header."""

from __future__ import annotations

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, named

_HEADER = 16
_TYPES = {
    **{0x00: "REQUEST", 0x01: "REQUEST_NO_RETURN", 0x02: "NOTIFICATION"},
    **{0x80: "RESPONSE", 0x81: "ERROR", 0x20: "TP_REQUEST", 0x21: "TP_REQUEST_NO_RETURN"},
    **{0x22: "TP_NOTIFICATION", 0xA0: "TP_RESPONSE", 0xA1: "TP_ERROR"},
}
_RESULTS = dict(
    enumerate(
        (
            *("E_OK", "E_NOT_OK", "E_UNKNOWN_SERVICE", "E_UNKNOWN_METHOD", "E_NOT_READY"),
            *("E_NOT_REACHABLE", "E_TIMEOUT", "E_WRONG_PROTOCOL_VERSION"),
            *("E_WRONG_INTERFACE_VERSION", "E_MALFORMED_MESSAGE", "E_WRONG_MESSAGE_TYPE"),
            *("E_E2E_REPEATED", "E_E2E_WRONG_SEQUENCE", "E_E2E", "E_E2E_NOT_AVAILABLE"),
            "E_E2E_NO_NEW_DATA",
        )
    )
)


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message; its line ends with an end of its own."""
    write = scope.enter("someip").write
    write("SOMEIP")
    if scope.length < _HEADER:
        scope.invalid()
        return
    message = scope.u32(0)
    event = "event" if message & 0x8000 else "method"
    write(f", service {message >> 16}, {event} {message & 0x7FFF}")
    write(f", len {scope.u32(4)}")
    write(f", client {scope.u32(8) >> 16}, session {scope.u32(8) & 0xFFFF}")
    write(f", pver {scope.u8(12)}")
    write(f", iver {scope.u8(13)}")
    write(f", msgtype {named(_TYPES, scope.u8(14), 'Unknown')}")
    write(f", retcode {named(_RESULTS, scope.u8(15), 'Unknown')}\n")
