"""Commands and replies: in order, beside pushes, with secrets masked, behind gaps."""

from __future__ import annotations

import pickle

import pytest
from redis_said import CLIENT, SERVER, answered, asked, command, said

from netshell.protocols.api import Likeness
from netshell.protocols.redis.decoder import REPLICATION, RedisDecoder
from netshell.protocols.redis.values import Failure
from netshell.protocols.secret import Masked, revealed
from netshell.protocols.secret_names import ANYWHERE, AT_THE_END, PAIRS, TORN

PIECES = pytest.mark.parametrize("piece", [0, 1, 5])


@PIECES
def test_a_command_and_its_reply(piece: int) -> None:
    get = asked("get", "a")
    (found,) = said(get, answered(b"$1\r\n1\r\n"), piece=piece)
    assert (found.command, found.arguments, found.reply, found.error) == ("GET", ("a",), "1", "")
    assert str(found) == 'redis GET a → "1"'
    assert [(each.side, each.begin, each.end) for each in found.parts] == [
        ("client", 0, len(get[1])), ("server", 0, 7),
    ]  # fmt: skip
    assert found.duration_s == 1e-9
    assert (found.database, found.version, found.inline) == (0, 2, False)
    assert pickle.loads(pickle.dumps(found)) == found


@PIECES
def test_pipelined_in_order(piece: int) -> None:
    commands = b"".join([command("SET", "k", "v"), command("INCR", "k"), command("GET", "k")])
    replies = b"+OK\r\n-ERR value is not an integer\r\n$1\r\nv\r\n"
    found = said((CLIENT, commands), (SERVER, replies), piece=piece)
    assert [str(each) for each in found] == [
        "redis SET k v → OK",
        "redis INCR k → error ERR value is not an integer",
        'redis GET k → "v"',
    ]
    assert [each.problem for each in found] == ["", "ERR value is not an integer", ""]


def test_typed_lines() -> None:
    found = said((CLIENT, b"\r\nset a 'b c'\r\nPING\n"), answered(b"+OK\r\n+PONG\r\n"))
    assert [(each.command, each.arguments, each.inline) for each in found] == [
        ("SET", ("a", "b c"), True), ("PING", (), True),
    ]  # fmt: skip


@PIECES
def test_nulls_among_a_commands_words(piece: int) -> None:
    """No client sends them; damage does."""
    (found,) = said((CLIENT, b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$-1\r\n"), piece=piece)
    assert (found.command, found.arguments) == ("SET", ("k", None))


def test_half_a_secret_has_its_place_in_what_came() -> None:
    login = command("CONFIG", "SET", "requirepass", "a-long-password")[:-8]
    (half,) = said((CLIENT, login))
    assert half.lacking
    assert login[half.secrets[-1][1] :] == b"a-long-pa"
    assert half.secrets[-1][2] == len(login)


def test_what_is_not_answered_waits() -> None:
    found = said(asked("BLPOP", "q", "0"), asked("PING"), answered(b"*2\r\n$1\r\nq\r\n"))
    assert [each.lacking for each in found] == ["its answer has not come whole", "no answer"]
    (half,) = said((CLIENT, command("SET", "k", "value")[:25]))
    assert (half.command, half.arguments, half.lacking) == ("SET", ("k",), "its end has not come")


def test_transactions_tell_what_they_executed() -> None:
    *_, last = said(
        asked("MULTI"), answered(b"+OK\r\n"), asked("SET", "a", "1"), answered(b"+QUEUED\r\n"),
        asked("INCR", "l"), answered(b"+QUEUED\r\n"), asked("EXEC"),
        answered(b"*2\r\n+OK\r\n-WRONGTYPE Operation\r\n"),
    )  # fmt: skip
    assert last.queued == ("SET a 1", "INCR l")
    assert last.reply == ["OK", "WRONGTYPE Operation"]
    assert last.problem == "WRONGTYPE Operation"
    assert last.answered == "2 values, WRONGTYPE Operation"
    assert last.said("server")[1:] == ['1) "OK"', "2) (error) WRONGTYPE Operation"]


@PIECES
def test_subscriptions_in_resp2(piece: int) -> None:
    def confirmed(word: str, channel: str, count: int) -> bytes:
        return b"*3\r\n" + command(word, channel)[4:] + b":%d\r\n" % count

    found = said(
        asked("SUBSCRIBE", "a", "b"),
        (SERVER, confirmed("subscribe", "a", 1) + confirmed("subscribe", "b", 2)),
        (SERVER, command("message", "a", "hello")),
        asked("PING"), (SERVER, command("pong", "")),
        asked("UNSUBSCRIBE"),
        (SERVER, confirmed("unsubscribe", "b", 1)),
        (SERVER, command("message", "a", "late")),
        (SERVER, confirmed("unsubscribe", "a", 0)),
        asked("LRANGE", "l", "0", "-1"), (SERVER, command("message", "x", "y")),
        piece=piece,
    )  # fmt: skip
    assert [(each.kind, each.command, each.reply) for each in found] == [
        ("command", "SUBSCRIBE", [["subscribe", "a", 1], ["subscribe", "b", 2]]),
        ("push", "", ["message", "a", "hello"]),
        ("command", "PING", ["pong", ""]),
        ("push", "", ["message", "a", "late"]),
        ("command", "UNSUBSCRIBE", [["unsubscribe", "b", 1], ["unsubscribe", "a", 0]]),
        ("command", "LRANGE", ["message", "x", "y"]),  # it is subscribed to nothing any more
    ]
    assert found[1].side == "server"
    assert found[1].asked == 'push message "a" "hello"'
    assert not any(each.lacking for each in found)


def test_half_a_subscription() -> None:
    (found,) = said(
        asked("SUBSCRIBE", "a", "b"), answered(b"*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
    )
    assert (found.lacking, found.reply) == ("1 of 2 replies", [["subscribe", "a", 1]])


def test_pushes_in_resp3() -> None:
    hello = b"%1\r\n$5\r\nproto\r\n:3\r\n"
    found = said(
        asked("HELLO", "3"), answered(hello), asked("GET", "a"),
        answered(b">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n$1\r\n1\r\n"),
        asked("SUBSCRIBE", "c"), answered(b">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"),
        answered(b">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n"),
    )  # fmt: skip
    assert [(each.kind, each.command, each.version) for each in found] == [
        ("command", "HELLO", 3), ("push", "", 3), ("command", "GET", 3),
        ("command", "SUBSCRIBE", 3), ("push", "", 3),
    ]  # fmt: skip
    assert found[2].reply == "1"


def test_monitor_with_its_secrets() -> None:
    line = b'+1339518083.107412 [0 127.0.0.1:60866] "auth" "hunter2"\r\n'
    first, second, third = said(
        asked("MONITOR"), answered(b"+OK\r\n"),
        answered(b'+1339518083.107412 [0 127.0.0.1:60866] "get" "x"\r\n'), answered(line),
    )  # fmt: skip
    assert (second.kind, second.reply) == (
        "monitor", '1339518083.107412 [0 127.0.0.1:60866] "get" "x"',
    )  # fmt: skip
    assert "hunter2" not in str(third)
    assert "hunter2" in revealed(third).reply
    ((side, begin, end),) = third.secrets
    at = third.parts[0].begin
    assert (side, line[begin - at : end - at]) == ("server", b'"hunter2"')
    assert first.command == "MONITOR"


def test_replies_that_are_not_wanted() -> None:
    found = said(
        asked("CLIENT", "REPLY", "SKIP"), asked("SET", "a", "1"), asked("GET", "a"),
        answered(b"$1\r\n1\r\n"), asked("CLIENT", "REPLY", "OFF"), asked("SET", "b", "1"),
        asked("CLIENT", "REPLY", "ON"), answered(b"+OK\r\n"),
    )  # fmt: skip
    assert [(each.arguments[0], each.no_reply, each.reply) for each in found] == [
        ("REPLY", True, None), ("a", True, None), ("a", False, "1"),
        ("REPLY", True, None), ("b", True, None), ("REPLY", False, "OK"),
    ]  # fmt: skip
    assert found[1].answered == "no reply wanted"


def test_what_changes_the_connection() -> None:
    found = said(
        asked("SELECT", "3"), answered(b"+OK\r\n"), asked("GET", "a"), answered(b"$-1\r\n"),
        asked("SELECT", "99"), answered(b"-ERR DB index is out of range\r\n"),
        asked("GET", "a"), answered(b"_\r\n"), asked("RESET"), answered(b"+RESET\r\n"),
        asked("GET", "a"), answered(b"$-1\r\n"),
    )  # fmt: skip
    assert [each.database for each in found] == [0, 3, 3, 3, 3, 0]
    assert found[1].answered == "(nil)"


def test_replication_is_not_read() -> None:
    decoder = RedisDecoder()
    made = [*decoder.feed(CLIENT, command("PSYNC", "?", "-1"), 0)]
    made += decoder.feed(SERVER, b"\n+FULLRESYNC 75cd7bc1 0\r\n$5\r\nREDIS*3\r\n", 1)
    (found,) = made
    assert found.asked == "PSYNC ? -1"
    assert decoder.why_stopped == REPLICATION
    assert decoder.rest(SERVER) == b"$5\r\nREDIS*3\r\n"
    old = RedisDecoder()
    old.feed(CLIENT, command("SYNC"), 0)
    assert len(old.feed(SERVER, b"$5\r\nREDIS", 1)) == 1
    assert old.why_stopped == REPLICATION


def test_other_protocols_end_it() -> None:
    for side in (CLIENT, SERVER):
        decoder = RedisDecoder()
        decoder.feed(CLIENT, command("PING"), 0)
        decoder.feed(side, b"*1\r\n*1\r\n!x\r\n", 0)
        assert decoder.why_stopped.startswith(side)


SECRETS = {
    ("AUTH", "hunter2"): "AUTH ***",
    ("AUTH", "bob", "hunter2"): "AUTH bob ***",
    ("HELLO", "3", "AUTH", "bob", "hunter2", "SETNAME", "x"): "HELLO 3 AUTH bob *** SETNAME x",
    ("CONFIG", "SET", "requirepass", "hunter2"): "CONFIG SET requirepass ***",
    (
        "config",
        "set",
        "maxmemory",
        "1",
        "masterauth",
        "hunter2",
    ): "CONFIG set maxmemory 1 masterauth ***",
    ("CONFIG", "SET", "tls-key-file-pass", "hunter2"): "CONFIG SET tls-key-file-pass ***",
    ("ACL", "SETUSER", "bob", "on", ">hunter2", "+@all"): "ACL SETUSER bob on >*** +@all",
    ("MIGRATE", "h", "1", "k", "0", "9", "AUTH", "hunter2"): "MIGRATE h 1 k 0 9 AUTH ***",
    (
        "MIGRATE",
        "h",
        "1",
        "",
        "0",
        "9",
        "AUTH2",
        "bob",
        "hunter2",
        "KEYS",
        "AUTH",
        "x",
    ): 'MIGRATE h 1 "" 0 9 AUTH2 bob *** KEYS AUTH x',
    ("SENTINEL", "SET", "m", "auth-pass", "hunter2"): "SENTINEL SET m auth-pass ***",
    ("HSET", "h", "name", "bob", "password", "hunter2"): "HSET h name bob password ***",
    ("SET", "user:7:password", "hunter2"): "SET user:7:password ***",
    ("SETEX", "api_token", "9", "hunter2"): "SETEX api_token 9 ***",
    ("MSET", "a", "b", "x:secret", "hunter2"): "MSET a b x:secret ***",
    ("XADD", "s", "*", "a", "b", "pwd", "hunter2"): "XADD s * a b pwd ***",
    ("ACL", "SETUSER", "bob", "<hunter2", "on"): "ACL SETUSER bob <*** on",
    ("ACL", "SETUSER", "bob", "(>hunter2", "+get)"): "ACL SETUSER bob (*** +get)",
    (
        "SENTINEL",
        "CONFIG",
        "SET",
        "sentinel-pass",
        "hunter2",
    ): "SENTINEL CONFIG SET sentinel-pass ***",
    (
        "MODULE",
        "LOADEX",
        "m.so",
        "CONFIG",
        "m.password",
        "hunter2",
    ): "MODULE LOADEX m.so CONFIG m.password ***",
    (
        "EVAL",
        "return 1",
        "1",
        "user:7:password",
        "hunter2",
    ): 'EVAL "return 1" 1 user:7:password ***',
    ("LPUSH", "reset_tokens:token", "hunter2"): "LPUSH reset_tokens:token ***",
    ("LPUSH", "tokens", "hunter2"): "LPUSH tokens ***",
    ("ZADD", "user:secrets", "NX", "5", "hunter2"): "ZADD user:secrets NX 5 ***",
    ("ZINCRBY", "tokens", "5", "hunter2"): "ZINCRBY tokens 5 ***",
    ("PUBLISH", "tokens", "hunter2"): "PUBLISH tokens ***",
}
NOT_TYPED = {
    ("EVAL", "return redis.call('AUTH', 'hunter2')", "0"):
        "EVAL \"return redis.call('AUTH', '***')\" 0",
    ("SCRIPT", "LOAD", 'redis.pcall("config", "set", "requirepass", "hunter2")'):
        'SCRIPT LOAD "redis.pcall(\\"config\\", \\"set\\", \\"requirepass\\", \\"***\\")"',
    ("EVAL", "redis.call('AUTH', ARGV[1])", "0", "hunter2"):
        "EVAL \"redis.call('AUTH', ARGV[1])\" 0 ***",
    ("EVAL", "return redis.call('set','password',ARGV[1])", "0", "hunter2"):
        "EVAL \"return redis.call('set','password',ARGV[1])\" 0 ***",
    ("EVAL", "redis.call('hset', KEYS[1], 'api_key', ARGV[1])", "1", "u", "hunter2"):
        "EVAL \"redis.call('hset', KEYS[1], 'api_key', ARGV[1])\" 1 u ***",
}  # fmt: skip


_AS_SENT = (b"hunter2", b">hunter2", b"<hunter2", b"(>hunter2")


@pytest.mark.parametrize("words", [*SECRETS, *NOT_TYPED])
def test_secrets_are_masked_with_their_bytes(words: tuple[str, ...]) -> None:
    ways = [command(*words)]
    if words in SECRETS:
        ways.append(
            " ".join(f'"{each}"' if " " in each else each or '""' for each in words).encode()
            + b"\r\n"
        )
    for given in ways:
        (found,) = said((CLIENT, given), answered(b"+OK\r\n"))
        assert found.asked == {**SECRETS, **NOT_TYPED}[words]
        assert "hunter2" not in f"{found}{found.json()}{found.said('client')}{found.facts()}"
        ((side, begin, end),) = found.secrets
        assert side == "client"
        assert given[begin:end] in _AS_SENT
        assert "hunter2" in "".join(map(str, revealed(found).arguments))
        peek = RedisDecoder.peek(given, True)
        assert peek is not None
        assert "hunter2" not in peek.text
        ((begin, end),) = peek.secrets
        assert given[begin:end] in _AS_SENT


def test_a_login_with_too_many_words_shows_none() -> None:
    (found,) = said(asked("AUTH", "hunter2", "b", "c"), answered(b"-ERR syntax error\r\n"))
    assert found.asked == "AUTH *** *** ***"


def test_texts_with_secrets_are_masked_where_they_are_stored_and_read() -> None:
    token, dsn = b'{"n":1,"token":"hunter2"}', b"postgres://a:hunter2@h/x"
    bulk = b"$%d\r\n%s\r\n"
    replies = [
        b"+OK\r\n", bulk % (len(token), token), b"*2\r\n" + bulk % (len(dsn), dsn) + b"$1\r\na\r\n",
    ]  # fmt: skip
    sent = command("SETEX", "k", "9", token)
    setting, getting, listing = said(
        (CLIENT, sent), answered(replies[0]), asked("GET", "k"), answered(replies[1]),
        asked("LRANGE", "l", "0", "1"), answered(replies[2]),
    )  # fmt: skip
    for each in (setting, getting, listing):
        assert "hunter2" not in f"{each}{each.json()}{each.said('client')}{each.said('server')}"
        assert "hunter2" in str(revealed(each).arguments) + str(revealed(each).reply)
    ((side, begin, end),) = setting.secrets
    assert (side, sent[begin:end]) == ("client", b"hunter2")
    ((side, begin, end),) = getting.secrets
    at = len(replies[0])
    assert (side, replies[1][begin - at : end - at]) == ("server", b"hunter2")
    assert listing.secrets == (("server", listing.parts[1].begin, listing.parts[1].end),)
    for data in (sent, *replies[1:]):
        peek = RedisDecoder.peek(data, True)
        assert peek is not None and "hunter2" not in peek.text
        left = bytearray(data)
        for begin, end in peek.secrets:
            left[begin:end] = b"*" * (end - begin)
        assert b"hunter2" not in left


@pytest.mark.parametrize(
    ("words", "reply"),
    [
        (("HGET", "h", "password"), b"$7\r\nhunter2\r\n"),
        (("GET", "user:7:password"), b"$7\r\nhunter2\r\n"),
        (("HMGET", "h", "password"), b"*1\r\n$7\r\nhunter2\r\n"),
        (("EVAL", "return redis.call('get','password')", "0"), b"$7\r\nhunter2\r\n"),
        (("ZRANGE", "tokens", "0", "-1"), b"*1\r\n$7\r\nhunter2\r\n"),
        (("HMGET", "h", "a", "password"), b"*2\r\n$1\r\nx\r\n$7\r\nhunter2\r\n"),
        (("HGETALL", "h"), b"*4\r\n$1\r\na\r\n$1\r\nx\r\n$3\r\npwd\r\n$7\r\nhunter2\r\n"),
        (("HGETALL", "h"), b"%1\r\n$3\r\npwd\r\n$7\r\nhunter2\r\n"),
    ],
)
def test_fields_that_are_passwords(words: tuple[str, ...], reply: bytes) -> None:
    (found,) = said(asked(*words), answered(reply))
    assert "hunter2" not in f"{found}{found.json()}{found.said('server')}"
    assert "hunter2" in str(revealed(found).reply)
    ((side, begin, end),) = found.secrets
    assert (side, reply[begin:end]) == ("server", b"hunter2")


def test_an_error_that_repeats_the_password() -> None:
    reply = b"-ERR Unsupported CONFIG value 'hunter2'\r\n"
    (found,) = said(asked("CONFIG", "SET", "requirepass", "hunter2"), answered(reply))
    assert found.error == "ERR Unsupported CONFIG value '***'"
    assert ("server", reply.find(b"hunter2"), reply.find(b"hunter2") + 7) in found.secrets


def test_monitor_masks_what_the_commands_do() -> None:
    line = b'+1339518083.107412 [0 127.0.0.1:6] "%s"\r\n'
    lines = [
        line % b'hset" "h" "password" "hunter2',
        line % b'set" "k" "{\\"token\\":\\"hunter2\\"}',
    ]
    _, *told = said(asked("MONITOR"), answered(b"+OK\r\n"), *map(answered, lines))
    for each, data in zip(told, lines, strict=True):
        assert "hunter2" not in str(each) and "hunter2" in revealed(each).reply
        at = each.parts[0].begin
        assert all(b"hunter2" in data[begin - at : end - at] for _, begin, end in each.secrets)
        assert each.secrets


def test_half_a_password_is_hidden_too() -> None:
    sent = command("AUTH", "hunter2")[:-4]
    (found,) = said((CLIENT, sent))
    assert "hunt" not in str(found)
    assert any(sent[begin:end].startswith(b"hunt") for _, begin, end in found.secrets)


@pytest.mark.parametrize(
    "reply",
    [
        b"*4\r\n$11\r\nrequirepass\r\n$7\r\nhunter2\r\n$4\r\nport\r\n$4\r\n6379\r\n",
        b"%2\r\n$11\r\nrequirepass\r\n$7\r\nhunter2\r\n$4\r\nport\r\n$4\r\n6379\r\n",
    ],
)
def test_settings_that_are_answered(reply: bytes) -> None:
    (found,) = said(asked("CONFIG", "GET", "*"), answered(reply))
    assert "hunter2" not in f"{found.said('server')}{found.json()}"
    assert "6379" in f"{found.said('server')}"
    assert "hunter2" in str(revealed(found).reply)
    ((side, begin, end),) = found.secrets
    assert (side, reply[begin:end]) == ("server", b"hunter2")
    peek = RedisDecoder.peek(reply, True)
    assert peek is not None
    assert [reply[begin:end] for begin, end in peek.secrets] == [b"hunter2"]


def test_acl_answers_hide_hashes() -> None:
    (made,) = said(asked("ACL", "GENPASS"), answered(b"$8\r\ndeadbeef\r\n"))
    assert isinstance(made.reply, Masked)
    (told,) = said(asked("ACL", "LIST"), answered(b"*1\r\n$22\r\nuser bob on #c0ffee ~*\r\n"))
    assert told.reply == ["user bob on #*** ~*"]
    (user,) = said(
        asked("ACL", "GETUSER", "bob"),
        answered(b"*4\r\n+flags\r\n*1\r\n+on\r\n+passwords\r\n*1\r\n$6\r\nc0ffee\r\n"),
    )
    assert user.reply == ["flags", ["on"], "passwords", ["***"]]


def bulks(*texts: str) -> bytes:
    return b"*%d\r\n" % len(texts) + b"".join(
        b"$%d\r\n%s\r\n" % (len(each), each.encode()) for each in texts
    )


def test_a_transaction_is_answered_with_what_its_commands_hide() -> None:
    settings = bulks("requirepass", "hunter2")
    error = b"-ERR Unsupported CONFIG value 'hunter3'\r\n"
    reply = b"*4\r\n:1\r\n" + settings + b"$7\r\nhunter2\r\n" + error
    queued = answered(b"+QUEUED\r\n")
    *_, last = said(
        asked("MULTI"), answered(b"+OK\r\n"), asked("INCR", "a"), queued,
        asked("CONFIG", "GET", "requirepass"), queued, asked("GET", "api_token"), queued,
        asked("CONFIG", "SET", "masterauth", "hunter3"), queued, asked("EXEC"), answered(reply),
    )  # fmt: skip
    assert "hunter" not in f"{last}{last.json()}{last.said('server')}{last.problem}"
    assert last.reply[:3] == [1, ["requirepass", "***"], "***"]
    assert _[3].reply == "QUEUED"
    assert isinstance(last.reply[3], Failure) and "hunter3" in revealed(last).reply[3]
    assert revealed(last).reply[1] == ["requirepass", "hunter2"]
    assert last.secrets == (("server", last.parts[1].begin, last.parts[1].end),)
    peek = RedisDecoder.peek(reply, True)
    assert peek is not None and [reply[b:e] for b, e in peek.secrets] == [b"hunter2"]


def test_settings_in_a_pipeline_and_the_midst() -> None:
    reply = bulks("requirepass", "hunter2")
    commands = (
        command("PING") + command("CONFIG", "GET", "requirepass") + command("AUTH", "hunter2")
    )
    found = said((CLIENT, commands), (SERVER, b"+PONG\r\n" + reply + b"+OK\r\n"))
    assert [each.reply for each in found] == ["PONG", ["requirepass", "***"], "OK"]
    peek = RedisDecoder.peek(commands, True)
    assert peek is not None and [commands[b:e] for b, e in peek.secrets] == [b"hunter2"]
    (alone,) = said((SERVER, reply))
    assert (alone.kind, alone.reply) == ("reply", ["requirepass", "***"])
    assert revealed(alone).reply == ["requirepass", "hunter2"]


@pytest.mark.parametrize(
    ("words", "reply"),
    [
        (("SENTINEL", "CONFIG", "GET", "*"), bulks("sentinel-pass", "hunter2")),
        (("SLOWLOG", "GET"), b"*1\r\n*6\r\n:1\r\n:2\r\n:3\r\n" + bulks("AUTH", "bob", "hunter2")
            + b"$1\r\na\r\n$0\r\n\r\n"),
        (("HSCAN", "h", "0"), b"*2\r\n$1\r\n0\r\n" + bulks("password", "hunter2")),
        (("XRANGE", "s", "-", "+"), b"*1\r\n*2\r\n$3\r\n1-1\r\n" + bulks("pwd", "hunter2")),
        (("LRANGE", "x:token", "0", "1"), bulks("hunter2", "hunter2")),
        (("EVAL", "return redis.call('GET', KEYS[1])", "1", "api_key"), b"$7\r\nhunter2\r\n"),
        (("ACL", "GETUSER", "b"), b"*2\r\n$9\r\npasswords\r\n" + bulks("hunter2")),
        (("NOTCONFIG", "SET", "requirepass", "x"), b"-ERR unknown command 'CONFIG', with args "
            b"beginning with: 'SET' 'requirepass' 'hunter2' \r\n"),
    ],
)  # fmt: skip
def test_answers_with_secrets(words: tuple[str, ...], reply: bytes) -> None:
    (found,) = said(asked(*words), answered(reply))
    assert "hunter2" not in f"{found}{found.json()}{found.said('server')}{found.records()}"
    told = revealed(found)
    assert "hunter2" in f"{told.reply}{told.error}"
    left = bytearray(reply)
    for _, begin, end in found.secrets:
        left[begin:end] = b"*" * (end - begin)
    assert b"hunter2" not in left


def test_what_is_told_of_a_login_from_an_address_of_version_6() -> None:
    line = b'+1339518083.107412 [0 [::1]:60866] "AUTH" "bob" "hunter2"\r\n'
    _, told = said(asked("MONITOR"), answered(b"+OK\r\n"), answered(line))
    assert "hunter2" not in f"{told}{told.json()}" and told.secrets
    peek = RedisDecoder.peek(line, True)
    assert peek is not None and "hunter2" not in peek.text
    assert [line[begin:end] for begin, end in peek.secrets] == [b'"hunter2"']


# --- gaps, and the midst ---


@PIECES
def test_behind_a_gap_matching_begins_anew(piece: int) -> None:
    found = said(
        asked("GET", "a"), (SERVER, b"$10\r\n12"), (SERVER, 5), (SERVER, b"890\r\n"),
        asked("GET", "b"), (SERVER, b"$1\r\n2\r\n"), piece=piece,
    )  # fmt: skip
    assert [(each.arguments, each.reply, each.lacking) for each in found] == [
        (("a",), None, "no answer: 5 bytes of the server lack"),
        (("b",), "2", f"{5 + 7 + 5} bytes before it lack, or belong to no command"),
    ]


@PIECES
def test_a_gap_in_commands(piece: int) -> None:
    sent = command("SET", "k", "v" * 20)
    found = said(
        (CLIENT, sent[:20]), (CLIENT, 10), (CLIENT, sent[30:]), answered(b"+OK\r\n"),
        asked("GET", "k"), answered(b"$1\r\nv\r\n"), piece=piece,
    )  # fmt: skip
    (last,) = found
    assert (last.command, last.reply) == ("GET", "v")
    assert last.lacking.endswith("bytes before it lack, or belong to no command")


def test_from_the_midst() -> None:
    found = said(
        (SERVER, b"rest of an answer\r\n"), asked("GET", "k"), answered(b"$1\r\nv\r\n"), begun=False
    )
    assert [(each.command, each.reply) for each in found] == [("GET", "v")]
    assert found[0].database is None
    pushed = said((SERVER, command("message", "c", "hi")), begun=False)
    assert [each.reply for each in pushed] == [["message", "c", "hi"]]


# --- what looks like it ---


@pytest.mark.parametrize(
    ("client", "server", "likeness"),
    [
        (command("GET", "a"), b"", Likeness.SURE),
        (b"*1\r\n$4\r\nPI", b"", Likeness.MORE),
        (b"*", b"", Likeness.MORE),
        (b"PING\r\n", b"+PONG\r\n", Likeness.LIKELY),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"", Likeness.NO),
        (b"*1\r\n:1\r\n", b"", Likeness.NO),
        (b"\x16\x03\x01\x02\x00\x01", b"", Likeness.NO),
        (b"", b"-DENIED Redis is running in protected mode\r\n", Likeness.LIKELY),
        (b"", b"", Likeness.MORE),
        (b"", command("message", "c", "hi"), Likeness.SURE),
        (b"", b"SSH-2.0-OpenSSH_9.2\r\n", Likeness.NO),
    ],
)
def test_looks(client: bytes, server: bytes, likeness: Likeness) -> None:
    assert RedisDecoder.looks_like(client, server) is likeness


def test_peeks() -> None:
    told = {
        command("SET", "key", "a b"): 'Redis SET key "a b"',
        b"+OK\r\n": "Redis OK",
        b"-ERR no\r\n": "Redis error ERR no",
        b":5\r\n": "Redis 5",
        b"$3\r\nabc\r\n": 'Redis "abc"',
        b"$-1\r\n": "Redis (nil)",
        b"*2\r\n$1\r\na\r\n$1\r\nb\r\n": "Redis array of 2",
        b"%1\r\n$1\r\na\r\n$1\r\nb\r\n": "Redis map",
        b">3\r\n$7\r\nmessage\r\n": "Redis push message",
        b"ping\r\n": "Redis PING",
    }
    for data, text in told.items():
        peek = RedisDecoder.peek(data, True)
        assert peek is not None
        assert peek.text == text
    assert RedisDecoder.peek(command("GET", "a"), False) is not None
    for data in (b"+OK\r\n", b"", b"*", b"*x\r\n", b"\x00\x01", b"$x\r\n"):
        assert RedisDecoder.peek(data, False) is None


@PIECES
def test_a_command_without_a_name(piece: int) -> None:
    """Where its name should be, there is a null."""
    first, *_ = said((CLIENT, b"*2\r\n$-1\r\n$1\r\na\r\n"), piece=piece)
    assert (first.command, first.arguments) == ("", ("a",))


def test_no_name_of_a_secret_is_passed_over_unread() -> None:
    for name in sorted(ANYWHERE | AT_THE_END) + ["-".join(pair) for pair in PAIRS | TORN]:
        (found,) = said(asked("SET", f"user:7:{name}", "hunter2"), answered(b"+OK\r\n"))
        assert found.asked.endswith(" ***"), name
