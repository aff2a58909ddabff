"""What TCP segments and UDP datagrams carry, by port: one visible table each.

tcpdump asks in a fixed order, and the first row that fits either end counts. A printer is given
the payload and writes all of its text; one for TCP writes ": " or " " before it where tcpdump
does. It is loaded when a packet needs it.

A length alone, for tcpdump 4.99 as Debian builds it, too: NetBIOS and SMB (137 to 139, 445), LLMNR,
SSDP, STUN, QUIC and TLS. A length alone here, where tcpdump says more: over UDP NFS (2049), Babel
(6696), HNCP (8231), OLSR (698), AODV (654), AHCP (5359), LDP (646), LMP (701), LSP ping (3503),
sFlow (6343), LISP (4342), LWAPP (12222), VQP (1589), ZEP (17754), Zephyr (2103), lwres (921),
Cisco's auto-RP (496), wb (4567), AppleTalk in UDP; over TCP NFS (2049), PPTP (1723), OpenFlow
(6633, 6653), MSDP (639), RPKI (323), LDP (646).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

Printer = Callable[["Scope", "Settings", "State"], None]
"""The payload, the settings, and what is remembered; writes all of its text itself."""

EITHER, SOURCE, DESTINATION = "either", "source", "destination"


class Row(NamedTuple):
    """A printer, as module.function in this folder or folder.module.function, its ports, and whose
    they have to be."""

    printer: str
    ports: Sequence[int]
    end: str = EITHER


UDP = (
    Row("domain.show", (53,)),
    Row("domain.show_multicast", (5353,)),
    Row("timed.show", (525,)),
    Row("tftp.show", (69,)),
    Row("dhcp.show", (67, 68)),
    Row("rip.show", (520,)),
    Row("isakmp.show", (500,)),
    Row("isakmp.show_through_nat", (4500,)),
    Row("isakmp.show", (7500, 8500)),
    Row("snmp.show", (161, 162)),
    Row("ntp.show", (123,)),
    Row("kerberos.show", (88, 750)),
    Row("l2tp.show", (1701,)),
    Row("vat.show", (3456,), DESTINATION),
    Row("rx.show", range(7000, 7010)),
    Row("ripng.show", (521,)),
    Row("dhcp6.show", (546, 547)),
    Row("radius.show", (1645, 1812, 1646, 1813, 1700, 3799)),
    Row("hsrp.show", (1985,), DESTINATION),
    Row("bcm_li.show", (49152,), SOURCE),
    Row("bfd.show", (3784,), DESTINATION),
    Row("bfd.show_echo", (3785,), DESTINATION),
    Row("bfd.show_multihop", (4784,), DESTINATION),
    Row("bfd.show_bundle", (6784,), DESTINATION),
    Row("sip.show", (5060,)),
    Row("syslog.show", (514,)),
    Row("vxlan.show_otv", (8472,)),
    Row("vxlan.show", (4789,)),
    Row("geneve.show", (6081,)),
    Row("vxlan.show_generic", (4790,)),
    Row("links.mpls.show", (6635,)),
    Row("ptp.show", (319, 320)),
    Row("someip.show", (30490,)),
)

TCP = (
    Row("telnet.show", (23,)),
    Row("smtp.show", (25,)),
    Row("whois.show", (43,)),
    Row("bgp.show", (179,)),
    Row("resp.show", (6379,)),
    Row("ssh.show", (22,)),
    Row("beep.show", (10288,)),
    Row("ftp.show", (21,)),
    Row("http.show", (80, 8080)),
    Row("rtsp.show", (554, 8554)),
    Row("domain.show_tcp", (53,)),
)


def over_tcp(sport: int, dport: int) -> Printer | None:
    """The printer for what is between two TCP ports, if there is one."""
    return _between(_TCP, sport, dport)


def over_udp(sport: int, dport: int) -> Printer | None:
    """The printer for what is between two UDP ports, if there is one."""
    return _between(_UDP, sport, dport)


Ranks = tuple[dict[int, int], dict[int, int], tuple[Row, ...]]
"""The row of each source port, of each destination port, and the rows."""


def _ranks(rows: tuple[Row, ...]) -> Ranks:
    source: dict[int, int] = {}
    destination: dict[int, int] = {}
    for rank, row in enumerate(rows):
        for port in row.ports:
            if row.end != DESTINATION:
                source.setdefault(port, rank)
            if row.end != SOURCE:
                destination.setdefault(port, rank)
    return source, destination, rows


_TCP, _UDP = _ranks(TCP), _ranks(UDP)
TCP_PORTS = frozenset(_TCP[0]) | frozenset(_TCP[1])
"""TCP ports that have a printer, at one end or both."""
UDP_PORTS = frozenset(_UDP[0]) | frozenset(_UDP[1])
"""UDP ports that have a printer, at one end or both."""
_LOADED: dict[str, Printer] = {}


def _between(ranks: Ranks, sport: int, dport: int) -> Printer | None:
    source, destination, rows = ranks
    none = len(rows)
    rank = min(source.get(sport, none), destination.get(dport, none))
    return None if rank == none else loaded(rows[rank].printer)


def loaded(name: str) -> Printer:
    """A printer by its name in the table: ``domain.show``, or ``links.mpls.show`` elsewhere."""
    printer = _LOADED.get(name)
    if printer is None:
        module, _, function = name.rpartition(".")
        place = module if "." in module else f"application.{module}"
        found: Any = getattr(import_module(f"netshell.classic.dump.{place}"), function)
        printer = _LOADED[name] = found
    return printer
