"""``dig`` against the real dig, both asking the same real BIND."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nameservers import Responder, bind, framed, free_port, has_ipv6, records
from patience import DEADLINE_S, until_it_holds

from netshell import dig
from netshell.errors import BadArgument, LookupFailed, NetshellError, NotFound
from netshell.flow.key import Endpoint
from netshell.lab.servers import start_dns
from netshell.lab.wire import Wire
from netshell.lookup.answer import Answer, Answers, Record

Row = tuple[str, int, str, str, str]
HEX = {"TLSA", "SSHFP", "DS", "RRSIG", "DNSKEY", "NSEC3", "TYPE65400", "URI", "LOC"}
"""Types whose data programs print in other groups of digits, or other case."""


@pytest.fixture(scope="module")
def server(peer: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """BIND with the zones of ``nameservers``, as "address#port"."""
    named, _ = peer("named"), peer("dig")
    with bind(named, tmp_path_factory.mktemp("named")) as endpoint:
        yield f"{endpoint.address}#{endpoint.port}"


def real_dig(server: str, *arguments: str) -> tuple[str, list[str], dict[str, list[Row]]]:
    """Status, flags and sections of the real dig's output."""
    address, _, port = server.partition("#")
    run = subprocess.run(
        ["dig", f"@{address}", "-p", port, "+time=30", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"status: (\w+).*\n;; flags: ([\w ]*);", run.stdout)
    assert found, run.stdout
    sections: dict[str, list[Row]] = {"ANSWER": [], "AUTHORITY": [], "ADDITIONAL": []}
    section = ""
    for line in run.stdout.splitlines():
        if line.startswith(";; ") and line.endswith(" SECTION:"):
            section = line.split()[1]
        elif line and not line.startswith(";"):
            name, ttl, rdclass, rdtype, data = line.split(None, 4)
            sections[section].append((name, int(ttl), rdclass, rdtype, comparable(rdtype, data)))
    return found[1], found[2].split(), sections


def rows(section: tuple[Record, ...]) -> list[Row]:
    return [(r.name, r.ttl, r.rdclass, r.rdtype, comparable(r.rdtype, r.data)) for r in section]


def comparable(rdtype: str, data: str) -> str:
    if rdtype == "LOC":  # RFC 1876 lets "52 22 23.000" and "-2m" be written in several ways
        return " ".join(f"{float(w.rstrip('m')):g}" if w[-1] in "0m" else w for w in data.split())
    return data.replace(" ", "").lower() if rdtype in HEX else data


OUTCOMES = {
    "broken.example.test": "NXDOMAIN",  # said of the alias's target (RFC 6604)
    "nosuch.example.test": "NXDOMAIN",
    "unloaded.test": "SERVFAIL",
    "example.org": "REFUSED",
}
QUESTIONS = [
    ("example.test", "A"),
    ("EXAMPLE.test.", "AAAA"),
    ("example.test", "MX"),
    ("example.test", "TXT"),
    ("example.test", "NS"),
    ("example.test", "SOA"),
    ("example.test", "CAA"),
    ("example.test", "HTTPS"),
    ("example.test", "ANY"),
    ("www.example.test", "A"),
    ("www.example.test", "AAAA"),
    ("www.example.test", "CNAME"),
    ("broken.example.test", "A"),
    ("outside.example.test", "A"),
    ("_sip._tcp.example.test", "SRV"),
    ("_svc.example.test", "SVCB"),
    ("txt.example.test", "TXT"),
    ("odd\\032name.example.test", "A"),
    ("any.wild.example.test", "A"),
    ("zero.example.test", "A"),
    ("x.dname.example.test", "A"),
    ("here.example.test", "LOC"),
    ("naptr.example.test", "NAPTR"),
    ("_443._tcp.example.test", "TLSA"),
    ("ssh.example.test", "SSHFP"),
    ("cpu.example.test", "HINFO"),
    ("page.example.test", "URI"),
    ("type.example.test", "TYPE65400"),
    ("rp.example.test", "RP"),
    ("sub.example.test", "A"),
    ("deep.sub.example.test", "A"),
    ("mail.example.test", "MX"),
    ("nosuch.example.test", "A"),
    ("unloaded.test", "A"),
    ("example.org", "A"),
    ("big.example.test", "TXT"),
]


@pytest.mark.parametrize(("name", "rdtype"), QUESTIONS)
def test_equals_the_real_dig(server: str, name: str, rdtype: str) -> None:
    status, flags, sections = real_dig(server, name, rdtype)
    answer = dig(name, rdtype, server=server)
    assert answer.status == status == OUTCOMES.get(name, "NOERROR")
    assert list(answer.flags) == flags
    # BIND turns the order of equal records from query to query: order is not part of the answer.
    assert sorted(rows(answer.answers)) == sorted(sections["ANSWER"])
    assert sorted(rows(answer.authority)) == sorted(sections["AUTHORITY"])
    assert sorted(rows(answer.additional)) == sorted(sections["ADDITIONAL"])


def test_the_questions_show_every_kind_of_noerror(server: str) -> None:
    assert dig("mail.example.test", "MX", server=server).no_data
    assert dig("sub.example.test", server=server).referral
    assert len(dig("example.test", "MX", server=server)) == 2


def test_an_address_is_asked_for_its_name(server: str) -> None:
    status, _, sections = real_dig(server, "-x", "192.0.2.80")
    answer = dig("192.0.2.80", server=server)
    assert (answer.status, rows(answer.answers)) == (status, sections["ANSWER"])
    assert [record.data for record in answer] == ["host.example.test."]
    v6 = dig("2001:db8::1", server=server)
    assert rows(v6.answers) == real_dig(server, "-x", "2001:db8::1")[2]["ANSWER"]
    assert v6[0].data == "example.test."


def test_a_name_beyond_ascii_is_asked_by_idna_2008(server: str) -> None:
    assert dig("straße.example.test", server=server).addresses == ("192.0.2.10",)


def test_a_large_reply_comes_over_tcp_and_says_so(server: str) -> None:
    answer = dig("big.example.test", "TXT", server=server)
    assert (len(answer), answer.protocol) == (40, "tcp")
    assert "truncated" in str(answer)
    assert dig("example.test", server=server).protocol == "udp"
    assert dig("example.test", server=server, tcp=True).protocol == "tcp"


def test_signatures_come_when_asked_for(server: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while "RRSIG" not in {r.rdtype for r in dig("www.signed.test", server=server, dnssec=True)}:
        assert time.monotonic() < deadline, "BIND has not signed its zone"
    answer = dig("www.signed.test", server=server, dnssec=True)
    assert sorted(rows(answer.answers)) == sorted(
        real_dig(server, "www.signed.test", "+dnssec")[2]["ANSWER"]
    )
    assert answer.edns and answer.edns.flags == ("do",)
    assert {r.rdtype for r in dig("www.signed.test", server=server)} == {"A"}


def test_recurse_sets_the_flag(server: str) -> None:
    assert "rd" in dig("example.test", server=server).flags
    assert "rd" not in dig("example.test", server=server, recurse=False).flags


def test_the_servers_version_in_class_ch(server: str) -> None:
    answer = dig("version.bind", "TXT", server=server, rdclass="CH")
    assert answer[0].rdclass == "CH"


def test_the_server_may_be_ipv6(server: str) -> None:
    if not has_ipv6():
        pytest.skip("no IPv6 on loopback")
    port = server.partition("#")[2]
    for text in (f"::1#{port}", f"[::1]:{port}", f"@[::1]#{port}"):
        answer = dig("host.example.test", server=text)
        assert answer.server == Endpoint("::1", int(port))
    assert dig("host.example.test", server="::1", port=int(port)).addresses == ("192.0.2.80",)


# --- without BIND: what the verb itself decides --------------------------------------------


def test_it_shows_the_alias_the_expiry_and_who_answered() -> None:
    lines = ["www.example.test. 30 IN CNAME h.example.test.", "h.example.test. 300 IN A 192.0.2.7"]
    with Responder(records(*lines)) as server:
        before = time.time_ns()
        answer = dig("www.example.test", server=server.text)
        after = time.time_ns()
    assert answer.aliases == ("www.example.test.", "h.example.test.")
    assert answer.addresses == ("192.0.2.7",)
    assert before + 300 * 10**9 <= answer[1].expires_ns <= after + 300 * 10**9
    assert answer[1].expires.utcoffset() is not None
    assert abs(answer[1].expires.timestamp() - answer[1].expires_ns / 1e9) < 1e-3
    shown = str(answer)
    assert answer[1].expires.strftime("%H:%M:%S") in shown
    assert "www.example.test. -> h.example.test." in shown
    assert f"NOERROR from {server.endpoint} over UDP in " in shown
    assert f"{answer.size} bytes" in shown
    assert [r.ttl for r in answer[:1]] == [30]
    data = json.loads(answer.json())
    assert [r["data"] for r in data["answers"]] == ["h.example.test.", "192.0.2.7"]


def test_short_shows_the_data_only() -> None:
    reply = records("e.test. 60 IN MX 10 a.test.", "e.test. 60 IN MX 20 b.test.")
    with Responder(reply) as server:
        assert str(dig("e.test", "MX", server=server.text, short=True)) == "10 a.test.\n20 b.test."


def test_several_types_are_several_answers() -> None:
    with Responder(records("e.test. 60 IN A 192.0.2.1")) as server:
        answers = dig("e.test", ("A", "aaaa"), server=server.text)
        assert isinstance(answers, Answers)
        assert [a.question.rdtype for a in answers] == ["A", "AAAA"]
        assert answers.addresses == ("192.0.2.1",)
        assert "e.test. exists, but has no AAAA record" in str(answers)
        assert isinstance(dig("e.test", server=server.text), Answer)
        with pytest.raises(BadArgument, match=r"tuple: \('A', 'AAAA'\)"):
            dig("e.test", "A AAAA", server=server.text)


def test_hostile_answers_leave_the_terminal_alone() -> None:
    with Responder(records(r'e.test. 60 IN TXT "\027[2J\226\128\174\000"')) as server:
        answer = dig("e.test", "TXT", server=server.text)
    assert str(answer).replace("\n", "").isprintable()
    assert answer[0].data == r'"\027[2J\226\128\174\000"'


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("",), "no name given"),
        ((" ",), "no name given"),
        ((5,), "not a name 5"),
        ((b"example.test",), "not a name"),
        (("http://naver.com/x",), 'use "naver.com"'),
        (("naver.com:80",), 'use "naver.com"'),
        (("me@naver.com",), 'use "naver.com"'),
        (("two words",), "contains ' '"),
        (("a\0b",), "contains"),
        (("a..b",), "label is empty"),
        (("x" * 64 + ".test",), "> 63 octets"),
        (("abcd." * 60,), "> 255 octets"),
        (("ü" * 60,), "too long"),
        (("\ud800.test",), "not a domain name"),
        (("a\\",), "escape"),
        (("e.test", "MXX"), "did you mean MX"),
        (("e.test", ""), "unknown record type"),
        (("e.test", None), "unknown record type None"),
        (("e.test", 1), "unknown record type 1"),
        (("e.test", ()), "no record type given"),
        (("e.test", "AXFR"), "zone transfer"),
        (("e.test", "TYPE252"), "zone transfer"),
        (("e.test", "TYPE70000"), "unknown record type"),
        (("MX", "naver.com"), r"dig\('naver.com', 'MX'\)"),
        (("e.test", "A", 5), "not a name server 5"),
        (("e.test", "A", []), "no name server given"),
        (("e.test", "A", "a b"), "contains ' '"),
        (("e.test", "A", "127.0.0.1#0"), "not a port 0"),
        (("e.test", "A", "127.0.0.1:99999"), "not a port 99999"),
    ],
)
def test_nonsense_is_refused_in_one_line(arguments: tuple[object, ...], said: str) -> None:
    with pytest.raises(BadArgument, match=said) as caught:
        dig(*arguments)  # type: ignore[call-overload]
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "options",
    [
        {"port": 0},
        {"port": "53"},
        {"port": True},
        {"timeout_s": 0},
        {"timeout_s": -1},
        {"timeout_s": float("nan")},
        {"timeout_s": float("inf")},
        {"timeout_s": "1"},
        {"tries": 0},
        {"tries": 1.5},
        {"rdclass": "XX"},
        {"rdclass": None},
    ],
)
def test_nonsense_options_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(BadArgument):
        dig("e.test", server="127.0.0.1", **options)  # type: ignore[call-overload]


def test_a_server_that_is_none(wire: Wire) -> None:
    start_dns(wire.server)
    with pytest.raises(NotFound, match=r"no such name server 'nosuch\.lab'") as caught:
        wire.client.call(dig, "e.test", server="nosuch.lab")
    assert "give its address" in str(caught.value)


def test_a_silent_server_is_named_with_the_time_waited() -> None:
    with Responder(lambda query: None) as server, pytest.raises(LookupFailed) as caught:
        dig("e.test", server=server.text, timeout_s=0.05, tries=3)
    assert len(server.asked) == 3
    line = str(caught.value)
    assert line.startswith(f"no answer to e.test. A: {server.endpoint}: no reply (3 tries of 0.05")
    assert "server=" in line


def test_a_closed_port_is_named_at_once() -> None:
    port = free_port()
    for tcp in (False, True):
        with pytest.raises(LookupFailed, match="connection refused") as caught:
            dig("e.test", server="127.0.0.1", port=port, tcp=tcp, timeout_s=60)
        assert f"127.0.0.1:{port}" in str(caught.value)


def test_the_next_server_is_asked_and_the_first_one_named() -> None:
    closed = f"127.0.0.1#{free_port()}"
    with (
        Responder(lambda query: None) as silent,
        Responder(records("e.test. 60 IN A 192.0.2.1")) as good,
    ):

        def passes(timeout_s: float) -> None:
            servers = (closed, silent.text, good.text)
            answer = dig("e.test", server=servers, timeout_s=timeout_s)
            assert answer.server == good.endpoint
            assert len(answer.remarks) == 2
            said = f"Passed over {silent.endpoint}: no reply (1 try of {timeout_s} s)."
            assert said in str(answer)

        until_it_holds(passes, (0.1, 2, 10))


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("fe80::1%nosuchif0", "there is no interface 'nosuchif0'; see ifaces()"),
        ("fe80::1", "link-local address needs its interface"),
        ("255.255.255.255", "refuses to send"),
        ("127.0.0.1%x", "'127.0.0.1%x'"),
        ("0.0.0.0#1", "connection refused"),
    ],
)
def test_every_error_of_the_edge_is_ours(server: str, said: str) -> None:
    if "fe80" in server and not has_ipv6():
        pytest.skip("no IPv6 here")
    with pytest.raises(NetshellError, match=said) as caught:
        dig("e.test", server=server, timeout_s=10, tries=1)
    assert str(caught.value).isprintable()


def test_a_cut_answer_is_shown_where_tcp_fails() -> None:
    flags = 0x0200  # TC
    with Responder(records("e.test. 60 IN A 192.0.2.1", flags=flags)) as server:
        answer = dig("e.test", server=server.text, timeout_s=60)
    assert answer.addresses == ("192.0.2.1",)
    assert "The answer is cut" in str(answer)
    whole = records("e.test. 60 IN A 192.0.2.1", "e.test. 60 IN A 192.0.2.2")
    with Responder(records(flags=flags), lambda query: framed(whole(query))) as server:  # type: ignore[arg-type]
        assert len(dig("e.test", server=server.text, timeout_s=60)) == 2


def test_trace_starts_at_the_server_and_keeps_the_way() -> None:
    with Responder(records("e.test. 60 IN A 192.0.2.1")) as server:
        answer = dig("e.test", server=server.text, trace=True)
    assert answer.addresses == ("192.0.2.1",)
    assert [(step.zone, step.server, step.says) for step in answer.path] == [
        (".", server.endpoint, "NOERROR")
    ]
    assert not server.asked[0][2] & 1  # RD is off: nobody is asked to do the walk for us
