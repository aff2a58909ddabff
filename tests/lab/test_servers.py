"""The lab's servers, asked from the other host, over IPv4 and IPv6, UDP and TCP."""

from __future__ import annotations

import time

import dns.message
import dns.query
import dns.rcode
import inside
import pytest

from netshell.errors import NetshellError
from netshell.lab.http_server import PAGE
from netshell.lab.servers import start_dns, start_http
from netshell.lab.wire import Wire

TIME_WAIT = "06"


def wait_for_state(wire: Wire, state: str) -> tuple[list[str], list[str]]:
    """The states at client and server of the connection to port 80, once one is in `state`."""
    deadline = time.monotonic() + inside.TIMEOUT_S
    while True:
        client, server = (host.call(inside.states_of_port, 80) for host in wire.hosts)
        if state in client + server or time.monotonic() > deadline:
            return client, server
        time.sleep(0.005)


class TestDns:
    @pytest.mark.parametrize("version", [4, 6])
    def test_over_udp_and_tcp(self, wire: Wire, version: int) -> None:
        start_dns(wire.server)
        address = wire.server.ipv4 if version == 4 else wire.server.ipv6
        query = dns.message.make_query("www.lab", "A")
        answer = wire.client.call(dns.query.udp, query, address, timeout=inside.TIMEOUT_S)
        assert answer.answer[-1][0].address == "10.77.0.2"
        large = dns.message.make_query("large.lab", "TXT")
        answer, by_tcp = wire.client.call(
            dns.query.udp_with_fallback, large, address, timeout=inside.TIMEOUT_S
        )
        assert by_tcp
        assert len(answer.answer[0]) == 60

    def test_the_hosts_resolver_asks_it(self, wire: Wire) -> None:
        start_dns(wire.server)
        assert wire.client.call(inside.addresses_of, "www.lab") == {"10.77.0.2", "fd77::2"}
        assert wire.server.call(inside.addresses_of, "client.lab") == {"10.77.0.1", "fd77::1"}
        with pytest.raises(OSError, match=r"not known|No address"):
            wire.client.call(inside.addresses_of, "no.such.lab")

    def test_garbage_does_not_end_it(self, wire: Wire) -> None:
        start_dns(wire.server)
        for garbage in (
            b"",
            b"\0" * 11,
            b"\xff" * 500,
            b"ab\1\0\0\1" + b"\0" * 6 + b"\xc0\x0c" * 9,
        ):
            wire.client.call(inside.send_datagram, wire.server.ipv4, 53, garbage)
            wire.client.call(inside.send_and_read, wire.server.ipv4, 53, garbage)
        malformed = b"ab\1\0\0\1\0\0\0\0\0\0\xc0\x0c"
        answer = wire.client.call(inside.ask, wire.server.ipv4, 53, malformed)
        assert (answer[:2], answer[3] & 0xF) == (b"ab", dns.rcode.FORMERR)
        assert wire.client.call(inside.addresses_of, "v4.lab") == {"10.77.0.2"}

    def test_several_queries_share_a_connection(self, wire: Wire) -> None:
        start_dns(wire.server)
        query = dns.message.make_query("v6.lab", "AAAA").to_wire()
        framed = len(query).to_bytes(2, "big") + query
        received = wire.client.call(inside.send_and_read, wire.server.ipv4, 53, framed * 2)
        length = int.from_bytes(received[:2], "big")
        assert received[2 : 2 + length] == received[4 + length :]


class TestHttp:
    @pytest.mark.parametrize("version", [4, 6])
    def test_the_page(self, wire: Wire, version: int) -> None:
        start_http(wire.server)
        address = wire.server.ipv4 if version == 4 else wire.server.ipv6
        assert wire.client.call(inside.get, address) == (200, PAGE)
        assert wire.client.call(inside.get, address, "/nothing")[0] == 404
        status, body = wire.client.call(inside.get, address, "/bytes/100000")
        assert (status, len(body), body[:10]) == (200, 100_000, b"0123456789")

    def test_the_same_request_gets_the_same_bytes(self, wire: Wire) -> None:
        start_http(wire.server, closes="server")
        request = b"GET / HTTP/1.1\r\nHost: www.lab\r\n\r\n"
        first, second = (
            wire.client.call(inside.send_and_read, wire.server.ipv4, 80, request) for _ in range(2)
        )
        assert first == second
        head, _, body = first.partition(b"\r\n\r\n")
        assert body == PAGE
        assert head.splitlines() == [
            b"HTTP/1.1 200 OK",
            b"Server: netshell-lab",
            b"Content-Type: text/html; charset=utf-8",
            f"Content-Length: {len(PAGE)}".encode(),
            b"Connection: close",
        ]

    def test_the_client_closes_first(self, wire: Wire) -> None:
        start_http(wire.server, closes="client")
        wire.client.call(inside.get, wire.server.ipv4, "/", {"Connection": "close"})
        client, server = wait_for_state(wire, TIME_WAIT)
        assert TIME_WAIT in client
        assert TIME_WAIT not in server

    def test_the_server_closes_first(self, wire: Wire) -> None:
        start_http(wire.server, closes="server")
        request = b"GET / HTTP/1.1\r\nHost: www.lab\r\n\r\n"
        wire.client.call(inside.read_to_the_end, wire.server.ipv4, 80, request)
        client, server = wait_for_state(wire, TIME_WAIT)
        assert TIME_WAIT in server
        assert TIME_WAIT not in client

    def test_garbage_does_not_end_it(self, wire: Wire) -> None:
        start_http(wire.server)
        for garbage in (b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x80 " * 40_000):
            wire.client.call(inside.send_and_read, wire.server.ipv4, 80, garbage)
        assert wire.client.call(inside.get, wire.server.ipv4, "/bytes/1e5")[0] == 404


class TestLife:
    def test_a_port_that_is_taken(self, wire: Wire) -> None:
        with pytest.raises(NetshellError, match="cannot listen on port 80: Address already in use"):
            start_http(start_http(wire.server).host)

    def test_a_server_can_be_stopped_and_its_port_taken_again(self, wire: Wire) -> None:
        first = start_http(wire.server)
        assert wire.client.call(inside.get, wire.server.ipv4) == (200, PAGE)
        first.stop()
        first.stop()
        assert first.process.returncode is not None
        with pytest.raises(ConnectionRefusedError):
            wire.client.call(inside.get, wire.server.ipv4)
        second = start_http(wire.server, port=8080)
        assert second.pid != first.pid
        third = start_http(wire.server)
        assert third.process.poll() is None
