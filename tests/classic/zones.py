"""The zones of the tests' name server: a record of every type that dig has a text for."""

from __future__ import annotations

from pathlib import Path

EVERY = Path(__file__).with_name("every.zone").read_text("ascii")
"""One record at least of each type, most below a name that is the type's."""

BIG = "".join(f'big IN TXT "{number:03} {"x" * 90}"\n' for number in range(40))
"""More than fits a datagram: truncated, and asked for again over TCP."""

SIGNED = """
$TTL 3600
@ IN SOA ns1.example.test. hostmaster.example.test. 1 7200 900 1209600 300
@ IN NS ns1.example.test.
@ IN A 192.0.2.90
www IN A 192.0.2.90
www IN TXT "signed"
*.wild IN A 192.0.2.91
child IN NS ns.child
ns.child IN A 127.0.0.1
"""

REVERSE4 = """
$TTL 3600
@ IN SOA ns1.example.test. hostmaster.example.test. 1 7200 900 1209600 300
@ IN NS ns1.example.test.
80 IN PTR a.example.test.
"""

REVERSE6 = """
$TTL 3600
@ IN SOA ns1.example.test. hostmaster.example.test. 1 7200 900 1209600 300
@ IN NS ns1.example.test.
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 IN PTR example.test.
"""

LOCAL = """
$TTL 60
@ IN SOA ns1.example.test. hostmaster.example.test. 1 7200 900 1209600 300
@ IN NS ns1.example.test.
printer IN A 192.0.2.60
"""
