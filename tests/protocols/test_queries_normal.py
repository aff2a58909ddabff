"""Statements without their values, by texts as ORMs, drivers and people send them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import shortest

from netshell.protocols.normal import (
    MOST,
    Dialect,
    _normalised,
    literals,
    normalise,
    tokens,
)

POSTGRES = [
    # Django
    (
        'SELECT "shop_order"."id", "shop_order"."total" FROM "shop_order" WHERE '
        '("shop_order"."customer_id" = 42 AND "shop_order"."state" IN (\'new\', \'paid\')) LIMIT 2',
        'SELECT "shop_order"."id", "shop_order"."total" FROM "shop_order" WHERE '
        '("shop_order"."customer_id" = ? AND "shop_order"."state" IN (...)) LIMIT ?',
    ),
    # SQLAlchemy over asyncpg
    (
        "SELECT users.id, users.name \nFROM users \nWHERE users.id = $1::INTEGER",
        "SELECT users.id, users.name FROM users WHERE users.id = ?::INTEGER",
    ),
    # psycopg's executemany, pages of rows
    (
        "INSERT INTO t(a, b) VALUES (1, 'x'),(-2, NULL),(3.5e-3, TRUE)",
        "INSERT INTO t(a, b) VALUES (...)",
    ),
    ("insert into t values ($1, now()), ($2, now())", "INSERT INTO t VALUES (?, now())"),
    ("insert into t values ($1, now()), ($2, 5)",
     "INSERT INTO t VALUES (?, now()), (...)"),
    # every kind of text
    (r"select E'it\'s', U&'\0061', N'x', B'01', X'ff', 'it''s'", "SELECT ?, ?, ?, ?, ?, ?"),
    ("select E'a b', N'c', 5", "SELECT ?, ?, ?"),
    ("select $$it's$$, $f$ $$ -- $f$, 1 ", "SELECT ?, ?, ?"),
    (r"select 'a\', b", "SELECT ?, b"),
    # numbers and their signs
    ("select 1, -1, 1.5, .5, 1., 1e5, 1_000, 0x1F, a-1, a -1, a - -1, t1.c2",
     "SELECT ?, ?, ?, ?, ?, ?, ?, ?, a - ?, a - ?, a - ?, t1.c2"),
    ("select x between -1 and +2", "SELECT x BETWEEN ? AND ?"),
    # comments, in each other
    ("select 1 -- one\n from t /* a /* b */ c */ where x", "SELECT ? FROM t WHERE x"),
    # what is no literal
    ("select c::text, '{}'::jsonb ? 'k', d ->> 'a', e[1:2] from t",
     "SELECT c::text, ?::jsonb ? ?, d ->> ?, e[? : ?] FROM t"),
    ("select a where b is null and c = true", "SELECT a WHERE b IS NULL AND c = TRUE"),
    ("select * from t where id = any('{1,2}') or id = any(array[1,2])",
     "SELECT * FROM t WHERE id = ANY (?) OR id = ANY (ARRAY[...])"),
    ("select * from t where (a, b) in ((1, 2), (3, 4))", "SELECT * FROM t WHERE (a, b) IN (...)"),
    ("select * from t where id in (select 1)", "SELECT * FROM t WHERE id IN (SELECT ?)"),
    ("SELECT 1;", "SELECT ?"),
    ("'a' 'b'", "?"),
    ("", ""),
]  # fmt: skip

MYSQL = [
    # Rails
    (
        "SELECT `users`.* FROM `users` WHERE `users`.`id` = 1 LIMIT 1",
        "SELECT `users`.* FROM `users` WHERE `users`.`id` = ? LIMIT ?",
    ),
    (r"""select 'it\'s', "it\"s", 'a''b', "a""b" from t""", "SELECT ?, ?, ?, ? FROM t"),
    ("select 1 # one\n, 2 -- two\n, 3-- 4", "SELECT ?, ?, ?"),
    ("select 5--1", "SELECT ? - ?"),  # no comment: no blank behind it
    ("select _utf8'a b', N'c', 5", "SELECT ?, ?, ?"),
    ("select x'ff', 0xff, b'1', _utf8mb4'x', N'y'", "SELECT ?, ?, ?, ?, ?"),
    ("select * from t where a = ? and b in (?, ?)", "SELECT * FROM t WHERE a = ? AND b IN (...)"),
    ("/*!40101 SET NAMES utf8mb4 */", "SET NAMES utf8mb4"),
    ("SET @a := 5, @@session.sql_mode = ''", "SET @a := ?, @@session.sql_mode = ?"),
    ("select * from t where a <=> null and b <> 5", "SELECT * FROM t WHERE a <=> NULL AND b <> ?"),
]


@pytest.mark.parametrize(("statement", "expected"), POSTGRES)
def test_postgres(statement: str, expected: str) -> None:
    assert normalise(statement).text == expected


@pytest.mark.parametrize(("statement", "expected"), MYSQL)
def test_mysql(statement: str, expected: str) -> None:
    assert normalise(statement, "mysql").text == expected


def test_the_same_statement_has_one_fingerprint() -> None:
    alike = [
        "select * from Orders where id=1",
        "SELECT *\n\tFROM Orders WHERE id = 27 -- again",
        "/* route */ Select * From orders Where ID = $1;",
    ]
    assert len({normalise(each).fingerprint for each in alike}) == 1
    assert normalise(alike[0]).fingerprint != normalise("select * from orders").fingerprint
    # In quotes, a name is another one in other letters.
    quoted = {normalise(f'select "{name}"').fingerprint for name in ("Id", "id")}
    assert len(quoted) == 2


def test_hints_and_tags_are_kept_apart() -> None:
    found = normalise(
        "select /*+ SeqScan(t) */ 1 from t "
        "/*action='show%20all',route='%2Forders',traceparent='00-5bd6-01'*/"
    )
    assert found.text == "SELECT ? FROM t"
    assert found.hints == ("SeqScan(t)",)
    assert dict(found.tags) == {
        "action": "show all", "route": "/orders", "traceparent": "00-5bd6-01",
    }  # fmt: skip
    assert dict(normalise("select 1 /*application:shop,controller:orders*/").tags) == {
        "application": "shop",
        "controller": "orders",
    }
    assert normalise("select 1 /* a remark: nothing */").tags == (("a", ""),)[:0]


def test_literals_as_they_are_written() -> None:
    assert literals("select 1, 'it''s' from t where a = -5.5") == ("1", "'it''s'", "5.5")
    assert literals("select 1" + ", 1" * 1000, most=7) == ("1",) * 7


def test_long_statements_are_cut_where_rows_end() -> None:
    row = "(1, 'a text that takes some room')"
    few, many = (f"insert into t values {', '.join([row] * count)}" for count in (3000, 9000))
    assert len(few) > MOST
    assert normalise(few).text == normalise(many).text == "INSERT INTO t VALUES (...) …"


HOSTILE = [
    "'", "\\'", "$a$", "$", "/*", "*/", "(", "((", "[", "values (", "values (1),", "in (", "-",
    "--",
    "1.", "0x", "1e", '"', "`", "a", "é", ":a", "@", "/*a=b,*/", "/*!", "#", ",(1,now())", "\x00",
]  # fmt: skip


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_linear_time(piece: str, dialect: Dialect) -> None:
    def seconds(size: int) -> float:
        text = f"values (1),{piece * (size // len(piece))}"
        begun = time.process_time()
        list(tokens(text, dialect))
        _normalised(text, dialect)
        return time.process_time() - begun

    # Eight times the text takes some eight times as long; a square would take 64 times.
    enough_s = 30 * min(seconds(1500) for _ in range(3)) + 0.05
    assert shortest(lambda: seconds(12_000), enough_s, 5) <= enough_s


PIECES = st.sampled_from(
    ["select ", "from ", "t", "a.b", " ", "(", ")", ", ", "in ", "values ", "'x y'", "'abc'", "5 ",
     "-", "+ ", " 1.5 ", "null ", "= ", "$1", ":n ", "::int ", "[", "]", "and ", "limit 5 ",
     "é ", "t1 "]
)  # fmt: skip


@given(st.lists(PIECES, max_size=20), st.sampled_from(["postgres", "mysql"]))
def test_what_is_found_at_once_is_what_is_found_piece_by_piece(
    pieces: list[str], dialect: Dialect
) -> None:
    # Between two values there is a blank or a sign, as in SQL.
    statement = " ".join(pieces)
    assert normalise(statement, dialect) == _normalised(statement, dialect)


@given(st.text(max_size=200), st.sampled_from(["postgres", "mysql"]))
def test_any_text_is_normalised(text: str, dialect: Dialect) -> None:
    made = normalise(text, dialect)
    assert made == normalise(text, dialect)
    assert len(made.fingerprint) == 16
