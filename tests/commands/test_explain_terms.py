"""Every word that the shell can show has an explanation: taken from the shell's own tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path

import dns.rdatatype
import pytest

from netshell import catalogue, explain
from netshell.catalogue import entries, source
from netshell.classic import interface_lines, route_lines
from netshell.classic.digging import edns
from netshell.classic.dump.application import domain_numbers
from netshell.classic.dump.internet import icmp as dump_icmp
from netshell.classic.dump.internet import icmp6 as dump_icmp6
from netshell.classic.dump.internet import tcp_options
from netshell.classic.socket_lines import Columns, internet_head, unix_head
from netshell.commands import captures, conns, ifaces, routes, unix
from netshell.commands.explain import codes, columns, dnsterms, options, ports
from netshell.commands.explain.families import FAMILIES
from netshell.errors import BadArgument
from netshell.flow import findings, flows, kinds, rungs, states, talkers
from netshell.flow.ending import PHRASES
from netshell.flow.findings import finding
from netshell.flow.flags import TOGETHER
from netshell.flow.state import State
from netshell.host import interfaces, sockets
from netshell.host import routes as host_routes
from netshell.lookup import answer, numbers, rdtypes, status
from netshell.packet import icmp, tcp
from netshell.packet.flags import Flags
from netshell.protocols import (
    bursts,
    bursts_grouped,
    messages,
    queries,
    queries_grouped,
    queries_transactions,
)
from netshell.protocols.tls.numbers import ALERTS


def is_explained(word: str, kind: str, subject: str = "") -> None:
    found = explain(word)
    assert found.kind == kind, word
    assert subject in found.subject
    assert found.lines and found.source
    assert all(line and line == line.strip() for line in found.lines)


# --- TCP ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", [*Flags, *TOGETHER])
def test_tcp_flags(flag: Flags) -> None:
    is_explained(str(flag) if flag else "0x0", "flags")
    assert explain(flag) == explain(f"{int(flag):#x}")


def test_the_ninth_flag_by_its_former_name() -> None:
    assert explain("flag NS").subject == explain("AE").subject
    assert "nonce sum" in str(explain("AE"))


@pytest.mark.parametrize("state", State)
def test_tcp_states(state: State) -> None:
    is_explained(state, "state", state)
    assert len(explain(f"state {state}").lines) >= 4


@pytest.mark.parametrize("name", sorted({*tcp._OPTION_NAMES.values(), *options.NUMBERS.values()}))
def test_tcp_options(name: str) -> None:
    is_explained(f"option {name}", "option")


def test_tcp_options_as_tcpdump_and_by_number() -> None:
    for kind, name in tcp_options._NAMES.items():
        if name:  # of the last one, tcpdump has no name
            is_explained(f"option {name}", "option")
        is_explained(f"option {kind}", "option")
    for word in (
        "SACK permitted",
        "MSS",
        "WScale",
        "Window scale",
        "TFO",
        "MPTCP",
        "sackOK",
        "nop",
    ):
        is_explained(word, "option")


# --- IP and ICMP --------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [4, 6])
def test_icmp_types_and_codes(version: int) -> None:
    types, codes = (icmp.TYPES, icmp.CODES) if version == 4 else (icmp.TYPES_6, icmp.CODES_6)
    family = "icmp" if version == 4 else "icmp6"
    for kind, name in types.items():
        is_explained(f"{family} {kind}", "icmp")
        is_explained(f"{family} {name}", "icmp")
        assert explain(name).kind in ("icmp", "route")  # "unreachable" is a kind of route, too
    for (kind, code), name in codes.items():
        found = explain(f"{family} {kind}/{code}")
        assert f"Code {code}: " in str(found)
        assert explain(f"{family} type {kind} code {code}") == found
        assert explain(f"{family} {name}") == found


def test_icmp_as_tcpdump_shows_it() -> None:
    for kind in (0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, *dump_icmp._NAMES):
        is_explained(f"icmp {kind}", "icmp")
    for code in dump_icmp._UNREACHABLES:
        assert f"Code {code}: " in str(explain(f"icmp 3/{code}"))
    for code in dump_icmp._REDIRECTS:
        assert f"Code {code}: " in str(explain(f"icmp 5/{code}"))
    for kind in dump_icmp6._NAMES:
        is_explained(f"icmp6 {kind}", "icmp")
    for code in dump_icmp6._UNREACHABLES:
        assert f"Code {code}: " in str(explain(f"icmp6 1/{code}"))
    for code in dump_icmp6._PARAMETERS:
        assert f"Code {code}: " in str(explain(f"icmp6 4/{code}"))
    assert "none that netshell knows" in str(explain("icmp 8/7"))


def test_every_ttl_says_where_it_started() -> None:
    for value in range(256):
        is_explained(f"ttl {value}", "ttl", str(value))
    for value in (64, 128, 255):
        assert f"started at {value}" in str(explain(f"ttl {value}"))


# --- DNS ----------------------------------------------------------------------------------------


def _rcodes() -> set[str]:
    named = {name for name in numbers.RCODES if name.isalpha()}
    dumped = {domain_numbers.result(code).strip() for code in range(24)}
    return (
        named
        | {*status.STATUS, *status.WORDS}
        | {name for name in dumped if name.isalpha() and name != "NoChange"}
    )


@pytest.mark.parametrize("name", sorted(_rcodes() | {*dnsterms.RCODES}))
def test_dns_rcodes(name: str) -> None:
    is_explained(name, "dns", name.upper())


def test_dns_rcodes_by_number() -> None:
    for name, number in dnsterms.RCODES.items():
        assert explain(f"rcode {number}").subject in (name, "BADVERS")
    assert "without a name" in str(explain("rcode 3000"))
    assert "without a name" in str(explain("?24")) and explain("RCODE24").kind == "dns"


def test_extended_dns_errors() -> None:
    for code in range(len(edns.ERRORS)):
        is_explained(f"EDE {code}", "dns", f"EDE {code}")
    assert explain("EDE: 22 (No Reachable Authority)") == explain("EDE 22")


def _types() -> Iterable[str]:
    known = {*numbers.TYPES, *rdtypes.RDTYPES, *rdtypes.NOT_ASKED}
    known |= {dns.rdatatype.to_text(each) for each in dns.rdatatype.RdataType}
    return sorted(known - {"TYPE0"})


@pytest.mark.parametrize("name", _types())
def test_dns_record_types(name: str) -> None:
    is_explained(f"type {name}", "dns", name)
    assert explain(f"type {name.lower()}") == explain(f"type {name}")
    assert "netshell has no name" not in str(explain(f"type {name}"))


def test_dns_record_types_by_number() -> None:
    for name, number in {**numbers.TYPES, **dnsterms.EXTRA_TYPES}.items():
        assert explain(f"type {number}").subject == explain(f"type {name}").subject
        assert f"number {number}" in str(explain(f"TYPE{number}"))
    for each in dns.rdatatype.RdataType:  # numbers that are written here, too
        if each.name in dnsterms.EXTRA_TYPES:
            assert dnsterms.EXTRA_TYPES[each.name] == each.value
    assert "netshell has no name" in str(explain("TYPE65400"))


@pytest.mark.parametrize("flag", [*status.FLAG, *status.ALWAYS, "do", "co"])
def test_dns_flags(flag: str) -> None:
    is_explained(flag, "dns", flag)


# --- other protocols ----------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(codes.REASONS))
def test_http_statuses(code: int) -> None:
    is_explained(f"HTTP {code}", "http", f"HTTP {code} {codes.REASONS[code]}")
    found = explain(code)
    assert found.kind == ("ttl" if code < 256 else "http")
    assert f'explain("http {code}")' in str(found) or found.kind == "http"


def test_http_statuses_are_all_of_ianas() -> None:
    from http import HTTPStatus

    ours = set(codes.REASONS)
    assert {each.value for each in HTTPStatus} <= ours
    assert ours == {
        *range(100, 105), *range(200, 209), 226, *range(300, 309), *range(400, 419),
        *range(421, 427), 428, 429, 431, 451, 499, *range(500, 509), 510, 511,
    }  # fmt: skip
    said = entries("http", "en")
    assert {key.split(".")[1] for key in said if key.startswith("status")} == set(map(str, ours))
    assert explain("Not Found") == explain(404)


@pytest.mark.parametrize("port", sorted(ports.PORTS))
def test_ports(port: int) -> None:
    name = ports.PORTS[port]
    is_explained(f"port {port}", "port", str(port))
    assert name in str(explain(f"port {port}"))
    assert explain(f"port {name}") == explain(f"port {port}")
    if port > 255:
        assert explain(port).kind in ("port", "http", "sql")


def test_ports_without_a_service() -> None:
    assert "only privileged programs" in str(explain("port 1000"))
    assert "any program may listen" in str(explain(20_001))
    assert "ip_local_port_range" in str(explain(54_321))


def test_ports_are_those_of_the_texts() -> None:
    said = {key.split(".")[0] for key in entries("port", "en")} - {"line"}
    assert said == set(map(str, ports.PORTS))
    for port in ports.PORTS:
        assert source(f"port.{port}")


def test_errors_of_redis_and_alerts_of_tls_are_those_of_the_texts() -> None:
    for file, known in (("redis", codes.REDIS), ("tls", codes.ALERTS)):
        assert {key.split(".")[0] for key in entries(file, "en")} == set(known)
    assert set(codes.ALERTS) <= set(ALERTS.values())


# --- findings, endings, interfaces, routes, timers ----------------------------------------------


def test_findings_and_how_severe_they_are() -> None:
    assert {rule.kind: rule.severity for rule in findings.FINDINGS} == kinds.KINDS
    for kind in kinds.KINDS:
        is_explained(f"finding {kind}", "finding", kind)


@pytest.mark.parametrize("phrase", sorted({*PHRASES} - {""}))
def test_endings(phrase: str) -> None:
    is_explained(phrase, "ending", phrase)


def test_flags_of_interfaces_kinds_of_routes_and_timers() -> None:
    shown = {*interfaces.FLAGS, *(name for _, name in interface_lines._NAMES)}
    for name in shown:
        is_explained(f"interface flag {name}", "interface", name)
    for kind in {*host_routes.KINDS, *host_routes.REFUSALS} - {"none"}:
        is_explained(f"route {kind}", "route", kind)
    for timer in sockets.TIMERS:
        is_explained(f"timer {timer}", "timer", timer)


# --- columns ------------------------------------------------------------------------------------


def _heads() -> set[str]:
    """All columns of netstat, from the lines that it prints."""
    lines = [*internet_head(Columns(extended=True, timers=True)), *unix_head(Columns())]
    lines += route_lines._HEADS.values()
    lines += [value for name, value in vars(interface_lines).items() if name.endswith("HEAD")]
    text = " ".join(line for line in lines if not line.startswith("Active"))
    for pair in ("Local Address", "Foreign Address"):
        text = text.replace(pair, "")
    return {*text.split(), "Local Address", "Foreign Address", "PID/Program name"}


@pytest.mark.parametrize("name", sorted(_heads()))
def test_columns_of_netstat(name: str) -> None:
    is_explained(f"netstat {name}", "column", "netstat")


def test_fields_of_ifconfig() -> None:
    """Each word that stands before a number or an address in a paragraph of it."""
    counted = interfaces.Counters(*[7] * 17)
    link = interfaces.Interface(
        "eth0", 2, ("UP",), 1500, "02:00:00:00:00:01", counters=counted, link_type=1,
        link_address="02:00:00:00:00:01", queue_len=1000,
        addresses=(interfaces.Address("192.0.2.1", 24, "IPv4", broadcast="192.0.2.255"),
                   interfaces.Address("2001:db8::1", 64, "IPv6")),
    )  # fmt: skip
    words = set()
    for line in interface_lines.long_lines(link, "eth0"):
        way = next((way for way in ("RX", "TX") if f" {way} " in line), "")
        for word in re.findall(r"\b([a-z6]+)[ =](?=[0-9a-f<:]*[0-9])", line.partition("(")[0]):
            words.add(f"{way} {word}".strip())
        words |= {f"{way} bytes"} if "bytes" in line else set()
    assert {"inet", "inet6", "netmask", "mtu", "RX errors", "TX carrier", "txqueuelen"} <= words
    for word in words:
        is_explained(f"ifconfig {word}", "column", "ifconfig")


@pytest.mark.parametrize("program", columns.PROGRAMS)
def test_fields_of_the_classic_commands_are_those_of_the_texts(program: str) -> None:
    said = {key.split(".")[0] for key in entries(program, "en")}
    assert said == {columns.slug(name) for name in columns.PROGRAMS[program]}
    for name in columns.PROGRAMS[program]:
        is_explained(f"{program} {name}", "column", program)


def test_what_dig_and_nslookup_print_is_explained() -> None:
    printed = Path(edns.__file__).parent
    text = "".join(path.read_text("utf-8") for path in printed.glob("*.py"))
    text += (printed.parent / "nslookup_text.py").read_text("utf-8")
    for name in (*columns.PROGRAMS["dig"], *columns.PROGRAMS["nslookup"]):
        name = {"EDE": "EDE", "udp": "udp: "}.get(name, name)
        assert name.removesuffix(" rcvd").removesuffix(" SECTION") in text, name
    for name in edns._KNOWN.values():
        if name in ("LLQ", "KEY-TAG", "CLIENT-TAG", "SERVER-TAG"):
            continue  # options that nobody uses
        is_explained(f"dig {name}", "column", "dig")


TABLES = {
    "conns": [conns.Sockets.heads],
    "flows": [flows.Flows.heads],
    "findings": [finding.Findings.heads, finding._COUNTS],
    "states": [states.States.heads],
    "ladder": [rungs_heads for rungs_heads in vars(rungs).values()
               if isinstance(rungs_heads, tuple) and rungs_heads
               and hasattr(rungs_heads[0], "shrink")],
    "talkers": [talkers.Talkers.heads],
    "messages": [messages.Messages.heads],
    "queries": [queries.Queries.heads],
    "grouped": [queries_grouped.QueryGroups.heads],
    "transactions": [queries_transactions.Transactions.heads],
    "n_plus_one": [bursts.Bursts.heads, bursts_grouped.Loops.heads],
    "records": [answer.DnsRecords.heads],
    "ifaces": [ifaces.Interfaces.heads],
    "routes": [routes.RouteTable.heads, host_routes._COLUMNS],
    "unix": [unix.UnixSockets.heads],
    "captures": [captures.Captures.heads],
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_columns_of_netshells_own_tables(table: str) -> None:
    assert TABLES[table]
    for heads in TABLES[table]:
        for head in heads:
            if head.name:
                assert columns.of_table(table if table in columns.TABLES else "any", head.name), (
                    head
                )
                if table in columns.TABLES:
                    is_explained(f"{table} {head.name}", "column", table)


def test_columns_are_those_of_the_texts() -> None:
    said: dict[str, set[str]] = {}
    for key in entries("table", "en"):
        table, _, name = key.partition(".")
        said.setdefault(table, set()).add(name)
    assert said == {name: set(columns._names(name)) for name in columns.TABLES}


# --- what is meant ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "kind", "said"),
    [
        ("Recv-Q", "column", 'explain("conns Recv-Q")'),
        ("recv-q", "column", 'explain("netstat recv-q")'),
        ("RX dropped", "column", "ifconfig"),
        ("CLOSE_WAIT", "state", "has not closed the socket yet"),
        (443, "port", "Web over TLS"),
        (404, "http", "nothing at that target"),
        (53, "ttl", 'explain("port 53")'),
        (200, "ttl", 'explain("http 200")'),
        (1213, "sql", "A deadlock"),
        ("A", "flags", 'explain("type A")'),
        ("RA", "flags", 'explain("dns flag ra")'),
        ("Query time", "column", "dig"),
        ("Non-authoritative answer", "column", "does not hold the zone itself"),
        ("txqueuelen", "column", "bufferbloat"),
        ("cksum", "column", "offload"),
        ("ack", "flags", 'explain("tcpdump ack")'),
        ("MSG SIZE", "column", "1232"),
        ("collisions", "column", "duplex mismatch"),
        ("port unreachable", "icmp", "nothing listens on that UDP port"),
        ("https", "dns", 'explain("port 443")'),
    ],
)
def test_what_a_word_or_number_means_and_what_else(x: object, kind: str, said: str) -> None:
    found = explain(x)
    assert found.kind == kind
    assert said in str(found)


def test_whatever_else_it_can_mean_can_be_asked_for() -> None:
    words = [*range(256), 404, 1213, 3306, "A", "RA", "Recv-Q", "ttl", "time", "state", "flags"]
    words += [word for family in FAMILIES for word in family.words()]
    for word in words:
        asked = re.findall(r'(?:also be: |; )[^"]*?explain\("([^"]+)"\)', str(explain(word)))
        for each in asked:
            assert explain(each).lines, (word, each)


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("retransmision", 'explain("retransmission")'),
        ("NXDOMIAN", 'explain("NXDOMAIN")'),
        ("ESTABLISED", 'explain("ESTABLISHED")'),
        ("Recv-W", 'explain("Recv-Q")'),
        ("htpps", "explain("),
    ],
)
def test_an_unknown_word_names_the_nearest_in_one_line(word: str, near: str) -> None:
    with pytest.raises(BadArgument) as caught:
        explain(word)
    line = str(caught.value)
    assert near in line and "did you mean" in line
    assert "\n" not in line
    for each in re.findall(r'explain\("([^"]+)"\)', line):
        assert explain(each).lines
        assert SequenceMatcher(None, each.lower(), word.lower()).ratio() > 0.6


SPECIFIED = re.compile(
    r"RFC \d|\(\d\)|documentation|Documentation|references|IANA|nginx|ip-sysctl|CCSDS|draft-|docs/"
    r"|Protocol|specification"
)


def test_sources_name_a_specification_and_belong_to_a_text() -> None:
    """A source without a text is a mistake of its key."""
    for path in (Path(catalogue.__file__).parent / "sources").glob("*.toml"):
        texts = entries(path.stem, "en")
        for key, said in entries(path.stem, "sources").items():
            assert SPECIFIED.search(said), said
            of_all = key in ("all", "any", "value", "word", "capture", "segment.any")
            of_table = path.stem == "table" and any(each.startswith(f"{key}.") for each in texts)
            of_one = any(each == key or each.startswith(f"{key}.") for each in texts)
            assert of_all or of_table or of_one or path.stem == "message", (path, key)


def test_every_example_of_the_documentation_can_be_asked() -> None:
    text = (Path(__file__).parents[2] / "docs" / "explain.rst").read_text("utf-8")
    table = text.partition("kind    ")[2].rpartition("====  ====")[0]
    rows = [line for line in table.splitlines() if line[29:].strip().startswith("``")]
    asked = [word for row in rows for word in re.findall(r"``([^`]+)``", row[29:])]
    assert len(asked) > 40
    for word in asked:
        assert explain(word).lines, word
