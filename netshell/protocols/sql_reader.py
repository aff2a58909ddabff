"""One pass over the tokens of a statement, which finds what is secret in it.

It is no SQL parser: names and the few words and signs around them tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from netshell.protocols.masking import merged
from netshell.protocols.masking_json import in_json
from netshell.protocols.masking_xml import in_xml
from netshell.protocols.secret_names import names_secret, says_nothing


class Hidden(NamedTuple):
    """What of a statement is secret."""

    places: tuple[tuple[int, int], ...] = ()  # bytes begin to end (exclusive), quotes left out
    numbers: frozenset[int] = frozenset()  # placeholders whose values are, counted from 0


NOTHING = Hidden()

_TOKEN = re.compile(
    rb"""(?P<space>\s+|--[^\n]*|/\*(?!!).*?(?:\*/|\Z))
    |(?P<escaped>[eE]')|(?P<quote>(?:[nNbBxX]|[uU]&)?')|(?P<double>"|`)
    |(?P<dollar>\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$)|(?P<number>\$\d+|\?|%s)
    |(?P<word>[\w\x80-\xff]+)|(?P<mark>:=|=>|\|\||::|<>|!=|.)""",
    re.S | re.X,
)
_PLAIN_END = re.compile(rb"(?:[^']|'')*'?")
_ESCAPED_END = re.compile(rb"(?:[^'\\]|''|\\.)*'?", re.S)
_DOUBLE_END = {b'"': re.compile(rb'(?:[^"\\]|""|\\.)*"?', re.S), b"`": re.compile(rb"[^`]*`?")}
_ASSIGNED = re.compile(
    rb"""(?<![\w.-])([\w.-]{1,64}+)["']{0,2}\s{0,64}+[=:]\s{0,64}+
    (?:"((?:[^"\\]|\\.)*)"|''([^']*)''|'([^']+)'|([^\s'";,&)}/\[{][^\s'";,&)}]*))""",
    re.S | re.X,
)
_USERINFO = re.compile(rb"://(?:[^\s/:@'\"]*+:)?([^\s/'\"]+)@")
_A_NAME = re.compile(rb'[$\w.{},"-]{2,64}')
"""A literal that can name something: of a setting, a member, a path to one."""

_BETWEEN = frozenset(
    b"= := => : ( ) like ilike in is not to by as using password old_password from any all array"
    b" text _utf8mb4 _utf8mb3 _utf8 _latin1 _ascii _binary _ucs2 _utf16 _utf32"
    b" encrypted unencrypted || :: varchar char bytea binary convert cast concat md5 sha1 sha2"
    b" crypt encode digest ! < > ~ * . <> !="
    .split()
)  # fmt: skip
"""What may stand between a name and the value that it makes secret."""
_COMPARING = frozenset(b"= <> != like ilike as".split())
_GIVES = frozenset(b"= := => ,".split())  # a call that follows computes the value
_ENDS_IDENTIFIED = frozenset(b"; , require default account attribute comment".split())
_ENDS_SELECTED = frozenset(b"from where union except intersect on order limit returning".split())

_CRYPTING = {
    name: frozenset((0, 1))
    for name in (
        b"aes_encrypt", b"aes_decrypt", b"des_encrypt", b"des_decrypt", b"encrypt", b"decrypt",
        b"encrypt_iv", b"decrypt_iv", b"pgp_sym_encrypt", b"pgp_sym_encrypt_bytea",
        b"pgp_sym_decrypt", b"pgp_sym_decrypt_bytea", b"hmac",
    )
}  # fmt: skip
_CRYPTING.update(dict.fromkeys((b"pgp_pub_decrypt", b"pgp_pub_decrypt_bytea"), frozenset((1, 2))))
"""Functions of pgcrypto and MySQL, and which arguments are keys, or what is made unreadable."""
SPECIAL = frozenset(_CRYPTING) | {b"identified", b"crypt"}
"""Words that no name of a secret is in, and that make something one."""
_CODING = frozenset((b"encode", b"decode"))  # MySQL's: the second is the key
_PASSING = frozenset(
    b"coalesce ifnull nvl nvl2 nullif isnull if iif elt greatest least concat concat_ws".split()
)
"""Functions whose value is one of their arguments, or made of all."""
_FIRST = frozenset((0,))
_SECOND = frozenset((1,))
_EVERY = frozenset(range(64))
_DEEPEST = 3  # literals in literals
_MOST_ROWS = 1 << 14
_DIGITS = 3  # a number that is secret has so many: of 0 and 1 nobody has a secret


def is_name(word: bytes) -> bool:
    """Whether a word of SQL names a secret."""
    return names_secret(word) or (len(word) == 5 and word.lower() == b"crypt")


def may_hide(sql: bytes) -> bool:
    """Whether a word may be the name of a secret, or a sign of one: told in some time for every
    word."""
    return (
        any(names_secret(word) or word.lower() in SPECIAL for word in _WORDS.findall(sql))
        or b"://" in sql
    )


_WORDS = re.compile(rb"[A-Za-z_][\w.-]{0,255}")


class _Frame:
    """What is between a bracket and its end, or all of a statement."""

    __slots__ = ("fresh", "gives", "index", "is_row", "name", "names", "wanted")

    def __init__(self, wanted: frozenset[int] | None = None) -> None:
        self.wanted = wanted  # which of its items, divided by commas, are secret
        self.index = 0
        self.gives: frozenset[int] | None = None  # which items of the brackets in it are
        self.is_row = False
        self.names: list[bytes] | None = []  # if it is nothing but a list of names
        self.name, self.fresh = b"", True  # the one that is read; whether it is to come


class Reader:
    """Reads one statement, or several.

    What makes the next literal a secret is in ``armed``: "" (nothing does), "value" (a name did),
    "list" (and its IN), "array" (and its bracket), "between" (until its AND), "identified", "set"
    (SET PASSWORD FOR: only what follows the ``=``).
    """

    def __init__(self, sql: bytes, backslashes: bool, depth: int = 0) -> None:
        self._sql, self._backslashes, self._literals = sql, backslashes, depth
        self._places: list[tuple[int, int]] = []
        self._numbers: set[int] = set()
        self._armed = ""
        self._before = b""  # the last token that is no space; a quote for literals
        self._glued = False  # the last token was a secret: what is joined to it is, too
        self._hid = False  # the last literal was one
        self._marks = 0  # placeholders without a number
        self._calls = False  # a name came where a value is wanted: of a function, maybe
        self._named = False  # the last literal is the name of a secret
        self._last: tuple[int, int] | None = None  # the last literal; (-1, number): a placeholder
        self._turned = False  # it is compared with what follows
        self._casts = False  # a type follows
        self._cases = 0  # of a secret: CASE in CASE, not ended yet
        self._takes = False  # what follows is what one of them may give
        self._frame = _Frame()
        self._frames: list[_Frame] = []
        # A list of names that has secrets in it: rows that follow, or came before it, have their
        # values at the same places.
        self._columns: frozenset[int] | None = None
        self._rows: list[tuple[int, tuple[int, int]]] = []

    def read(self) -> Hidden:
        sql, at, size = self._sql, 0, len(self._sql)
        while at < size:
            found = _TOKEN.match(sql, at)
            assert found is not None and found.lastgroup is not None
            kind, token, end = found.lastgroup, found[0], found.end()
            if kind in ("escaped", "quote"):
                escapes = self._backslashes or kind == "escaped"
                close = (_ESCAPED_END if escapes else _PLAIN_END).match(sql, end)
                assert close is not None
                at = close.end()
                closed = sql[at - 1 : at] == b"'" and at > end
                self._literal(end, at - 1 if closed else at)
                continue
            if kind == "double":
                close = _DOUBLE_END[token].match(sql, end)
                assert close is not None
                at = close.end()
                inner = at - 1 if sql[at - 1 : at] == token and at > end else at
                if token == b'"' and (self._backslashes or self._is_wanted()):
                    name, self._named = sql[end:inner], False
                    self._literal(end, inner)
                    if self._hid or not is_name(name):
                        continue
                self._word(sql[end:inner], at - len(token))
                continue
            if kind == "dollar" and self._is_wanted():
                stop = sql.find(token, end)
                stop = size if stop < 0 else stop
                self._literal(end, stop)
                at = stop + len(token)
                continue
            begin, at = at, end
            if kind == "number":
                self._placeholder(token)
            elif kind == "word":
                self._word(token, begin)
            elif kind == "mark":
                self._mark(token)
            elif kind == "space" and end - begin > 5 and token[:2] in (b"--", b"/*"):
                self._look_inside(begin, end)
        return Hidden(merged(self._places), frozenset(self._numbers))

    # --- values ---

    def _is_wanted(self) -> bool:
        """Whether a literal that stands here is a secret."""
        if self._armed == "identified":
            return self._before not in (b"with", b"via", b"identified")
        if self._takes or self._glued or self._armed in ("value", "list", "array", "between"):
            return True
        frame = self._frame
        return frame.wanted is not None and frame.index in frame.wanted

    def _hide(self, place: tuple[int, int]) -> None:
        begin, end = place
        if begin < 0:
            self._numbers.add(end)
        elif end > begin:
            self._places.append(place)

    def _stands(self, place: tuple[int, int]) -> bool:
        """A value stands here: whether it is a secret."""
        frame = self._frame
        frame.names = None
        self._calls = self._turned = self._named = False
        self._hid = self._is_wanted()
        if self._hid:
            self._hide(place)
            if self._armed == "value":
                self._armed = ""
        elif frame.is_row and len(self._rows) < _MOST_ROWS:
            self._rows.append((frame.index, place))
        self._last, self._before = place, b"'"
        return self._hid

    def _literal(self, begin: int, end: int) -> None:
        self._glued = self._stands((begin, end))
        if not self._glued:
            self._look_inside(begin, end)
            name = self._sql[begin:end]
            self._named = end - begin <= 64 and _A_NAME.fullmatch(name) is not None and (
                names_secret(name)
            )  # fmt: skip

    def _look_inside(self, begin: int, end: int) -> None:
        """What is secret in a literal, or a comment, that is none itself."""
        data = self._sql[begin:end]
        found = [each.span(1) for each in _USERINFO.finditer(data)] if b"://" in data else []
        if b"=" in data or b":" in data:
            found += [
                each.span(each.lastindex or 0)
                for each in _ASSIGNED.finditer(data)
                if names_secret(each[1]) and not says_nothing(each[each.lastindex or 0])
            ]
        if b'":' in data or b'" :' in data:
            found += in_json(data)
        if b"</" in data:
            found += in_xml(data)
        if self._literals < _DEEPEST and (b"'" in data or (self._literals == 0 and b"(" in data)):
            found += _in_literal(data, self._backslashes, self._literals)
        self._places += [(begin + first, begin + last) for first, last in found]

    def _placeholder(self, token: bytes) -> None:
        number = int(token[1:8]) - 1 if token[:1] == b"$" else self._marks
        self._marks += token[:1] != b"$"
        self._stands((-1, number))
        self._glued = False

    # --- words ---

    def _word(self, token: bytes, at: int) -> None:
        low = token.lower()
        if self._casts:  # of a type, after "::"
            self._casts, self._glued = False, self._glued
            return
        if low[:1].isdigit():
            self._count(at, at + len(token))
            return
        before, self._before = self._before, low
        self._glued = self._calls = False
        frame = self._frame
        self._to_list(frame, low)
        is_secret = is_name(token)
        if self._turned:
            if is_secret and self._last is not None:
                self._hide(self._last)
            self._turned = not is_secret and (before in _COMPARING or before in b".(")
        elif before == b"'" and low in _COMPARING:
            self._turned = True
        if self._named and low in _COMPARING | {b"in"}:
            self._armed = "value"
        self._named = False
        if low == b"select":
            frame.wanted, frame.index, frame.names = self._columns, 0, None
        elif low in _ENDS_SELECTED:
            if not frame.is_row:
                frame.wanted = None
        elif low in (b"values", b"value"):
            frame.gives = self._columns or frozenset()
            self._rows.clear()
        if low == b"in" and before == b")" and self._columns:
            frame.gives = self._columns
        elif low not in (b"row", b"values", b"value"):
            frame.gives = None
        if self._cases or (low == b"case" and self._armed == "value"):
            self._in_case(low)
        self._arm(low, before, is_secret)

    def _in_case(self, low: bytes) -> None:
        """A word of a CASE that gives a secret."""
        self._cases += (low == b"case") - (low == b"end")
        if low in (b"then", b"else"):
            self._takes = True
        elif low == b"when" or not self._cases:
            self._takes = False

    def _arm(self, low: bytes, before: bytes, is_secret: bool) -> None:
        if self._armed == "identified":
            if low in _ENDS_IDENTIFIED:
                self._armed = ""
        elif low == b"identified":
            self._armed = "identified"
        elif self._armed == "value" and before == b"password" and low == b"for":
            self._armed = "set"
        elif low == b"authorization" and before in (b"session", b"schema"):
            self._armed = ""
        elif is_secret or (low == b"replace" and self._hid and before in b"')"):
            self._armed = "value"  # a name, or SET PASSWORD = '' REPLACE ''
        elif self._armed == "value" and low in (b"in", b"between"):
            self._armed = "list" if low == b"in" else "between"
        elif self._armed == "between":
            if low == b"and":
                self._armed, self._before = "value", b"="
        elif self._armed == "value" and low not in _BETWEEN:
            self._calls = before in _GIVES
            self._armed = ""

    def _count(self, begin: int, end: int) -> None:
        """A number."""
        if self._armed == "identified" or end - begin < _DIGITS:
            self._frame.names = None
            self._armed = "" if self._armed == "value" else self._armed
            self._before = b"0"
        else:
            self._stands((begin, end))
        self._glued = False

    @staticmethod
    def _to_list(frame: _Frame, low: bytes) -> None:
        if frame.names is not None:
            if not frame.fresh:
                frame.names = None
            frame.name, frame.fresh = low, False

    # --- signs ---

    def _mark(self, token: bytes) -> None:
        before, self._before = self._before, token
        self._glued = self._glued and token in (b"||", b"::")
        if self._casts or (token == b"::" and before == b"'"):
            self._casts = token == b"::"
            self._before = before
            return
        calls, self._calls = self._calls and token in (b"(", b"."), False
        if self._turned:
            self._turned = token in b".("
        elif before == b"'" and token in _COMPARING:
            self._turned = self._armed != "set"
        if self._named and token != b")":
            self._named = False
            if token in (b",", b"=", b"=>", b":", b"<>", b"!="):
                self._item(token)
                self._armed = "value"
                return
        if token == b"(":
            self._open(before, calls)
        elif token == b")":
            self._close()
        else:
            self._calls = calls
            self._item(token)
        self._disarm(token)

    def _disarm(self, token: bytes) -> None:
        if self._armed == "set":
            if token == b"=":
                self._armed = "value"
        elif self._armed == "list":
            if token == b")":
                self._armed = ""
        elif self._armed == "identified":
            if token in _ENDS_IDENTIFIED:
                self._armed = ""
        elif self._armed == "array":
            self._armed = "value" if token == b"]" else "array"
        elif self._armed == "value" and token == b"[":
            self._armed = "array"
        elif self._armed == "value" and token not in _BETWEEN:
            self._armed = ""

    def _item(self, token: bytes) -> None:
        frame = self._frame
        if token == b",":
            frame.index += 1
            if frame.names is not None:
                frame.names.append(frame.name)
                frame.name, frame.fresh = b"", True
        elif token == b".":
            frame.fresh = True
        elif token == b";":
            while self._frames:
                self._frame = self._frames.pop()
            self._frame, self._columns = _Frame(), None
            self._cases, self._takes = 0, False
            if self._armed in ("array", "between"):
                self._armed = ""
            self._rows.clear()
        elif token == b"=" and self._columns:
            frame.gives = self._columns
        else:
            frame.names = None

    def _open(self, before: bytes, calls: bool) -> None:
        frame = self._frame
        made = _Frame()
        if before in _CRYPTING:
            made.wanted = _CRYPTING[before]
        elif self._backslashes and before in _CODING:
            made.wanted = _SECOND
        elif calls or (before in _PASSING and self._armed == "value"):
            made.wanted = _EVERY if before in _PASSING else _FIRST
        elif frame.gives is not None and before in (b"values", b"value", b"row", b",", b"=", b"in",
                                                    b"("):  # fmt: skip
            made.wanted, made.is_row = frame.gives, not frame.gives
            if before in (b"=", b"in"):
                made.gives = frame.gives
        elif frame.wanted is not None and frame.index in frame.wanted and before not in b"||":
            made.wanted = _EVERY if before in _PASSING else _FIRST
        frame.names = None
        self._frames.append(frame)
        self._frame = made

    def _close(self) -> None:
        made = self._frame
        self._frame = self._frames.pop() if self._frames else _Frame()
        if made.names is None or not made.name:
            return
        names = [*made.names, made.name]
        found = frozenset(at for at, each in enumerate(names) if is_name(each))
        if len(names) > 1 and self._armed == "value":
            self._armed = ""
        if found and self._rows:
            for at, place in self._rows:
                if at in found:
                    self._hide(place)
            self._rows.clear()
        self._columns = found or None


def _in_literal(literal: bytes, backslashes: bool, depth: int) -> Sequence[tuple[int, int]]:
    """What is secret in a literal that is SQL: its quotes are two, or behind a backslash."""
    if not may_hide(literal):
        return ()
    # Of the same length, so that places stay: one quote and a rare blank for two quotes. A quote
    # in a literal of it matters to nobody.
    plain = literal.replace(b"''''", b"____").replace(b"''", b"\v'").replace(b"\\'", b"\v'")
    places = Reader(plain, backslashes, depth + 1).read().places
    return [(begin, end - (plain[end - 1] == 0x0B)) for begin, end in places]
