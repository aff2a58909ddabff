"""PTP (IEEE 1588-2008): who has the time, and all of the message's fields."""

from __future__ import annotations

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, bits, named

_HEADER = 34
_SYNC, _DELAY_REQUEST, _PEER_REQUEST, _PEER_RESPONSE = 0, 1, 2, 3
_FOLLOW_UP, _DELAY_RESPONSE, _PEER_FOLLOW_UP = 8, 9, 10
_ANNOUNCE, _SIGNALLING, _MANAGEMENT = 11, 12, 13
_MESSAGES = {
    _SYNC: "sync msg",
    _DELAY_REQUEST: "delay req msg",
    _PEER_REQUEST: "peer delay req msg",
    _PEER_RESPONSE: "peer delay resp msg",
    _FOLLOW_UP: "follow up msg",
    _DELAY_RESPONSE: "delay resp msg",
    _PEER_FOLLOW_UP: "pdelay resp fup msg",
    _ANNOUNCE: "announce msg",
    _SIGNALLING: "signalling msg",
    _MANAGEMENT: "management msg",
}
_CONTROLS = {
    **{0: "Sync", 1: "Delay_Req", 2: "Follow_Up", 3: "Delay_Resp", 4: "Management", 5: "Other"},
}
_FLAGS = {
    0x0001: "l1 61",
    0x0002: "l1 59",
    0x0004: "utc reasonable",
    0x0008: "timescale",
    0x0010: "time tracable",
    0x0020: "frequency tracable",
    0x0100: "alternate master",
    0x0200: "two step",
    0x0400: "unicast",
    0x1000: "profile specific 1",
    0x2000: "profile specific 2",
    0x4000: "security mask",
    0x18C0: "unknown",
}
_ORIGIN, _PRECISE, _RECEIVED = "originTimeStamp", "preciseOriginTimeStamp", "receiveTimeStamp"
_TIMES = {_SYNC: _ORIGIN, _DELAY_REQUEST: _ORIGIN, _FOLLOW_UP: _PRECISE}
_TIMES_AND_PORTS = {
    **{_PEER_REQUEST: _PRECISE, _PEER_RESPONSE: _RECEIVED, _DELAY_RESPONSE: _RECEIVED},
    _PEER_FOLLOW_UP: _PRECISE,
}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message, of the event or the general port."""
    scope.enter("ptp")
    if scope.length < _HEADER:
        scope.write(f" [length {scope.length} < {_HEADER}]")
        scope.invalid()
        return
    version = scope.u16(0) & 0xFF
    scope.write(f"PTPv{version}")
    if version == 1:
        scope.write(" (not implemented)")
    elif version == 2:
        _header(scope)
        _body(scope, scope.u8(0) & 0xF)


def _header(scope: Scope) -> None:
    """Field by field: what was captured is written before the mark that says that more was not."""
    write = scope.write
    first = scope.u8(0)
    write(f", v1 compat : {'yes' if first & 0x10 else 'no'}")
    write(f", msg type : {named(_MESSAGES, first & 0xF, 'Reserved')}")
    write(f", length : {scope.u16(2)}")
    write(f", domain : {scope.u16(4) >> 8}, reserved1 : {scope.u16(4) & 0xFF}")
    write(f", Flags [{bits(_FLAGS, scope.u16(6), 'none')}]")
    write(f", NS correction : {scope.u48(8)}")
    write(f", sub NS correction : {scope.u16(14)}")
    write(f", reserved2 : {scope.u32(16)}")
    write(f", clock identity : 0x{scope.u64(20):x}")
    write(f", port id : {scope.u16(28)}")
    write(f", seq id : {scope.u16(30)}")
    control = scope.u8(32)
    write(f", control : {control} ({named(_CONTROLS, control, 'Reserved')})")
    write(f", log message interval : {scope.u16(32) & 0xFF}")


def _body(scope: Scope, kind: int) -> None:
    if kind in _TIMES:
        _time(scope, _TIMES[kind], ",")
    elif kind in _TIMES_AND_PORTS:
        _time(scope, _TIMES_AND_PORTS[kind], ",")
        _port(scope, 44)
    elif kind == _ANNOUNCE:
        _announcement(scope)
    elif kind == _SIGNALLING:
        _port(scope, _HEADER)
    elif kind == _MANAGEMENT:
        _port(scope, _HEADER)
        # All four are read from the port's place, as tcpdump does not move on.
        octet = scope.u8(_HEADER)
        scope.write(f", , start boundary hops  {octet}, , boundary hops  {octet}")
        scope.write(f", , flags  0x{octet:x}, , reserved  0x{octet:x}")


def _time(scope: Scope, title: str, comma: str) -> None:
    scope.write(f", {title} :")
    scope.write(f" {scope.u48(_HEADER)} seconds{comma}")
    scope.write(f" {scope.u32(_HEADER + 6)} nanoseconds")


def _port(scope: Scope, at: int) -> None:
    scope.write(f", port identity : 0x{scope.u64(at):x}")
    scope.write(f", port id : {scope.u16(at + 8)}")


def _announcement(scope: Scope) -> None:
    """The clock that the sender follows."""
    write = scope.write
    _time(scope, _ORIGIN, "")
    write(f", origin cur utc :{scope.u16(44)}")
    write(f", rsvd : {scope.u8(46)}")
    write(f", gm priority_1 : {scope.u8(47)}")
    write(f", gm clock class : {scope.u8(48)}")
    write(f", gm clock accuracy : {scope.u8(49)}")
    write(f", gm clock variance : {scope.u16(50)}")
    write(f", gm priority_2 : {scope.u8(52)}")
    write(f", gm clock id : 0x{scope.u64(53):x}")
    write(f", steps removed : {scope.u16(61)}")
    write(f", time source : 0x{scope.u8(63):x}")
