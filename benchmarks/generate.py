"""Captures for benchmarks: seeded, so that everyone measures the same bytes.

    python benchmarks/generate.py out.pcap [--packets 1000000] [--seed 1] [--format pcap|pcapng]

About 348 bytes of file per packet. Thousands of TCP connections (handshake, data both ways with
right sequence numbers, window scale and timestamps, FIN), DNS over UDP, ICMP echo and ARP; IPv4
and IPv6, some behind a VLAN tag; a few long connections that began before the capture. Checksums
are right, and DNS messages real ones; TCP payloads are random letters.

Packets are made an epoch (100,000 packets, ten seconds) at a time, so any number of them takes
the same memory.
"""

from __future__ import annotations

import argparse
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

EPOCH_PACKETS, EPOCH_NS = 100_000, 10_000_000_000
START_NS = 1_750_000_000_000_000_000
LONG_FLOWS, LONG_PACKETS = 8, 800  # connections without beginning or end; packets an epoch

Array = NDArray[Any]

FIN, SYN, PSH, ACK = 1, 2, 8, 16
TCP_DATA, TCP_SYN, DNS, ECHO, ARP = range(5)

_ETHERNET = [("dst_mac", "u1", 6), ("src_mac", "u1", 6)]
_TAG = [("tag", ">u2", 2)]
_TYPE = [("ethertype", ">u2")]
_V4 = [
    ("version", "u1"), ("tos", "u1"), ("length", ">u2"), ("id", ">u2"), ("fragment", ">u2"),
    ("ttl", "u1"), ("proto", "u1"), ("sum", ">u2"), ("src", "u1", 4), ("dst", "u1", 4),
]  # fmt: skip
_V6 = [
    ("version", ">u4"), ("length", ">u2"), ("proto", "u1"), ("ttl", "u1"),
    ("src", "u1", 16), ("dst", "u1", 16),
]  # fmt: skip
_TCP = [
    ("sport", ">u2"), ("dport", ">u2"), ("seq", ">u4"), ("ack", ">u4"), ("size", "u1"),
    ("flags", "u1"), ("window", ">u2"), ("check", ">u2"), ("urgent", ">u2"),
]  # fmt: skip
_STAMPS = [("nops", "u1", 2), ("stamp", "u1", 2), ("ts", ">u4", 2)]
_OFFER = [("mss", "u1", 4), ("sack", "u1", 2), ("stamp", "u1", 2), ("ts", ">u4", 2),
          ("scale", "u1", 4)]  # fmt: skip
_UDP = [("sport", ">u2"), ("dport", ">u2"), ("size", ">u2"), ("check", ">u2"), ("query", ">u2")]
_ECHO = [("type", "u1"), ("code", "u1"), ("check", ">u2"), ("ident", ">u2"), ("number", ">u2")]
_ARP = [
    ("kind", "u1", 6), ("operation", ">u2"), ("sender_mac", "u1", 6), ("sender", "u1", 4),
    ("target_mac", "u1", 6), ("target", "u1", 4), ("padding", "V18"),
]  # fmt: skip
_WIDTH = 128  # no header, with the record's before it, is longer


_LETTERS = np.frombuffer(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", np.uint8
)


class Payloads:
    """Random letters and DNS messages to cut payloads from, with the sums that checksums need."""

    def __init__(self, rng: np.random.Generator) -> None:
        messages = [_message(f"host{i}.site{i % 37}.example") for i in range(256)]
        pool = bytearray(_LETTERS[rng.integers(0, len(_LETTERS), 1 << 20)].tobytes())
        spans = []
        for pair in messages:
            for message in pair:
                spans.append((len(pool), len(message)))
                pool += message + bytes(len(message) % 2)
        self.data = bytes(pool)
        self.random = 1 << 20
        self.dns = np.array(spans, np.int64).reshape(-1, 2, 2)  # name, question or answer
        octets = np.frombuffer(self.data, np.uint8)
        words = octets.view(">u2").astype(np.int64)
        self._octets, self._sums = octets, np.concatenate([[0], np.cumsum(words)])

    def sums(self, start: Array, size: Array) -> Array:
        """The sum of the 16-bit words of each payload; payloads start at even places."""
        end = start + size
        odd = size & 1
        last = self._octets[np.maximum(end - 1, 0)].astype(np.int64) << 8
        total: Array = self._sums[end >> 1] - self._sums[start >> 1] + last * odd
        return total


def _message(name: str) -> tuple[bytes, bytes]:
    """A DNS question and its answer, without the id before them."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    question = labels + b"\0" + struct.pack(">HH", 1, 1)
    answer = struct.pack(">HHHIH4s", 0xC00C, 1, 1, 300, 4, b"\x0a\x02\x03\x04")
    return (
        struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + question,
        struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0) + question + answer,
    )


def generate(
    path: str | Path, packets: int = 1_000_000, seed: int = 1, format: str = "pcap"
) -> Path:
    """Write a capture of ``packets`` packets; the same arguments always give the same bytes.

    >>> generate("big.pcap", 10_000, seed=7)                           # doctest: +SKIP
    """
    place = Path(path)
    rng = np.random.default_rng(seed)
    payloads = Payloads(rng)
    progress = rng.integers(0, 1 << 32, (LONG_FLOWS, 2))  # where the long connections stand
    with place.open("wb") as file:
        file.write(_file_header(format))
        for epoch, first in enumerate(range(0, packets, EPOCH_PACKETS)):
            rows = _epoch(rng, epoch, payloads, progress)
            count = min(EPOCH_PACKETS, packets - first)
            _write(file, {name: column[:count] for name, column in rows.items()}, payloads, format)
    return place


# --- what is said: one row per packet ---------------------------------------------------------


def _epoch(
    rng: np.random.Generator, epoch: int, payloads: Payloads, progress: Array
) -> dict[str, Array]:
    """The packets of one epoch in the order of their times, as columns."""
    short = EPOCH_PACKETS - LONG_FLOWS * LONG_PACKETS
    pairs = [int(short * share) // 2 for share in (0.06, 0.01, 0.01)]  # DNS, echo, ARP
    tcp = short - 2 * sum(pairs)
    parts = [
        _connections(rng, tcp, payloads),
        _long(rng, payloads, progress),
        *(_pairs(rng, kind, n, payloads) for kind, n in zip((DNS, ECHO, ARP), pairs, strict=True)),
    ]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(rows["when"], kind="stable")
    rows = {name: column[order] for name, column in rows.items()}
    rows["time"] = START_NS + epoch * EPOCH_NS + (rows["when"] * EPOCH_NS).astype(np.int64)
    return rows


def _connections(rng: np.random.Generator, packets: int, payloads: Payloads) -> dict[str, Array]:
    """Whole TCP connections that together have this many packets."""
    lengths = np.minimum(7 + rng.geometric(1 / 40, packets // 20), 2000)
    ends = np.cumsum(lengths)
    flows = int(np.searchsorted(ends, packets - 7))
    lengths = lengths[: flows + 1]
    lengths[-1] = packets - (ends[flows - 1] if flows else 0)
    flow = np.repeat(np.arange(flows + 1), lengths)
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)
    place = np.arange(packets) - first
    left = np.repeat(lengths, lengths) - place
    from_server, size = _bodies(rng, packets)
    head, tail = place < 3, left <= 3
    from_server[head], from_server[tail] = place[head] == 1, left[tail] == 2
    size[head | tail] = 0
    syn, fin = place < 2, (left == 3) | (left == 2)
    flags = np.where(place == 0, 0, ACK) | SYN * syn | FIN * fin | PSH * (size > 0)
    begun = np.repeat(rng.random(flows + 1) * 0.9, lengths)
    lasting = np.repeat(rng.random(flows + 1) * 0.1, lengths)
    gaps = np.cumsum(rng.random(packets))
    when = begun + lasting * (gaps - gaps[first]) / np.maximum(
        np.repeat(gaps[np.cumsum(lengths) - 1], lengths) - gaps[first], 1e-9
    )
    initial = rng.integers(0, 1 << 32, (flows + 1, 2))[flow]
    seq, ack = _numbers(initial, first, from_server, size + syn + fin)
    kind = np.where(syn, TCP_SYN, TCP_DATA)
    rows = _rows(rng, kind, flow, from_server, size, when, payloads)
    return rows | {"seq": seq, "ack": np.where(place == 0, 0, ack), "flags": flags}


def _long(rng: np.random.Generator, payloads: Payloads, progress: Array) -> dict[str, Array]:
    """An epoch of the connections that never begin or end; moves ``progress`` on."""
    packets = LONG_FLOWS * LONG_PACKETS
    flow = np.repeat(np.arange(LONG_FLOWS), LONG_PACKETS)
    first = flow * LONG_PACKETS
    from_server, size = _bodies(rng, packets)
    when = np.sort(rng.random((LONG_FLOWS, LONG_PACKETS)), axis=1).ravel()
    seq, ack = _numbers(progress[flow], first, from_server, size)
    for side in (0, 1):
        progress[:, side] += (size * (from_server == side)).reshape(LONG_FLOWS, -1).sum(axis=1)
    rows = _rows(rng, np.full(packets, TCP_DATA), flow, from_server, size, when, payloads)
    # The same endpoints in every epoch.
    rows |= {
        "port": 20000 + flow,
        "server": flow,
        "client": flow,
        "six": flow % 2,
        "tagged": flow // 4,
    }
    return rows | {"seq": seq, "ack": ack, "flags": ACK | PSH * (size > 0)}


def _bodies(rng: np.random.Generator, packets: int) -> tuple[Array, Array]:
    """Who sends each packet of a connection, and how much: requests, answers, acknowledgments."""
    kind = rng.choice(6, packets, p=[0.332, 0.12, 0.2, 0.218, 0.08, 0.05])
    size = np.select(
        [kind == 2, kind == 3, kind == 4, kind == 5],
        [
            rng.integers(1, 120, packets),
            np.where(rng.random(packets) < 0.66, 1448, rng.integers(200, 1448, packets)),
            rng.integers(80, 700, packets),
            rng.integers(1, 40, packets),
        ],
        0,
    )
    return np.isin(kind, (1, 2, 3)), size


def _numbers(initial: Array, first: Array, from_server: Array, used: Array) -> tuple[Array, Array]:
    """Sequence and acknowledgment numbers where nothing is lost: what went before, by side."""
    sent = []
    for side in (0, 1):
        mine = used * (from_server == side)
        before = np.cumsum(mine) - mine
        sent.append(initial[:, side] + before - before[first])
    client, server = sent
    return (
        np.where(from_server, server, client) & 0xFFFFFFFF,
        np.where(from_server, client, server) & 0xFFFFFFFF,
    )


def _pairs(rng: np.random.Generator, kind: int, pairs: int, payloads: Payloads) -> dict[str, Array]:
    """Questions and their answers."""
    from_server = np.tile([False, True], pairs)
    flow = np.repeat(np.arange(pairs), 2)
    when = np.repeat(rng.random(pairs) * 0.99, 2) + from_server * np.repeat(
        rng.random(pairs) * 0.005, 2
    )
    rows = _rows(rng, np.full(2 * pairs, kind), flow, from_server, 56 + 0 * flow, when, payloads)
    if kind == DNS:
        rows["start"], rows["size"] = payloads.dns[flow % 256, from_server.astype(int)].T
    if kind == ARP:
        rows["size"] *= 0
        rows["six"] *= 0
    if kind == ECHO:
        rows["start"] = (flow * 2) % 4096
    zero = 0 * flow
    return rows | {"seq": flow & 0xFFFF, "ack": zero, "flags": zero}


def _rows(
    rng: np.random.Generator,
    kind: Array,
    flow: Array,
    from_server: Array,
    size: Array,
    when: Array,
    payloads: Payloads,
) -> dict[str, Array]:
    """The columns that every kind of packet has; those of one flow are the same in all of it."""
    flows = int(flow[-1]) + 1 if len(flow) else 0
    of_flow = {
        "client": rng.integers(0, 4000, flows),
        "server": np.minimum(rng.geometric(0.02, flows), 500),
        "six": rng.random(flows) < 0.2,
        "tagged": rng.random(flows) < 0.08,
    }
    return {name: column[flow].astype(np.int64) for name, column in of_flow.items()} | {
        "kind": kind,
        "port": 30000 + (flow + rng.integers(30000)) % 30000,
        "from_server": from_server.astype(np.int64),
        "size": size,
        "start": rng.integers(0, (payloads.random - 2048) // 2, len(flow)) * 2,
        "when": when,
    }


# --- how it is written ------------------------------------------------------------------------


def _file_header(format: str) -> bytes:
    if format == "pcap":
        return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    if format != "pcapng":
        raise ValueError(f"format is pcap or pcapng, not {format!r}")
    section = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    name = struct.pack("<HH4sHHB3xHH", 2, 4, b"eth0", 9, 1, 9, 0, 0)  # if_name, if_tsresol ns
    size = 20 + len(name)
    return section + struct.pack("<IIHHI", 1, size, 1, 0, 262144) + name + struct.pack("<I", size)


def _write(file: IO[bytes], rows: dict[str, Array], payloads: Payloads, format: str) -> None:
    """Appends the packets as records: the header's bytes, then the payload's."""
    count = len(rows["time"])
    record = 16 if format == "pcap" else 28
    heads = np.zeros((count, _WIDTH), np.uint8)
    header = np.zeros(count, np.int64)
    group = rows["kind"] * 4 + rows["six"] * 2 + rows["tagged"]
    for number in np.unique(group).tolist():
        index = np.flatnonzero(group == number)
        chosen = {name: column[index] for name, column in rows.items()}
        made = _headers(chosen, payloads, *np.unravel_index(number, (5, 2, 2)))
        heads[index, record : record + made.dtype.itemsize] = _octets(made)
        header[index] = made.dtype.itemsize
    frame = header + rows["size"]
    padding = -frame % 4
    if format == "pcap":
        seconds, rest = np.divmod(rows["time"], 1_000_000_000)
        fields = [seconds, rest // 1000, frame, frame]
    else:
        high, low = np.divmod(rows["time"], 1 << 32)
        zero = 0 * high
        fields = [zero + 6, 32 + frame + padding, zero, high, low, frame, frame]
    heads[:, :record] = np.stack(fields, axis=1).astype("<u4").view(np.uint8)
    tails = np.zeros((count, 8), np.uint8)
    tails[:, 4:] = (32 + frame + padding).astype("<u4").view(np.uint8).reshape(-1, 4)
    file.write(b"".join(_pieces(heads, record + header, rows, tails, padding, payloads, format)))


def _pieces(
    heads: Array, sizes: Array, rows: dict[str, Array], tails: Array, padding: Array,
    payloads: Payloads, format: str,
) -> Iterator[memoryview]:  # fmt: skip
    head, tail, pool = heads.ravel().data, tails.ravel().data, memoryview(payloads.data)
    spans = zip(
        sizes.tolist(), rows["start"].tolist(), rows["size"].tolist(), padding.tolist(),
        strict=True,
    )  # fmt: skip
    for i, (size, start, length, pad) in enumerate(spans):
        yield head[i * _WIDTH : i * _WIDTH + size]
        yield pool[start : start + length]
        if format == "pcapng":
            yield tail[i * 8 + 4 - pad : i * 8 + 8]


def _headers(
    rows: dict[str, Array], payloads: Payloads, kind: int, six: int, tagged: int
) -> NDArray[np.void]:
    """The headers of packets of one kind."""
    layouts: list[list[Any]] = [_TCP + _STAMPS, _TCP + _OFFER, _UDP, _ECHO, _ARP]
    networks: list[list[Any]] = [_V4, _V6]
    network, transport = [] if kind == ARP else networks[six], layouts[kind]
    outside = _ETHERNET + (_TAG if tagged else []) + _TYPE
    inside = np.dtype(transport)
    layout = np.dtype([*outside, ("network", np.dtype(network)), ("inside", inside)])
    made = np.zeros(len(rows["time"]), layout)
    client, server, back = rows["client"], rows["server"], rows["from_server"] > 0
    made["src_mac"] = _mac(np.where(back, 0xFFFF, client))
    made["dst_mac"] = _mac(np.where(back, client, 0xFFFF))
    if tagged:
        made["tag"][:, 0], made["tag"][:, 1] = 0x8100, 100 + server % 16
    made["ethertype"] = 0x0806 if kind == ARP else 0x86DD if six else 0x0800
    ip, body = made["network"], made["inside"]
    if kind == ARP:
        _arp(body, rows, back)
        return made
    length = inside.itemsize + rows["size"]
    ip["proto"] = {TCP_DATA: 6, TCP_SYN: 6, DNS: 17, ECHO: 58 if six else 1}[kind]
    ip["ttl"] = np.where(back, 64 - server % 20, 64)
    near, far = _address(client, 1, six), _address(server, 2, six)
    ip["src"] = np.where(back[:, None], far, near)
    ip["dst"] = np.where(back[:, None], near, far)
    if six:
        ip["version"], ip["length"] = 6 << 28, length
    else:
        ip["version"], ip["length"], ip["fragment"] = 0x45, 20 + length, 0x4000
        ip["id"] = rows["start"] & 0xFFFF
        ip["sum"] = _folded(_words(ip))
    (_tcp if kind in (TCP_DATA, TCP_SYN) else _dns if kind == DNS else _echo)(body, rows, back, six)
    total = _words(body) + payloads.sums(rows["start"], rows["size"])
    if six or kind != ECHO:  # the pseudo header counts too
        total += _words(ip["src"]) + _words(ip["dst"]) + ip["proto"] + length
    body["check"] = _folded(total)
    return made


def _tcp(body: Array, rows: dict[str, Array], back: Array, six: int) -> None:
    service = np.array([443, 80, 7001, 7002, 7003, 7004, 7005, 7006])[rows["server"] % 8]
    body["sport"] = np.where(back, service, rows["port"])
    body["dport"] = np.where(back, rows["port"], service)
    body["seq"], body["ack"], body["flags"] = rows["seq"], rows["ack"], rows["flags"]
    body["size"] = body.dtype.itemsize // 4 << 4
    body["window"] = np.where(rows["flags"] & SYN, 64240, 502 + rows["start"] % 64)
    body["stamp"] = (8, 10)
    clock = rows["time"] // 1_000_000 & 0xFFFFFFFF
    body["ts"][:, 0] = clock
    body["ts"][:, 1] = np.where(rows["ack"] > 0, clock - 1, 0)
    if "nops" in (body.dtype.names or ()):
        body["nops"] = 1
    else:
        body["mss"], body["sack"], body["scale"] = (2, 4, 5, 160), (4, 2), (1, 3, 3, 7)


def _dns(body: Array, rows: dict[str, Array], back: Array, six: int) -> None:
    body["sport"] = np.where(back, 53, rows["port"])
    body["dport"] = np.where(back, rows["port"], 53)
    body["size"] = body.dtype.itemsize + rows["size"]
    body["query"] = rows["seq"]


def _echo(body: Array, rows: dict[str, Array], back: Array, six: int) -> None:
    body["type"] = np.where(back, 129, 128) if six else np.where(back, 0, 8)
    body["ident"], body["number"] = 4711, rows["seq"]


def _arp(body: Array, rows: dict[str, Array], back: Array) -> None:
    near, far = _address(rows["client"], 1, 0), _address(rows["server"], 2, 0)
    body["kind"], body["operation"] = (0, 1, 8, 0, 6, 4), 1 + back
    body["sender_mac"] = _mac(np.where(back, 0xFFFF, rows["client"]))
    body["target_mac"][back] = _mac(rows["client"][back])
    body["sender"] = np.where(back[:, None], far, near)
    body["target"] = np.where(back[:, None], near, far)


def _mac(number: Array) -> Array:
    made = np.zeros((len(number), 6), np.uint8)
    made[:, 0], made[:, 4], made[:, 5] = 2, number >> 8 & 0xFF, number & 0xFF
    return made


def _address(number: Array, net: int, six: int) -> Array:
    made = np.zeros((len(number), 16 if six else 4), np.uint8)
    made[:, 0], made[:, 1] = (0xFD, net) if six else (10, net)
    made[:, -2], made[:, -1] = number >> 8 & 0xFF, number & 0xFF
    return made


def _octets(rows: Array) -> Array:
    return np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1)


def _words(rows: Array) -> Array:
    total: Array = _octets(rows).view(">u2").sum(axis=1, dtype=np.int64)
    return total


def _folded(total: Array) -> Array:
    """The Internet checksum (RFC 1071) of a sum of words."""
    for _ in range(3):
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def main() -> int:
    parser = argparse.ArgumentParser(description="Write a capture for benchmarks.")
    parser.add_argument("path")
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=("pcap", "pcapng"), default=None)
    options = parser.parse_args()
    format = options.format or ("pcapng" if options.path.endswith("ng") else "pcap")
    place = generate(options.path, options.packets, options.seed, format)
    size = place.stat().st_size
    print(f"{place}: {options.packets:,} packets, {size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
