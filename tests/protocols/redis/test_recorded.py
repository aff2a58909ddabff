"""A recorded capture of redis-py and redis-cli (test_live.py writes it anew): what is read."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from feeding import cuts, heard, read

import netshell
from netshell.protocols.redis.message import RedisMessage
from netshell.protocols.secret import revealed

RECORDED = Path(__file__).with_name("recorded") / "redis.pcap"
SETUP = ("HELLO", "CLIENT", "COMMAND")


@pytest.fixture(scope="module")
def found() -> list[RedisMessage]:
    return [each for each in netshell.read(RECORDED).messages if each.command not in SETUP]


BOTH = [
    ("DEL a h big", Any),
    ("SET a Grüße", "OK"),
    ("HSET h x 1 y 2", "2"),
    ("HGETALL h", {2: '4 values', 3: "2 fields"}),
    ("INCRBY h 1", "error WRONGTYPE Operation against a key holding the wrong kind of value"),
    ("MULTI", "OK"),
    ("INCRBY n 1", "QUEUED"),
    ("GET a", "QUEUED"),
    ("EXEC", "2 values"),
    (f'SET big "{"x" * 60}…" (6,000 bytes)', "OK"),
    ("GET big", f'"{"x" * 60}…" (6,000 bytes)'),
    ("CONFIG SET masterauth ***", "OK"),
    ("CONFIG GET masterauth", {2: "2 values", 3: "1 field"}),
    ("CONFIG SET masterauth ***", "OK"),
    ("SUBSCRIBE c", "3 values"),
    ("PUBLISH c hi", "1"),
    ('push message "c" "hi"', ""),
]  # fmt: skip


def test_what_was_said(found: list[RedisMessage]) -> None:
    *mine, last = found
    assert len(mine) == 2 * len(BOTH)
    for version, some in ((2, mine[: len(BOTH)]), (3, mine[len(BOTH) :])):
        said = {each.asked: each for each in some}
        for asked, answered in BOTH:
            message = said[asked]
            wanted = answered[version] if isinstance(answered, dict) else answered
            assert wanted is Any or message.answered == wanted
            assert message.version == version
        assert said["EXEC"].queued == ("INCRBY n 1", "GET a")
        assert said["HGETALL h"].reply in (["x", "1", "y", "2"], {"x": "1", "y": "2"})
        assert "hunter2" not in str([each.said("server") for each in some])
    assert str(last) == 'redis GET a → "Grüße"'


def test_in_other_pieces() -> None:
    for flow in netshell.read(RECORDED).flows:
        pieces = heard(flow)
        whole = read(pieces)
        assert whole
        for cut in cuts(pieces):
            assert read(cut) == whole


def test_tshark_reads_the_same_words(peer: Callable[[str], Path]) -> None:
    capture = netshell.read(RECORDED)
    port = capture.flows[0].server.port
    done = subprocess.run(
        [peer("tshark"), "-r", RECORDED, "-d", f"tcp.port=={port},resp",
         "-Y", f"resp and tcp.dstport=={port}", "-T", "fields", "-E", "aggregator=\x01",
         "-e", "resp.bulk_string.value"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    theirs = [
        bytes.fromhex(each).decode()
        for line in done.stdout.splitlines()
        for each in line.split("\x01")
    ]
    mine = [
        word
        for each in revealed(list(capture.messages))
        if each.kind == "command"
        for word in (each.command, *each.arguments)
        if word  # of empty ones it has no value
    ]
    assert len(mine) == len(theirs) > 100
    short = [sorted(word.upper() for word in some if len(word) < 100) for some in (mine, theirs)]
    assert short[0] == short[1]
