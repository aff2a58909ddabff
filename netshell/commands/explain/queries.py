"""Executed statements explained: one, many of a kind, loops about them, and transactions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netshell.commands.explain import codes
from netshell.commands.explain.explanation import Explanation
from netshell.flow.asked import ms
from netshell.flow.findings.words import amount
from netshell.protocols.bursts import Burst
from netshell.protocols.bursts_grouped import Loop
from netshell.protocols.line import brief
from netshell.protocols.queries_grouped import QueryGroup
from netshell.protocols.queries_transactions import Transaction
from netshell.protocols.query import NOWHERE, Query

_MYSQL_CODE = re.compile(r"(\d{4,5})(?: \((\w{5})\))?")


def query(query: Query) -> Explanation:
    """One executed statement of cap.queries()."""
    who = f"{query.user or 'somebody'} on {query.database or 'an unknown database'}"
    lines = [f"Sent by {query.client} to {query.server} in flow {query.flow}, as {who}."]
    lines += _prepared(query)
    lines += _time(query)
    if query.error:
        lines.append(f"The server refused it: {query.error}.")
    if query.lacking and query.running_s is None:
        lines += [f"What is not there of it: {query.lacking}.", *lacking(query.lacking)]
    found = sql(query.code, query.protocol)
    return Explanation("message", query.said, tuple(lines), "", found)


def _prepared(query: Query) -> Iterator[str]:
    if not query.statement and query.name:
        yield (
            f"It was prepared as {query.name} before the capture began: its text was not seen, and "
            "its values are shown as they were sent."
        )


def _time(query: Query) -> Iterator[str]:
    if query.running_s is not None:
        yield (
            f"It runs: {ms(query.running_s * 1e3)} up to now, and the server has not answered. "
            "It works, or waits for a lock: the server's own list of what runs says which "
            "(pg_stat_activity, SHOW PROCESSLIST)."
        )
    if query.duration_s is None:
        return
    network, server = query.network_s, query.server_s
    took = ms(query.duration_s * 1e3)
    if query.together > 1:
        yield (
            f"It was answered in one go with {query.together - 1:,} others: {took} for all "
            f"{query.together:,}. The server kept its answers back until all were done, so nobody "
            "can tell from the wire which of them took that time."
        )
    if network is None or server is None:
        if query.together == 1:
            yield f"It took {took}."
        yield "How much of it the network took is not known: no clean round trip was seen."
        return
    parts = f"{ms(network * 1e3)} of that on the network, {ms(server * 1e3)} at the server"
    yield f"{parts}." if query.together > 1 else f"It took {took}: {parts}."


def burst(burst: Burst) -> Explanation:
    """One loop about a statement."""
    lines = [
        f"The same statement {burst.count:,} times in {ms(burst.over_s * 1e3)} on one connection "
        f"({_client(burst)}flow {burst.flow}): a loop about a query, as "
        'programs have that load lazily ("N+1").',
        f"Its client waited {burst.trips:,} times for an answer, {ms(burst.spent_s * 1e3)} in all"
        + ("." if burst.network_s is None else f", {ms(burst.network_s * 1e3)} on the network."),
    ]
    if burst.before:
        given = "" if burst.before_rows is None else f", which gave {burst.before_rows:,} rows"
        lines.append(f"It likely goes over the rows of {brief(burst.before, 100)}{given}.")
    lines.append(f"Its values: {burst.values}.")
    lines.append(f"To do: {burst.advice}")
    return Explanation("queries", brief(burst.statement), tuple(lines))


def _client(burst: Burst) -> str:
    return "" if burst.client == NOWHERE else f"{burst.client}, "


def loop(loop: Loop) -> Explanation:
    """The same loop, again and again."""
    lines = [
        f"{amount(loop.bursts, 'loop')} on {amount(loop.connections, 'connection')} executed it "
        f"{loop.count:,} times, up to {loop.most:,} times in a row; "
        f"{ms(loop.spent_s * 1e3)} of waiting.",
    ]
    if loop.before:
        lines.append(f"They likely go over the rows of {brief(loop.before, 100)}.")
    lines.append("To do: one statement with a join, or with all the values in a list.")
    return Explanation("queries", brief(loop.statement), tuple(lines))


def group(group: QueryGroup) -> Explanation:
    """One statement with whatever values."""
    lines = [
        f"Executed {group.calls:,} times: {ms(group.total_s * 1e3)} in all, {group.share:.1%} of "
        "the time of all queries looked at.",
    ]
    if group.mean_s is not None and group.p95_s is not None and group.max_s is not None:
        lines.append(
            f"One takes {ms(group.mean_s * 1e3)} in the mean; 95 % no longer than "
            f"{ms(group.p95_s * 1e3)}, the longest {ms(group.max_s * 1e3)}."
        )
    if group.together:
        lines.append(
            f"{group.together:,} were answered in one go with others: their own times are not "
            "known, each counts with an equal share."
        )
    if group.running:
        lines.append(f"{group.running:,} run by now, the longest for {_seconds(group.running_s)}.")
    if group.errors:
        lines.append(f"{group.errors:,} failed.")
    return Explanation("queries", brief(group.statement), tuple(lines))


def transaction(transaction: Transaction) -> Explanation:
    """One transaction, and how long its client did nothing in it."""
    lines = [
        f"{transaction.statements:,} statements within {ms(transaction.duration_s * 1e3)}; for "
        f"{ms(transaction.idle_s * 1e3)} of that, the server waited for the client.",
    ]
    if transaction.longest_idle_s:
        lines.append(
            f"The longest pause, {ms(transaction.longest_idle_s * 1e3)}, was after "
            f"{brief(transaction.idle_after, 100)}."
        )
    lines.append(
        "Meanwhile it holds its locks and, in PostgreSQL, keeps VACUUM from cleaning up: do what "
        "needs no database before it begins, or after its end."
    )
    return Explanation("queries", f"a transaction of flow {transaction.flow}", tuple(lines))


def _seconds(seconds: float | None) -> str:
    return ms((seconds or 0.0) * 1e3)


def sql(code: str, protocol: str) -> tuple[Explanation, ...]:
    """What an SQL server's error code means: SQLSTATE, or MySQL's number with one."""
    if not code:
        return ()
    if protocol != "mysql":
        return (codes.sqlstate(code),)
    found = _MYSQL_CODE.fullmatch(code)
    return () if found is None else (codes.mysql(found[1], found[2] or ""),)


def lacking(text: str) -> Iterator[str]:
    """What to do about what is not there of a message."""
    if "no answer" in text:
        yield (
            "To do: look how the flow ended (explain(cap.flows[n])): the server may be at it "
            "still, be stuck or gone, or the capture ended too soon."
        )
    elif "no query" in text or "no request" in text:
        yield "The capture began between the two, or took one direction only."
    elif "byte" in text:
        yield (
            "These packets were not captured, or cut: cap.stats.dropped counts the kernel's "
            "losses, snaplen= what is cut."
        )
