"""What is secret in SQL, and that nothing else is."""

from __future__ import annotations

import random
import time

import pytest

from netshell.protocols.secret import Masked
from netshell.protocols.sql_secrets import NOTHING, masked_sql, secrets_in

POSTGRES = [
    "ALTER ROLE ann PASSWORD '<s1>'",
    "CREATE ROLE x LOGIN ENCRYPTED PASSWORD E'<a\\'b>' VALID UNTIL 'infinity'",
    "CREATE USER MAPPING FOR bob SERVER foo OPTIONS (user 'bob', password '<s1>')",
    "CREATE SUBSCRIPTION s CONNECTION 'host=h password=<s1> dbname=x' PUBLICATION p",
    "select dblink('postgres://me:<s1>@h/db')",
    "UPDATE u SET password='<s1>', name='n' WHERE id='3'",
    "INSERT INTO u (name, password, c) VALUES ('b','<s1>','c1'), ('e', crypt('<s2>', f('x')), '3')",
    "INSERT INTO u (\"name\", \"password\") VALUES ('bob','<s1>')",
    "SELECT password, name FROM u WHERE name='x'",
    "SELECT * FROM u WHERE token IN ('<a1>','<b1>') and x='y'",
    "ALTER ROLE a PASSWORD $$<sec>$$; SELECT 'x'",
    "ALTER ROLE a PASSWORD $x$<it's $$>$x$; SELECT 'x'",
    "DO $$ BEGIN ALTER ROLE a PASSWORD '<s1>'; END $$",
    "ALTER ROLE a PASSWORD '<unfinished>",
    "ALTER ROLE a PASSWORD '<it''s>' VALID UNTIL 'x'",
    "select 'C:\\', password='<s1>'",
    "ALTER ROLE a PASSWORD NULL; select 'x'",
    "update u set \"password\" = '<s1>'",
    'select \'{"password": "<s1>", "n": "v"}\'::jsonb',
    "UPDATE pgbench_accounts SET abalance = 1",
    "/* don't */ ALTER USER x PASSWORD -- it's\n '<s1>'",
    "ALTER ROLE a PASSWORD '<a>' '<b>'",
    "ALTER ROLE a PASSWORD '<a>' || '<b>', 'c'",
    "select 'secret' || 'x', 'pass'",
    "DO $$ BEGIN execute 'alter role clear password ''<s1>'' valid until ''x'''; END $$",
    "DO 'BEGIN alter role a password ''<s1>''; END'; select 'x'",
    "DO E'BEGIN alter role a password \\'<s1>\\'; END'",
    "select f('insert into u (a, password) values (''n'', ''<s1>'')', 'x')",
    "select 'it''s', 'the password ''<is>'' here'",
]
MYSQL = [
    "CREATE USER 'a'@'%' IDENTIFIED BY '<x1>', b IDENTIFIED WITH 'mysql_native_password' BY '<y>'",
    "CREATE USER b IDENTIFIED BY '<y1>' REQUIRE SUBJECT '/CN=z'",
    'CREATE USER b IDENTIFIED BY "<y1>"',
    "CREATE USER a IDENTIFIED VIA ed25519 USING PASSWORD('<x1>') OR unix_socket",
    "GRANT ALL ON *.* TO x IDENTIFIED BY PASSWORD '<*ABC>'",
    "SET PASSWORD FOR 'bob'@'localhost' = PASSWORD('<s1>')",
    "SET PASSWORD = '<s\\'1>'",
    "CHANGE MASTER TO MASTER_HOST='h', MASTER_PASSWORD='<s1>', MASTER_PORT=3",
    'update u set `pwd`="<s1>", n="k"',
    "ALTER USER x IDENTIFIED BY '<new>' REPLACE '<old>'",
    "PREPARE s FROM \"alter user x identified by '<pw>'\"",
    "PREPARE s FROM 'alter user x identified by ''<pw>'''",
    "PREPARE s FROM 'alter user x identified by \\'<pw>\\''",
]


@pytest.mark.parametrize(
    ("sql", "backslashes"),
    [*((each, False) for each in POSTGRES), *((each, True) for each in MYSQL)],
)
def test_what_is_secret_is_masked_and_nothing_else(sql: str, backslashes: bool) -> None:
    pieces = sql.replace(">", "<").split("<")
    text, hidden = masked_sql("".join(pieces).encode(), backslashes)
    assert text == "***".join(pieces[::2])
    secrets = pieces[1::2]
    assert ["".join(pieces)[begin:end] for begin, end in hidden.places] == secrets
    assert isinstance(text, Masked) == bool(secrets)
    if isinstance(text, Masked):
        assert text.whole == "".join(pieces)


def test_placeholders_in_such_places_are_told() -> None:
    assert secrets_in(b"SELECT 1 FROM u WHERE name=$1 AND password = $2").numbers == {1}
    assert secrets_in(b"INSERT INTO u (name, pwd, c) VALUES (?, ?, ?)", True).numbers == {1}
    assert secrets_in(b"INSERT INTO u (name, age) VALUES (?, ?)", True) == NOTHING


def test_any_text_is_read_in_a_time_that_grows_with_its_size() -> None:
    chance = random.Random(6)
    quotes = [b"'", b'"', b"''", b"$a$", b"/*", b"*/", b"--", b"\n", b"\\"]
    marks = [b"=", b"(", b",", b" ", b"$1", b"||", b"://a:"]
    words = [*quotes, *marks, b"password", b"identified by", b"insert into t (", b"values"]
    for _ in range(2000):
        secrets_in(b"".join(chance.choices(words, k=40)), chance.random() < 0.5)
    for word in words:
        begun = time.perf_counter()
        secrets_in(b"password " + word * 20_000)
        secrets_in(b"password " + (b"password" + word) * 10_000)
        assert time.perf_counter() - begun < 5
