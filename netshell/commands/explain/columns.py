"""The columns and fields that tables and the classic commands show, explained by their names."""

from __future__ import annotations

import re
from functools import cache

from netshell.catalogue import source, text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import sentences

PROGRAMS = {
    "netstat": (
        "Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "State", "User", "Inode",
        "PID/Program name", "Timer", "RefCnt", "Flags", "Type", "I-Node", "Path", "Destination",
        "Gateway", "Genmask", "MSS", "Window", "irtt", "Metric", "Ref", "Use", "Iface", "MTU",
        "RX-OK", "RX-ERR", "RX-DRP", "RX-OVR", "TX-OK", "TX-ERR", "TX-DRP", "TX-OVR", "Flg",
        "Interface", "Group",
    ),
    "ifconfig": (
        "flags", "mtu", "inet", "netmask", "broadcast", "destination", "inet6", "prefixlen",
        "scopeid", "ether", "loop", "txqueuelen", "RX packets", "RX bytes", "RX errors",
        "RX dropped", "RX overruns", "RX frame", "RX compressed", "TX packets", "TX bytes",
        "TX errors", "TX dropped", "TX overruns", "TX carrier", "TX collisions", "TX compressed",
        "device interrupt",
    ),
    "dig": (
        "opcode", "status", "id", "flags", "QUERY", "ANSWER", "AUTHORITY", "ADDITIONAL",
        "OPT PSEUDOSECTION", "EDNS", "udp", "COOKIE", "EDE", "NSID", "CLIENT-SUBNET", "EXPIRE",
        "TCP KEEPALIVE", "PAD", "QUESTION SECTION", "ANSWER SECTION", "AUTHORITY SECTION",
        "ADDITIONAL SECTION", "Query time", "SERVER", "WHEN", "MSG SIZE rcvd", "XFR size",
        "global options", "Got answer", "recursion requested but not available",
        "Truncated, retrying in TCP mode", "no servers could be reached", "communications error",
    ),
    "tcpdump": (
        "time", "Flags", "seq", "ack", "win", "urg", "options", "length", "cksum", "tos", "ttl",
        "id", "offset", "flags [DF]", "proto", "hlim", "flowlabel", "class", "next-header",
        "payload length", "[|tcp]", "packets captured", "packets received by filter",
        "packets dropped by kernel", "packets dropped by interface",
    ),
    "nslookup": (
        "Server", "Address", "Non-authoritative answer",
        "Authoritative answers can be found from", "Name", "canonical name", "mail exchanger",
        "No answer", "server can't find",
    ),
}  # fmt: skip
"""What the classic commands print, by command."""

TABLES = {
    "any": (
        "client", "server", "process", "pid", "user", "proto", "packets", "bytes", "flow",
        "packet", "interface", "iface", "state", "statement", "database", "network", "rows",
        "errors", "dropped", "time", "took", "began", "name", "share", "flags", "mtu", "gateway",
        "destination", "findings", "severity", "finding", "text", "parameters", "ended", "waited",
        "behind", "times", "filter", "number",
    ),
    "conns": (
        "recv-q", "send-q", "waiting", "backlog", "local", "remote", "timer", "rtt",
    ),
    "flows": (
        "#", "sent", "received", "duration", "rtt", "wait", "resent", "client by", "payload",
        "throughput", "start", "last",
    ),
    "findings": (
        "count",
    ),
    "states": (
        "from", "client", "server", "why",
    ),
    "ladder": (
        "seq", "ack", "len", "win",
    ),
    "queries": (
        "time", "client", "problem", "application",
    ),
    "grouped": (
        "calls", "total", "mean", "p95", "max", "min", "stddev", "running", "clients",
    ),
    "transactions": (
        "lasted", "idle", "longest", "statements", "ended", "idle after",
    ),
    "n_plus_one": (
        "over", "values", "bursts", "most",
    ),
    "messages": (
        "time", "protocol", "message",
    ),
    "records": (
        "ttl", "expires", "type", "data", "zone", "ms", "says",
    ),
    "ifaces": (
        "address", "mac", "rx", "tx", "kind",
    ),
    "routes": (
        "source", "table", "metric",
    ),
    "unix": (
        "type", "path", "inode",
    ),
}  # fmt: skip
"""The columns of netshell's own tables; those of "any" mean the same wherever they are."""

_ALSO = {
    ("ifconfig", "collisions"): "tx_collisions",
    ("ifconfig", "rx"): "rx_packets",
    ("ifconfig", "tx"): "tx_packets",
    ("ifconfig", "overruns"): "rx_overruns",
    ("ifconfig", "frame"): "rx_frame",
    ("ifconfig", "carrier"): "tx_carrier",
    ("ifconfig", "rx_overrun"): "rx_overruns",
    ("ifconfig", "interrupt"): "device_interrupt",
    ("netstat", "pid_program"): "pid_program_name",
    ("netstat", "pid"): "pid_program_name",
    ("netstat", "program_name"): "pid_program_name",
    ("dig", "msg_size"): "msg_size_rcvd",
    ("dig", "time"): "query_time",
    ("dig", "opt"): "opt_pseudosection",
    ("tcpdump", "checksum"): "cksum",
    ("tcpdump", "window"): "win",
    ("tcpdump", "dropped_by_kernel"): "packets_dropped_by_kernel",
    ("tcpdump", "received_by_filter"): "packets_received_by_filter",
    ("tcpdump", "df"): "flags_df",
}
"""Other words for a column, by command."""


def slug(name: str) -> str:
    """A column's name as its texts have it.

    >>> slug("Recv-Q"), slug("PID/Program name")
    ('recv_q', 'pid_program_name')
    """
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def of_program(program: str, said: str) -> str:
    """The column of a classic command that is meant, as its texts have it; "" for none."""
    name = slug(said)
    name = _ALSO.get((program, name), name)
    return name if name in _names(program) else ""


def of_table(table: str, said: str) -> str:
    """The key of a column of one of netshell's tables: its own or that of all; "" for none."""
    name = "number" if said.strip() == "#" else slug(said)
    return next((f"{place}.{name}" for place in (table, "any") if name in _names(place)), "")


def tables_with(said: str) -> list[str]:
    """The tables that have a column of that name with a text of its own, "any" the last."""
    name = slug(said)
    with_it = [table for table in TABLES if table != "any" and name in _names(table)]
    return [*with_it, "any"] if name in _names("any") else with_it


@cache
def _names(place: str) -> frozenset[str]:
    """The columns of a command or a table, as their texts have them."""
    shown = PROGRAMS.get(place) or TABLES[place]
    return frozenset("number" if name == "#" else slug(name) for name in shown)


def field(program: str, name: str) -> Explanation:
    """A column or field of a classic command that of_program() gave."""
    lines = tuple(sentences(f"{program}.{name}", "what", "why", "act"))
    shown = next((each for each in PROGRAMS[program] if slug(each) == name), name)
    return Explanation("column", f"{program}: {shown}", lines, source(f"{program}.all"))


def column(key: str, table: str = "") -> Explanation:
    """A column of netshell's own that of_table() gave."""
    place, _, name = key.partition(".")
    shown = next((each for each in TABLES[place] if slug(each) == name), name)
    called = table or ("" if place == "any" else place)
    subject = f"{called}: {shown}" if called else shown
    return Explanation("column", subject, (text(f"table.{key}"),), source(f"table.{place}"))
