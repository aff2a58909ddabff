"""Walks from a root of the test's own, over servers on 127.0.0.1, .2 and .3."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from typing import Any

import dns.message
import dns.rrset
import pytest
from nameservers import Reply, Responder, free_port, records
from patience import until_it_holds

from netshell.errors import LookupFailed
from netshell.flow.key import Endpoint
from netshell.lookup.answer import Answer
from netshell.lookup.query import Manner, question
from netshell.lookup.servers import servers
from netshell.lookup.trace import root_servers, trace

PATIENT = Manner(timeout_s=60, tries=1)
"""For walks on which every server answers."""
TIMEOUTS_S = (0.5, 3, 10)


def loopback_port() -> int:
    """A port free on the three addresses; skips where loopback has only one."""
    port = free_port()
    try:
        for address in ("127.0.0.2", "127.0.0.3"):
            with socket.create_server((address, port)):
                pass
    except OSError as error:
        pytest.skip(f"{address}: {error}")
    return port


def referral(zone: str, *glue: str, names: tuple[str, ...] = ("ns",)) -> Reply:
    """A reply that refers to a zone's servers, the first of them with these addresses."""

    def reply(query: bytes) -> bytes:
        message = dns.message.make_response(dns.message.from_wire(query))
        targets = ["ns." + zone.removeprefix(".") if name == "ns" else name for name in names]
        message.authority.append(dns.rrset.from_text(zone, 60, "IN", "NS", *targets))
        for address in glue:
            kind = "AAAA" if ":" in address else "A"
            message.additional.append(dns.rrset.from_text(targets[0], 60, "IN", kind, address))
        return message.to_wire()

    return reply


def walk(port: int, *replies: Reply, manner: Manner = PATIENT) -> Answer:
    """The walk over servers on 127.0.0.1, .2, ... that send these replies."""
    with ExitStack() as stack:
        for number, reply in enumerate(replies, 1):
            stack.enter_context(Responder(reply, address=f"127.0.0.{number}", port=port))
        start = servers("127.0.0.1", port)
        return trace(question("www.e.test", "A"), start, manner, port)


FOUND = records("www.e.test. 60 IN A 192.0.2.1")


def test_it_follows_referrals_to_the_answer() -> None:
    port = loopback_port()
    answer = walk(port, referral("test.", "127.0.0.2"), referral("e.test.", "127.0.0.3"), FOUND)
    assert answer.addresses == ("192.0.2.1",)
    assert [(step.zone, step.server) for step in answer.path] == [
        (".", Endpoint("127.0.0.1", port)),
        ("test.", Endpoint("127.0.0.2", port)),
        ("e.test.", Endpoint("127.0.0.3", port)),
    ]
    assert answer.path[1].server_name == "ns.test"
    shown = str(answer)
    assert "ask the servers of e.test." in shown
    assert "192.0.2.1" in shown
    assert "rd" not in answer.flags


def test_servers_without_glue_are_looked_up_by_the_system() -> None:
    answer = walk(loopback_port(), referral("test.", names=("localhost.",)))
    # localhost is the root's server again, which refers to the same zone: the walk ends there.
    assert answer.referral
    assert [step.zone for step in answer.path] == [".", "test."]


@pytest.mark.parametrize("zone", [".", "other.", "www.e.test.more."])
def test_a_referral_that_leads_nowhere_ends_the_walk(zone: str) -> None:
    assert len(walk(loopback_port(), referral(zone, "127.0.0.1")).path) == 1


def test_a_referral_upwards_ends_the_walk() -> None:
    up = referral("test.", "127.0.0.1")
    answer = walk(loopback_port(), referral("e.test.", "127.0.0.2"), up)
    assert [step.zone for step in answer.path] == [".", "e.test."]


def test_where_it_ends_is_named() -> None:
    def ends(timeout_s: float) -> None:
        with pytest.raises(LookupFailed, match=r"the servers of test\.: ns\.test \(127\.0\.0\.2"):
            walk(
                loopback_port(), referral("test.", "127.0.0.2"), lambda query: None,
                manner=Manner(timeout_s=timeout_s, tries=1),
            )  # fmt: skip

    until_it_holds(ends, TIMEOUTS_S)
    with pytest.raises(LookupFailed, match="from the servers of the root: 127"):
        walk(loopback_port(), lambda query: None, manner=Manner(timeout_s=0.1, tries=1))


def test_a_referral_to_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    # The system's own resolver would ask beyond this machine.
    real = socket.getaddrinfo

    def unknown(host: bytes | str, *rest: Any, **options: Any) -> Any:
        if os.fsencode(host).startswith(b"nosuch.invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "as the C library says")
        return real(host, *rest, **options)

    monkeypatch.setattr("netshell.lookup.system.socket.getaddrinfo", unknown)
    with pytest.raises(LookupFailed, match=r"cannot follow the referral to test\."):
        walk(loopback_port(), referral("test.", names=("nosuch.invalid.",)))


def test_a_server_that_is_silent_is_passed_over() -> None:
    port = loopback_port()
    reply = referral("test.", "127.0.0.2", "127.0.0.3")

    def passes(timeout_s: float) -> None:
        manner = Manner(timeout_s=timeout_s, tries=1)
        answer = walk(port, reply, lambda query: None, FOUND, manner=manner)
        assert answer.server == Endpoint("127.0.0.3", port)
        assert "Passed over ns.test (127.0.0.2" in str(answer)

    until_it_holds(passes, TIMEOUTS_S)


def test_the_root_has_thirteen_servers() -> None:
    assert len({server.endpoint.address for server in root_servers()}) == 13
    assert str(root_servers()[0]) == "a.root-servers.net (198.41.0.4:53)"
