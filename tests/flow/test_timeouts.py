"""What a kernel's settings make of TCP's states; the arithmetic is checked against the kernel."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from silence import silent_connect

from netshell.flow.state import State
from netshell.flow.timeouts import here, syn_timeout_s
from netshell.lab.wire import Wire


def test_syn_timeouts_as_the_kernel_documents_them() -> None:
    assert syn_timeout_s(6) == 127  # ip-sysctl before Linux 6.5
    assert syn_timeout_s(6, 4) == 131  # ip-sysctl, tcp_syn_retries
    assert syn_timeout_s(5) == 63  # ip-sysctl, tcp_synack_retries
    assert syn_timeout_s(8) == 127 + 2 * 120  # no pause is longer than two minutes


@pytest.mark.skipif(
    not Path("/proc/sys/net/ipv4/tcp_syn_linear_timeouts").exists(), reason="needs Linux 6.5"
)
def test_the_kernel_gives_up_when_computed(wire: Wire, peer: Callable[[str], Path]) -> None:
    silent = "10.77.0.99"
    neighbour = [
        str(peer("ip")),
        "neigh",
        "add",
        silent,
        "lladdr",
        "02:00:00:00:00:99",
        "dev",
        "eth0",
    ]
    run = wire.client.run(neighbour)
    if run.returncode:
        pytest.skip(f"ip neigh: {run.stderr.strip()}")
    failed, took_s = wire.client.call(silent_connect, silent, 1, 1)
    assert failed == errno.ETIMEDOUT
    assert syn_timeout_s(1, 1) == 4
    assert 3.9 <= took_s < 6.9  # 3 s and 7 s, were it counted in another way


def test_sentences_name_the_settings_in_force() -> None:
    values = {
        "tcp_syn_retries": 3,
        "tcp_synack_retries": 2,
        "tcp_fin_timeout": 17,
        "tcp_tw_reuse": 2,
        "tcp_keepalive_time": 7200,
        "tcp_keepalive_probes": 9,
        "tcp_keepalive_intvl": 75,
    }
    assert here(State.SYN_SENT, values.get).endswith("gives up after about 15 s.")
    assert "about 7 s" in here(State.SYN_RECEIVED, values.get)
    assert "17 s" in here(State.FIN_WAIT_2, values.get)
    assert "loopback only" in here(State.TIME_WAIT, values.get)
    assert "7200 s idle: 9 probes, 75 s apart" in here(State.ESTABLISHED, values.get)
    assert here(State.CLOSE_WAIT, values.get) == ""


def test_without_settings_nothing_is_said() -> None:
    assert [here(state, lambda name: None) for state in State] == [""] * len(State)
