"""Bytes to a server and back, within the time."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from nameservers import Responder, framed

from netshell.flow.key import Endpoint
from netshell.lookup.transport import Closed, over_tcp, over_udp


def test_udp_takes_the_first_that_fits() -> None:
    with Responder(lambda query: [b"no", b"", b"yes", b"yes again"]) as server:
        assert over_udp(b"ask", server.endpoint, 5, lambda reply: reply[:1] == b"y") == b"yes"


def test_udp_ends_with_the_time_whatever_arrives() -> None:
    stop = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)

        def trickle() -> None:
            _, asker = server.recvfrom(100)
            until = time.monotonic() + 3
            while not stop.wait(0.01) and time.monotonic() < until:
                server.sendto(b"no", asker)

        thread = threading.Thread(target=trickle)
        thread.start()
        endpoint = Endpoint("127.0.0.1", server.getsockname()[1])
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            over_udp(b"ask", endpoint, 0.1, lambda reply: False)
        assert time.monotonic() - started < 2
        stop.set()
        thread.join()


def test_udp_hears_no_one_else() -> None:
    """A datagram from another port does not reach the question, whatever is in it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)

        def forge() -> None:
            _, asker = server.recvfrom(100)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger:
                forger.sendto(b"forged", asker)
            server.sendto(b"true", asker)

        thread = threading.Thread(target=forge)
        thread.start()
        endpoint = Endpoint("127.0.0.1", server.getsockname()[1])
        assert over_udp(b"ask", endpoint, 5, lambda reply: True) == b"true"
        thread.join()


def test_tcp_frames_both_ways() -> None:
    with Responder(lambda query: None, lambda query: framed(query[::-1])) as server:
        assert over_tcp(b"question", server.endpoint, 5) == b"noitseuq"
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
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            over_tcp(b"ask", Endpoint("127.0.0.1", listener.getsockname()[1]), 0.2)
        assert time.monotonic() - started < 2
        stop.set()
        thread.join()


def test_tcp_closed_early_says_how_far_it_got() -> None:
    with (
        Responder(lambda query: None, lambda query: b"\0\x0aabc") as server,
        pytest.raises(Closed, match="after 3 of 10 bytes"),
    ):
        over_tcp(b"ask", server.endpoint, 5)
