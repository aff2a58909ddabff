"""A DNS of one's own, from the root down, on a wire's server: for ``+trace`` and real lookups.

One BIND with a view an address: the root on 127.0.0.10, ``test.`` on .11, ``example.test.`` on
.12 and .13 (which does not hold it: lame), ``signed.test.`` on .12, and a resolver on the host's
own address, which /etc/resolv.conf names there. All on port 53.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from patience import DEADLINE_S

from netshell.lab import link
from netshell.lab.wire import Wire

ADDRESSES = ("127.0.0.10", "127.0.0.11", "127.0.0.12", "127.0.0.13")

_SOA = "@ 300 IN SOA ns.nic.test. host.nic.test. 1 7200 900 1209600 300\n"

ROOT = (
    "$TTL 3600\n"
    + _SOA
    + """
@ IN NS a.root.test.
a.root.test. IN A 127.0.0.10
test. IN NS ns.nic.test.
test. IN DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.nic.test. IN A 127.0.0.11
a.root.test. IN AAAA ::1
127.in-addr.arpa. IN NS a.root.test.
"""
)

TEST = (
    "$TTL 3600\n"
    + _SOA
    + """
@ IN NS ns.nic
ns.nic IN A 127.0.0.11
a.root IN A 127.0.0.10
example IN NS ns.example
ns.example IN A 127.0.0.12
lame IN NS ns.lame
ns.lame IN A 127.0.0.13
gone IN NS ns.gone
loop IN NS ns.loop
ns.loop IN A 127.0.0.11
"""
)

EXAMPLE = (
    "$TTL 60\n"
    + _SOA
    + """
@ IN NS ns
@ IN MX 10 mail
ns IN A 127.0.0.12
www IN CNAME web
web IN A 192.0.2.80
web IN AAAA 2001:db8::80
txt IN TXT "a \\027[31mred\\" one"
"""
)

CONF = """
options {{
  directory "{folder}";
  managed-keys-directory "{folder}";
  listen-on {{ 127.0.0.10; 127.0.0.11; 127.0.0.12; 127.0.0.13; {address}; }};
  listen-on-v6 {{ none; }};
  pid-file none; session-keyfile none; notify no;
  dnssec-validation no; rrset-order {{ order none; }};
  empty-zones-enable no;
  check-names primary ignore;
}};
controls {{ }};
view root {{ match-destinations {{ 127.0.0.10; }}; recursion no;
  zone "." {{ type primary; file "root.zone"; }}; }};
view tld {{ match-destinations {{ 127.0.0.11; }}; recursion no;
  zone "test" {{ type primary; file "test.zone"; }}; }};
view zones {{ match-destinations {{ 127.0.0.12; }}; recursion no;
  zone "example.test" {{ type primary; file "example.zone"; }}; }};
view lame {{ match-destinations {{ 127.0.0.13; }}; recursion no;
  zone "nothing.test" {{ type primary; file "example.zone"; }}; }};
view resolver {{ match-destinations {{ any; }}; recursion yes; allow-recursion {{ any; }};
  zone "." {{ type hint; file "hints.zone"; }}; }};
"""

HINTS = ". 3600 IN NS a.root.test.\na.root.test. 3600 IN A 127.0.0.10\n"


@contextmanager
def hierarchy(wire: Wire, named: Path, folder: Path) -> Iterator[None]:
    """The servers on ``wire.server``, as long as the context lasts."""
    zones = {"root": ROOT, "test": TEST, "example": EXAMPLE, "hints": HINTS}
    for name, text in zones.items():
        (folder / f"{name}.zone").write_text(text)
    conf = folder / "named.conf"
    conf.write_text(CONF.format(folder=folder, address=wire.server.ipv4))
    for address in ADDRESSES:
        wire.server.call(link.address, "lo", f"{address}/32")
    log = folder / "named.log"
    with log.open("wb") as output:
        server = wire.server.popen(
            [named, "-g", "-n", "1", "-c", conf],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
        try:
            deadline = time.monotonic() + DEADLINE_S
            while b" running\n" not in log.read_bytes():
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"named does not run:\n{log.read_text('utf-8', 'replace')}")
                time.sleep(0.02)
            yield
        finally:
            wire.server.end(server)
