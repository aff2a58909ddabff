"""Record the capture of the notebook about SQL anew: a small shop, on a real PostgreSQL.

    PYTHONPATH=tests:tests/protocols:tests/protocols/postgres python tests/notebooks/record_shop.py

Needs the right to capture. One request of the shop's list page asks for its customers one by one,
another joins; there are a slow report, a typing error, a changed password, and a transaction that
waits for something else than the database.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import psycopg
from postgres_server import PASSWORD, programs, running

from netshell import sniff

CAPTURE = Path(__file__).parents[2] / "notebooks/captures/08-sql-on-the-wire.pcap"
ORDERS = 12

TABLES = f"""
CREATE TABLE customers (id int PRIMARY KEY, name text, password text);
CREATE TABLE orders (id int PRIMARY KEY, customer int, total numeric);
INSERT INTO customers SELECT n, 'customer ' || n, 'x' FROM generate_series(1, {ORDERS}) n;
INSERT INTO orders SELECT n, n, n * 9.5 FROM generate_series(1, {ORDERS}) n;
GRANT ALL ON customers, orders TO scram;
"""


def list_page(shop: psycopg.Connection[Any]) -> None:
    """As many applications do it: one query for the list, and one more for each row."""
    for _, customer in shop.execute("SELECT id, customer FROM orders ORDER BY id").fetchall():
        shop.execute("SELECT name FROM customers WHERE id = %s", (customer,)).fetchone()


def better_page(shop: psycopg.Connection[Any]) -> None:
    """The same in one."""
    shop.execute(
        "SELECT orders.id, name FROM orders JOIN customers ON customers.id = customer"
    ).fetchall()


def others(shop: psycopg.Connection[Any]) -> None:
    """A slow report, an error, a secret, and a transaction that is idle."""
    shop.execute("SELECT sum(total), pg_sleep(0.4) FROM orders").fetchone()
    with contextlib.suppress(psycopg.errors.UndefinedColumn):
        shop.execute("SELECT naem FROM customers WHERE id = %s", (3,))
    shop.execute("UPDATE customers SET password = %s WHERE id = %s", ("correct horse", 3))
    with shop.transaction():
        shop.execute("UPDATE orders SET total = total * 0.9 WHERE id = 5")
        time.sleep(0.3)  # a program that asks a payment service, say


def main() -> None:
    """Run the shop, and keep what passed."""
    where = programs()
    assert where is not None, "PostgreSQL is not installed"
    with running(where) as server:
        with server.connect("postgres", autocommit=True) as admin:
            admin.execute(TABLES)
        capture = sniff(f"tcp port {server.port}", iface="lo")
        with server.connect("scram", password=PASSWORD, autocommit=True) as shop:
            list_page(shop)
            others(shop)
        with server.connect("scram", password=PASSWORD, autocommit=True) as shop:
            better_page(shop)
        capture.wait(seconds=0.5).stop().save(CAPTURE)  # with what the server sends at last


if __name__ == "__main__":
    main()
