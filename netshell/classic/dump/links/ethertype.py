"""What an EtherType says that a frame carries: one visible table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.internet import ip, ip6
from netshell.classic.dump.links import arp

if TYPE_CHECKING:
    from netshell.classic.dump.links.link import Ends
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope


def show(
    kind: int, scope: Scope, captured: int, settings: Settings, state: State, ends: Ends | None
) -> bool:
    """Write what is carried; False where this EtherType has no printer.

    `captured` is how many bytes the frame's header leaves of what was captured.
    """
    if kind == 0x0800:
        ip.show(scope, settings, state)
    elif kind == 0x86DD:
        ip6.show(scope, settings, state)
    elif kind in (0x0806, 0x8035):
        arp.show(scope, settings, state, captured)
    elif kind == 0x8899:
        from netshell.classic.dump.links import realtek

        realtek.show(scope, settings, ends)
    elif kind in _CARRIED:
        _CARRIED[kind](scope, settings, state)
    else:
        return False
    return True


def _mpls(scope: Scope, settings: Settings, state: State) -> None:
    from netshell.classic.dump.links import mpls

    mpls.show(scope, settings, state)


def _pppoe(scope: Scope, settings: Settings, state: State) -> None:
    from netshell.classic.dump.links import pppoe

    pppoe.show(scope, settings, state)


def _ppp(scope: Scope, settings: Settings, state: State) -> None:
    from netshell.classic.dump.links import ppp

    if scope.length:
        scope.write(": ")
        ppp.show(scope, settings, state)


def _eapol(scope: Scope, settings: Settings, state: State) -> None:
    from netshell.classic.dump.links import eapol

    eapol.show(scope, settings, state)


def _lldp(scope: Scope, settings: Settings, state: State) -> None:
    from netshell.classic.dump.links import lldp

    lldp.show(scope, settings, state)


def _loopback(scope: Scope, settings: Settings, state: State) -> None:
    from netshell.classic.dump.links import loopback

    loopback.show(scope, settings, state)


def _clock(scope: Scope, settings: Settings, state: State) -> None:
    from netshell.classic.dump.application import ptp

    ptp.show(scope, settings, state)


def _osi(scope: Scope, settings: Settings, state: State) -> None:
    from netshell.classic.dump.links import osi

    if scope.length == 0 or not scope.left():
        scope.enter("isoclns").truncated()
        return
    osi.show(scope.sub(1, scope.length - 1), settings, state)


def _ipx(scope: Scope, settings: Settings, state: State) -> None:
    from netshell.classic.dump.links import ipx

    scope.write("(NOV-ETHII) ")
    ipx.show(scope, settings)


def _slow(scope: Scope, settings: Settings, state: State) -> None:
    from netshell.classic.dump.links import slow

    slow.show(scope, settings, state)


_CARRIED = {
    0x8847: _mpls,
    0x8848: _mpls,
    0x8863: _pppoe,
    0x8864: _pppoe,
    0x3C12: _pppoe,
    0x3C13: _pppoe,
    0x880B: _ppp,
    0x888E: _eapol,
    0x88CC: _lldp,
    0x9000: _loopback,
    0x8809: _slow,
    0x88F7: _clock,
    0xFEFE: _osi,
    0x8137: _ipx,
}
