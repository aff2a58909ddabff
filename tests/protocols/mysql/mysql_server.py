"""A MariaDB server of the tests' own on loopback, with a user for each kind of authentication."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pymysql
from daemon import DEADLINE_S, folder, free_port, run, serving
from feeding import of_capture
from onloopback import capturing
from tls_server import make

from netshell.capture.capture import Capture
from netshell.protocols.api import Message
from netshell.protocols.mysql.decoder import MySqlDecoder
from netshell.protocols.mysql.messages import MySqlStatement

RECORDED = Path(__file__).parent / "recorded"
PASSWORD = "hunter2-xyz"
SMALL = (
    "--innodb-buffer-pool-size=8M", "--innodb-log-file-size=4M", "--innodb-flush-method=nosync",
    "--innodb-data-file-path=ibdata1:4M:autoextend", "--key-buffer-size=64K",
    "--aria-pagecache-buffer-size=1M", "--performance-schema=OFF",
)  # fmt: skip


class Server(NamedTuple):
    """One that runs."""

    port: int
    home: Path
    client: Path

    def connect(self, user: str = "app", **options: Any) -> Any:
        """A connection of PyMySQL's, unencrypted unless asked for."""
        options = {"database": "shop", "ssl_disabled": True, **options}
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user=user, password=PASSWORD, **options
        )

    def run(self, *arguments: str, user: str = "app", stdin: str = "") -> str:
        """What the client program of the command line writes."""
        done = subprocess.run(
            [self.client, "--no-defaults", "-h127.0.0.1", f"-P{self.port}", f"-u{user}",
             "--ssl=0", *arguments],
            input=stdin, env={**os.environ, "MYSQL_PWD": PASSWORD, "LC_ALL": "C.UTF-8"}, text=True,
            capture_output=True, timeout=DEADLINE_S, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr


@contextlib.contextmanager
def running(install: Path, program: Path, client: Path) -> Iterator[Server]:
    """A new database, served."""
    port = free_port()
    with folder() as home:
        data = f"--datadir={home}/data"
        run([install, "--no-defaults", data, "--auth-root-authentication-method=normal",
             "--skip-test-db", "--skip-name-resolve", *SMALL], home)  # fmt: skip
        pair = make(home, "localhost", kind="rsa").path
        owner = home.stat()
        os.chown(pair, owner.st_uid, owner.st_gid)

        def ready() -> bool:
            return b"ready for connections" in (home / "output").read_bytes()

        command = [
            program, "--no-defaults", data, *SMALL, "--bind-address=127.0.0.1", f"--port={port}",
            f"--socket={home}/s", f"--pid-file={home}/pid", "--skip-name-resolve",
            "--max-connections=10", "--local-infile=1", "--plugin-load-add=auth_ed25519",
            f"--ssl-cert={pair}", f"--ssl-key={pair}", "--log-bin=log", "--server-id=1",
            "--max-allowed-packet=64M", "--default-time-zone=+00:00",
        ]  # fmt: skip
        with serving(command, home, ready):
            server = Server(port, home, client)
            _furnish(server)
            yield server


def _furnish(server: Server) -> None:
    admin = pymysql.connect(unix_socket=f"{server.home}/s", user="root", autocommit=True)
    with admin, admin.cursor() as cursor:
        cursor.execute("CREATE DATABASE shop")
        cursor.execute(
            "CREATE TABLE shop.goods (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(60),"
            " price DECIMAL(8,2), picture BLOB, since DATETIME)"
        )
        for user, how in (
            ("app", f"BY '{PASSWORD}'"),
            ("signer", f"VIA ed25519 USING PASSWORD('{PASSWORD}')"),
        ):
            cursor.execute(f"CREATE USER {user}@'127.0.0.1' IDENTIFIED {how}")
            cursor.execute(f"GRANT ALL ON *.* TO {user}@'127.0.0.1' WITH GRANT OPTION")


class Talked(NamedTuple):
    """What was captured while clients talked to the server, and what it says."""

    capture: Capture
    messages: list[Message]

    def of(self, kind: str) -> list[Any]:
        """The messages of a kind."""
        return [each for each in self.messages if each.kind == kind]

    def asked(self, text: str) -> Any:
        """The one execution of that statement."""
        (found,) = [
            each for each in self.messages
            if isinstance(each, MySqlStatement) and each.statement == text
        ]  # fmt: skip
        return found


def talked(server: Server, talk: Callable[[], object], name: str = "", flows: int = 1) -> Talked:
    """Have clients talk to the server; ``name``: the recorded capture that this writes anew."""
    with capturing(server.port) as capture:
        talk()
        deadline = time.monotonic() + DEADLINE_S
        while not _is_over(capture, flows):
            assert time.monotonic() < deadline, "the connections did not end"
            time.sleep(0.01)  # between two looks at the real condition
    if name and os.environ.get("NETSHELL_RECORD"):
        RECORDED.mkdir(exist_ok=True)
        capture.save(RECORDED / name)
    return Talked(capture, of_capture(capture, [MySqlDecoder]))


def _is_over(capture: Capture, flows: int) -> bool:
    found = list(capture.flows)
    return len(found) >= flows and all(
        flow.ended.startswith("RST")
        or (flow.stream("client").is_ended and flow.stream("server").is_ended)
        for flow in found
    )
