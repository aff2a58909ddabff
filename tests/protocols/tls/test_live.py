"""Real servers and clients over loopback: what we read is what their libraries say.

With NETSHELL_RECORD=1 in the environment, these tests write the captures in recorded/ anew.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from daemon import DEADLINE_S, folder, free_port, is_open
from daemon import serving as running
from onloopback import capturing
from tls_server import DAY, Pair, Told, client_context, keep, make, server_context, serving, visit

from netshell.capture.capture import Capture
from netshell.protocols.api import Message
from netshell.protocols.tls.certificate import read_certificate
from netshell.protocols.tls.handshake import Handshake
from netshell.protocols.tls.traffic import Alert, ApplicationData, Rehandshake

TLS_1_2 = ssl.TLSVersion.TLSv1_2
TLS_1_3 = ssl.TLSVersion.TLSv1_3


class Papers(NamedTuple):
    """Certificates of a test: who signs, the server's, a client's, one by nobody known."""

    ca: Pair
    server: Pair
    client: Pair
    stranger: Pair


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Made once."""
    path = tmp_path_factory.mktemp("papers")
    ca = make(path, "Test CA", is_ca=True, organization="netshell")
    names, addresses = ("localhost", "*.example.com"), ("127.0.0.1",)
    server = make(path, "localhost", ca, names=names, addresses=addresses)
    return Papers(ca, server, make(path, "A client", ca), make(path, "Stranger", is_ca=True))


def handshakes(capture: Capture) -> list[Handshake]:
    """Those of all its flows, in the order they began."""
    return [each for each in capture.messages if isinstance(each, Handshake)]


def of(kind: type[Message], capture: Capture) -> list[Message]:
    """The messages of one kind."""
    return [each for each in capture.messages if isinstance(each, kind)]


def same(ours: Handshake, theirs: Told) -> None:
    """What both say of one connection."""
    assert ours.failure == ""
    assert ours.lacking == ""
    assert ours.version.replace("TLS ", "TLSv") == theirs.version
    assert iana(theirs.cipher) == ours.cipher
    if ours.version != "TLS 1.3":
        assert ours.alpn == theirs.alpn
    assert bool(ours.resumed) == theirs.reused
    if ours.certificates:
        assert ours.certificates[0] == read_certificate(theirs.certificate)


def iana(cipher: str) -> str:
    """IANA's name of a cipher by OpenSSL's: those that the tests meet."""
    return {
        "TLS_AES_256_GCM_SHA384": "TLS_AES_256_GCM_SHA384",
        "TLS_AES_128_GCM_SHA256": "TLS_AES_128_GCM_SHA256",
        "TLS_CHACHA20_POLY1305_SHA256": "TLS_CHACHA20_POLY1305_SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "ECDHE-ECDSA-AES128-GCM-SHA256": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "ECDHE-ECDSA-AES128-SHA": "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
        "ECDHE-ECDSA-CHACHA20-POLY1305": "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    }[cipher]


def test_tls_1_3(papers: Papers) -> None:
    """A full handshake, and one that resumes it."""
    server, client = server_context(papers.server), client_context(papers.ca)
    server.set_alpn_protocols(["h2"])
    client.set_alpn_protocols(["h2", "http/1.1"])
    with serving(server) as port, capturing(port) as capture:
        first = visit(port, client, data=b"x" * 40_000)
        second = visit(port, client, session=first.session)
    keep(capture, "tls13.pcap")
    full, resumed = handshakes(capture)
    same(full, first)
    same(resumed, second)
    assert (full.server_name, full.alpns, full.alpn) == ("localhost", ("h2", "http/1.1"), "")
    assert full.versions == ("TLS 1.3", "TLS 1.2")
    assert (full.offered, full.resumed, full.client_auth) == ((), "", None)
    assert (resumed.offered, resumed.resumed) == (("PSK",), "PSK")
    assert [part.side for part in full.parts] == ["client", "server", "client"]
    sent, _ = of(ApplicationData, capture)
    assert isinstance(sent, ApplicationData)
    by = {sent.side: sent.size, _other(sent): sent.answer_size}
    # 40,000 bytes in 3 records, and a close_notify: 17 bytes more each; the server's tickets, too.
    assert by["client"] == 40_000 + 2 + 4 * 17
    assert by["server"] > by["client"]
    assert not sent.refused


def _other(message: Message) -> str:
    return "server" if message.side == "client" else "client"


@pytest.mark.parametrize(
    "cipher", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA",
               "ECDHE-ECDSA-CHACHA20-POLY1305"]
)  # fmt: skip
def test_tls_1_2(papers: Papers, cipher: str) -> None:
    """The certificates are in clear, and what the ALPN extension chooses."""
    server, client = server_context(papers.server), client_context(papers.ca)
    server.maximum_version = TLS_1_2
    server.set_alpn_protocols(["h2"])
    client.set_alpn_protocols(["h2", "http/1.1"])
    client.set_ciphers(cipher)
    server.set_ciphers(cipher)
    with serving(server) as port, capturing(port) as capture:
        told = visit(port, client)
    if cipher.endswith("GCM-SHA256"):
        keep(capture, "tls12.pcap")
    (ours,) = handshakes(capture)
    same(ours, told)
    assert ours.alpn == "h2"
    assert len(ours.certificates) == 2
    own, root = ours.certificates
    assert own.is_for("localhost") and own.is_for("127.0.0.1") and own.is_for("a.example.com")
    assert root.is_self_signed and root.is_ca
    assert ours.doubts == ("the server says that it can do TLS 1.3",) or ours.doubts == ()
    assert ours.client_auth is False
    assert ours.group in ("x25519", "secp256r1")
    assert ours.ticket_lifetime_s == 7200
    assert [part.side for part in ours.parts] == ["client", "server", "client", "server"]
    assert len(of(Alert, capture)) == 2  # close_notify by both, encrypted
    (sent,) = of(ApplicationData, capture)
    assert isinstance(sent, ApplicationData)
    assert (sent.side, sent.records_sent, sent.answer_records) == ("client", 1, 1)


@pytest.mark.parametrize("way", ["ticket", "session id"])
def test_resumption_in_tls_1_2(papers: Papers, way: str) -> None:
    """By a ticket, and by the server's own memory."""
    server, client = server_context(papers.server), client_context(papers.ca)
    server.maximum_version = TLS_1_2
    if way == "session id":
        server.options |= ssl.OP_NO_TICKET
    with serving(server) as port, capturing(port) as capture:
        first = visit(port, client)
        second = visit(port, client, session=first.session)
    keep(capture, f"resumed-{way.replace(' ', '-')}.pcap")
    assert second.reused
    full, again = handshakes(capture)
    same(full, first)
    same(again, second)
    assert (full.resumed, again.resumed) == ("", way)
    assert way in again.offered
    assert again.certificates == ()
    assert [part.side for part in again.parts] == ["client", "server", "client"]


def test_a_hello_retry_request(papers: Papers) -> None:
    """The server wants another group than the client sent a share of."""
    server, client = server_context(papers.server), client_context(papers.ca)
    server.set_ecdh_curve("secp384r1")
    with serving(server) as port, capturing(port) as capture:
        told = visit(port, client)
    keep(capture, "retry.pcap")
    (ours,) = handshakes(capture)
    same(ours, told)
    assert (ours.retried, ours.group, ours.key_shares) == ("secp384r1", "secp384r1", ("x25519",))
    sides = [part.side for part in ours.parts]
    assert sides == ["client", "server", "client", "server", "client"]
    assert len(ours.waits) == 4


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_client_certificates(papers: Papers, version: ssl.TLSVersion) -> None:
    """One that is sent; and none, which the server does not take."""
    server = server_context(papers.server)
    server.maximum_version = version
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(papers.ca.path)
    known, unknown = client_context(papers.ca), client_context(papers.ca)
    known.load_cert_chain(papers.client.path)
    with serving(server) as port, capturing(port) as capture:
        told = visit(port, known)
        with pytest.raises(OSError, match=r"(?i)alert|closed|EOF|reset"):
            visit(port, unknown)
    keep(capture, f"client-certificate-{version.name}.pcap")
    good, bad = handshakes(capture)
    same(good, told)
    assert good.client_auth is True
    assert bad.client_auth is (True if version == TLS_1_2 else bad.client_auth)
    if version == TLS_1_2:
        assert [each.common_name for each in good.client_certificates] == ["A client", "Test CA"]
        assert bad.failure == "alert handshake_failure by the server"
        assert bad.problem == bad.answered == bad.failure
    else:  # the refusal is encrypted, behind the handshake
        refused = of(ApplicationData, capture)[-1]
        assert isinstance(refused, ApplicationData)
        assert refused.refused
        assert "as long as an alert" in refused.problem


FAILURES: dict[str, tuple[str, Callable[[Papers, ssl.SSLContext, ssl.SSLContext], None]]] = {}


def _fails(failure: str) -> Callable[..., None]:
    def kept(change: Callable[[Papers, ssl.SSLContext, ssl.SSLContext], None]) -> None:
        FAILURES[change.__name__] = failure, change

    return kept


@_fails("alert handshake_failure by the server")
def no_cipher(papers: Papers, server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    client.maximum_version = TLS_1_2
    client.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")


@_fails("alert protocol_version by the server")
def no_version(papers: Papers, server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    client.maximum_version = TLS_1_2
    server.minimum_version = TLS_1_3


@_fails("alert unrecognized_name by the server")
def no_name(papers: Papers, server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    server.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME


@_fails("alert unknown_ca by the client")
def unknown_ca(papers: Papers, server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    server.maximum_version = TLS_1_2
    server.load_cert_chain(papers.stranger.path)


@_fails("alert unknown_ca by the client")
def unknown_ca_in_tls_1_3(papers: Papers, server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    server.load_cert_chain(papers.stranger.path)


@_fails("alert certificate_expired by the client")
def expired(papers: Papers, server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    names = ("localhost",)
    old = make(papers.ca.path.parent, "old", papers.ca, names=names, age=9 * DAY, days=5)
    server.maximum_version = TLS_1_2
    server.load_cert_chain(old.path)


@_fails("alert bad_certificate by the client")
def another_host(papers: Papers, server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    names = ("localhost.example", "*.localhost")
    wrong = make(papers.ca.path.parent, "localhost", papers.ca, names=names)
    server.maximum_version = TLS_1_2
    server.load_cert_chain(wrong.path)


@pytest.mark.parametrize("name", list(FAILURES))
def test_failures(papers: Papers, name: str) -> None:
    """Alerts in clear, of both sides."""
    failure, change = FAILURES[name]
    server, client = server_context(papers.server), client_context(papers.ca)
    change(papers, server, client)
    refused = pytest.raises(OSError, match=r"\[SSL")
    with serving(server) as port, capturing(port) as capture, refused:
        visit(port, client)
    keep(capture, f"failed-{name}.pcap")
    (ours,) = handshakes(capture)
    assert ours.failure == failure
    assert ours.alerts[0].split(": ")[1] in failure
    assert of(ApplicationData, capture) == []
    if name == "expired":
        assert any(each.startswith("certificate expired 20") for each in ours.doubts)
    assert ("certificate is not for localhost" in ours.doubts) == (name == "another_host")
    assert ("certificate names no host" in ours.doubts) == (name == "unknown_ca")


def test_a_server_that_says_nothing(papers: Papers) -> None:
    """It closes before a ServerHello; and it is waited for."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = int(listening.getsockname()[1])
        with capturing(port) as capture:
            context = client_context(papers.ca)
            with socket.create_connection(("127.0.0.1", port)) as plain:
                talking = context.wrap_socket(
                    plain, server_hostname="localhost", do_handshake_on_connect=False
                )
                talking.settimeout(0.05)
                with pytest.raises(TimeoutError):
                    talking.do_handshake()
                accepted, _ = listening.accept()
                hello = accepted.recv(1 << 16)
                deadline = time.monotonic() + DEADLINE_S
                while not (found := handshakes(capture)) and time.monotonic() < deadline:
                    capture.wait(count=len(capture) + 1, seconds=0.05)
                (waiting,) = found
                assert (waiting.lacking, waiting.answered) == ("no answer", "")
                accepted.close()
                talking.close()
    (ours,) = handshakes(capture)
    assert ours.size == len(hello)
    assert ours.failure.endswith("no ServerHello came")


def test_starttls_by_another_protocol(papers: Papers, peer: Callable[[str], Path]) -> None:
    """What begins in clear: a proxy's CONNECT, where the whole conversation goes on in TLS."""

    def proxy(connection: socket.socket) -> None:
        said = b""
        while not said.endswith(b"\r\n\r\n"):
            said += connection.recv(1)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")

    def ask(connection: socket.socket) -> None:
        connection.sendall(b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n")
        said = b""
        while not said.endswith(b"\r\n\r\n"):
            said += connection.recv(1)

    with serving(server_context(papers.server), proxy) as port, capturing(port) as capture:
        told = visit(port, client_context(papers.ca), after=ask)
    keep(capture, "connect.pcap")
    (ours,) = handshakes(capture)
    same(ours, told)


@contextlib.contextmanager
def s_server(papers: Papers, openssl: Path, *options: str) -> Iterator[tuple[int, Path]]:
    """openssl's server: its port, and the file with what it was sent."""
    port = free_port()
    with folder() as path:
        (path / "server.pem").write_bytes(papers.server.path.read_bytes())
        (path / "server.pem").chmod(0o644)
        serve = f"{openssl} s_server -accept 127.0.0.1:{port} -cert server.pem -key server.pem"
        # What it reads from its input, it would send: it reads of nothing, and no end.
        command = ["sh", "-c", f"tail -f /dev/null | {serve} -quiet {' '.join(options)}"]
        with running(command, path, lambda: is_open(port)):
            yield port, path / "output"


@contextlib.contextmanager
def s_client(openssl: Path, port: int, *options: Path | str) -> Iterator[subprocess.Popen[bytes]]:
    """openssl's client, gone at the end."""
    command = [openssl, "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost"]
    with subprocess.Popen(
        [str(each) for each in (*command, *options)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as client:  # fmt: skip
        try:
            yield client
        finally:
            client.kill()


def _say(client: subprocess.Popen[bytes], said: bytes, done: Callable[[], bool]) -> None:
    """Have it say something, and wait until that is done."""
    assert client.stdin is not None
    client.stdin.write(said)
    client.stdin.flush()
    deadline = time.monotonic() + DEADLINE_S
    while not done():
        assert client.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)  # between two looks at the real condition


def test_early_data(papers: Papers, peer: Callable[[str], Path], tmp_path: Path) -> None:
    """0-RTT: openssl sends it with a ticket of before, and the server takes it."""
    openssl, session, early = peer("openssl"), tmp_path / "session", tmp_path / "early"
    early.write_bytes(b"early " * 100)
    serving_early = s_server(papers, openssl, "-early_data", "-no_anti_replay")
    with serving_early as (port, output), capturing(port) as capture:
        with s_client(openssl, port, "-sess_out", session) as client:
            _say(client, b"one\n", lambda: session.exists() and b"one" in output.read_bytes())
            client.communicate(timeout=DEADLINE_S)
        with s_client(openssl, port, "-sess_in", session, "-early_data", early) as client:
            _say(client, b"two\n", lambda: b"two" in output.read_bytes())
            client.communicate(timeout=DEADLINE_S)
    keep(capture, "early-data.pcap")
    first, second = handshakes(capture)
    assert first.early_data == ""
    assert (second.early_data, second.resumed) == ("accepted", "PSK")
    assert second.early_size == 600 + 17


def test_a_renegotiation(papers: Papers, peer: Callable[[str], Path]) -> None:
    """In TLS 1.2 the client may begin a second handshake, which is encrypted."""
    openssl = peer("openssl")
    serving_again = s_server(papers, openssl, "-tls1_2", "-client_renegotiation")
    with serving_again as (port, output), capturing(port) as capture, s_client(openssl, port) as me:
        _say(me, b"one\n", lambda: b"one" in output.read_bytes())
        _say(me, b"R\n", lambda: len(of(Rehandshake, capture)) > 0)
        _say(me, b"two\n", lambda: b"two" in output.read_bytes())
        me.communicate(timeout=DEADLINE_S)
    keep(capture, "renegotiation.pcap")
    (again,) = of(Rehandshake, capture)
    assert isinstance(again, Rehandshake)
    assert again.is_complete
    assert again.side == "client"


@pytest.fixture
def nginx(papers: Papers, peer: Callable[[str], Path]) -> Iterator[int]:
    """Its port; it speaks HTTP/2, and keeps sessions."""
    program, port = peer("nginx"), free_port()
    with folder() as path:
        (path / "server.pem").write_bytes(papers.server.path.read_bytes())
        (path / "server.pem").chmod(0o644)
        (path / "index.html").write_text("hello")
        (path / "nginx.conf").write_text(
            f"""
            daemon off; master_process off; pid {path}/pid; error_log {path}/errors;
            events {{ worker_connections 64; }}
            http {{
                access_log off; client_body_temp_path {path}/a; proxy_temp_path {path}/b;
                fastcgi_temp_path {path}/c; uwsgi_temp_path {path}/d; scgi_temp_path {path}/e;
                server {{
                    listen 127.0.0.1:{port} ssl http2; server_name localhost; root {path};
                    ssl_certificate {path}/server.pem; ssl_certificate_key {path}/server.pem;
                    ssl_protocols TLSv1.2 TLSv1.3;
                }}
            }}
            """
        )
        command = [program, "-p", path, "-e", path / "errors", "-c", path / "nginx.conf"]
        with running(command, path, lambda: is_open(port)):
            yield port


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_curl_and_nginx(
    papers: Papers, nginx: int, peer: Callable[[str], Path], version: str
) -> None:
    """HTTP/2 by ALPN; the fingerprint is the same for each of curl's connections."""
    curl = peer("curl")
    with capturing(nginx) as capture:
        for _ in range(2):
            done = subprocess.run(
                [curl, "-sS", "--cacert", papers.ca.path, "--tls-max", version, "-w",
                 "%{http_version}", f"https://localhost:{nginx}/"],
                capture_output=True, text=True, check=True, timeout=60,
            )  # fmt: skip
            assert done.stdout == "hello2"
    keep(capture, f"curl-{version}.pcap")
    first, second = handshakes(capture)
    assert first.alpns[0] == "h2"
    assert first.version == f"TLS {version}"
    assert first.alpn == ("h2" if version == "1.2" else "")
    assert first.ja4 == second.ja4
    assert first.ja3 == second.ja3
    assert first.ja4.startswith("t" + version.replace(".", "") + "d")
    assert first.ja4.split("_")[0].endswith("h2")
