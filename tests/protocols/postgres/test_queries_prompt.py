"""Queries at the prompt: printed above it as they come, in colours, on lines that fit."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import psycopg
import pytest
from conftest import missing
from postgres_server import Server
from pty_shell import Shell


@pytest.mark.parametrize("columns", [80, 140])
def test_queries_are_printed_above_the_prompt(
    postgres: Server, tmp_path: Path, columns: int
) -> None:
    with Shell(tmp_path, columns=columns) as shell:
        shell.ready()
        shell.run(f'cap = sniff("tcp port {postgres.port}", iface="lo")')
        if "not permitted" in shell.text:
            missing("capturing is not permitted")
        shell.run("live = cap.queries(live=True)")
        with postgres.connect(autocommit=True) as db:

            def is_known() -> bool:
                """Whether whose connection it is was found: from then on it is told."""
                db.execute("SELECT 'whose'")
                return f"[{os.getpid()}]" in shell.text

            if columns > 100:
                shell.until(is_known, "the client's process")
            db.execute("SELECT relname FROM pg_class WHERE oid = %s AND relname <> 'x'", (0,))
            with contextlib.suppress(psycopg.errors.UndefinedTable):
                db.execute("SELECT * FROM nowhere WHERE id = 5")
            db.execute("SELECT 'the last'")
            shell.shows("'the last'")
        shell.run("cap.stop().queries().slowest(2)")
    lines = shell.lines
    assert not [line for line in lines if len(line) > columns]
    (place,) = [i for i, line in enumerate(lines) if "SELECT * FROM nowhere" in line][:1]
    assert '42P01 relation "nowhere" does not exist' in lines[place + 1]
    assert "SELECT relname FROM pg_class" in lines[place - 1]
    assert lines[place - 1].index("SELECT") == lines[place].index("SELECT")
    assert (f"[{os.getpid()}]" in lines[place]) is (columns > 100)
    (head,) = [line for line in lines if line.startswith("time") and "took" in line][:1]
    assert head.index("statement") == lines[place].index("SELECT")
    if columns == 80:
        assert "SELECT relname FROM pg_class WHERE oid = $1 AND" in lines[place - 1]
    else:
        client = slice(head.index("client"), head.index("client") + 15)
        assert re.fullmatch(r"127.0.0.1:\d{5}", lines[place][client].strip())
        assert lines[place][head.index("process") :].startswith("p")
    assert b"\x1b[35mSELECT\x1b[0m * \x1b[35mFROM\x1b[0m nowhere" in shell.raw
    assert b"\x1b[31m" in shell.raw
