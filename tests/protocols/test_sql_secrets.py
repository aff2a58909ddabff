"""What is secret in SQL, and that nothing else is."""

from __future__ import annotations

import random
import time

import pytest

from netshell.protocols.secret import Masked
from netshell.protocols.secret_names import ANYWHERE, AT_THE_END, PAIRS, TORN
from netshell.protocols.sql_reader import SPECIAL
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
    # Names: those of forms and JSON.
    "UPDATE u SET passwort='<s1>', user_pass = '<s2>', jwt='<s3>', pw='<s4>', passphrase='<s5>'",
    "SELECT 1 FROM card WHERE pin = <1234> AND n = 5678 AND cvc='<123>'",
    "SET SESSION AUTHORIZATION 'bob'; CREATE SCHEMA AUTHORIZATION joe; SET app.jwt TO '<s1>'",
    "SELECT '<s1>' AS password, 'x' AS y, lower('x')",
    "SELECT 1 FROM u WHERE lower(password) = lower('<s1>') AND n = lower('x')",
    # Places: of a tuple, of a list of names.
    "UPDATE u SET (name, password) = ('x','<y>'), z = ('k') WHERE id = '1'",
    "UPDATE u SET (password, name) = ROW('<y>','x')",
    "SELECT 1 FROM u WHERE (name, password) IN (('x','<y>'), ('z','<w>')) AND a = 'b'",
    "INSERT INTO u AS v (a, password) VALUES ('b','<c>') ON CONFLICT (a) DO UPDATE SET b = 'x'",
    "INSERT INTO t (a, password) SELECT 'x', '<pw>' FROM y WHERE c = 'd'",
    "INSERT INTO t (a, password) SELECT f('x','z'), '<pw>' UNION ALL SELECT 'y', '<pw2>'",
    "WITH u(name, password) AS (VALUES ('ann','<pw>')) SELECT * FROM u",
    "UPDATE u SET password = d.password FROM (VALUES (1,'<a>'), (2,'<b>')) AS d (id, password)",
    "UPDATE u SET name = d.name FROM (VALUES (1,'a'), (2,'b')) AS d (id, name), password",
    "MERGE INTO u USING v ON a = b WHEN MATCHED THEN INSERT (a, password) VALUES ('x', '<y>')",
    # Compared the other way round.
    "SELECT 1 FROM u WHERE '<PW>' = password AND 'x' = name",
    "SELECT 1 FROM u WHERE '<PW>'::text = u.\"password\" AND 'x'::text = name",
    "SELECT 1 FROM u WHERE '<PW>' = lower(u.password) AND 'x' = lower(u.name)",
    # A literal that is a name.
    "SELECT set_config('app.password', '<pw>', false), set_config('app.name', 'x', false)",
    "SELECT json_build_object('name', 'x', 'password', '<pw>', 'age', '5')",
    "SELECT jsonb_set(d, '{user,password}', '<\"pw\">')",
    # Connection strings, options, keys, comments.
    "SELECT dblink_connect('c', 'host=h password=<pw> dbname=d')",
    "ALTER USER MAPPING FOR bob SERVER s OPTIONS (SET password '<pw>', ADD user 'x')",
    "SELECT dblink('https://<ghp_token>@example.org/x')",
    "UPDATE u SET h = crypt('<pw>', gen_salt('bf')) WHERE h = crypt($1, h)",
    "SELECT pgp_sym_encrypt('<x>', '<key>'), encrypt(a, '<key2>'::bytea, 'aes'), f('x')",
    "SELECT pgp_pub_decrypt(m, dearmor('<k>'), '<psw>')",
    "SELECT 1 /* token='<abc>' */ -- password: <x>",
    "SELECT '<x>'::text::varchar AS password",
    'select \'{"n": {"secret": [<123>, "<2>"]}}\'',
    # Given through.
    "UPDATE u SET pwd = CASE WHEN n = 'x' THEN '<a>' ELSE '<b>' END, n = 'y' WHERE m = 'z'",
    "UPDATE u SET pwd = (CASE n WHEN 'x' THEN '<a>' WHEN 'y' THEN lower('<b>') END) WHERE m = 'z'",
    "UPDATE u SET pwd=CASE 1 WHEN 1 THEN CASE 2 WHEN 2 THEN '<a>' END ELSE '<b>' END, n='y'",
    "SELECT CASE WHEN password = '<a>' THEN 'x' ELSE 'y' END FROM u",
    "UPDATE u SET pwd=coalesce(NULL, '<a>', '<b>'), n = coalesce(NULL, 'x')",
    "UPDATE u SET pwd=coalesce(nullif('<a>', '<b>'), '<c>'), n = 'x'",
    "INSERT INTO u (pwd, n) VALUES (coalesce(NULL, '<a>'), 'x')",
    "UPDATE u SET pwd = concat('<a>', '<b>'), n = concat('x', 'y')",
    "SELECT 1 FROM u WHERE api_token = ANY(ARRAY['<a>', '<b>']::text[]) AND n = ANY(ARRAY['x'])",
    "SELECT 1 FROM u WHERE token = ALL('<{a}>') AND tokens[1] = '<b>' AND names[1] = 'x'",
    "INSERT INTO tokens VALUES ('x'); SELECT 'x' FROM tokens t WHERE t.n = 'x' AND tokens.n = 'x'",
    "SELECT 1 FROM u WHERE pwd BETWEEN '<a>' AND lower('<b>') AND n BETWEEN 'x' AND 'y'",
    "SELECT 1 FROM u WHERE pwd NOT BETWEEN SYMMETRIC '<a>' AND '<b>' OR n = 'x'",
    "SELECT encode('x', 'hex'), decode('x', 'base64'), token FROM u",
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
    "SET PASSWORD = '<new>' REPLACE '<old>' RETAIN CURRENT PASSWORD",
    "SET PASSWORD FOR 'a'@'h' = PASSWORD('<new>') REPLACE '<old>'",
    "ALTER USER USER() IDENTIFIED BY '<new>' REPLACE '<old>'; SELECT replace('a', 'b', 'c')",
    "CHANGE MASTER TO MASTER_PASSWORD='<x>'; START REPLICA USER='u' PASSWORD='<y>'",
    "SELECT PASSWORD('<x>'), OLD_PASSWORD('<y>'), AES_ENCRYPT(x,'<key>'), upper('x')",
    "CREATE TABLE f (a int) CONNECTION='mysql://u:<pw>@h/db/f'",
    'INSERT INTO u SET name="n", pw="<x>"',
    "INSERT INTO u (`name`, `password`) VALUES ROW('a','<b>'), ROW('c', <0x414243>)",
    "SET @pw := '<x>', @n = 'y'",
    "SELECT 1 FROM u WHERE pwd=_utf8mb4'<a>' AND pw = _latin1 '<b>' AND n = _utf8mb4'x'",
    'UPDATE u SET pwd=IF(1, _utf8mb4"<a>", "<b>"), n=IF(1, "x", "y")',
    "SELECT ENCODE('x', '<key>'), DECODE(y, '<key2>'), country_code FROM u",
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


def test_members_of_json_are_names_too() -> None:
    sql = b"SELECT 1 FROM t WHERE d->>'password' = 'hunter2' AND d->>'name' = 'x'"
    assert masked_sql(sql)[0] == sql.decode().replace("hunter2", "***")
    sql = b"SELECT 1, '<a><secret>hunter2</secret></a>'"
    assert masked_sql(sql)[0] == sql.decode().replace("hunter2", "***")


def test_placeholders_in_such_places_are_told() -> None:
    assert secrets_in(b"SELECT 1 FROM u WHERE name=$1 AND password = $2").numbers == {1}
    assert secrets_in(b"INSERT INTO u (name, pwd, c) VALUES (?, ?, ?)", True).numbers == {1}
    assert secrets_in(b"SELECT 1 FROM u WHERE $2 = u.password AND $1 = a").numbers == {1}
    assert secrets_in(b"UPDATE u SET (a, token) = ($1, $2), h=hmac($3, $4, $5)").numbers == {
        1,
        2,
        3,
    }
    assert secrets_in(b"FROM (VALUES ($1,$2)) AS d (id, password)").numbers == {1}
    assert secrets_in(b"INSERT INTO u (name, age) VALUES (?, ?)", True) == NOTHING


def test_no_name_of_a_secret_is_passed_over_unread() -> None:
    names = [*ANYWHERE, *AT_THE_END, *("_".join(pair) for pair in PAIRS | TORN)]
    for name in [*names, *(each.decode() for each in SPECIAL - {b"identified"})]:
        sql = f"SELECT {name}('hunter2', 'hunter3')".encode()
        assert secrets_in(sql).places, name
        assert secrets_in(sql.upper()).places, name


def test_any_text_is_read_in_a_time_that_grows_with_its_size() -> None:
    chance = random.Random(6)
    quotes = [b"'", b'"', b"''", b"$a$", b"/*", b"*/", b"--", b"\n", b"\\"]
    marks = [b"=", b"(", b",", b" ", b"$1", b"||", b"://a:"]
    words = [*quotes, *marks, b"password", b"identified by", b"insert into t (", b"values"]
    for _ in range(2000):
        secrets_in(b"".join(chance.choices(words, k=40)), chance.random() < 0.5)
    for word in words:
        begun = time.process_time()
        secrets_in(b"password " + word * 20_000)
        secrets_in(b"password " + (b"password" + word) * 10_000)
        assert time.process_time() - begun < 5
