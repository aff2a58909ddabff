"""Data frames, Parquet and SQL: what packets say of themselves, without an object for each."""

from __future__ import annotations

import math
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from frames import chunk_of, segment
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import GRE, Ether

import netshell.render  # noqa: F401 - offers the renderers
from netshell.capture import file, scan
from netshell.capture.capture import Capture
from netshell.capture.save import save
from netshell.errors import BadArgument, NotFound, Unavailable
from netshell.extras import install
from netshell.packet.schema import COLUMNS
from netshell.render.sql import refused

ARP = bytes.fromhex("ffffffffffff0200000000010806") + bytes(28)
V6 = bytes.fromhex("02000000000202000000000186dd6000000000083a40") + (
    bytes.fromhex("20010db8" + "00" * 11 + "01" + "20010db8" + "00" * 11 + "02") + bytes(8)
)
FRAMES = [
    segment(flags=0x02, seq=7),
    ARP,
    V6,
    *(segment(src=f"10.0.0.{i % 5}", sport=i, flags=0x18, payload=bytes(i)) for i in range(60)),
]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(scan, "STRETCH", 11)
    return save([chunk_of(FRAMES)], tmp_path / "x.pcapng", ["eth0"])


@pytest.fixture(params=["read", "scan"])
def packets(path: Path, request: pytest.FixtureRequest) -> Any:
    return file.read(path) if request.param == "read" else scan.Scan([str(path)])


SAME = (
    "index", "iface", "direction", "captured_len", "wire_len", "vlan", "proto", "sport", "dport",
    "ttl", "flags", "seq", "ack", "payload_len",
)  # fmt: skip


def test_a_row_says_what_the_packet_says(packets: Any) -> None:
    pytest.importorskip("pyarrow")
    rows = packets.to_arrow().to_pylist()
    assert len(rows) == len(FRAMES)
    for row, packet in zip(rows, packets, strict=True):
        record = packet.records()
        assert {name: row[name] for name in SAME} == {name: getattr(record, name) for name in SAME}
        assert row["src"] == (packet.src if packet.ip_version else None)
        assert row["dst"] == (packet.dst if packet.ip_version else None)
        assert row["window"] == packet.window_raw
        time = row["time"]
        time_ns = time.value if hasattr(time, "value") else int(time.timestamp() * 1e9)
        assert math.isclose(time_ns, packet.time_ns, abs_tol=1e12)
    assert packets.to_arrow()["time"].cast("int64").to_pylist() == [p.time_ns for p in packets]


def test_polars_and_pandas(packets: Any) -> None:
    pytest.importorskip("pyarrow")
    polars = pytest.importorskip("polars")
    frame = packets.to_polars()
    assert frame.filter(polars.col("src") == "2001:db8::1").height == 1
    assert frame["wire_len"].sum() == sum(map(len, FRAMES))
    pytest.importorskip("pandas")
    assert list(packets.to_pandas()["src"][:3]) == ["10.0.0.1", None, "2001:db8::1"] or (
        packets.to_pandas()["src"].isna().tolist()[:3] == [False, True, False]
    )


def test_parquet(packets: Any, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    made = packets.to_parquet(tmp_path / "x.parquet")
    table = parquet.read_table(made)
    assert table.to_pylist() == packets.to_arrow().to_pylist()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["x.parquet", "x.pcapng"]
    with pytest.raises(NotFound, match="no such directory"):
        packets.to_parquet(tmp_path / "no" / "x.parquet")


def test_sql(packets: Any) -> None:
    pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    found = packets.sql(
        "select src, count(*) n from packets where sport >= 0 group by 1 order by 1"
    )
    assert list(found) == [(f"10.0.0.{i}", 12 + (i == 1)) for i in range(5)]
    assert found[1] == ("10.0.0.1", 13)
    assert found.names == ("src", "n")
    assert str(found).splitlines()[0].split() == ["src", "n"]
    assert found.to_arrow().num_rows == len(found) == 5
    with pytest.raises(BadArgument, match="cannot ask: Parser Error: syntax error"):
        packets.sql("selec")
    with pytest.raises(BadArgument, match=r'cannot ask: Binder Error: .*"nope" not found'):
        packets.sql("select nope from packets")
    with pytest.raises(BadArgument):
        packets.sql("select * from path")  # no variable of the caller is a table


def test_nothing_at_all(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    empty = file.read(save([], tmp_path / "x.pcap"))
    assert isinstance(empty, Capture)
    assert empty.to_arrow().num_rows == 0
    assert "src" in empty.to_arrow().column_names


def test_a_missing_extra_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("netshell.render.frames.import_module", refuse)
    packets = file.read(path)
    for make in (packets.to_polars, packets.to_pandas, packets.to_arrow):
        with pytest.raises(Unavailable, match=r"; \S+ -m pip install 'netshell\[frames\]'$"):
            make()
    with pytest.raises(Unavailable, match=r"^cannot ask in SQL: duckdb is not installed; "):
        packets.sql("select 1")
    with pytest.raises(Unavailable, match="pyarrow is not installed"):
        packets.to_parquet(path.with_suffix(".parquet"))


def test_the_missing_one_goes_where_this_python_looks() -> None:
    assert install("netshell[frames]") == (
        f"{shlex.quote(sys.executable)} -m pip install 'netshell[frames]'"
    )


def test_a_table_that_is_missing_names_the_one_there_is() -> None:
    said = str(refused("Catalog Error: Table with name flows does not exist!\nLINE 1", "packets"))
    assert said.startswith("cannot ask: Catalog Error: Table with name flows does not exist; ")
    assert "the table here is packets; " in said and "cap.flows.sql(" in said
    assert str(refused("Parser Error: no", "packets")) == "cannot ask: Parser Error: no"


def test_every_column_of_the_schema_is_there(packets: Any) -> None:
    (stretch, *_) = packets.data()
    renamed = {"time_ns": "time"}
    assert {renamed.get(field.name, field.name) for field in COLUMNS} <= set(stretch)


def test_tunnels(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    outer = Ether(dst="02:00:00:00:00:01") / IP(src="10.1.1.1", dst="10.1.1.2")
    inner = IP(src="10.9.9.1", dst="10.9.9.2") / UDP(sport=5, dport=6)
    frames = [bytes(outer / GRE(key_present=1, key=42) / inner), segment()]
    rows = file.read(save([chunk_of(frames)], tmp_path / "t.pcapng")).to_arrow().to_pylist()
    names = ("tunnel", "tunnel_id", "outer_src", "outer_dst", "src", "dport")
    assert [[row[name] for name in names] for row in rows] == [
        ["gre", 42, "10.1.1.1", "10.1.1.2", "10.9.9.1", 6],
        [None, None, None, None, "10.0.0.1", 80],
    ]
    assert rows[0]["more_fragments"] is False


def test_two_interfaces_of_one_name(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    pytest.importorskip("pandas")
    chunk = chunk_of(FRAMES[:3])
    chunk = replace(chunk, iface=np.array([0, 1, 2], np.uint16))
    made = file.read(save([chunk], tmp_path / "two.pcapng", ["eth0", "lo", "eth0"]))
    assert made.names == ("eth0", "lo", "eth0")
    assert list(made.to_pandas()["iface"]) == ["eth0", "lo", "eth0"]
