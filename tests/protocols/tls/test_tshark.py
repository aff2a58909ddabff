"""What tshark says of the recorded captures: the same, field by field."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tls_server import RECORDED

from netshell import read
from netshell.protocols.tls.handshake import Handshake

ALIKE = (
    "failed-no_cipher",
    "failed-no_version",
    "failed-unknown_ca",
    "curl-1.3",
    "failed-another_host",
)
CAPTURES = [path for path in sorted(RECORDED.glob("*.pcap")) if path.stem not in ALIKE]
FIELDS = [
    "tcp.stream",
    "tls.handshake.type",
    "tls.handshake.extensions_server_name",
    "tls.handshake.ja3",
    "tls.handshake.ja3_full",
    "tls.handshake.ja3s",
    "tls.handshake.ciphersuite",
    "tls.handshake.extension.type",
    "tls.alert_message.desc",
    "x509af.serialNumber",
]


def told(tshark: Path, path: Path) -> list[dict[str, list[str]]]:
    """The fields of each packet that has any."""
    command = [tshark, "-r", path, "-Y", "tls", "-T", "fields",
               "-E", "header=y", "-E", "separator=;", "-E", "aggregator=,"]  # fmt: skip
    # What HTTP's proxies begin is TLS to it only if it is told so.
    command += ["-d", "tcp.port==1-65535,tls"] if path.stem != "connect" else []
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    rows = csv.DictReader(done.stdout.splitlines(), delimiter=";")
    return [{name: value.split(",") for name, value in row.items() if value} for row in rows]


def first(rows: list[dict[str, list[str]]], field: str, last: bool = False) -> str:
    """The first value of a field, or its last one; empty without any."""
    values = [value for row in rows for value in row.get(field, [])]
    return (values[-1] if last else values[0]) if values else ""


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_the_same_as_tshark(path: Path, peer: Callable[[str], Path]) -> None:
    """Names, fingerprints, alerts, certificates' numbers."""
    tshark = peer("tshark")
    capture = read(path)
    ours = [each for each in capture.messages if isinstance(each, Handshake)]
    assert ours
    everything = told(tshark, path)
    for stream, shake in enumerate(ours):
        rows = [row for row in everything if row["tcp.stream"] == [str(stream)]]
        assert shake.server_name == first(rows, "tls.handshake.extensions_server_name")
        assert shake.ja3 == first(rows, "tls.handshake.ja3")
        assert shake.ja3_text == ",".join(
            next(row["tls.handshake.ja3_full"] for row in rows if "tls.handshake.ja3_full" in row)
        )
        assert shake.ja3s == first(rows, "tls.handshake.ja3s", last=True)
        serials = [value for row in rows for value in row.get("x509af.serialNumber", [])]
        chain = [*shake.certificates, *shake.client_certificates]
        assert [each.serial.zfill(40)[-40:] for each in chain] == [
            value.removeprefix("0x").zfill(40)[-40:] for value in serials
        ]
        alerts = [value for row in rows for value in row.get("tls.alert_message.desc", [])]
        assert len(alerts) == len([each for each in shake.alerts if "encrypted" not in each])
