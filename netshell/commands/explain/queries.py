"""Executed statements explained: one, many of a kind, loops about them, and transactions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netshell.catalogue import text
from netshell.commands.explain import codes
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import amount
from netshell.flow.asked import ms
from netshell.protocols.bursts import Burst
from netshell.protocols.bursts_grouped import Loop
from netshell.protocols.line import brief
from netshell.protocols.queries_grouped import QueryGroup
from netshell.protocols.queries_transactions import Transaction
from netshell.protocols.query import NOWHERE, Query

_MYSQL_CODE = re.compile(r"(\d{4,5})(?: \((\w{5})\))?")


def query(query: Query) -> Explanation:
    """One executed statement of cap.queries()."""
    lines = [
        text(
            "query.sent",
            client=query.client,
            server=query.server,
            flow=query.flow,
            user=query.user or text("query.somebody"),
            database=query.database or text("query.somewhere"),
        )
    ]
    if not query.statement and query.name:
        lines.append(text("query.prepared", name=query.name))
    lines += _time(query)
    if query.error:
        lines.append(text("query.refused", error=query.error))
    if query.lacking and query.running_s is None:
        lines += [text("message.lacking", text=query.lacking), *lacking(query.lacking)]
    found = sql(query.code, query.protocol)
    return Explanation("message", query.said, tuple(lines), "", found)


def _time(query: Query) -> Iterator[str]:
    if query.running_s is not None:
        yield text("query.runs", span=_seconds(query.running_s))
    if query.duration_s is None:
        return
    network, server, took = query.network_s, query.server_s, _seconds(query.duration_s)
    together = query.together
    if together > 1:
        yield text("query.together", others=together - 1, count=together, span=took)
    if network is None or server is None:
        if together == 1:
            yield text("query.took", span=took)
        yield text("query.unknown")
        return
    parts = {"network": _seconds(network), "server": _seconds(server)}
    if together > 1:
        yield text("query.parts", **parts)
    else:
        yield text("query.took_parts", span=took, **parts)


def burst(burst: Burst) -> Explanation:
    """One loop about a statement."""
    where = text("query.burst.flow", flow=burst.flow)
    if burst.client != NOWHERE:
        where = text("query.burst.from", client=burst.client, flow=burst.flow)
    lines = [
        text("query.burst.same", count=burst.count, span=_seconds(burst.over_s), where=where),
        _waited(burst),
    ]
    if burst.before:
        before = brief(burst.before, 100)
        if burst.before_rows is None:
            lines.append(text("query.burst.before", statement=before))
        else:
            rows = burst.before_rows
            lines.append(text("query.burst.before_rows", statement=before, rows=rows))
    lines.append(text("query.burst.values", values=burst.values))
    lines.append(text("explain.act", text=burst.advice))
    return Explanation("queries", brief(burst.statement), tuple(lines))


def _waited(burst: Burst) -> str:
    trips, span = burst.trips, _seconds(burst.spent_s)
    if burst.network_s is None:
        return text("query.burst.waited", trips=trips, span=span)
    network = _seconds(burst.network_s)
    return text("query.burst.waited_network", trips=trips, span=span, network=network)


def loop(loop: Loop) -> Explanation:
    """The same loop, again and again."""
    lines = [
        text(
            "query.loop.total",
            loops=amount(loop.bursts, "loop"),
            connections=amount(loop.connections, "connection"),
            count=loop.count,
            most=loop.most,
            span=_seconds(loop.spent_s),
        )
    ]
    if loop.before:
        lines.append(text("query.loop.before", statement=brief(loop.before, 100)))
    lines.append(text("query.loop.act"))
    return Explanation("queries", brief(loop.statement), tuple(lines))


def group(group: QueryGroup) -> Explanation:
    """One statement with whatever values."""
    share = f"{group.share:.1%}"
    total = text("query.group.total", calls=group.calls, span=_seconds(group.total_s), share=share)
    lines = [total]
    if group.mean_s is not None and group.p95_s is not None and group.max_s is not None:
        mean, most = _seconds(group.mean_s), _seconds(group.p95_s)
        longest = _seconds(group.max_s)
        lines.append(text("query.group.mean", mean=mean, most=most, longest=longest))
    if group.together:
        lines.append(text("query.group.together", count=group.together))
    if group.running:
        span = _seconds(group.running_s or 0.0)
        lines.append(text("query.group.running", count=group.running, span=span))
    if group.errors:
        lines.append(text("query.group.errors", count=group.errors))
    return Explanation("queries", brief(group.statement), tuple(lines))


def transaction(transaction: Transaction) -> Explanation:
    """One transaction, and how long its client did nothing in it."""
    lines = [
        text(
            "query.transaction.total",
            count=transaction.statements,
            span=_seconds(transaction.duration_s),
            idle=_seconds(transaction.idle_s),
        )
    ]
    if transaction.longest_idle_s:
        span, after = _seconds(transaction.longest_idle_s), brief(transaction.idle_after, 100)
        lines.append(text("query.transaction.pause", span=span, statement=after))
    lines.append(text("query.transaction.act"))
    subject = text("query.transaction.subject", flow=transaction.flow)
    return Explanation("queries", subject, tuple(lines))


def _seconds(seconds: float) -> str:
    return ms(seconds * 1e3)


def sql(code: str, protocol: str) -> tuple[Explanation, ...]:
    """What an SQL server's error code means: SQLSTATE, or MySQL's number with one."""
    if not code:
        return ()
    if protocol != "mysql":
        return (codes.sqlstate(code),)
    found = _MYSQL_CODE.fullmatch(code)
    return () if found is None else (codes.mysql(found[1], found[2] or ""),)


def lacking(said: str) -> Iterator[str]:
    """What to do about what is not there of a message."""
    if "no answer" in said:
        yield text("message.lacks.answer")
    elif "no query" in said or "no request" in said:
        yield text("message.lacks.query")
    elif "byte" in said:
        yield text("message.lacks.bytes")
