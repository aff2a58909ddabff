"""Real name servers on loopback for tests: BIND with zones of its own, and a small responder.

The responder sends whatever bytes a test gives it, which no real server would.
"""

from __future__ import annotations

import random
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dns.message
import dns.rcode
import dns.rrset
from patience import DEADLINE_S

from netshell.flow.key import Endpoint

Reply = Callable[[bytes], "bytes | list[bytes] | None"]
"""What is sent back for a query's bytes: one message, several, or nothing at all."""

RECORDS = r"""
$ORIGIN example.test.
$TTL 3600
@           IN SOA   ns1 hostmaster 2024010101 7200 900 1209600 300
@           IN NS    ns1
@           IN NS    ns2
@           IN A     192.0.2.1
@           IN A     192.0.2.2
@           IN AAAA  2001:db8::1
@           IN MX    10 mail
@           IN MX    20 mail.example.net.
@           IN TXT   "v=spf1 -all"
@           IN TXT   "two" "strings; a \"quote\" and a \\ backslash"
@           IN CAA   0 issue "ca.example.net"
@           IN CAA   128 iodef "mailto:x@example.net"
@           IN HTTPS 1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1
ns1         IN A     127.0.0.1
ns2         IN A     127.0.0.2
mail        IN A     192.0.2.25
www     30  IN CNAME web
web     20  IN CNAME host
host    10  IN A     192.0.2.80
broken      IN CNAME nowhere
outside     IN CNAME www.example.net.
_sip._tcp   IN SRV   10 60 5060 host
_sip._tcp   IN SRV   0 0 0 .
_svc        IN SVCB  1 host port=853
txt         IN TXT   "\027[31mred\007 \226\128\174reversed \255\000"
odd\032name IN A     192.0.2.9
*.wild      IN A     192.0.2.77
xn--strae-oqa IN A     192.0.2.10
zero     0  IN A     192.0.2.11
sub         IN NS    ns.sub
ns.sub      IN A     192.0.2.53
dname       IN DNAME example.net.
here        IN LOC   52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
naptr       IN NAPTR 100 50 "s" "SIP+D2U" "" _sip._udp
_443._tcp   IN TLSA  3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ssh         IN SSHFP 1 1 0123456789abcdef0123456789abcdef01234567
cpu         IN HINFO "PC" "Linux"
page        IN URI   10 1 "https://example.test/"
type        IN TYPE65400 \# 4 01020304
rp          IN RP    admin.example.test. txt
key         IN DNSKEY 256 3 13 (
  aRS/DcPWGQj2wVJydT8EcAVoC0kXn5pDVm2IMvDDPXeD32dsSKcmq8KNVzigjL4OXZTV+t/6w4X1gpNrZiC01g== )
ds          IN DS    12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
"""

BIG = "".join(f'big IN TXT "{number:03} {"x" * 90}"\n' for number in range(40))

REVERSE4 = """
$TTL 3600
@ IN SOA ns1.example.test. hostmaster.example.test. 1 7200 900 1209600 300
@ IN NS ns1.example.test.
80 IN PTR host.example.test.
"""
REVERSE6 = """
$TTL 3600
@ IN SOA ns1.example.test. hostmaster.example.test. 1 7200 900 1209600 300
@ IN NS ns1.example.test.
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 IN PTR example.test.
"""
SIGNED = """
$TTL 3600
@ IN SOA ns1.example.test. hostmaster.example.test. 1 7200 900 1209600 300
@ IN NS ns1.example.test.
www IN A 192.0.2.90
"""

CONF = """
options {{
  directory "{folder}";
  key-directory "{folder}";
  managed-keys-directory "{folder}";
  listen-on port {port} {{ 127.0.0.1; }};
  listen-on-v6 port {port} {{ {v6} }};
  pid-file none;
  session-keyfile none;
  recursion no;
  notify no;
  dnssec-validation no;
  max-udp-size 1232;
  check-names primary ignore;
}};
controls {{ }};
zone "example.test" {{ type primary; file "example.zone"; }};
zone "2.0.192.in-addr.arpa" {{ type primary; file "reverse4.zone"; }};
zone "8.b.d.0.1.0.0.2.ip6.arpa" {{ type primary; file "reverse6.zone"; }};
zone "signed.test" {{
  type primary; file "signed.zone"; dnssec-policy default; inline-signing yes;
}};
zone "unloaded.test" {{ type primary; file "does-not-exist.zone"; }};
"""


@contextmanager
def bind(named: Path, folder: Path) -> Iterator[Endpoint]:
    """BIND serving the zones above on a loopback port of its own, in the foreground."""
    (folder / "example.zone").write_text(RECORDS + BIG)
    (folder / "reverse4.zone").write_text(REVERSE4)
    (folder / "reverse6.zone").write_text(REVERSE6)
    (folder / "signed.zone").write_text(SIGNED)
    port = free_port()
    v6 = "::1;" if has_ipv6() else "none;"
    conf = folder / "named.conf"
    conf.write_text(CONF.format(folder=folder, port=port, v6=v6))
    log = folder / "named.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [named, "-g", "-n", "1", "-c", conf], stdout=output, stderr=output, cwd=folder
        )
    try:
        deadline = time.monotonic() + DEADLINE_S
        while b"running" not in log.read_bytes():
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"named does not run:\n{log.read_text('utf-8', 'replace')}")
            time.sleep(0.02)
        yield Endpoint("127.0.0.1", port)
    finally:
        server.terminate()
        server.wait(DEADLINE_S)


def free_port() -> int:
    """A port that is free for UDP and for TCP on 127.0.0.1.

    The kernel gives it to nobody who asks for any port: it stays free until it is bound to.
    """
    while True:
        port = random.randrange(28_500, 32_000)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            try:
                udp.bind(("127.0.0.1", port))
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def has_ipv6() -> bool:
    """Whether ::1 can be bound to."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


class Responder:
    """A name server on a UDP and TCP port of loopback that sends what its callables return."""

    def __init__(
        self, udp: Reply, tcp: Reply | None = None, address: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.asked: list[bytes] = []
        self._udp, self._tcp = udp, tcp
        self.endpoint = Endpoint(address, port or free_port())
        self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagrams.bind(self.endpoint)
        self._threads = [threading.Thread(target=self._serve_udp)]
        self._listener: socket.socket | None = None
        if tcp is not None:
            self._listener = socket.create_server(self.endpoint)
            self._threads.append(threading.Thread(target=self._serve_tcp))

    @property
    def text(self) -> str:
        return f"{self.endpoint.address}#{self.endpoint.port}"

    def __enter__(self) -> Responder:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.endpoint)
        if self._listener:
            socket.create_connection(self.endpoint).close()
        for thread in self._threads:
            thread.join(DEADLINE_S)
            assert not thread.is_alive()
        self._datagrams.close()
        if self._listener:
            self._listener.close()

    def _serve_udp(self) -> None:
        while True:
            query, sender = self._datagrams.recvfrom(65535)
            if not query:
                return
            self.asked.append(query)
            for reply in _each(self._udp(query)):
                self._datagrams.sendto(reply, sender)

    def _serve_tcp(self) -> None:
        assert self._listener is not None and self._tcp is not None
        while True:
            link, _ = self._listener.accept()
            # Who asked may leave before all is said.
            with link, suppress(ConnectionError):
                link.settimeout(DEADLINE_S)
                head = link.recv(2)
                if not head:
                    return
                query = link.recv(int.from_bytes(head, "big"))
                self.asked.append(query)
                for reply in _each(self._tcp(query)):
                    link.sendall(reply)


def framed(message: bytes) -> bytes:
    """A message as TCP carries it, after two bytes of length (RFC 1035 4.2.2)."""
    return len(message).to_bytes(2, "big") + message


def records(*lines: str, rcode: int = dns.rcode.NOERROR, flags: int = 0) -> Reply:
    """A reply with these answers: ``"example.test. 60 IN A 192.0.2.1"``."""

    def reply(query: bytes) -> bytes:
        message = dns.message.make_response(dns.message.from_wire(query), recursion_available=True)
        message.set_rcode(dns.rcode.Rcode(rcode))
        message.flags |= flags
        for line in lines:
            name, ttl, rdclass, rdtype, data = line.split(None, 4)
            message.answer.append(dns.rrset.from_text(name, int(ttl), rdclass, rdtype, data))
        return message.to_wire()

    return reply


def _each(replies: bytes | list[bytes] | None) -> list[bytes]:
    if replies is None:
        return []
    return replies if isinstance(replies, list) else [replies]
