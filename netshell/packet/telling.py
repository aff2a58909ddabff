"""Blocks of a pcapng file that name addresses, and that hold keys of encrypted connections.

Format: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ , sections 4.5 and 4.7.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address

from netshell.packet.options import MOST_BYTES as OF_VALUE
from netshell.packet.options import encoded, octets_of
from netshell.packet.remarks import NAMES, SECRETS


def names_blocks(hosts: Mapping[str, Sequence[str]]) -> Iterator[bytes]:
    """Blocks (little endian) that name addresses."""
    records, size = [], 0
    for address, names in hosts.items():
        packed = ip_address(address).packed
        room = OF_VALUE - len(packed)
        value = b"".join(octets_of(name) + b"\0" for name in names)
        if len(value) > room:  # whole names only
            value = value[: value.rfind(b"\0", 0, room) + 1]
        if not value:
            continue
        records.append((1 if len(packed) == 4 else 2, packed + value))
        size += len(value)
        if size > _BLOCK:
            yield _sealed(NAMES, encoded(records) + bytes(4))
            records, size = [], 0
    if records:
        yield _sealed(NAMES, encoded(records) + bytes(4))


def secrets_blocks(secrets: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """Blocks (little endian) with keys."""
    for kind, keys in secrets:
        yield _sealed(SECRETS, struct.pack("<II", kind, len(keys)) + keys + bytes(-len(keys) % 4))


_BLOCK = 1 << 20  # bytes from which on there is a further block


def _sealed(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length
