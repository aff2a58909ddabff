"""Where packets go: routes and interfaces explained."""

from __future__ import annotations

from netshell.commands.explain.explanation import Explanation
from netshell.commands.words import sentence
from netshell.host.interfaces import FLAGS, Interface
from netshell.host.routes import KINDS, REFUSALS, Route


def route(route: Route) -> Explanation:
    to = route.destination
    if not route.usable:
        line = sentence(f"{to}: {REFUSALS.get(route.kind, route.kind)}")
        return Explanation("route", f"route to {to}", (line,), "ip-route(8)")
    way = f"through the gateway {route.gateway}" if route.gateway else "directly: no gateway"
    if route.kind == "local":
        way = "and stay on this machine: the address is its own"
    lines = [f"Packets to {to} leave by {route.iface}, {way}."]
    if route.kind != "unicast" and route.kind != "local":
        lines.append(sentence(f"{route.kind}: {KINDS.get(route.kind, '')}"))
    if route.source:
        lines.append(f"They carry the source address {route.source}, unless a program binds one.")
    if route.mtu:
        lines.append(f"A packet may have {route.mtu} bytes (the MTU); larger ones are split up.")
    if route.prefix or route.table:
        entry = f"the entry {route.prefix}" if route.prefix else "an entry"
        table = f" of the table {route.table}" if route.table else ""
        lines.append(f"The kernel took {entry}{table}, the most specific that fits.")
    if len(route.hops) > 1:
        lines.append(f"It is one of {len(route.hops)} ways: which one depends on the connection.")
    return Explanation("route", f"route to {to}", tuple(lines), "ip-route(8)")


def interface(interface: Interface) -> Explanation:
    carries = "is up and carries" if interface.up else "does not carry"
    kind = f", of the kind {interface.kind}" if interface.kind else ""
    lines = [f"It {carries}; packets of at most {interface.mtu} bytes (the MTU){kind}."]
    if interface.master:
        lines.append(f"It is part of {interface.master}.")
    lost = interface.counters.rx_dropped + interface.counters.tx_dropped
    errors = interface.counters.rx_errors + interface.counters.tx_errors
    if lost or errors:
        lines.append(f"{lost} packets were dropped and {errors} were damaged since it came up.")
    lines += [f"{flag}: {sentence(FLAGS[flag])}" for flag in interface.flags if flag in FLAGS]
    return Explanation("interface", interface.name, tuple(lines), "netdevice(7), ip-link(8)")
