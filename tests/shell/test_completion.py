"""Tab: options, hosts, interfaces, states, record types; quick, and without the network."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from frames import chunk_of, segment
from patience import shortest

from netshell import host, read
from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.lookup import hosts as read_hosts_file
from netshell.protocols.queries_chosen import Which
from netshell.shell import values
from netshell.shell.completion import Completions, complete, parameters, positional
from netshell.shell.verbs import LazyVerb, namespace


def after(text: str, **names: Any) -> list[str]:
    return [each.text for each in complete(text, namespace() | names).candidates]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lis", ["listeners"]),
        ("sni", ["sniff", "sniff_host"]),
        ("conns(sta", ["state="]),
        ("x = len(conns(sta", ["state="]),
        ("conns(state='L", ["LISTEN", "LAST_ACK"]),
        ('conns(state="time', ["TIME_WAIT"]),
        ('conns(state=["LISTEN", "est', ["ESTABLISHED"]),
        ("conns(state=LIS", ['"LISTEN"']),
        ('conns("CLOSE', ["CLOSE_WAIT", "CLOSED"]),
        ('conns(proto="', ["tcp", "udp", "all"]),
        ('dig("x", "m', ["MX"]),
        ('dig("x", rdtype="aa', ["AAAA"]),
        ('dig("x", ("A", "tx', ["TXT"]),
        ('dig("x", tc', ["tcp="]),
        ('dig("x", tcp=True, tc', []),
        ('sniff("tcp and po', ["port", "portrange"]),
        ('cap.show("h', ["hex"]),
        ('cap.show(payload="a', ["ascii"]),
        ('explain("SYN', ["SYN", "SYN_SENT", "SYN_RECEIVED", "syn_unanswered"]),
        ('explain("zero', ["zero_window", "zero_window_probe", "zero_window_probe_ack"]),
        ('"dig(', []),
        ("# conns(", []),
        ("%timeit conns(", []),
        ("conns.", []),
        ("other(sta", []),
        ('other("L', []),
        ("conns(12", []),
        ("netshell.conns(sta", ["state="]),
    ],
)
def test_what_fits(text: str, expected: list[str]) -> None:
    assert after(text) == expected


@pytest.fixture(scope="module")
def cap() -> Capture:
    capture = Capture(Store(), names=["eth0"])
    capture.add(chunk_of([segment()]))
    return capture


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('cap.flows.where(finding="ret', ["retransmission"]),
        ("cap.flows.where(finding=zero_window_probe_", ['"zero_window_probe_ack"']),
        ('cap.flows.where(state="time', ["TIME_WAIT"]),
        ('cap.flows.where(ended="un', ["unacknowledged", "unknown there", "unfinished"]),
        ('cap.flows.where(proto="ud', ["udp"]),
        ('cap.flows.where(known_by="po', ["port"]),
        ('cap.flows.where(finding="zero_window", st', ["state="]),
        ('cap.flows[0].plot("se', ["sequence"]),
        (
            "cap.flows[0].plot(",
            ['"sequence"', '"throughput"', '"rtt"', '"window"', "kind=", "side="],
        ),
        ('cap.flows[0].plot("rtt", side="c', ["client"]),
        ('cap.flows[0].plot("rtt", "c', ["client"]),
        ("cap.flows.sort(", ["by=", "reverse="]),
        ('cap.flows.sort("dur', ["duration"]),
        ('cap.flows.top(3, by="retr', ["retransmitted"]),
        ("cap.flows.top(3, b", ["by="]),
        ('cap.flows.slowest(by="da', ["data rtt"]),
        ('cap.flows.slowest(by="by', []),
        ("cap.flows[0].ladder(", ["fold=", "live="]),
        ('print(cap.findings.where(kind="fast', ["fast_retransmission"]),
        ('cap.findings.where(severity="w', ["warn"]),
        ('cap.top(by="dp', ["dport"]),
        ('cap.flows[0].stream("s', ["server"]),
        ("cap.flows.where(port=", []),
        ("cap.queries(min_", ["min_duration_s="]),
        ("cap.queries('select', da", ["database="]),
        (
            "cap.queries(",
            ["statement=", "live=", "reveal=", *(f"{each}=" for each in Which.__annotations__)],
        ),
        ('cap.queries(protocol="p', ["postgres"]),
        ("cap.queries().where(app", ["application="]),
        ("cap.flows[0].queries(", ["reveal="]),
        ("cap.flows[0].queries().slowest(", ["count="]),
        ("cap.flows[0].messages.where(min_", ["min_duration_s="]),
    ],
)
def test_methods_of_results_take_what_their_errors_name(
    text: str, expected: list[str], cap: Capture
) -> None:
    found = complete(text, namespace() | {"cap": cap})
    assert [each.text for each in found.candidates] == expected
    assert found.only  # nothing of Python's is put in instead


def test_what_messages_and_queries_are_chosen_by_is_offered_from_what_was_said() -> None:
    recorded = Path(__file__).parents[1] / "protocols" / "postgres" / "recorded"
    with read(recorded / "simple.pcap") as cap:
        kinds = {message.kind for message in cap.messages}
        assert {*after('cap.messages.where(kind="', cap=cap)} == kinds
        databases = {query.database for query in cap.queries()}
        assert {*after('cap.queries().where(database="', cap=cap)} == databases != set()
        assert {*after('cap.queries(database="', cap=cap)} == databases
        for name in after('cap.messages.where(protocol="', cap=cap):
            cap.messages.where(protocol=name)
        assert after('cap.messages.where(protocol="post', cap=cap) == ["postgres"]
        for by in after('cap.queries().grouped().top(by="', cap=cap):
            assert cap.queries().grouped().top(by=by)
        orders = after('cap.queries().top(by="', cap=cap)
        assert orders == ["duration", "server", "rows"]
        for by in orders:
            assert cap.queries().top(2, by)
        assert after('cap.messages.top(by="', cap=cap) == ["duration", "wait", "bytes"]


def test_whatever_methods_are_offered_they_take(cap: Capture) -> None:
    flows = cap.flows
    for order in after('cap.flows.sort("', cap=cap):
        flows.sort(order)
    for kind in after('cap.flows.where(finding="', cap=cap):
        flows.where(finding=kind)
        cap.findings.where(kind=kind)
    for words in after('cap.flows.where(ended="', cap=cap):
        flows.where(ended=words)
    for proto in after('cap.flows.where(proto="', cap=cap):
        flows.where(proto=proto)
    for field in after('cap.top(by="', cap=cap):
        cap.top(by=field)


def test_explain_knows_the_words_it_offers() -> None:
    from netshell import explain

    words = after('explain("')
    assert {"SYN", "CLOSE_WAIT", "retransmission", "NXDOMAIN"} <= {*words}
    assert "RST by server: refused" in after('explain("RST by')
    for word in [*words, *(each for first in "FRnhts" for each in after(f'explain("{first}'))]:
        explain(word)


def test_methods_of_others_are_left_to_python() -> None:
    class Mine:
        def where(self, port: int) -> None: ...

    found = complete("mine.where(", namespace() | {"mine": Mine()})
    assert not found.candidates and not found.only


def test_a_name_the_user_took_is_no_verb() -> None:
    assert after("read(", read=len) == []
    assert after("rea", read=5) == []


def test_the_users_own_names_are_offered_for_an_argument() -> None:
    assert after("conns(pro", process_id=7, _hidden=1) == [
        "proto=", "process=", "profile", "process_id"
    ]  # fmt: skip


def test_only_what_was_given_to_a_verb_as_a_host_is_one() -> None:
    typed = [
        "get_ipython().run_line_magic('pinfo', 'wire.server.run')",
        'cap.save("wired.example.pcap"); x = "wired.example.net"; sniff("wire.x"); dig(wire',
        'print(iface_for(host="wired.example.org")); dig("x.example", server="192.0.2.53")',
    ]
    assert after('dig("wire', In=typed) == ["wired.example.org"]


def test_ports_processes_and_pids_are_those_of_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert port in after(f'conns(port="{port[:3]}') and port in after("conns(port=")
        assert str(os.getpid()) in after('conns(pid="')
        assert str(os.getpid()) in after("conns(pid=")
        assert after('conns(process="pyt') or after('conns(process="') != []
    if "https" in Path("/etc/services").read_text():
        assert "https" in after('conns(port="ht') and '"https"' in after("conns(port=ht")


def test_files_with_captures_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "z.pcap", "b.pcapng.gz", ".hidden"):
        Path(name).touch()
    Path("sub").mkdir()
    (tmp_path / "sub/c.pcap").touch()
    assert after('read("') == ["b.pcapng.gz", "z.pcap", "a.txt", "sub/"]
    assert after('cap.save("z') == ["z.pcap"]
    assert after('read("sub/') == ["c.pcap"] and after('read(".h') == [".hidden"]
    assert complete('read("sub/c', namespace()).fragment == "c"
    assert after('sniff(write="b') == ["b.pcapng.gz"]


def test_interfaces() -> None:
    for name in host.interface_names():
        assert name in after('sniff("tcp", iface="')
    assert "any" in after('sniff(iface="') and "any" not in after('ifaces("')


def test_hosts_from_the_hosts_file_the_session_and_the_connections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text(
        "192.0.2.1 printer printer.home # the grey one\n# 192.0.2.2 old\n\x1b[0m x\x1b\n"
    )
    monkeypatch.setattr(values, "read_hosts_file", lambda: read_hosts_file(hosts))
    monkeypatch.setattr(values, "_peers_read", (0.0, []))
    assert after('iface_for("prin') == ["printer", "printer.home"]
    assert after('dig("old') == []
    typed = ['dig("naver.com")', "x = 'no host'", 'iface_for("fe80::1")', "%dig("]
    assert after('iface_for("n', In=typed) == ["naver.com"]
    assert after('dig("fe', In=typed) == ["fe80::1"]
    with connection() as address:
        monkeypatch.setattr(values, "_peers_read", (0.0, []))
        assert address in after('conns(host="127')
    assert after('sniff("host prin') == ["printer", "printer.home"]


@contextmanager
def connection() -> Iterator[str]:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
        server.accept()[0],
    ):
        yield client.getpeername()[0]


def test_a_source_that_fails_offers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> dict[str, str]:
        raise PermissionError

    monkeypatch.setattr(values, "read_hosts_file", refuse)
    assert after('iface_for("zzz') == []


def test_options_read_from_the_source_are_those_of_the_function() -> None:
    import inspect

    for value in namespace().values():
        if isinstance(value, LazyVerb):
            signature = inspect.signature(value.verb.load())
            assert list(parameters(value.verb)) == list(signature.parameters)
            assert positional(value.verb) == [
                name
                for name, each in signature.parameters.items()
                if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
            ]


def test_tab_loads_no_verb_and_asks_nobody() -> None:
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise SystemExit('asked the network')\n"
        "socket.getaddrinfo = socket.gethostbyname = socket.gethostbyaddr = refuse\n"
        "from netshell.shell.completion import complete\n"
        "from netshell.shell.verbs import namespace\n"
        "for text in ('con', 'conns(', 'conns(host=\"', 'sniff(', 'dig(\"a', 'dig(server=\"'):\n"
        "    complete(text, namespace())\n"
        "print([m for m in ('numpy', 'scapy', 'dns', 'psutil', 'rich', 'netshell.commands.conns')"
        " if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_slowest_is_quick_enough_to_type_on() -> None:
    complete('conns(host="', namespace())  # the first reads the verb's source

    def takes() -> float:
        start = time.perf_counter()
        assert isinstance(complete('conns(host="', namespace()), Completions)
        return time.perf_counter() - start

    assert shortest(takes, 0.5) <= 0.5  # ten times what is held
