"""The lab's caching resolver: what it keeps, for how long, and what it says meanwhile."""

from __future__ import annotations

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import pytest

from netshell.lab.dns_cache import Cache
from netshell.lab.dns_server import respond
from netshell.lab.names import load_zones


class World:
    """A server that is asked, how often, and a clock."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.now = 1000.0
        self.fails: Exception | None = None
        self.cache = Cache(self._answer, lambda: self.now)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        if self.fails is not None:
            raise self.fails
        self.asked.append(query.question[0].to_text())
        wire = respond(query.to_wire(), load_zones())
        assert wire is not None
        return dns.message.from_wire(wire)

    def ask(self, name: str, rdtype: str = "A") -> dns.message.Message:
        query = dns.message.make_query(name, rdtype)
        wire = self.cache.respond(query.to_wire())
        assert wire is not None
        answer = dns.message.from_wire(wire)
        assert answer.is_response(query) or query.question == answer.question
        assert answer.id == query.id
        return answer


@pytest.fixture
def world() -> World:
    return World()


def test_ttls_count_down_and_end(world: World) -> None:
    assert [rrset.ttl for rrset in world.ask("shop.lab").answer] == [300, 60, 20]
    world.now += 7.9
    assert [rrset.ttl for rrset in world.ask("SHOP.lab").answer] == [293, 53, 13]
    assert len(world.asked) == 1
    world.now += 12.1  # the least of them is over
    assert [rrset.ttl for rrset in world.ask("shop.lab").answer] == [300, 60, 20]
    assert len(world.asked) == 2


def test_a_no_is_kept_as_long_as_the_soa_says(world: World) -> None:
    assert world.ask("no-such.lab").rcode() == dns.rcode.NXDOMAIN
    world.now += 299
    again = world.ask("no-such.lab")
    assert (again.rcode(), again.authority[0].ttl) == (dns.rcode.NXDOMAIN, 1)
    assert len(world.asked) == 1
    world.now += 1
    world.ask("no-such.lab")
    assert len(world.asked) == 2


def test_types_are_kept_apart(world: World) -> None:
    assert len(world.ask("server.lab", "A").answer) == 1
    assert len(world.ask("server.lab", "AAAA").answer) == 1
    assert len(world.asked) == 2


@pytest.mark.parametrize("failure", [TimeoutError(), dns.exception.Timeout(), OSError()])
def test_a_server_that_does_not_answer(world: World, failure: Exception) -> None:
    world.fails = failure
    assert world.ask("server.lab").rcode() == dns.rcode.SERVFAIL
    world.fails = None
    assert world.ask("server.lab").rcode() == dns.rcode.NOERROR  # nothing of it was kept


@pytest.mark.parametrize("wire", [b"", b"x", bytes(12), b"\xff" * 40])
def test_what_is_no_query_gets_no_answer(world: World, wire: bytes) -> None:
    assert world.cache.respond(wire) is None
