"""A PostgreSQL server of the tests' own on loopback, with a role for each authentication."""

from __future__ import annotations

import contextlib
import datetime
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from daemon import DEADLINE_S, USER, folder, free_port, run, serving

from netshell.capture.capture import Capture

RECORDED = Path(__file__).parent / "recorded"
PASSWORD = "hunter2-xyz"
ACCESS = """
host  all          scram    127.0.0.1/32  scram-sha-256
host  all          hashed   127.0.0.1/32  md5
host  all          clear    127.0.0.1/32  password
host  all          refused  127.0.0.1/32  reject
host  replication  all      127.0.0.1/32  trust
host  all          all      127.0.0.1/32  trust
"""
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
shared_buffers = 16MB
max_connections = 20
timezone = 'UTC'
log_timezone = 'UTC'
ssl = on
"""


class Server(NamedTuple):
    """One that runs."""

    port: int
    programs: Path

    def connect(self, user: str = "ann", **options: Any) -> psycopg.Connection[Any]:
        """A connection of psycopg's, unencrypted unless asked for."""
        options = {"dbname": "postgres", "sslmode": "disable", "gssencmode": "disable", **options}
        return psycopg.connect(host="127.0.0.1", port=self.port, user=user, **options)

    def run(self, program: str, *arguments: str, user: str = "ann", stdin: str = "") -> str:
        """What one of PostgreSQL's own programs writes."""
        environment = {
            **os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": user,
            "PGDATABASE": "postgres", "PGSSLMODE": "disable", "PGGSSENCMODE": "disable",
            "LC_ALL": "C.UTF-8", "PSQLRC": "/dev/null",
        }  # fmt: skip
        done = subprocess.run(
            [self.programs / program, *arguments], input=stdin, env=environment, text=True,
            capture_output=True, timeout=DEADLINE_S, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr


def programs() -> Path | None:
    """Where PostgreSQL's server programs are; Debian keeps them by version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextlib.contextmanager
def running(where: Path) -> Iterator[Server]:
    """A new cluster, served."""
    port = free_port()
    with folder() as home:
        data = home / "data"
        run([where / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync"], home)  # fmt: skip
        (data / "pg_hba.conf").write_text(ACCESS)
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(f"{SETTINGS}port = {port}\n")
        _certify(data)

        def ready() -> bool:
            return b"ready to accept connections" in (home / "output").read_bytes()

        with serving([where / "postgres", "-D", data], home, ready):
            server = Server(port, where)
            _furnish(server)
            yield server


def _furnish(server: Server) -> None:
    with server.connect("postgres", autocommit=True) as admin:
        admin.execute("CREATE ROLE ann LOGIN SUPERUSER REPLICATION")
        admin.execute("CREATE ROLE refused LOGIN")
        admin.execute(f"CREATE ROLE scram LOGIN PASSWORD '{PASSWORD}'")
        admin.execute(f"CREATE ROLE clear LOGIN PASSWORD '{PASSWORD}'")
        admin.execute("SET password_encryption = 'md5'")
        admin.execute(f"CREATE ROLE hashed LOGIN PASSWORD '{PASSWORD}'")


def _certify(data: Path) -> None:
    """A certificate that the server signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = builder.not_valid_before(now - day).not_valid_after(now + day).sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (data / "server.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (data / "server.key").write_bytes(secret)
    owner = data.stat()
    for each in (data / "server.crt", data / "server.key"):
        each.chmod(0o600)
        os.chown(each, owner.st_uid, owner.st_gid)


def keep(capture: Capture, name: str) -> None:
    """Write a recorded capture anew, where NETSHELL_RECORD asks for that."""
    if os.environ.get("NETSHELL_RECORD"):
        RECORDED.mkdir(exist_ok=True)
        capture.save(RECORDED / name)


__all__ = ["PASSWORD", "RECORDED", "USER", "Server", "keep", "programs", "running"]
