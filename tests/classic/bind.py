"""BIND on loopback for dig and nslookup: the zones of ``zones``, servers that are silent or closed.

    def test_it(bed: Bed) -> None:      # the fixture is in conftest.py
        run(["-p", str(bed.port), f"@{bed.address}", "a.example.test"], out, err)

Zones: ``example.test`` (every type), ``signed.test`` (DNSSEC; ``hashed.test`` with NSEC3), the
reverse zones of 192.0.2.0/24 and 2001:db8::/32, ``printer.local``; ``unloaded.test`` answers
SERVFAIL, ``closed.test`` and what is not held here REFUSED, ``lame.example.test`` is delegated to
a server not holding it. Class CH has ``version.bind``. Zone transfers are allowed. Records come in
the same order each time.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import zones
from nameservers import free_port, has_ipv6
from patience import DEADLINE_S

CONF = """
options {{
  directory "{folder}";
  key-directory "{folder}";
  managed-keys-directory "{folder}";
  listen-on port {port} {{ 127.0.0.1; }};
  listen-on port {tls} tls ephemeral {{ 127.0.0.1; }};
  listen-on port {https} tls ephemeral http default {{ 127.0.0.1; }};
  listen-on-v6 port {port} {{ {v6} }};
  pid-file none;
  session-keyfile none;
  recursion no;
  notify no;
  dnssec-validation no;
  max-udp-size 1232;
  check-names primary ignore;
  server-id "bed-1";
  version "9.18-bed";
  allow-transfer {{ any; }};
  rrset-order {{ order none; }};
}};
server 127.0.0.9 {{ transfer-format one-answer; }};
controls {{ }};
zone "example.test" {{ type primary; file "every.zone"; ixfr-from-differences yes; }};
zone "2.0.192.in-addr.arpa" {{ type primary; file "reverse4.zone"; }};
zone "8.b.d.0.1.0.0.2.ip6.arpa" {{ type primary; file "reverse6.zone"; }};
zone "local" {{ type primary; file "local.zone"; }};
zone "signed.test" {{
  type primary; file "signed.zone"; dnssec-policy default; inline-signing yes;
}};
dnssec-policy hashed {{
  keys {{ csk lifetime unlimited algorithm ecdsap256sha256; }};
  nsec3param iterations 0 optout no salt-length 8;
}};
zone "hashed.test" {{
  type primary; file "hashed.zone"; dnssec-policy hashed; inline-signing yes;
}};
zone "unloaded.test" {{ type primary; file "does-not-exist.zone"; }};
zone "closed.test" {{ type primary; file "reverse4.zone"; allow-query {{ none; }}; }};
"""


class Bed(NamedTuple):
    """Where the servers are; all of them on 127.0.0.1."""

    address: str
    port: int
    silent: int
    """A port on which UDP and TCP are taken, and never answered."""
    closed: int
    """A port on which nothing listens."""
    ipv6: bool
    """Whether the server listens on ::1 too, on the same port."""
    tls: int
    """Its port for TLS, with a certificate that nobody vouches for."""
    https: int
    """The same for HTTPS."""


@contextmanager
def bind(named: Path, folder: Path) -> Iterator[Bed]:
    """BIND and its silent neighbour, as long as the context lasts."""
    files = {
        "every.zone": zones.EVERY + zones.BIG,
        "reverse4.zone": zones.REVERSE4,
        "reverse6.zone": zones.REVERSE6,
        "local.zone": zones.LOCAL,
        "signed.zone": zones.SIGNED,
        "hashed.zone": zones.SIGNED,
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    port = free_port()
    v6 = has_ipv6()
    tls, https = free_port(), free_port()
    conf = CONF.format(folder=folder, port=port, tls=tls, https=https, v6="::1;" if v6 else "none;")
    with ExitStack() as stack:
        stack.enter_context(running(named, folder, conf))
        silent = stack.enter_context(_silent())
        yield Bed("127.0.0.1", port, silent, free_port(), v6, tls, https)


@contextmanager
def running(named: Path, folder: Path, conf: str, name: str = "named") -> Iterator[None]:
    """``named`` with this configuration, from the moment that it answers."""
    path = folder / f"{name}.conf"
    path.write_text(conf)
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [named, "-g", "-n", "1", "-c", path], stdout=output, stderr=output, cwd=folder
        )
    try:
        deadline = time.monotonic() + DEADLINE_S
        # The second: dnssec-policy signs after the start.
        while b" running\n" not in log.read_bytes() or not _signed(conf, log):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"named does not run:\n{log.read_text('utf-8', 'replace')}")
            time.sleep(0.02)
        yield
    finally:
        server.terminate()
        server.wait(DEADLINE_S)


def _signed(conf: str, log: Path) -> bool:
    """Whether a zone that is to be signed is."""
    if "dnssec-policy" not in conf:
        return True
    return log.read_bytes().count(b"next key event") >= conf.count("inline-signing yes")


@contextmanager
def _silent() -> Iterator[int]:
    port = free_port()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.create_server(("127.0.0.1", port), backlog=128),
    ):
        udp.bind(("127.0.0.1", port))
        yield port
