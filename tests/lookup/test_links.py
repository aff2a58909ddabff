"""Ways that stay open: several messages, and each failure where it happens."""

from __future__ import annotations

import errno

import pytest
from nameservers import Responder, framed, free_port

from netshell.errors import BadFile
from netshell.flow.key import Endpoint
from netshell.lookup.links import Ended, Way, open_link


def test_datagrams_come_one_by_one() -> None:
    with Responder(lambda query: [query + b"1", query + b"2"]) as server:
        link = open_link(server.endpoint, Way(), 5)
        link.send(b"ask")
        assert [link.receive(5), link.receive(5)] == [b"ask1", b"ask2"]
        with pytest.raises(TimeoutError):
            link.receive(0.01)
        link.close()


def test_messages_of_a_stream_come_whole_until_it_ends() -> None:
    replies = framed(b"one") + framed(b"two")
    with Responder(lambda query: None, lambda query: [replies[:4], replies[4:]]) as server:
        link = open_link(server.endpoint, Way("tcp"), 5)
        link.send(b"ask")
        assert [link.receive(5), link.receive(5)] == [b"one", b"two"]
        with pytest.raises(Ended):
            link.receive(5)
        link.close()


def test_nothing_there() -> None:
    with pytest.raises(OSError) as caught:
        open_link(Endpoint("127.0.0.1", free_port()), Way("tcp"), 5)
    assert caught.value.errno == errno.ECONNREFUSED


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_it_sends_from_the_address_asked_for(kind: str) -> None:
    source = Endpoint("127.0.0.7", 0)
    try:
        with Responder(lambda query: query, lambda query: framed(query)) as server:
            link = open_link(server.endpoint, Way(kind, source), 5)
            link.send(b"ask")
            assert link.receive(5) == b"ask"
            assert link._link.getsockname()[0] == "127.0.0.7"  # type: ignore[attr-defined]
            link.close()
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:
            raise
        pytest.skip("loopback has one address only")


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(OSError) as caught:
        open_link(Endpoint("127.0.0.1", 53), Way("udp", Endpoint("192.0.2.1", 0)), 5)
    assert caught.value.errno == errno.EADDRNOTAVAIL


def test_files_that_tls_cannot_use() -> None:
    way = Way("tls", authorities="/nonexistent")
    with (
        Responder(lambda query: None, lambda query: None) as server,
        pytest.raises(BadFile, match="cannot use for TLS /nonexistent"),
    ):
        open_link(server.endpoint, way, 5)
