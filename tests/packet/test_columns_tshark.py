"""Columns against tshark's fields, over a capture that the test makes from a seed."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from encapsulations import ENCAPSULATIONS
from frames import chunk_of
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_Router_Alert
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
from scapy.packet import Packet, Raw

from netshell.packet import chunk as links
from netshell.packet import ip, pcap, pcapng, tunnel
from netshell.packet.table import Columns, decode

FIELDS = (
    "frame.len",
    "frame.cap_len",
    "frame.time_epoch",
    "vlan.id",
    "ieee8021ad.id",
    "ip.src",
    "ip.dst",
    "ip.proto",
    "ip.ttl",
    "ip.id",
    "ip.len",
    "ip.frag_offset",
    "ip.flags.mf",
    "ipv6.src",
    "ipv6.dst",
    "ipv6.hlim",
    "ipv6.plen",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.flags",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.window_size_value",
    "tcp.hdr_len",
    "tcp.len",
    "udp.srcport",
    "udp.dstport",
    "icmp.type",
)
PREFERENCES = (
    "ip.defragment:FALSE",
    "ipv6.defragment:FALSE",
    "tcp.desegment_tcp_streams:FALSE",
)


def told_by_tshark(tshark: Path, capture: Path) -> Iterator[dict[str, str]]:
    arguments = [str(tshark), "-n", "-r", str(capture), "-T", "fields", "-E", "occurrence=f"]
    for preference in PREFERENCES:
        arguments += ["-o", preference]
    for field in FIELDS:
        arguments += ["-e", field]
    output = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    for line in output.splitlines():
        yield dict(zip(FIELDS, line.split("\t"), strict=True))


def shown(columns: Columns, i: int, told: dict[str, str]) -> dict[str, str]:
    """Our values for the fields that tshark has, as it writes them."""
    seconds, rest = divmod(int(columns.time_ns[i]), 10**9)
    # An address or a port inside an ICMP error is the quoted packet's.
    values: dict[str, object] = {
        "frame.len": columns.wire_len[i],
        "frame.cap_len": columns.captured_len[i],
        "frame.time_epoch": f"{seconds}.{rest:09d}",
        "vlan.id": columns.inner_vlan[i] if told["ieee8021ad.id"] else columns.vlan[i],
        "ieee8021ad.id": columns.vlan[i],  # the outer tag, if it is a provider's
        "tcp.srcport": columns.sport[i],
        "tcp.dstport": columns.dport[i],
        "tcp.flags": f"0x{int(columns.tcp_flags[i]):04x}",
        "tcp.seq_raw": columns.seq[i],
        "tcp.ack_raw": columns.ack[i],
        "tcp.window_size_value": columns.window[i],
        "tcp.hdr_len": columns.data_offset[i],
        "tcp.len": columns.payload_len[i],
        "udp.srcport": columns.sport[i],
        "udp.dstport": columns.dport[i],
    }
    source = ip.address_text(columns.src[i].tobytes())
    target = ip.address_text(columns.dst[i].tobytes())
    if told["ip.src"]:
        values |= {
            "ip.src": source,
            "ip.dst": target,
            "ip.proto": columns.proto[i],
            "ip.ttl": columns.ttl[i],
            "ip.id": f"0x{int(columns.ip_id[i]):04x}",
            "ip.len": columns.ip_len[i],
            "ip.frag_offset": columns.fragment_offset[i] // 8,  # tshark 4.0 counts in eights
            "ip.flags.mf": int(columns.more_fragments[i]),
        }
    elif told["ipv6.src"]:
        values |= {
            "ipv6.src": source,
            "ipv6.dst": target,
            "ipv6.hlim": columns.ttl[i],
            "ipv6.plen": columns.ip_len[i],
        }
    return {name: str(value) for name, value in values.items() if told[name]}


def differences(tshark: Path, capture: Path) -> list[str]:
    """What tshark says and the columns do not, packet by packet."""
    chunk, damage = pcap.parse(capture.read_bytes())
    assert damage is None
    columns = decode(chunk)
    rows = list(told_by_tshark(tshark, capture))
    assert len(rows) == len(columns)
    found = []
    for i, told in enumerate(rows):
        for name, ours in shown(columns, i, told).items():
            quoted = told["icmp.type"] in ("3", "5", "11") and name[:4] in ("tcp.", "udp.")
            if not quoted and ours != told[name].replace("True", "1").replace("False", "0"):
                found.append(f"packet {i} {name}: ours {ours}, tshark {told[name]}")
    return found


def generated(seed: int, count: int) -> list[bytes]:
    rng = random.Random(seed)
    macs = {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02"}

    def transport() -> Packet:
        payload = Raw(rng.randbytes(rng.randrange(60)))
        ports = {"sport": rng.randrange(20000, 65536), "dport": rng.randrange(20000, 65536)}
        if rng.random() < 0.3:
            return UDP(**ports) / payload
        options = [("MSS", 1460), ("WScale", 7)] if rng.random() < 0.5 else []
        return (
            TCP(
                **ports,
                seq=rng.randrange(2**32),
                ack=rng.randrange(2**32),
                window=rng.randrange(65536),
                flags=rng.randrange(512),
                options=options,
            )
            / payload
        )

    def network() -> Packet:
        kind = rng.randrange(8)
        four = {
            "src": f"10.0.{rng.randrange(256)}.1",
            "dst": "10.9.9.9",
            "ttl": rng.randrange(1, 256),
            "id": rng.randrange(65536),
        }
        six = {"src": "2001:db8::1", "dst": "fe80::9", "hlim": rng.randrange(256)}
        if kind == 0:
            return IPv6(**six) / transport()
        if kind == 1:
            return IPv6(**six) / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / transport()
        if kind == 2:
            return IPv6(**six) / IPv6ExtHdrFragment(offset=0, m=1, id=9) / transport()
        if kind == 3:
            return IP(**four, options=[IPOption_Router_Alert()]) / transport()
        if kind == 4:
            return IP(**four, frag=rng.randrange(1, 100), proto=17) / Raw(b"rest of it")
        if kind == 5:
            return IP(**four) / ICMP() / Raw(b"ping")
        return IP(**four) / transport()

    frames = []
    for _ in range(count):
        tags = rng.choice([None, None, Dot1Q(vlan=77), Dot1AD(vlan=3) / Dot1Q(vlan=4)])
        packet = Ether(**macs)
        packet = packet / tags / network() if tags else packet / network()
        frames.append(bytes(packet) + bytes(rng.choice([0, 0, 6])))
    frames.append(bytes(Ether(**macs) / ARP(hwsrc=macs["src"], psrc="10.0.0.1", pdst="10.0.0.2")))
    return frames


@pytest.mark.parametrize("snaplen", [262_144, 60, 37])
def test_columns_are_what_tshark_shows(
    peer: Callable[[str], Path], tmp_path: Path, snaplen: int
) -> None:
    tshark = peer("tshark")
    frames = generated(4, 400)
    chunk = chunk_of([frame[:snaplen] for frame in frames], wire_lens=[len(f) for f in frames])
    path = tmp_path / "mixed.pcap"
    path.write_bytes(pcap.header(links.ETHERNET) + b"".join(pcap.records(chunk)))
    assert differences(tshark, path) == []


INNERMOST = (
    "ip.src",
    "ip.dst",
    "ip.ttl",
    "ipv6.src",
    "ipv6.dst",
    "ipv6.hlim",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq_raw",
    "tcp.len",
    "udp.srcport",
    "udp.dstport",
    "gre.key",
    "vxlan.vni",
)


def told(tshark: Path, path: Path, which: str, fields: tuple[str, ...]) -> list[dict[str, str]]:
    arguments = [str(tshark), "-n", "-r", str(path), "-T", "fields", "-E", f"occurrence={which}"]
    asked = [argument for field in fields for argument in ("-e", field)]
    output = subprocess.run([*arguments, *asked], capture_output=True, text=True, check=True).stdout
    return [dict(zip(fields, line.split("\t"), strict=True)) for line in output.splitlines()]


def test_every_encapsulation_holds_what_tshark_shows(
    peer: Callable[[str], Path], tmp_path: Path
) -> None:
    """Of a tunnel, the innermost headers; its own addresses are the outermost."""
    tshark = peer("tshark")
    four = {"src": "192.168.3.1", "dst": "192.168.3.2", "ttl": 33}
    networks = (
        IP(**four) / TCP(sport=1021, dport=1022, seq=99, flags="PA") / Raw(b"abc"),
        IP(**four) / UDP(sport=1023, dport=1024) / Raw(b"abcde"),
        IPv6(src="2001:db8::9", dst="2001:db8::8", hlim=44) / TCP(sport=5, dport=6) / Raw(b"x"),
    )
    cases = [
        (kind, encapsulate(network))
        for kind, encapsulate in ENCAPSULATIONS
        if kind != 12  # a number of one system's own
        for network in networks
    ]
    # tshark guesses NFLOG's byte order by the machine it runs on.
    cases = [(kind, frame) for kind, frame in cases if kind != 239 or frame[4] > 0]
    chunk = chunk_of([frame for _, frame in cases], [kind for kind, _ in cases])
    writer = pcapng.Writer(())
    path = tmp_path / "every.pcapng"
    path.write_bytes(writer.header() + b"".join(writer.records(chunk)))
    columns = decode(chunk)
    inner = told(tshark, path, "l", INNERMOST)
    outer = told(tshark, path, "f", ("ip.src", "ipv6.src", "ip.dst", "ipv6.dst"))
    assert len(inner) == len(outer) == len(columns)
    for i, (kind, frame) in enumerate(cases):
        row = columns.row(i)
        six, name = (row["ip_version"] == 6), "ipv6" if row["ip_version"] == 6 else "ip"
        expected = {
            f"{name}.src": ip.address_text(row["src"]),
            f"{name}.dst": ip.address_text(row["dst"]),
            f"{name}.{'hlim' if six else 'ttl'}": str(row["ttl"]),
        }
        if row["proto"] == 6:
            expected |= {
                "tcp.srcport": str(row["sport"]),
                "tcp.dstport": str(row["dport"]),
                "tcp.seq_raw": str(row["seq"]),
                "tcp.len": str(row["payload_len"]),
            }
        else:
            expected |= {"udp.srcport": str(row["sport"]), "udp.dstport": str(row["dport"])}
        if row["tunnel"] == tunnel.VXLAN:
            expected["vxlan.vni"] = str(row["tunnel_id"])
        elif row["tunnel"] == tunnel.GRE and row["tunnel_id"] >= 0:
            expected["gre.key"] = f"0x{row['tunnel_id']:08x}"
        assert {key: inner[i][key] for key in expected} == expected, (kind, frame.hex())
        assert row["ip_version"] in (4, 6) and row["proto"] in (6, 17)
        if row["tunnel"]:
            ends = [ip.address_text(row[name]) for name in ("outer_src", "outer_dst")]
            found = outer[i]
            assert ends[0] in (found["ip.src"], found["ipv6.src"]), frame.hex()
            assert ends[1] in (found["ip.dst"], found["ipv6.dst"]), frame.hex()
