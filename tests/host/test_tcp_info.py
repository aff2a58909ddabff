"""The kernel's struct tcp_info, of every length it ever had."""

from __future__ import annotations

import dataclasses
import pickle
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.host.tcp_info import TcpInfo

LAYOUT = "=8B24I4Q6I4Q2I2Q6I"


def structure(**values: int) -> bytes:
    """A tcp_info by the names of linux/tcp.h."""
    words = (
        "rto ato snd_mss rcv_mss unacked sacked lost retrans fackets last_data_sent last_ack_sent "
        "last_data_recv last_ack_recv pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss "
        "reordering rcv_rtt rcv_space total_retrans pacing_rate max_pacing_rate bytes_acked "
        "bytes_received segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out "
        "delivery_rate busy_time rwnd_limited sndbuf_limited delivered delivered_ce bytes_sent "
        "bytes_retrans dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash"
    )
    names = words.split()
    assert not set(values) - set(names) - {"head"}
    return struct.pack(
        LAYOUT, 1, 2, 3, 4, 5, 0x07, 0x97, 1, *(values.get(name, 0) for name in names)
    )


def test_every_field_is_set_and_frozen() -> None:
    info = TcpInfo.decode(structure(rtt=1500), "cubic")
    assert info is not None
    values = {field.name: getattr(info, field.name) for field in dataclasses.fields(TcpInfo)}
    assert TcpInfo(**values) == info
    assert hash(TcpInfo(**values)) == hash(info)
    assert pickle.loads(pickle.dumps(info)) == info
    with pytest.raises(dataclasses.FrozenInstanceError):
        info.cwnd = 1  # type: ignore[misc]


def test_in_words() -> None:
    info = TcpInfo.decode(
        structure(
            rtt=1500, rttvar=250, snd_cwnd=10, snd_mss=1448, bytes_acked=1, bytes_received=2**40,
            total_retrans=9, min_rtt=900, snd_ssthresh=2**31 - 1,
        ),
        "cubic",
    )  # fmt: skip
    assert info is not None
    told = dict(info.important())
    assert told["rtt"] == "1.5 ms, varies by 0.25 ms, least 0.9 ms"
    assert told["retransmits"] == "3 of the segment that waits now, 9 segments since the start"
    assert told["cwnd"] == "10 segments"
    assert told["mss"] == "1448 bytes"
    assert (told["acked"], told["received"]) == ("1 byte", "1099511627776 bytes")
    assert "cubic, cwr" in repr(info)
    assert str(info) == "rtt 1.5 ms, cwnd 10, mss 1448, retransmits 3"
    for length in range(104, 281, 8):  # whatever an older kernel leaves out is not shown
        older = TcpInfo.decode(bytes(280)[:length])
        assert older is not None
        assert "None" not in repr(older)


def test_units_and_absent_values() -> None:
    info = TcpInfo.decode(
        structure(
            rtt=1500,
            rttvar=250,
            rto=204_000,
            snd_ssthresh=2**31 - 1,
            min_rtt=2**32 - 1,
            pacing_rate=2**64 - 1,
            busy_time=5500,
            rwnd_limited=500,
            bytes_acked=2**40,
            total_retrans=9,
            snd_wnd=65535,
        ),
        "cubic",
    )
    assert info is not None
    assert (info.rtt_ms, info.rttvar_ms, info.rto_ms) == (1.5, 0.25, 204.0)
    assert (info.ssthresh, info.min_rtt_ms, info.pacing_rate) == (None, None, None)
    assert (info.busy_ms, info.window_limited_ms, info.buffer_limited_ms) == (5.5, 0.5, 0.0)
    assert (info.bytes_acked, info.total_retrans, info.send_window) == (2**40, 9, 65535)
    assert (info.congestion, info.congestion_state) == ("cubic", "cwr")
    assert (info.retransmits, info.probes, info.backoff) == (3, 4, 5)
    assert info.options == ("timestamps", "sack", "wscale")
    assert (info.window_shift, info.own_window_shift) == (7, 9)
    assert info.application_limited


def test_an_older_kernel_s_is_shorter() -> None:
    whole = structure(total_retrans=1, bytes_acked=2, delivery_rate=3, snd_wnd=4)
    oldest = TcpInfo.decode(whole[:104])
    assert oldest is not None
    assert (oldest.total_retrans, oldest.bytes_acked, oldest.delivery_rate) == (1, None, None)
    assert oldest.min_rtt_ms is None
    older = TcpInfo.decode(whole[:168])
    assert older is not None
    assert (older.bytes_acked, older.delivery_rate, older.send_window) == (2, 3, None)
    # Half a field is no field.
    assert TcpInfo.decode(whole[:166]).delivery_rate is None  # type: ignore[union-attr]


@given(st.binary(max_size=320))
def test_any_bytes_decode_or_do_not(raw: bytes) -> None:
    info = TcpInfo.decode(raw)
    assert (info is None) is (len(raw) < 104)


def test_more_than_we_know_is_passed_over() -> None:
    whole = structure(rtt=1000)
    assert TcpInfo.decode(whole + bytes(40)) == TcpInfo.decode(whole)


@pytest.mark.skipif(not hasattr(socket, "AF_NETLINK"), reason="Linux's structure")
def test_equals_the_kernel_s_own_for_one_socket() -> None:
    """The same connection by getsockopt(TCP_INFO): the dump carries the same structure."""
    from netshell.host import diag
    from netshell.host.carrier import Carriers
    from netshell.host.sockets import Wanted

    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as here,
        server.accept()[0] as there,
    ):
        here.sendall(b"x" * 1000)
        there.recv(1000, socket.MSG_WAITALL)
        port = here.getsockname()[1]

        def asked() -> TcpInfo:
            info = TcpInfo.decode(here.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 512))
            assert info is not None
            return dataclasses.replace(info, **dict.fromkeys(PASSING))

        for _ in range(20):  # until nothing happened between, such as an ACK that came late
            before = asked()
            rows = diag.dump(
                Wanted(ports=(range(port, port + 1),)),
                Carriers((), {}, "lo", lambda remote, local: ""),
            )
            if asked() == before:
                break
        dumped = next(each for each in rows if each.local.port == port).tcp_info
    assert dumped is not None
    assert dataclasses.replace(dumped, **dict.fromkeys(PASSING), congestion="") == before
    assert dumped.bytes_acked == 1001  # the SYN counts (RFC 4898)


PASSING = ("last_data_sent_ms", "last_data_received_ms", "last_ack_received_ms")
"""What goes on by itself."""
