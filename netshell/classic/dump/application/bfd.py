"""BFD (RFC 5880; version 0 of its drafts): whether a path is alive.

The ports tell sessions apart: one hop (RFC 5881), many (RFC 5883), links of a bundle (RFC 7130),
and echoes, which are the sender's own business.
"""

from __future__ import annotations

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, Truncated, bits, named

_HEADER = 24
_REASONS = {
    0: "No Diagnostic",
    1: "Control Detection Time Expired",
    2: "Echo Function Failed",
    3: "Neighbor Signaled Session Down",
    4: "Forwarding Plane Reset",
    5: "Path Down",
    6: "Concatenated Path Down",
    7: "Administratively Down",
    8: "Reverse Concatenated Path Down",
}
_AUTHENTICATED = 0x04
_SHARED = {0x20: "Poll", 0x10: "Final", 0x08: "Control Plane Independent"}
_FLAGS_0 = {
    **{0x80: "I Hear You", 0x40: "Demand"},
    **_SHARED,
    **{_AUTHENTICATED: "Authentication Present", 0x02: "Reserved", 0x01: "Reserved"},
}
_FLAGS_1 = {
    **_SHARED,
    **{_AUTHENTICATED: "Authentication Present", 0x02: "Demand", 0x01: "Multipoint"},
}
_STATES = ("AdminDown", "Down", "Init", "Up")
_METHODS = {
    1: "Simple Password",
    2: "Keyed MD5",
    3: "Meticulous Keyed MD5",
    4: "Keyed SHA1",
    5: "Meticulous Keyed SHA1",
}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A session of one hop."""
    _control(scope, settings, "Control")


def show_multihop(scope: Scope, settings: Settings, state: State) -> None:
    """A session of many hops."""
    _control(scope, settings, "Multihop")


def show_bundle(scope: Scope, settings: Settings, state: State) -> None:
    """A session of one link of a bundle."""
    _control(scope, settings, "Lag")


def show_echo(scope: Scope, settings: Settings, state: State) -> None:
    """What comes back to its sender."""
    scope.enter("bfd").write(f"BFD, Echo, length: {scope.length}")
    if settings.verbose:
        scope.unknown("\n\t", 0, scope.length)


def _control(scope: Scope, settings: Settings, session: str) -> None:
    scope.enter("bfd")
    if not scope.has(0, _HEADER):
        scope.truncated()
        return
    version, reason, flags = scope.u8(0) >> 5, scope.u8(0) & 0x1F, scope.u8(1)
    if version > 1:
        scope.write(f"BFDv{version}, Control, length: {scope.length}")
        if settings.verbose:
            scope.unknown("\n\t", 0, scope.length)
        return
    if version:
        what = f"{session}, State {_STATES[flags >> 6]}"
        what += f", Flags: [{bits(_FLAGS_1, flags & 0x3F, 'none')}]"
    else:
        what = f"Control, Flags: [{bits(_FLAGS_0, flags, 'none')}]"
    if not settings.verbose:
        scope.write(f"BFDv{version}, {what}, length: {scope.length}")
        return
    multiplier, interval = scope.u8(2), scope.u32(12)
    detection = (multiplier * interval & 0xFFFFFFFF) // 1000
    scope.write(
        f"BFDv{version}, length: {scope.length}\n\t{what}"
        f", Diagnostic: {named(_REASONS, reason, 'unknown')} (0x{reason:02x})"
        f"\n\tDetection Timer Multiplier: {multiplier} ({detection} ms Detection time)"
        f", BFD Length: {scope.u8(3)}"
        f"\n\tMy Discriminator: 0x{scope.u32(4):08x}, Your Discriminator: 0x{scope.u32(8):08x}"
        f"\n\t  Desired min Tx Interval:    {interval // 1000:4} ms"
        f"\n\t  Required min Rx Interval:   {scope.u32(16) // 1000:4} ms"
        f"\n\t  Required min Echo Interval: {scope.u32(20) // 1000:4} ms"
    )
    if flags & _AUTHENTICATED:
        _authentication(scope, _HEADER)


def _authentication(scope: Scope, at: int) -> None:
    """A password, or a sequence number and a digest."""
    scope.need(at, 4)
    kind, size = scope.u8(at), scope.u8(at + 1)
    scope.write(
        f"\n\tAuthentication: {named(_METHODS, kind, 'Unknown')} ({kind}), length: {size}"
        f"\n\t  Auth Key ID: {scope.u8(at + 2)}"
    )
    if kind == 1:
        if not 4 <= size <= 19:
            scope.write(f"[invalid length {size}]")
            return
        scope.write(", Password: ")
        if not scope.printable(at + 3, size - 3):
            raise Truncated
    elif kind in _METHODS:
        digest = 16 if kind in (2, 3) else 20
        if size != digest + 8:
            scope.write(f"[invalid length {size}]")
            return
        scope.write(f", Sequence Number: 0x{scope.u32(at + 4):08x}")
        scope.need(at + 8, digest)
        word = "Digest" if digest == 16 else "Hash"
        scope.write(f"\n\t  {word}: {scope.octets(at + 8, digest).hex()}")
