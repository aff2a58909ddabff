"""Kerberos over UDP: version 5 by its first byte alone (RFC 4120), version 4's messages."""

from __future__ import annotations

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, escaped, named

_REQUEST, _REPLY, _APPLICATION, _ERROR = 2, 4, 6, 10
_TYPES = {
    **{_REQUEST: "KDC_REQUEST", _REPLY: "KDC_REPLY", _APPLICATION: "APPL_REQUEST"},
    **{8: "APPL_REQUEST_MUTUAL", _ERROR: "ERR_REPLY", 12: "PRIVATE", 14: "SAFE"},
    **{16: "APPL_ERR", 126: "DIE"},
}
_ERRORS = dict(
    enumerate(
        (
            *("OK", "NAME_EXP", "SERVICE_EXP", "AUTH_EXP", "PKT_VER", "NAME_MAST_KEY_VER"),
            *("SERV_MAST_KEY_VER", "BYTE_ORDER", "PRINCIPAL_UNKNOWN", "PRINCIPAL_NOT_UNIQUE"),
            "NULL_KEY",
        )
    )
)


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message of any version."""
    scope.enter("krb")
    version = scope.u8(0)
    if version in (106, 107):  # where version 5 has an ASN.1 tag: the first two requests
        scope.write(" v5")
    elif 1 <= version <= 4:
        scope.write(f" v{version}")
        if version == 4 and not _version_4(scope):
            scope.truncated()


def _version_4(scope: Scope) -> bool:
    little = bool(scope.u8(1) & 1)
    kind = scope.u8(1) & 0xFE
    scope.write(f" {'le' if little else 'be'} {named(_TYPES, kind)}: ")
    if kind == _APPLICATION:
        scope.write(f"v{scope.u8(2)} ")
        at = _string(scope, 3)
        if not at:
            return False
        scope.write(f" ({scope.u8(at)})")
        scope.write(f" ({scope.u8(at + 1)})")
        return True
    if kind not in (_REQUEST, _REPLY, _ERROR):
        scope.write("(unknown)")
        return True
    at = _principal(scope)
    if not at:
        return False
    if kind == _REQUEST:
        scope.write(f" {scope.u8(at + 4) * 5}min ")
        at = _string(scope, at + 5)
        if at:
            scope.write(".")
            at = _string(scope, at)
        return bool(at)
    if kind == _REPLY:
        scope.write(f" ({_short(scope, at + 10, little)})")
        return True
    scope.write(f" {named(_ERRORS, _short(scope, at + 4, little))} ")
    return bool(_string(scope, at + 8))


def _short(scope: Scope, at: int, little: bool) -> int:
    return int.from_bytes(scope.octets(at, 2), "little" if little else "big")


def _principal(scope: Scope) -> int:
    """name.instance@realm; the offset behind it, 0 where it is cut off."""
    at = _string(scope, 2)
    for mark in ".@":
        if not at:
            return 0
        scope.write(mark)
        at = _string(scope, at)
    return at


def _string(scope: Scope, at: int) -> int:
    """A text that a zero ends; the offset behind it, 0 where none does."""
    text, zero, _ = scope.rest(at).partition(b"\0")
    scope.write(escaped(text))
    return at + len(text) + 1 if zero else 0
