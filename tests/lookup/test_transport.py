"""Bytes to a server and back, within the time."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from nameservers import Responder, framed
from patience import DEADLINE_S

from netshell.flow.key import Endpoint
from netshell.lookup.transport import Closed, over_tcp, over_udp


def test_udp_takes_the_first_that_fits() -> None:
    with Responder(lambda query: [b"no", b"", b"yes", b"yes again"]) as server:
        reply = over_udp(b"ask", server.endpoint, DEADLINE_S, lambda reply: reply[:1] == b"y")
    assert reply == b"yes"


def test_udp_ends_with_the_time_whatever_arrives() -> None:
    stop = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(DEADLINE_S)

        def trickle() -> None:
            _, asker = server.recvfrom(100)
            until = time.monotonic() + DEADLINE_S
            while not stop.wait(0.01) and time.monotonic() < until:
                server.sendto(b"no", asker)

        thread = threading.Thread(target=trickle)
        thread.start()
        endpoint = Endpoint("127.0.0.1", server.getsockname()[1])
        try:
            with pytest.raises(TimeoutError):
                over_udp(b"ask", endpoint, 0.1, lambda reply: False)
            assert thread.is_alive()  # there was more to come
        finally:
            stop.set()
            server.sendto(b"", server.getsockname())  # where nothing was sent before the end
            thread.join()


def test_udp_hears_no_one_else() -> None:
    """A datagram from another port does not reach the question, whatever is in it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(DEADLINE_S)

        def forge() -> None:
            _, asker = server.recvfrom(100)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger:
                forger.sendto(b"forged", asker)
            server.sendto(b"true", asker)

        thread = threading.Thread(target=forge)
        thread.start()
        endpoint = Endpoint("127.0.0.1", server.getsockname()[1])
        assert over_udp(b"ask", endpoint, DEADLINE_S, lambda reply: True) == b"true"
        thread.join()


def test_tcp_frames_both_ways() -> None:
    with Responder(lambda query: None, lambda query: framed(query[::-1])) as server:
        assert over_tcp(b"question", server.endpoint, DEADLINE_S) == b"noitseuq"
        assert server.asked == [b"question"]


def test_tcp_that_trickles_ends_with_the_time() -> None:
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def trickle() -> None:
            link, _ = listener.accept()
            with link:
                link.sendall(b"\xff\xff")
                while not stop.wait(0.01):
                    try:
                        link.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            with pytest.raises(TimeoutError):
                over_tcp(b"ask", Endpoint("127.0.0.1", listener.getsockname()[1]), 0.2)
        finally:
            stop.set()
            socket.create_connection(listener.getsockname()).close()  # where nobody connected
            thread.join()


def test_tcp_closed_early_says_how_far_it_got() -> None:
    with (
        Responder(lambda query: None, lambda query: b"\0\x0aabc") as server,
        pytest.raises(Closed, match="after 3 of 10 bytes"),
    ):
        over_tcp(b"ask", server.endpoint, DEADLINE_S)
