"""Connections written down as people tell them, as frames and as segments.

0     > S   0           # milliseconds, > by the client, tcpdump's flags, seq, ack, bytes
10    < S.  0 1
20    > .   1 1
30    > P.  1 1 5       # numbers count from each side's SYN, as in netshell
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from frames import chunk_of, segment
from hypothesis import strategies as st

from netshell.flow.segments import Segments, segments_of
from netshell.flow.source import Held
from netshell.packet.chunk import Chunk
from netshell.packet.table import decode
from netshell.packet.tcp import Flags

CLIENT, SERVER = ("10.0.0.1", 40000), ("10.0.0.2", 80)
FIRST = (4_294_967_290, 5_000)  # both sides' first numbers: the client's soon wrap
START_NS = 1_700_000_000_000_000_000


def frame(line: str, port: int = CLIENT[1]) -> bytes:
    """One line as a frame."""
    _, way, flags, *words = line.split()
    numbers = [int(word) for word in words if word.isdigit()]
    options = b"".join(_option(word) for word in words if not word.isdigit())
    seq, ack, size = [*numbers, 0, 0, 0][:3]
    mine, peers = FIRST if way == ">" else FIRST[::-1]
    client = (CLIENT[0], port)
    source, target = (client, SERVER) if way == ">" else (SERVER, client)
    bits = int(Flags.parse(flags))
    return segment(
        *source,
        *target,
        flags=bits,
        seq=mine + seq,
        ack=peers + ack if bits & Flags.ACK else 0,
        options=options,
        payload=b"x" * size,
    )


def _option(word: str) -> bytes:
    name, _, value = word.partition("=")
    kind, data = {
        "mss": lambda: (2, int(value).to_bytes(2)),
        "ws": lambda: (3, bytes([int(value)])),
        "sack": lambda: (4, b""),
        "ts": lambda: (8, bytes(8)),
        "tfo": lambda: (34, bytes.fromhex(value)),
        "mptcp": lambda: (30, bytes(2)),
    }[name]()
    return bytes([kind, 2 + len(data)]) + data


def lines(text: str) -> list[str]:
    return [line for each in text.splitlines() if (line := each.partition("#")[0].strip())]


def chunk(text: str, port: int = CLIENT[1]) -> Chunk:
    told = lines(text)
    made = chunk_of([frame(line, port) for line in told])
    times = [START_NS + round(float(line.split()[0]) * 1e6) for line in told]
    return replace(made, time_ns=np.array(times, np.int64))


def talk(text: str) -> Segments:
    """The segments of the one connection that is told."""
    told = chunk(text)
    source = Held([(0, decode(told), told)])
    assert len(source.flows) == 1, "told as one connection, read as several"
    return segments_of(source, source.flows)


def several(*texts: str) -> Segments:
    """The segments of some connections, each of its own port, mixed by time."""
    parts = [chunk(text, 40000 + number) for number, text in enumerate(texts)]
    frames = [
        (int(part.time_ns[i]), bytes(part.frame(i))) for part in parts for i in range(len(part))
    ]
    frames.sort(key=lambda pair: pair[0])
    made = replace(
        chunk_of([octets for _, octets in frames]),
        time_ns=np.array([time for time, _ in frames], np.int64),
    )
    source = Held([(0, decode(made), made)])
    return segments_of(source, source.flows)


def talks(most: int = 14) -> st.SearchStrategy[Chunk]:
    """Connections of two ends that send anything at any time, numbers near each other."""
    line = st.builds(
        "{} {} {} {} {} {}".format,
        st.sampled_from([0, 0, 1, 5, 300, 1500, 70000]),
        st.sampled_from("><"),
        st.sampled_from(
            ["S", "S.", ".", ".", "P.", "F.", "F.", "R", "R.", "FP.", "SF", "none", "F"]
        ),
        st.sampled_from([0, 1, 1, 2, 6, 7]),
        st.sampled_from([0, 1, 1, 2, 6, 7]),
        st.sampled_from([0, 0, 5]),
    )

    def told(lines: list[str]) -> Chunk:
        pauses = [int(line.split()[0]) for line in lines]
        times = np.cumsum(np.array(pauses, np.int64)) * 10**6
        return replace(chunk("\n".join(lines)), time_ns=START_NS + times)

    return st.lists(line, min_size=1, max_size=most).map(told)
