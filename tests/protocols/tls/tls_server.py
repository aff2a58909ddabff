"""TLS servers of the tests' own, with certificates of their own, and clients for them."""

from __future__ import annotations

import contextlib
import datetime
import functools
import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID

from netshell.capture.capture import Capture

RECORDED = Path(__file__).parent / "recorded"
DAY = datetime.timedelta(days=1)
TIMEOUT_S = 60


class Pair(NamedTuple):
    """A certificate with its key, both PEM in one file."""

    path: Path
    certificate: x509.Certificate
    key: CertificateIssuerPrivateKeyTypes


def keep(capture: Capture, name: str) -> None:
    """Write a recorded capture anew, where NETSHELL_RECORD asks for that."""
    if os.environ.get("NETSHELL_RECORD"):
        RECORDED.mkdir(exist_ok=True)
        capture.save(RECORDED / name)


def make(
    folder: Path,
    name: str,
    signer: Pair | None = None,
    *,
    names: tuple[str, ...] = (),
    addresses: tuple[str, ...] = (),
    age: datetime.timedelta = DAY,
    days: int = 30,
    kind: str = "ec",
    organization: str = "",
    is_ca: bool = False,
) -> Pair:
    """A certificate that a signer, or it itself, signs; it began ``age`` ago."""
    key = _key(kind)
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else []
    if organization:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
        parts.insert(0, x509.NameAttribute(NameOID.COUNTRY_NAME, "KR"))
    subject = x509.Name(parts)
    begin = datetime.datetime.now(datetime.UTC).replace(microsecond=0) - age
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if signer is None else signer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + days * DAY)
        .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
    )
    told: list[x509.GeneralName] = [x509.DNSName(each) for each in names]
    told += [x509.IPAddress(ipaddress.ip_address(each)) for each in addresses]
    if told:
        builder = builder.add_extension(x509.SubjectAlternativeName(told), critical=False)
    own = key if signer is None else signer.key
    digest = None if isinstance(own, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    made = builder.sign(own, digest)
    path = folder / f"{name or 'nobody'}-{made.serial_number:x}.pem"
    chain = [made] if signer is None else [made, signer.certificate]
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain)
    )
    return Pair(path, made, key)


@functools.cache
def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _key(kind: str) -> CertificateIssuerPrivateKeyTypes:
    if kind == "rsa":
        return _rsa()
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP384R1() if kind == "ec384" else ec.SECP256R1())


def server_context(pair: Pair) -> ssl.SSLContext:
    """A server's settings, with the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.path)
    return context


def client_context(ca: Pair | None) -> ssl.SSLContext:
    """A client's settings: it trusts ``ca``, or everybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(
            cadata=ca.certificate.public_bytes(serialization.Encoding.PEM).decode()
        )
    return context


@contextlib.contextmanager
def serving(
    context: ssl.SSLContext, before: Callable[[socket.socket], None] | None = None
) -> Iterator[int]:
    """A server at a free port of 127.0.0.1 that gives back what it is sent; its port.

    ``before`` is called with each connection, before TLS begins on it.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = int(listening.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listening, context, before), daemon=True)
        thread.start()
        try:
            yield port
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(TIMEOUT_S)


def _serve(
    listening: socket.socket,
    context: ssl.SSLContext,
    before: Callable[[socket.socket], None] | None,
) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        connection.settimeout(TIMEOUT_S)
        with connection, contextlib.suppress(OSError):  # what goes wrong, the client sees
            if before is not None:
                before(connection)
            with context.wrap_socket(connection, server_side=True) as talking:
                while data := talking.recv(1 << 16):
                    talking.sendall(data)
                with contextlib.suppress(OSError):
                    talking.unwrap()


class Told(NamedTuple):
    """What the client's library says about its connection."""

    version: str
    cipher: str  # OpenSSL's name of it
    alpn: str
    reused: bool
    certificate: bytes
    session: ssl.SSLSession | None


def visit(
    port: int,
    context: ssl.SSLContext,
    name: str | None = "localhost",
    data: bytes = b"ping",
    session: ssl.SSLSession | None = None,
    after: Callable[[socket.socket], None] | None = None,
) -> Told:
    """Connect, have ``data`` given back, and close in order. Raises OSError as ssl does.

    ``after`` is called with the connection before TLS begins on it.
    """
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as plain:
        if after is not None:
            after(plain)
        with context.wrap_socket(plain, server_hostname=name, session=session) as talking:
            talking.sendall(data)
            got = b""
            while len(got) < len(data):
                more = talking.recv(1 << 16)
                if not more:
                    raise ConnectionError("closed early")
                got += more
            assert got == data
            told = Told(
                talking.version() or "",
                (talking.cipher() or ("", "", 0))[0],
                talking.selected_alpn_protocol() or "",
                bool(talking.session_reused),
                talking.getpeercert(binary_form=True) or b"",
                talking.session,
            )
            with contextlib.suppress(OSError):
                talking.unwrap()
            return told
