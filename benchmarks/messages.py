"""How many messages a second are read out of a capture file, beside tshark on the same file.

    python benchmarks/messages.py [exchanges] [runs] [protocol ...]

For each protocol, a capture of EXCHANGES (100,000) exchanges is made in a temporary folder: what a
real server and its ordinary client said to each other, with other numbers in each exchange, over
connections of 100 exchanges each. Every figure is a whole process, from its start to its end, the
best of RUNS (5), and what it computed (CPU, user and system, the least too); what is read is
written to /dev/null: method, target and status of HTTP, the statement of SQL. tshark is asked for
the same fields, as users ask it, three times at most.

The stages below are measured inside one process: the decoder alone is fed with bytes that are in
memory.

Asserted: both find every exchange. Held: 3 x tshark, in time.
"""

from __future__ import annotations

import shutil
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from whole import run

from netshell.capture.file import read
from netshell.protocols.api import Decoder
from netshell.protocols.http1.decoder import Http1Decoder
from netshell.protocols.postgres.decoder import Postgres

HELD = 3
TOGETHER = 100  # exchanges of one connection
Turn = tuple[int, bytes]  # 0 client, 1 server, and what it says


class Case(NamedTuple):
    """A protocol: what is said in it, and how it is read."""

    name: str
    port: int
    connection: Callable[[int, int], Iterator[Turn]]  # first exchange, how many
    decoder: type[Decoder]
    ours: str  # a program that is given the capture's path
    tshark: Sequence[str]


# --- HTTP: nginx 1.22 asked by httpx 0.28 ---


def http(first: int, count: int) -> Iterator[Turn]:
    for number in range(first, first + count):
        yield (
            0,
            (
                b"GET /api/v1/items/%d?page=%d&sort=name HTTP/1.1\r\nHost: shop.example.org\r\n"
                b"Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"
                b"User-Agent: python-httpx/0.28.1\r\nCookie: session=%032x; theme=dark\r\n\r\n"
                % (number, number % 10, number * 7919)
            ),
        )
        body = b'{"id": %d, "name": "item %d", "price": %d.50, "tags": ["a", "b"]}\n' % (
            number, number * 31, number % 977,
        )  # fmt: skip
        head = (
            b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n"
            b"Date: Mon, 23 Nov 2026 01:%02d:%02d GMT\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\nConnection: keep-alive\r\n"
            b'ETag: "%x-%x"\r\nAccept-Ranges: bytes\r\n\r\n'
        )
        yield (
            1,
            head % (number // 60 % 60, number % 60, len(body), number * 104729, len(body)) + body,
        )


HTTP = Case(
    "http",
    80,
    http,
    Http1Decoder,
    """
import sys
from netshell import read
for each in read(sys.argv[1]).messages:
    print(each.method, each.target, each.status, sep="\\t")
""",
    ("-T", "fields", "-e", "http.request.method", "-e", "http.request.uri",
     "-e", "http.response.code", "-Y", "http"),
)  # fmt: skip

# --- PostgreSQL 15 asked by psycopg 3.3: by turns in a Query, and prepared, bound and executed ---


def pg(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack(">I", 4 + len(body)) + body


_READY = pg(b"Z", b"I")
_COLUMN = struct.Struct(">IHIhih")


def postgres(first: int, count: int) -> Iterator[Turn]:
    start = b"\0\3\0\0user\0shop\0database\0shop\0application_name\0web\0\0"
    yield 0, struct.pack(">I", 4 + len(start)) + start
    settings = b"".join(
        pg(b"S", b"%s\0%s\0" % each)
        for each in ((b"server_version", b"15.18"), (b"client_encoding", b"UTF8"))
    )
    yield 1, pg(b"R", bytes(4)) + settings + pg(b"K", struct.pack(">II", 4711, first)) + _READY
    columns = [(b"id", 23, 4), (b"name", 25, -1), (b"price", 1700, -1)]
    heads = struct.pack(">h", len(columns)) + b"".join(
        name + b"\0" + _COLUMN.pack(16384, at, oid, size, -1, 0)
        for at, (name, oid, size) in enumerate(columns, 1)
    )
    for number in range(first, first + count):
        row = struct.pack(">h", 3) + b"".join(
            struct.pack(">i", len(value)) + value
            for value in (b"%d" % number, b"item %d" % (number * 31), b"%d.50" % (number % 977))
        )
        answer = pg(b"T", heads) + pg(b"D", row) + pg(b"C", b"SELECT 1\0") + _READY
        if number % 2:
            sql = b"SELECT id, name, price FROM items WHERE id = %d AND shop = 'main'\0"
            yield 0, pg(b"Q", sql % number)
            yield 1, answer
        else:
            sql = b"SELECT id, name, price FROM items WHERE id = $1 AND shop = 'main'"
            bound = struct.pack(">hhhiihh", 1, 1, 1, 4, number, 1, 0)
            yield (
                0,
                (
                    pg(b"P", b"\0" + sql + b"\0" + struct.pack(">hI", 1, 23))
                    + pg(b"B", b"\0\0" + bound)
                    + pg(b"D", b"P\0")
                    + pg(b"E", b"\0" + bytes(4))
                    + pg(b"S")
                ),
            )
            yield 1, pg(b"1") + pg(b"2") + answer
    yield 0, pg(b"X")


POSTGRES = Case(
    "postgres",
    5432,
    postgres,
    Postgres,
    """
import sys
from netshell import read
for each in read(sys.argv[1]).messages:
    print(getattr(each, "statement", ""))
""",
    ("-T", "fields", "-e", "pgsql.query", "-Y", "pgsql"),
)

CASES = (HTTP, POSTGRES)


# --- captures of them ---

SYN, FIN, PSH, ACK = 2, 1, 8, 16
_ETHERNET = bytes.fromhex("0200000000020200000000010800")


def frame(client: int, port: int, side: int, flags: int, seq: int, ack: int, data: bytes) -> bytes:
    near = struct.pack(">BBH", 10, 0, client >> 14), 1024 + client % (1 << 14) * 3
    far = b"\x0a\0\xff\1", port
    (source, sport), (target, dport) = (near, far) if side == 0 else (far, near)
    tcp = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 65000, 0, 0)
    size = 40 + len(data)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, size, 7, 0x4000, 64, 6, 0) + source + target
    return _ETHERNET + ip + tcp + data


def packets(client: int, port: int, turns: Iterator[Turn]) -> Iterator[bytes]:
    """One connection: handshake, what is said, each segment acknowledged, the end."""
    seq = [1000, 2000]
    yield frame(client, port, 0, SYN, seq[0], 0, b"")
    yield frame(client, port, 1, SYN | ACK, seq[1], seq[0] + 1, b"")
    seq = [seq[0] + 1, seq[1] + 1]
    yield frame(client, port, 0, ACK, seq[0], seq[1], b"")
    for side, data in turns:
        for at in range(0, len(data), 1448):
            piece = data[at : at + 1448]
            yield frame(client, port, side, PSH | ACK, seq[side], seq[1 - side], piece)
            seq[side] += len(piece)
    for side in (0, 1):
        yield frame(client, port, side, FIN | ACK, seq[side], seq[1 - side], b"")
        seq[side] += 1
    yield frame(client, port, 0, ACK, seq[0], seq[1], b"")


def write(path: Path, case: Case, exchanges: int) -> int:
    """The capture; how many packets are in it."""
    count = 0
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for number, first in enumerate(range(0, exchanges, TOGETHER)):
            turns = case.connection(first, min(TOGETHER, exchanges - first))
            for octets in packets(number, case.port, turns):
                nanos = count * 20_000
                when = 1_700_000_000 + nanos // 10**9, nanos % 10**9
                file.write(struct.pack("<IIII", *when, len(octets), len(octets)) + octets)
                count += 1
    return count


# --- measured ---


def alone(case: Case, exchanges: int) -> float:
    """Seconds of the decoder alone."""
    talks = [
        list(case.connection(first, min(TOGETHER, exchanges - first)))
        for first in range(0, exchanges, TOGETHER)
    ]
    sides = ("client", "server")
    found = 0
    start = time.perf_counter()
    for talk in talks:
        decoder = case.decoder()
        for time_ns, (side, data) in enumerate(talk):
            found += len(decoder.feed(sides[side], data, time_ns))
    seconds = time.perf_counter() - start
    assert found >= exchanges, f"the decoder found {found:,}"
    return seconds


def stages(path: Path, case: Case, exchanges: int) -> dict[str, float]:
    """Seconds of each stage by itself."""
    start = time.perf_counter()
    capture = read(path)
    assert len(capture.flows)
    flows = time.perf_counter()
    found = len(capture.messages)
    messages = time.perf_counter()
    assert found >= exchanges, f"the capture has {found:,}"
    return {
        "decoder alone": alone(case, exchanges),
        "read, flow table": flows - start,
        "messages": messages - flows,
    }


def compare(case: Case, path: Path, exchanges: int, runs: int) -> float | None:
    """tshark's time as a multiple of ours; None without tshark."""
    out = path.with_suffix(".out")
    ours = [sys.executable, "-c", case.ours, str(path)]
    work = {"netshell": ours}
    run(ours, out)
    assert out.read_bytes().count(b"\n") >= exchanges, "netshell does not find every exchange"
    if shutil.which("tshark"):
        work["tshark"] = ["tshark", "-r", str(path), *case.tshark]
        run(work["tshark"], out)
        assert out.read_bytes().count(b"\n") >= exchanges, "tshark does not find every exchange"
    least = {}
    for name, command in work.items():
        took = [run(command) for _ in range(min(runs, 3) if name == "tshark" else runs)]
        least[name] = min(took)[0], min(used for _, used in took)
    best = least["netshell"]
    for name, (passed, used) in least.items():
        print(
            f"  {name:10} {passed * 1000:8,.0f} ms {exchanges / passed:8,.0f} exchanges/s"
            f" {passed / best[0]:6.2f} x netshell"
            f" {used * 1000:8,.0f} ms CPU {used / best[1]:6.2f} x"
        )
    for name, seconds in stages(path, case, exchanges).items():
        print(f"    {name:18} {seconds * 1000:8,.0f} ms {exchanges / seconds:10,.0f} exchanges/s")
    return least["tshark"][0] / best[0] if "tshark" in least else None


def main(exchanges: int, runs: int, names: Sequence[str]) -> int:
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        for case in CASES:
            if names and case.name not in names:
                continue
            path = Path(folder) / f"{case.name}.pcap"
            count = write(path, case, exchanges)
            print(f"{case.name}: {exchanges:,} exchanges in {count:,} packets, best of {runs}")
            ratio = compare(case, path, exchanges, runs)
            if ratio is None:
                print("tshark is not installed: not compared")
            elif ratio < HELD:
                wrong.append(f"{case.name} {ratio:.1f} x")
    print(f"NOT HELD: {', '.join(wrong)}" if wrong else f"held: {HELD} x tshark")
    return 1 if wrong else 0


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:3] if argument.isdigit()]
    named = [argument for argument in sys.argv[1:] if not argument.isdigit()]
    sys.exit(main(*numbers, *(100_000, 5)[len(numbers) :], named))
