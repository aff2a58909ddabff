"""What is told of a real connection under loss, beside what its kernel knows of it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import tcp_lab
from tcp_lab import Watched
from tcp_states import SOCKETS

from netshell.flow.details import NAMES
from netshell.lab.wire import Wire
from tests.flow.findings.test_lab import send_all, small_segments, take

Peer = Callable[[str], Path]

_RETRANS, _ACKED, _BYTES_RETRANS = 100, 120, 208  # places in struct tcp_info (linux/tcp.h)


def kernel(name: str) -> dict[str, int]:
    """What the kernel counts of a connection."""
    info = SOCKETS[name].getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 232)
    (packets,) = struct.unpack_from("=I", info, _RETRANS)
    (acked,) = struct.unpack_from("=Q", info, _ACKED)
    (again,) = struct.unpack_from("=Q", info, _BYTES_RETRANS)
    return {"packets": packets, "acked": acked, "again": again}


def told(mtu: int) -> dict[str, object]:
    """What the capture tells of its only flow; while it runs, and with tables that choose it."""
    flows = tcp_lab._captures[-1].flows
    (flow,) = flows
    assert [each.number for each in flows.where(state="established", ended="still open")] == [0]
    assert len(flows.where(finding="retransmission", client=flow.client.address)) == 1
    assert len(flows.slowest(by="data rtt")) == 1 and not flows.slowest()
    assert "still open" in str(flows) and str(flow.client_mss) == str(mtu - 40)
    return {name: getattr(flow, name) for name in (*NAMES, "rtt_ms", "handshake_rtt_ms")}


@pytest.mark.parametrize("every", [9, 31])
def test_a_transfer_with_losses(wire: Wire, peer: Peer, every: int) -> None:
    watched = Watched(wire, peer("nft"))
    small_segments(watched)
    watched.open()
    watched.drop("server", f"tcp dport 8001 numgen inc mod {every} == 3")
    size = 150_000
    watched.host("client").call(send_all, "client", size)
    assert watched.host("server").call(take, "server", size) == size
    watched.drop("server")
    watched.reach("ESTABLISHED", "ESTABLISHED")
    knows = watched.host("client").call(kernel, "client")
    found = watched.wire.client.call(told, 1500)
    assert found["client_unique_bytes"] == size
    assert found["client_retransmitted_packets"] == knows["packets"] > 2
    assert found["client_retransmitted_bytes"] == knows["again"]
    assert found["client_payload_bytes"] == size + knows["again"]
    assert (found["completeness"], found["server_unique_bytes"]) == (15, 0)
    assert found["client_window_scale"] is not None and found["server_sack"] is True
    assert (found["client_ttl"], found["server_ttl"]) == (64, 64)
    assert found["client_ttl_changes"] == found["server_ttl_changes"] == 0
    least, middle, most = (found[f"server_data_rtt{which}_ms"] for which in ("_min", "", "_max"))
    assert 0 < least <= middle <= most  # type: ignore[operator]
    assert found["rtt_ms"] == found["handshake_rtt_ms"]
    assert (
        found["longest_wait_ms"] is found["client_data_rtt_ms"] is None
    )  # the server said nothing
