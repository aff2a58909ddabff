"""HTTP and the other protocols of text lines, SSH and Redis: tcpdump's text, to the letter."""

from __future__ import annotations

import random

import pytest
from datagrams import Compared, cut, framed, mutated, noise, shown

TEXTS = (
    b"GET / HTTP/1.1\r\nHost: x\r\nA: b\tc\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n<html>\n",
    b"HTTP/1.1  404 Not found\n\nbody",
    b"HTTP/1.1\t200 OK\r\n",
    b"get /x",
    b"\r\nGET",
    b"PROPFIND * HTTP/1.1\rX",
    b"abc\x80def\r\n",
    b"POST /" + b"a" * 300 + b" HTTP/1.0\r\n\r\n\0\1",
    b"M-SEARCH * HTTP/1.1\r\n",
    b"220 smtp ready\r\n",
    b"EHLO x\r\n250 ok\r\n",
    b"INVITE sip:x SIP/2.0\r\nVia: y\r\n",
    b"SIP/2.0 180 Ringing\r\n\r\n",
    b"SETUP rtsp://x RTSP/1.0\r\n",
    b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n",
    *(b"A" * size + b" 200 x\r\n" for size in (127, 128, 129)),
    b"OPTIONS",
    b"GET ",
    b"GET\n",
    b"x 200\r",
    b"\x16\x03\x01",
    b"SSH-2.0-OpenSSH_9\r\n",
    b"SSH-2.0-x\n",
    b"SSH-2.0-x",
    b"SSH-",
    b"SS",
    b"SSH-2.0\r",
    b"SSH-2\rX",
    b"SSH-\x01",
)
VALUES = (
    b"*2\r\n$4\r\nINCR\r\n$1\r\nz\r\n*2\r\n$4\r\nINCR\r\n$1\r\nz\r\n",
    b"+OK\r\n",
    b"-ERR x\r\n:12\r\n",
    b"$-1\r\n",
    b"*0\r\n*-1\r\n",
    b"$0\r\n\r\n",
    b"PING\r\nPING\r\n",
    b"\r\nPING\n\r\nX",
    b"*3\r\n*2\r\n:1\r\n:2\r\n$3\r\na\x01\xff\r\n+x\r\n",
    b"$99999999999\r\n",
    b"$2147483647\r\n",
    b"$2147483648\r\nx",
    b"$-2\r\n",
    b"$a\r\n",
    b"$5\rx",
    b"*1\r\n" * 20 + b"+x\r\n",
    b"$3\r\nabcXX\r\n+y\r\n",
    b"*2\r\n+a\r\n",
    b"$007\r\n1234567\r\n",
    b"$-1",
    b"*-2\r\n+a\r\n",
    b"\r\n",
)
PORTS = (("tcp", 80), ("tcp", 8080), ("tcp", 554), ("tcp", 25), ("tcp", 21), ("tcp", 43))
PORTS += (("tcp", 22), ("udp", 5060), ("tcp", 6379))


def test_the_first_line_or_all_of_them() -> None:
    frames = framed("tcp", 80, [TEXTS[0]])
    assert shown(frames)[0].endswith("length 35: HTTP: GET / HTTP/1.1")
    lines = shown(frames, ("-v",))[0].splitlines()
    assert lines[1].endswith("length 35: HTTP, length: 35")
    assert lines[2:] == ["\tGET / HTTP/1.1", "\tHost: x", "\tA: b\tc", "\t"]


def test_a_body_has_no_text() -> None:
    assert shown(framed("tcp", 80, [b"<html>\r\n"]))[0].endswith("length 8: HTTP")


@pytest.mark.parametrize(("kind", "port"), PORTS)
def test_texts_are_tcpdumps(compared: Compared, kind: str, port: int) -> None:
    chance = random.Random(port)
    made = VALUES if port == 6379 else TEXTS
    compared.hold(framed(kind, port, made))
    compared.hold(framed(kind, port, mutated(chance, made, 300) + noise(chance, 50)))
    compared.hold(cut(kind, port, chance.sample(made, 4)), [(), ("-v",)])


def test_dumps_of_redis_that_was_cut_begin_where_tcpdumps_do(compared: Compared) -> None:
    payloads = [
        b"*2\r\n$3\r\nGET\r\n$5\r\nhello\r\n+OK\r\n:12\r\n$-1\r\nPING\r\n",
        b"$40\r\nnot all of it in this segment\r\n",
        b"*3\r\n$1\r\na\r\n",
        b"+no end",
        b"PING",
    ]
    compared.hold_dumps(cut("tcp", 6379, payloads))


def test_a_redis_array_of_arrays_costs_its_bytes() -> None:
    octets = b"*2147483647\r\n" * 4000
    [text] = shown(framed("tcp", 6379, [octets]))
    assert text.endswith(": RESP [|resp]")


@pytest.mark.parametrize(("kind", "port"), PORTS)
def test_hostile_texts_have_a_line(kind: str, port: int) -> None:
    chance = random.Random(port)
    made = mutated(chance, TEXTS + VALUES, 200) + noise(chance, 100)
    assert all(shown(framed(kind, port, made), ("-vvv",)))
