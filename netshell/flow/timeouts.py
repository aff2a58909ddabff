"""How long TCP's states last on a kernel with these settings, in words (catalogue: timeout).

The settings' names are Linux's (Documentation/networking/ip-sysctl.rst), under net.ipv4. Who reads
them is the caller's business; a setting that cannot be read leaves its sentence out.
"""

from __future__ import annotations

from collections.abc import Callable

from netshell.catalogue.files import text
from netshell.flow.state import State

Read = Callable[[str], int | None]
"""The value of a setting of net.ipv4, None where there is none."""

RTO_MAX_S = 120
_REUSE = {0: "off", 1: "on", 2: "loopback"}


def syn_timeout_s(retries: int, linear: int = 0) -> int:
    """After how many seconds connect() gives up on a silent peer.

    ``retries`` is tcp_syn_retries, ``linear`` tcp_syn_linear_timeouts: as many SYNs follow one
    second apart before the pauses begin to double, from 1 s to at most 120 s.

    >>> syn_timeout_s(6), syn_timeout_s(6, 4)
    (127, 131)
    """
    doubling: int = sum(min(1 << i, RTO_MAX_S) for i in range(retries + 1))
    return linear + doubling


def here(state: State, read: Read) -> str:
    """What this kernel's settings make of a state; "" if none of them matters, or can be read."""
    sentence = _SENTENCES.get(state)
    return sentence(read) if sentence else ""


def _syn_sent(read: Read) -> str:
    retries, linear = read("tcp_syn_retries"), read("tcp_syn_linear_timeouts")
    if retries is None:
        return ""
    seconds = syn_timeout_s(retries, linear or 0)
    if linear is None:  # before Linux 6.5
        return text("timeout.syn_sent", retries=retries, seconds=seconds)
    return text("timeout.syn_sent_linear", retries=retries, linear=linear, seconds=seconds)


def _syn_received(read: Read) -> str:
    retries = read("tcp_synack_retries")
    if retries is None:
        return ""
    return text("timeout.syn_received", retries=retries, seconds=syn_timeout_s(retries))


def _established(read: Read) -> str:
    idle, probes = read("tcp_keepalive_time"), read("tcp_keepalive_probes")
    apart = read("tcp_keepalive_intvl")
    if idle is None or probes is None or apart is None:
        return ""
    return text("timeout.established", idle=idle, probes=probes, apart=apart)


def _fin_wait_2(read: Read) -> str:
    wait = read("tcp_fin_timeout")
    return "" if wait is None else text("timeout.fin_wait_2", seconds=wait)


def _time_wait(read: Read) -> str:
    reuse = read("tcp_tw_reuse")
    if reuse is None:
        return ""
    meaning = text(f"timeout.reuse.{_REUSE.get(reuse, 'other')}")
    return text("timeout.time_wait", value=reuse, meaning=meaning)


_SENTENCES: dict[State, Callable[[Read], str]] = {
    State.SYN_SENT: _syn_sent,
    State.SYN_RECEIVED: _syn_received,
    State.ESTABLISHED: _established,
    State.FIN_WAIT_2: _fin_wait_2,
    State.TIME_WAIT: _time_wait,
}
