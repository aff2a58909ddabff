"""IKE, versions 1 (RFC 2409) and 2 (RFC 7296), and its way through NAT (RFC 3948).

One line without -v: who began, what is exchanged. With -v the payloads, which are in
``isakmp_payloads``.
"""

from __future__ import annotations

from netshell.classic.dump.internet import ipsec
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope

_HEADER = 28
_EXCHANGES = {
    **{0: "none", 1: "base", 2: "ident", 3: "auth", 4: "agg", 5: "inf"},
    **{32: "oakley-quick", 33: "oakley-newgroup"},
    **{34: "ikev2_init", 35: "ikev2_auth", 36: "child_sa", 37: "inf2"},
}
_ENCRYPTED = 0x01
_MOST_INITIATORS = 20


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message on IKE's own port."""
    scope.enter("isakmp")
    if not scope.has(0, _HEADER):
        scope.truncated()
        return
    version = scope.u8(17)
    scope.write("isakmp")
    if settings.verbose:
        scope.write(f" {version >> 4}.{version & 0xF} msgid {scope.octets(20, 4).hex()}")
        if settings.verbose > 1:
            scope.write(f" cookie {scope.octets(0, 8).hex()}->{scope.octets(8, 8).hex()}")
    scope.write(":")
    if version >> 4 == 1:
        _version_1(scope, settings, state)
    elif version >> 4 == 2:
        _version_2(scope, settings, state)


def show_through_nat(scope: Scope, settings: Settings, state: State) -> None:
    """The port that IKE, ESP and what keeps the translation alive share."""
    scope.enter("isakmp_rfc3948")
    if scope.length == 1 and scope.u8(0) == 0xFF:
        scope.write("isakmp-nat-keep-alive")
    elif scope.length < 4:
        scope.truncated()
    elif scope.u32(0) == 0:
        scope.write("NONESP-encap: ")
        show(scope.sub(4), settings, state)
    else:
        scope.write("UDP-encap: ")
        ipsec.show_esp(scope, settings, state, scope, False, 0)


def _version_1(scope: Scope, settings: Settings, state: State) -> None:
    phase = 2 if scope.u32(20) else 1
    scope.write(" phase 2/others" if phase == 2 else " phase 1")
    scope.write(f" {_side(scope, state)} {_exchange(scope)}")
    flags = scope.u8(19)
    if flags:
        scope.write(f"[{'E' if flags & _ENCRYPTED else ''}{'C' if flags & 2 else ''}]")
    if settings.verbose:
        _payloads(scope, settings, state, phase)


def _version_2(scope: Scope, settings: Settings, state: State) -> None:
    phase = 2 if scope.u32(20) else 1
    scope.write(" child_sa " if phase == 2 else " parent_sa")
    scope.write(f" {_exchange(scope)}")
    flags = scope.u8(19)
    if flags:
        letters = ((0x08, "I"), (0x10, "V"), (0x20, "R"))
        scope.write(f"[{''.join(letter for bit, letter in letters if flags & bit)}]")
    if settings.verbose:
        _payloads(scope, settings, state, phase)


def _payloads(scope: Scope, settings: Settings, state: State, phase: int) -> None:
    from netshell.classic.dump.application import isakmp_payloads

    scope.write(":")
    first, flags = scope.u8(16), scope.u8(19)
    if flags & _ENCRYPTED:
        scope.write(f" [encrypted {isakmp_payloads.title(first)}]")
    else:
        isakmp_payloads.show(scope, settings, first, _HEADER, phase)
    declared = scope.u32(24)
    if declared != scope.length:
        scope.write(f" (len mismatch: isakmp {declared}/ip {scope.length})")


def _exchange(scope: Scope) -> str:
    kind = scope.u8(18)
    return _EXCHANGES.get(kind, f"#{kind}")


def _side(scope: Scope, state: State) -> str:
    """Who sends: I(nitiator), R(esponder), or ? where the first message was not seen.

    tcpdump keeps the cookies of the last twenty that began; a table of nothing but zeros at first,
    in which a cookie of zeros is found.
    """
    known = state.programs.setdefault("isakmp", _Initiators())
    assert isinstance(known, _Initiators)
    cookie, source, destination = scope.octets(0, 8), b"", b""
    if state.network is not None:
        data, at = state.network.data, state.network.at
        if data[at] >> 4 == 6:
            source, destination = data[at + 8 : at + 24], data[at + 24 : at + 40]
        else:
            source, destination = data[at + 12 : at + 16], data[at + 16 : at + 20]
    sides = known.find(cookie)
    if sides is None:
        if any(scope.octets(8, 8)):
            return "?"
        known.record(cookie, source, destination)
        return "I"
    if source == sides[0]:
        return "I"
    return "R" if source == sides[1] else "?"


class _Initiators:
    """The cookies of those that began, the oldest given up first, and both sides' addresses."""

    def __init__(self) -> None:
        self._slots: list[tuple[bytes, bytes, bytes]] = [(bytes(8), b"", b"")] * _MOST_INITIATORS
        self._next = 0

    def find(self, cookie: bytes) -> tuple[bytes, bytes] | None:
        for slot in self._slots:
            if slot[0] == cookie:
                return slot[1:]
        return None

    def record(self, cookie: bytes, source: bytes, destination: bytes) -> None:
        self._slots[self._next] = (cookie, source, destination)
        self._next = (self._next + 1) % _MOST_INITIATORS
