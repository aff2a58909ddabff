"""Redis with redis-py (RESP2, RESP3) and redis-cli: what is read is what they sent and got.

With NETSHELL_RECORD=1, test_recording writes recorded/redis.pcap anew.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from onloopback import capturing
from redis_said import command
from redis_server import redis_server

from netshell.capture.capture import Capture
from netshell.protocols.raw import Raw
from netshell.protocols.redis.message import RedisMessage
from netshell.protocols.redis.values import Failure

RECORDED = Path(__file__).with_name("recorded")
DEADLINE_S = 60

SETUP = ("HELLO", "CLIENT", "COMMAND")
"""What clients say by themselves."""


def messages(capture: Capture, done: Callable[[list[RedisMessage]], bool]) -> list[RedisMessage]:
    """The messages of a capture, once they are as they should be, and all are answered: what the
    client has got may still be on its way into the capture."""

    def is_whole(found: list[Any]) -> bool:
        return done(found) and not any(each.lacking for each in found)

    deadline = time.monotonic() + DEADLINE_S
    while not is_whole(found := list(capture.messages)):
        assert time.monotonic() < deadline, [str(each) for each in found]
        capture.wait(len(capture) + 1, 0.02)
    return found  # type: ignore[return-value]


def commands(capture: Capture, count: int) -> list[RedisMessage]:
    """The commands that were answered, without what clients say by themselves."""

    def mine(found: list[RedisMessage]) -> list[RedisMessage]:
        return [each for each in found if each.command and each.command not in SETUP]

    return mine(messages(capture, lambda found: len(mine(found)) >= count))


@pytest.fixture(params=[2, 3])
def client(request: pytest.FixtureRequest, redis_port: int) -> Iterator[redis.Redis]:
    """redis-py, with either protocol; it gives replies as they came."""
    with redis.Redis(
        port=redis_port, protocol=request.param, decode_responses=True,
        socket_timeout=DEADLINE_S, single_connection_client=True,
    ) as made:  # fmt: skip
        made.flushall()
        made.response_callbacks.clear()
        yield made


WORDS: tuple[tuple[Any, ...], ...] = (
    ("SET", "a", "1"), ("GET", "a"), ("GET", "none"), ("INCR", "a"), ("APPEND", "u", "Grüße ☃"),
    ("GET", "u"), ("HSET", "h", "x", "1", "y", "2"), ("HGETALL", "h"), ("RPUSH", "l", "a", "b"),
    ("LRANGE", "l", "0", "-1"), ("SADD", "s", "m"), ("SMEMBERS", "s"), ("ZADD", "z", "1.5", "p"),
    ("ZRANGE", "z", "0", "-1", "WITHSCORES"), ("ZSCORE", "z", "p"), ("EXISTS", "none"),
    ("XADD", "x", "1-1", "f", "v"), ("XRANGE", "x", "-", "+"), ("XREAD", "STREAMS", "x", "0"),
    ("EVAL", "return {1, {2, 'x'}, false}", "0"), ("SELECT", "1"), ("DBSIZE",), ("ECHO", ""),
    ("TYPE", "a"), ("ZADD", "big", "inf", "q"), ("ZSCORE", "big", "q"), ("TIME",),
    ("MEMORY", "STATS"), ("LOLWUT",), ("DEBUG", "SLEEP", "0"), ("PING",), ("BLPOP", "none", "0.01"),
    ("INCR", "u"), ("NOSUCH", "thing"), ("GET",), ("ACL", "CAT"),
)  # fmt: skip


def plain(value: Any) -> Any:
    """A reply as both sides of the comparison have it: sets as lists, errors as texts."""
    if isinstance(value, redis.ResponseError | Failure):
        return "error"
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(each) for each in value]
    return value


def test_every_reply_as_the_client_got_it(client: redis.Redis) -> None:
    got: list[Any] = []
    with capturing(client.connection_pool.connection_kwargs["port"]) as capture:
        for words in WORDS:
            try:
                got.append(client.execute_command(*words))
            except redis.ResponseError as error:
                got.append(error)
        found = commands(capture, len(WORDS))
    assert [[each.command, *each.arguments] for each in found] == [list(words) for words in WORDS]
    for message, reply in zip(found, got, strict=True):
        assert plain(message.reply) == plain(reply), message
        if isinstance(reply, redis.ResponseError):
            # The client takes the first word off some.
            assert message.error.endswith(str(reply))
        assert message.duration_s is not None
        assert message.reply_bytes
        assert not message.lacking
    assert found[-1].database == 1


def test_pipelines_and_transactions(client: redis.Redis) -> None:
    with capturing(client.connection_pool.connection_kwargs["port"]) as capture:
        pipe = client.pipeline(transaction=True)
        for number in range(50):
            pipe.set(f"k{number}", str(number))
        pipe.lpush("k1", "x")
        got = pipe.execute(raise_on_error=False)
        found = commands(capture, 53)
    multi, *queued, done = found
    assert (multi.command, done.command) == ("MULTI", "EXEC")
    assert all(each.reply == "QUEUED" for each in queued)
    assert list(done.queued) == [each.asked for each in queued]
    assert plain(done.reply) == plain(got)
    assert done.problem.startswith("WRONGTYPE")


def test_large_values(client: redis.Redis) -> None:
    with capturing(client.connection_pool.connection_kwargs["port"]) as capture:
        client.execute_command("SET", "big", "x" * 3_000_000)
        assert len(client.execute_command("GET", "big")) == 3_000_000
        put, got = commands(capture, 2)
    assert put.arguments[1].size == got.reply.size == 3_000_000
    assert put.arguments[1] == got.reply == "x" * 4096


@pytest.mark.parametrize("version", [2, 3])
def test_subscriptions(redis_port: int, version: int) -> None:
    with (
        capturing(redis_port) as capture,
        redis.Redis(port=redis_port, protocol=version, decode_responses=True) as client,
        client.pubsub() as listener,
    ):
        listener.subscribe("news", "sport")
        listener.psubscribe("ne*")
        assert [listener.get_message(timeout=DEADLINE_S) for _ in range(3)]
        assert client.publish("news", "Grüße") == 2
        got = [listener.get_message(timeout=DEADLINE_S) for _ in range(2)]
        assert [each and each["data"] for each in got] == ["Grüße", "Grüße"]
        listener.unsubscribe()
        assert [listener.get_message(timeout=DEADLINE_S) for _ in range(2)]
        found = messages(capture, lambda all: any(each.command == "UNSUBSCRIBE" for each in all))
    pushes = [each.reply for each in found if each.kind == "push"]
    assert pushes == [["message", "news", "Grüße"], ["pmessage", "ne*", "news", "Grüße"]]
    (subscribed,) = [each for each in found if each.command == "SUBSCRIBE"]
    assert subscribed.reply == [["subscribe", "news", 1], ["subscribe", "sport", 2]]
    (left,) = [each for each in found if each.command == "UNSUBSCRIBE"]
    assert sorted(each[1] for each in left.reply) == ["news", "sport"]
    assert not [each for each in found if each.lacking]


def test_monitor_sees_what_others_say(redis_port: int) -> None:
    with (
        capturing(redis_port) as capture,
        redis.Redis(port=redis_port, decode_responses=True) as client,
        client.monitor() as monitor,
    ):
        client.set("watched", "a b")
        for _ in range(10):
            if monitor.next_command()["command"].startswith("SET"):
                break
        found = messages(
            capture, lambda all: any('"SET"' in str(each.reply) for each in all if not each.command)
        )
    line = next(each for each in found if each.kind == "monitor" and '"SET"' in each.reply)
    assert line.reply.endswith('"SET" "watched" "a b"')


def test_passwords_are_nowhere(peer: Callable[[str], Path]) -> None:
    password = "hunter2-Grüße"
    with (
        redis_server(peer("redis-server"), "--requirepass", password) as port,
        capturing(port) as capture,
    ):
        for version in (2, 3):
            with redis.Redis(port=port, protocol=version, password=password) as client:
                client.config_set("masterauth", password)
                assert client.config_get("requirepass")
                client.acl_setuser("bob", enabled=True, passwords=[f"+{password}"])
                client.acl_list()
            cli(peer, port, "-a", password, "--no-auth-warning", "PING")
        found = messages(capture, lambda all: sum(each.command == "PING" for each in all) == 2)
        packets = [capture[number] for number in range(len(capture))]
    shown = "".join(
        f"{each}{each.json()}{each.said('client')}{each.said('server')}" for each in found
    )
    assert "hunter2" not in shown
    assert "***" in shown
    assert not any("hunter2" in packet.line() for packet in packets)
    assert sum(bool(each.secrets) for each in found) >= 10


def test_replies_nobody_wants_and_typed_lines(redis_port: int) -> None:
    with (
        capturing(redis_port) as capture,
        socket.create_connection(("127.0.0.1", redis_port), DEADLINE_S) as wire,
    ):
        wire.sendall(command("ECHO", "this is Redis"))  # words on a line may be anybody's
        assert wire.recv(100) == b"$13\r\nthis is Redis\r\n"
        wire.sendall(b"CLIENT REPLY OFF\r\nSET q 'a b'\r\nCLIENT REPLY ON\r\n")
        assert wire.recv(100) == b"+OK\r\n"
        wire.sendall(command("CLIENT", "REPLY", "SKIP") + command("GET", "q") + command("GET", "q"))
        assert wire.recv(100) == b"$3\r\na b\r\n"
        found = messages(capture, lambda all: len(all) == 7 and all[-1].is_answered)
    assert [(each.asked, each.answered) for each in found[1:]] == [
        ("CLIENT REPLY OFF", "no reply wanted"), ('SET q "a b"', "no reply wanted"),
        ("CLIENT REPLY ON", "OK"), ("CLIENT REPLY SKIP", "no reply wanted"),
        ("GET q", "no reply wanted"), ("GET q", '"a b"'),
    ]  # fmt: skip


def test_a_replica_takes_over(redis_port: int, peer: Callable[[str], Path]) -> None:
    with capturing(redis_port) as capture:
        with (
            redis_server(
                peer("redis-server"), "--replicaof", "127.0.0.1", str(redis_port)
            ) as replica,
            redis.Redis(port=replica, decode_responses=True) as client,
        ):
            deadline = time.monotonic() + DEADLINE_S
            while client.info("replication")["master_link_status"] != "up":
                assert time.monotonic() < deadline
                capture.wait(len(capture) + 1, 0.02)
        found = messages(capture, lambda all: any(isinstance(each, Raw) for each in all))
    psync = next(each for each in found if getattr(each, "command", "") == "PSYNC")
    assert str(psync.reply).startswith("FULLRESYNC")
    (raw,) = [each for each in found if isinstance(each, Raw)]
    assert "replication" in raw.reason


def test_the_command_line(redis_port: int, peer: Callable[[str], Path]) -> None:
    with capturing(redis_port) as capture:
        for words in (("SET", "k", "1"), ("INCRBY", "k", "41"), ("-3", "HSET", "hh", "a", "b")):
            said = cli(peer, redis_port, *words)
            assert said
        found = commands(capture, 3)
    assert [each.answered for each in found] == ["OK", "42", "1"]
    assert found[-1].version == 3


def test_recording(redis_port: int, peer: Callable[[str], Path]) -> None:
    """What recorded/redis.pcap has."""
    with capturing(redis_port) as capture:
        for version in (2, 3):
            with redis.Redis(port=redis_port, protocol=version, decode_responses=True) as client:
                client.delete("a", "h", "big")
                client.set("a", "Grüße")
                client.hset("h", mapping={"x": "1", "y": "2"})
                client.hgetall("h")
                with pytest.raises(redis.ResponseError):
                    client.incr("h")
                pipe = client.pipeline()
                pipe.incr("n")
                pipe.get("a")
                pipe.execute()
                client.set("big", "x" * 6000)
                client.get("big")
                client.config_set("masterauth", "hunter2")
                client.config_get("masterauth")
                client.config_set("masterauth", "")
                with client.pubsub() as listener:
                    listener.subscribe("c")
                    listener.get_message(timeout=DEADLINE_S)
                    client.publish("c", "hi")
                    listener.get_message(timeout=DEADLINE_S)
        cli(peer, redis_port, "GET", "a")
        commands(capture, 29)
    if os.environ.get("NETSHELL_RECORD"):
        capture.save(RECORDED / "redis.pcap")


def cli(peer: Callable[[str], Path], port: int, *words: str) -> str:
    done = subprocess.run(
        [peer("redis-cli"), "-p", str(port), *words],
        capture_output=True, text=True, timeout=DEADLINE_S, check=True,
    )  # fmt: skip
    return done.stdout
