"""Several statements in one text."""

from __future__ import annotations

import pytest

from netshell.protocols.postgres.splitting import split, sql_prepare


@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1;", ["SELECT 1"]),
        (" ; ;SELECT 1 ;; \n", ["SELECT 1"]),
        ("", []),
        ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';'; SELECT 'it''s;'", ["SELECT ';'", "SELECT 'it''s;'"]),
        ("SELECT E'\\';'; SELECT 2", ["SELECT E'\\';'", "SELECT 2"]),
        ("SELECT 'a\\'; SELECT 2", ["SELECT 'a\\'", "SELECT 2"]),
        ('SELECT ";"; SELECT 2', ['SELECT ";"', "SELECT 2"]),
        ("SELECT 1 -- ; no\n; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT 1 /* ; /* ; */ ; */; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("/* head */ SELECT 1; -- tail", ["SELECT 1"]),
        ("SELECT $$;$$; SELECT $x$;$$;$x$", ["SELECT $$;$$", "SELECT $x$;$$;$x$"]),
        ("SELECT a$1; SELECT $1", ["SELECT a$1", "SELECT $1"]),
        (
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
            ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"],
        ),
        ("SELECT 'unfinished; ", ["SELECT 'unfinished; "]),
    ],
)
def test_statements(sql: str, statements: list[str]) -> None:
    places = split(sql.encode())
    assert places is not None
    assert [sql[begin:end] for begin, end in places] == statements


def test_what_is_not_sure_is_not_split() -> None:
    body = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 3"
    assert split(body.encode()) is None
    assert split(b"SELECT $$ unfinished; SELECT 2") is None


def test_prepare() -> None:
    assert sql_prepare(b"PREPARE Q AS SELECT 1;") == (b"q", b"SELECT 1")
    assert sql_prepare(b'prepare "a""b" (int, varchar(10)) AS\nSELECT 1') == (b'a"b', b"SELECT 1")
    assert sql_prepare(b"PREPARE TRANSACTION 'x'") is None
    assert sql_prepare(b"SELECT 'PREPARE q AS SELECT 1'") is None
