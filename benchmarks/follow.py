"""How long it takes to get the bytes of a 100 MB stream out of a capture file, beside tshark.

    python benchmarks/follow.py [megabytes] [runs]

Two captures of a connection that carries MEGABYTES (100) are made in a temporary folder, and are
in the page cache then: one in order, one where segments of the server are lost, repeated, joined
when sent again, and captured in another order. Every figure is a whole process, from its start to
its end, the best of RUNS (5), and what it computed (CPU, user and system, the least too); tshark
is run three times at most. A program's runs follow each other: a virtual machine may give memory
that was free for a while back to its host, and whoever needs it next waits for that, not for what
is measured. All write what they found to /dev/null: tshark as hex, which is all it has, ours as
bytes, or as the same hex. The stages below are measured inside one process. Handing out
(netshell.flow.delivery) is what decoders are fed with, here in one go and in a hundred stretches
of a capture that grows.

Asserted: in both captures both give the bytes that were sent. Held: 5 x tshark, in time.
"""

from __future__ import annotations

import random
import shutil
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from whole import run

from netshell.capture.file import read
from netshell.flow.delivery import Delivery
from netshell.flow.stream import Stream

HELD = 5
MSS = 1448
OURS = """
import sys
from netshell import read
for block in read(sys.argv[1]).flows[0].stream("server").blocks():
    sys.stdout.buffer.write(block if sys.argv[2] == "bytes" else block.hex().encode())
"""
_ETHERNET = bytes.fromhex("0200000000020200000000010800")
_ENDS = ((b"\x0a\0\0\1\x0a\0\0\2", 40000, 80), (b"\x0a\0\0\2\x0a\0\0\1", 80, 40000))
SYN, ACK, FIN = 2, 16, 1
Segment = tuple[int, int, int, int, bytes]  # side, flags, seq, ack, payload


def frame(segment: Segment) -> bytes:
    side, flags, seq, ack, payload = segment
    addresses, sport, dport = _ENDS[side]
    isn = ((1 << 32) - 1_000_000, 7)[:: 1 if side == 0 else -1]
    numbers = (seq + isn[0]) % 2**32, (ack + isn[1]) % 2**32 if flags & ACK else 0
    options = b"\x02\x04\x05\xb4\x01\x03\x03\x0a" if flags & SYN else b""
    tcp = struct.pack(
        ">HHIIBBHHH", sport, dport, *numbers, (5 + len(options) // 4) << 4, flags, 65000, 0, 0
    )
    size = 20 + len(tcp) + len(options) + len(payload)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, size, 7, 0x4000, 64, 6, 0) + addresses
    return _ETHERNET + ip + tcp + options + payload


def talk(data: bytes, faults: random.Random | None) -> Iterator[Segment]:
    """A request, and an answer of these bytes."""
    yield 0, SYN, 0, 0, b""
    yield 1, SYN | ACK, 0, 1, b""
    yield 0, ACK, 1, 1, b""
    yield 0, ACK, 1, 1, b"GET / HTTP/1.0\r\n\r\n"
    asked = 19
    at, sent = 0, 0
    late: list[tuple[int, Segment]] = []
    acked = 0
    while at < len(data) or late:
        while late and (late[0][0] <= sent or at >= len(data)):
            yield late.pop(0)[1]
        if at >= len(data):
            continue
        now: Segment = (1, ACK, 1 + at, asked, data[at : at + MSS])
        chance = faults.random() if faults else 1.0
        if chance < 0.02 and faults:  # lost, and sent again some 30 segments later
            size = faults.choice((MSS, MSS, 3 * MSS))
            late.append((sent + 30, (1, ACK, 1 + at, asked, data[at : at + size])))
        elif chance < 0.03 and faults:  # overtaken by two
            late.append((sent + 2, now))
            late.sort(key=lambda each: each[0])
        else:
            yield now
            if chance < 0.04:  # needlessly sent again
                yield now
        at += MSS
        sent += 1
        if sent % 16 == 0:
            acked = 1 + (min(each[1][2] for each in late) - 1 if late else min(at, len(data)))
            yield 0, ACK, asked, acked, b""
    yield 1, FIN | ACK, 1 + len(data), asked, b""
    yield 0, FIN | ACK, asked, 2 + len(data), b""
    yield 1, ACK, 2 + len(data), asked + 1, b""


def write(path: Path, segments: Iterator[Segment]) -> int:
    count = 0
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for segment in segments:
            octets = frame(segment)
            nanos = count * 12_000
            head = (1_700_000_000 + nanos // 10**9, nanos % 10**9, len(octets), len(octets))
            file.write(struct.pack("<IIII", *head) + octets)
            count += 1
    return count


def from_tshark(out: Path) -> bytes:
    """The server's bytes of what tshark printed."""
    with out.open() as file:
        return b"".join(bytes.fromhex(line) for line in file if line.startswith("\t"))


def stages(path: Path) -> dict[str, float]:
    """Seconds of each stage by itself."""
    times = [time.perf_counter()]

    def mark() -> None:
        times.append(time.perf_counter())

    flow = read(path).flows[0]
    mark()
    segments = flow.segments
    for name in ("seq", "ack", "scaled", "flags", "length", "from_client", "packet", "time_ns"):
        getattr(segments, name)
    mark()
    stream = Stream("server", segments)
    mark()
    sum(map(len, stream.blocks()))
    mark()
    len(stream.data)
    mark()
    len(stream.conflicts)
    mark()
    str(flow.follow())
    mark()
    sum(len(heard.data) for heard in Delivery().feed(segments, final=True))
    mark()
    delivery, total = Delivery(), 0
    for stop in range(0, len(segments), len(segments) // 100):
        total += sum(len(heard.data) for heard in delivery.feed(segments[:stop]))
    total += sum(len(heard.data) for heard in delivery.feed(segments, final=True))
    mark()
    assert total == sum(len(flow.stream(side)) for side in ("client", "server"))
    names = (
        "read, flow table", "segments", "put together", "in blocks of 1 MiB", "all in one",
        "compare repeats",
        "follow, shown", "hand out at once", "hand out in 100 stretches",
    )  # fmt: skip
    ends = zip(names, times, times[1:], strict=False)
    return {name: end - begin for name, begin, end in ends}


def compare(path: Path, data: bytes, runs: int) -> float | None:
    """tshark's time as a multiple of ours, and everything else on the way; None without tshark."""
    out, file = path.with_suffix(".out"), str(path)
    ours = [sys.executable, "-c", OURS, file]
    tshark = ["tshark", "-q", "-z", "follow,tcp,raw,0", "-r", file]
    run([*ours, "bytes"], out)
    assert out.read_bytes() == data, "netshell gave other bytes"
    work = {
        "netshell": [*ours, "bytes"],
        "netshell, hex": [*ours, "hex"],
        "cat": ["cat", file],
        "python, import": [sys.executable, "-c", "import netshell, numpy"],
    }
    if shutil.which("tshark"):
        run(tshark, out)
        assert from_tshark(out) == data, "tshark gave other bytes"
        work["tshark"] = tshark
    least = dict.fromkeys(work, (float("inf"), float("inf")))
    for name, command in work.items():
        for _ in range(min(runs, 3) if name == "tshark" else runs):
            passed, used = run(command)
            least[name] = min(least[name][0], passed), min(least[name][1], used)
    best = least["netshell"]
    for name, (passed, used) in least.items():
        print(
            f"  {name:26} {passed * 1000:8,.0f} ms {passed / best[0]:6.2f} x netshell"
            f"{used * 1000:8,.0f} ms CPU {used / best[1]:6.2f} x"
        )
    inside = stages(path)
    for name, seconds in inside.items():
        print(f"    {name:26} {seconds * 1000:6,.0f} ms {len(data) / seconds / 1e6:10,.0f} MB/s")
    if "tshark" in least:
        prompt = sum(list(inside.values())[:4])
        print(
            f"  at a prompt, file to bytes {prompt * 1000:8,.0f} ms: tshark takes "
            f"{least['tshark'][0] / prompt:.1f} x"
        )
    return least["tshark"][0] / best[0] if "tshark" in least else None


def main(megabytes: int, runs: int) -> int:
    data = random.Random(4).randbytes(megabytes * 1_000_000)
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        for name, faults in (("in order", None), ("lossy, reordered", random.Random(9))):
            path = Path(folder) / "stream.pcap"
            count = write(path, talk(data, faults))
            print(f"{name}: {megabytes} MB in {count:,} packets, best of {runs}")
            ratio = compare(path, data, runs)
            if ratio is None:
                print("tshark is not installed: not compared")
            elif ratio < HELD:
                wrong.append(f"{name} {ratio:.1f} x")
    print(f"NOT HELD: {', '.join(wrong)}" if wrong else f"held: {HELD} x tshark")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:3]]
    sys.exit(main(*arguments, *(100, 5)[len(arguments) :]))
