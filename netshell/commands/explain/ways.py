"""Where packets go: routes and interfaces explained."""

from __future__ import annotations

from netshell.catalogue import source, text
from netshell.commands.explain.explanation import Explanation
from netshell.host.interfaces import FLAGS, Interface
from netshell.host.routes import KINDS, REFUSALS, Route


def route(route: Route) -> Explanation:
    to = route.destination
    subject, where = text("route.subject", to=to), source("route.all")
    if not route.usable:
        refused = route.kind if route.kind in REFUSALS else "none"
        return Explanation("route", subject, (text(f"route.refused.{refused}", to=to),), where)
    lines = [_leaves(route)]
    if route.kind in KINDS and route.kind not in ("unicast", "local"):
        lines.append(text(f"route.kind.{route.kind}"))
    if route.source:
        lines.append(text("route.source", source=route.source))
    if route.mtu:
        lines.append(text("route.mtu", mtu=route.mtu))
    if route.prefix and route.table:
        lines.append(text("route.entry.both", prefix=route.prefix, table=route.table))
    elif route.prefix:
        lines.append(text("route.entry.prefix", prefix=route.prefix))
    elif route.table:
        lines.append(text("route.entry.table", table=route.table))
    if len(route.hops) > 1:
        lines.append(text("route.hops", count=len(route.hops)))
    return Explanation("route", subject, tuple(lines), where)


def _leaves(route: Route) -> str:
    to, iface = route.destination, route.iface
    if route.kind == "local":
        return text("route.leave.local", to=to, iface=iface)
    if route.gateway:
        return text("route.leave.gateway", to=to, iface=iface, gateway=route.gateway)
    return text("route.leave.direct", to=to, iface=iface)


def interface(interface: Interface) -> Explanation:
    key = f"{'up' if interface.up else 'down'}{'_kind' if interface.kind else ''}"
    values = {"kind": interface.kind} if interface.kind else {}
    lines = [text(f"interface.{key}", mtu=interface.mtu, **values)]
    if interface.master:
        lines.append(text("interface.master", master=interface.master))
    counters = interface.counters
    lost = counters.rx_dropped + counters.tx_dropped
    errors = counters.rx_errors + counters.tx_errors
    if lost or errors:
        lines.append(text("interface.counters", dropped=lost, errors=errors))
    lines += [
        text("interface.short", flag=flag, text=text(f"interface.flag.{flag}"))
        for flag in interface.flags
        if flag in FLAGS
    ]
    return Explanation("interface", interface.name, tuple(lines), source("interface.all"))
