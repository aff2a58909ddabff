"""What is noted while a statement is asked and answered: places, times and bytes, not looked at.

Most statements of a capture are counted and never shown, so an :class:`Exchange` only notes what
came; :class:`~netshell.protocols.postgres.query.Query` reads it when somebody looks.
"""

from __future__ import annotations

from copy import copy
from typing import NamedTuple

from netshell.protocols.api import Part

KEPT_ROWS = 5
"""Rows that are kept of an answer, to be shown."""
KEPT_ROW = 4096
"""Bytes of a row that is kept."""
KEPT_BYTES = 1 << 16
"""Bytes that are kept of one message, from its beginning."""
KEPT_NOTICES = 20


class Session(NamedTuple):
    """What the connection's start, or a change since, says of all that follows."""

    user: str = ""
    database: str = ""
    application: str = ""
    encoding: str = "utf-8"  # Python's name of it


class Prepared:
    """A statement that has, or had, a name; the unnamed one's is empty."""

    __slots__ = ("cut", "heads", "name", "numbers", "oids", "sql", "why")

    def __init__(self, name: bytes, sql: bytes, why: str = "") -> None:
        self.name = name
        self.sql = sql
        self.cut = 0  # bytes of it that are not kept, or lack
        self.why = why  # why its text is not known
        self.oids: tuple[int, ...] = ()  # of its parameters
        self.heads = b""  # its RowDescription


class Exchange:
    """One statement, or another thing that was asked, with its answer.

    Attributes that an exchange does not need are the class's: making one is cheap.
    """

    kind = "Query"
    session = Session()
    steps = ""  # what wants an answer: Q, P, B, D (a portal), d (a statement), E, C, S, F
    step = 0  # how many have theirs
    replaced: Prepared | None = None  # what had the name of what is prepared here
    # What was asked.
    begin = end = begin_ns = end_ns = -1
    sql = b""
    sql_at = -1  # where its SQL begins in the client's stream; -1 if it is not in this exchange
    cut = 0  # bytes of it that are not kept, or lack
    prepared: Prepared | None = None
    runs: Prepared | None = None  # what an EXECUTE in SQL names
    bind = b""  # of a Bind, what follows the names
    bind_at = 0
    bind_cut = 0  # bytes of it that are not kept, or lack
    oids: tuple[int, ...] = ()  # of the bound values
    portal = b""
    limit = 0  # rows asked for at most; 0 is all
    is_executed = False
    is_unseen = False  # what was asked was not seen
    # What was answered.
    s_begin = s_end = s_begin_ns = s_end_ns = -1
    heads = b""  # the body of its RowDescription
    rows = 0
    row_bytes = 0
    first: list[bytes] | None = None  # the first rows' bodies
    first_ns: int | None = None
    tag: bytes | None = None
    is_empty = False
    is_suspended = False
    error: bytes | None = None
    error_at = -1  # where that is in the server's stream
    notices: list[bytes] | None = None
    before_ns: int | None = None  # when what was answered before it was complete
    together = 1  # statements that were answered in one go
    batch_ns: tuple[int, int] | None = None  # and from when to when that went
    state = 0  # of the transaction: ReadyForQuery's byte
    # What was copied.
    copy = ""  # "in", "out", "both"
    copied = copied_bytes = 0  # CopyData messages of the server
    given = given_bytes = 0  # and of the client
    given_begin = given_end = given_begin_ns = given_end_ns = -1
    # Several statements in one.
    more: list[Exchange] | None = None
    # What is not there.
    lost = 0  # bytes
    lacking = ""

    @property
    def now(self) -> Exchange:
        """The one of several statements that is being answered."""
        return self.more[-1] if self.more else self

    @property
    def is_done(self) -> bool:
        """Whether it was answered to the end, by whatever."""
        return self.tag is not None or self.is_empty or self.is_suspended or self.error is not None

    def parts(self) -> tuple[Part, ...]:
        """Where it was, in the order of time."""
        found = []
        if self.begin >= 0:
            found.append(Part("client", self.begin, self.end, self.begin_ns, self.end_ns))
        if self.s_begin >= 0:
            found.append(Part("server", self.s_begin, self.s_end, self.s_begin_ns, self.s_end_ns))
        if self.given_begin >= 0:
            found.append(
                Part("client", self.given_begin, self.given_end, self.given_begin_ns,
                     self.given_end_ns)
            )  # fmt: skip
        return tuple(found)

    def another(self) -> Exchange:
        """The next statement of the same Query."""
        made = Exchange()
        made.kind, made.session = self.kind, self.session
        made.begin, made.end = self.begin, self.end
        made.begin_ns, made.end_ns = self.begin_ns, self.end_ns
        made.sql, made.sql_at = self.sql, self.sql_at
        made.is_executed, made.is_unseen = True, self.is_unseen
        return made

    def copied_now(self) -> Exchange:
        """The same as it is now: it will not change any more."""
        made = copy(self)
        made.first = None if self.first is None else list(self.first)
        made.notices = None if self.notices is None else list(self.notices)
        made.more = None if self.more is None else [each.copied_now() for each in self.more]
        return made
