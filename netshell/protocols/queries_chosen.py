"""What queries are chosen by: each a test of one query, made of what a user gave."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any, TypedDict

from netshell.errors import BadArgument
from netshell.errors import brief as named
from netshell.flow.key import Endpoint
from netshell.protocols.query import Query

Test = Callable[[Any], bool]
"""Of a query; where, as of most, nothing of who is asked for, of its statement as well."""


class Which(TypedDict, total=False):
    """What queries can be chosen by, beside their statement."""

    database: str | None
    user: str | None
    client: str | None
    server: str | None
    error: bool | str | None
    min_duration_s: float | None
    process: str | None
    application: str | None
    protocol: str | None


def wanted(
    statement: object = None,
    *,
    database: str | None = None,
    user: str | None = None,
    client: str | None = None,
    server: str | None = None,
    error: bool | str | None = None,
    min_duration_s: float | None = None,
    process: str | None = None,
    application: str | None = None,
    protocol: str | None = None,
) -> Test:
    """All of what is given. Raises BadArgument."""
    tests: list[Test] = []
    if statement is not None:
        tests.append(by_statement(statement))
    for name, given in (("database", database), ("user", user), ("protocol", protocol)):
        if given is not None:
            tests.append(by_name(name, given))
    for name, given in (("client", client), ("server", server)):
        if given is not None:
            tests.append(by_end(name, given))
    if error is not None:
        tests.append(by_error(error))
    if min_duration_s is not None:
        tests.append(by_duration(min_duration_s))
    if process is not None:
        tests.append(by_process(process))
    if application is not None:
        tests.append(by_application(application))
    return lambda query: all(test(query) for test in tests)


_IS_PATTERN = re.compile(r"[\\^\[\]{}|]|\.[*+?]")


def by_statement(wanted: object) -> Test:
    """By words, or a regular expression. Raises BadArgument."""
    if isinstance(wanted, re.Pattern) and isinstance(wanted.pattern, str):
        pattern: re.Pattern[str] = wanted
        return lambda query: pattern.search(query.statement) is not None
    if not isinstance(wanted, str):
        raise BadArgument(f"statement {named(wanted)}", next_step="use words, or a pattern")
    if _IS_PATTERN.search(wanted):
        try:
            compiled = re.compile(wanted, re.IGNORECASE)
        except re.error as error:
            raise BadArgument(
                f"statement {wanted!r:.60}", why=f"no regular expression: {error}"
            ) from None
        return lambda query: compiled.search(query.statement) is not None
    words = wanted.casefold().split()
    return lambda query: all(word in query.statement.casefold() for word in words)


def by_name(field: str, wanted: str) -> Test:
    """By the database, the user or the protocol."""
    _text(field, wanted)
    return lambda query: bool(getattr(query, field) == wanted)


def by_process(wanted: str) -> Test:
    """By a part of the process's name, or its number."""
    _text("process", wanted)
    return lambda query: wanted in query.process


def by_application(wanted: str) -> Test:
    """By a part of what the client calls itself."""
    _text("application", wanted)
    return lambda query: wanted in query.application


def by_end(field: str, wanted: str) -> Test:
    """By an address or a network, with a port or without. Raises BadArgument."""
    _text(field, wanted)
    address, port = wanted.strip(), None
    found = re.fullmatch(r"\[(.+)\]:(\d{1,5})|([^:]*):(\d{1,5})", address)
    if found is not None:
        address, port = found[1] or found[3], int(found[2] or found[4])
    try:
        network = ip_network(address, strict=False) if address else None
    except ValueError:
        raise BadArgument(
            f"{field} {wanted!r:.60}",
            why="no address or network",
            next_step='use "10.0.0.5", "10.0.0.0/8" or "10.0.0.5:5432"',
        ) from None

    def test(query: Query) -> bool:
        end: Endpoint = getattr(query, field)
        if port is not None and end.port != port:
            return False
        return network is None or _is_in(end.address, network)

    return test


def _is_in(address: str, network: object) -> bool:
    try:
        return ip_address(address.partition("%")[0]) in network  # type: ignore[operator]
    except ValueError:
        return False


def by_error(wanted: object) -> Test:
    """By whether there was an error, its code (or how that begins), or words of it."""
    if isinstance(wanted, bool):
        return lambda query: bool(query.error or query.code) is wanted
    if isinstance(wanted, int):
        wanted = str(wanted)
    if not isinstance(wanted, str) or not wanted.strip():
        raise BadArgument(f"error {named(wanted)}", next_step="use True, False, a code or words")
    text = wanted.strip().casefold()
    words = text.split()

    def test(query: Query) -> bool:
        if not (query.error or query.code):
            return False
        codes = [code.casefold() for code in re.split(r"\W+", query.code) if code]
        said = query.error.casefold()
        return any(code.startswith(text) for code in codes) or all(word in said for word in words)

    return test


def by_duration(least_s: object) -> Test:
    """By the least time it took."""
    if isinstance(least_s, bool) or not isinstance(least_s, int | float) or not least_s >= 0:
        raise BadArgument(f"min_duration_s {named(least_s)}", next_step="use seconds, as 0.1")
    return lambda query: (query.duration_s or query.running_s or 0.0) >= least_s


def _text(field: str, wanted: object) -> None:
    if not isinstance(wanted, str):
        raise BadArgument(f"{field} {named(wanted)}", next_step="use a text")
