"""The fields of one block of frames while they are decoded, wide enough for "missing".

Layers write into a :class:`Draft`; :mod:`netshell.packet.table` copies it block by block into the
narrow arrays that are kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SRC_KNOWN, DST_KNOWN = 1, 2
"""Bits of ``known``: which IPv4 addresses were captured whole."""

PIECE = 64
"""A bit of ``known``: not a whole packet, but a fragment, be it the first."""


class Addresses:
    """Addresses of 16 bytes that rows refer to by number."""

    def __init__(self) -> None:
        self.count = 0
        self._pieces: list[NDArray[np.uint8]] = []

    def add(self, addresses: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """Keeps M x 16 bytes and returns their numbers."""
        start = self.count
        self.count += len(addresses)
        self._pieces.append(addresses)
        return np.arange(start, self.count, dtype=np.uint32)

    def table(self) -> NDArray[np.uint8]:
        """All of them, by number."""
        made = np.empty((self.count, 16), np.uint8)  # rows end to end, as each is read in words
        return np.concatenate(self._pieces, out=made) if self._pieces else made


class Draft:
    """N frames' fields, all missing at first; ``details`` says whether the rarer ones are wanted.

    ``src`` and ``dst`` are an IPv4 address's four bytes as they stand, or the number of an IPv6
    address in ``addresses``.
    """

    def __init__(
        self,
        links: NDArray[np.uint16],
        direction: NDArray[np.uint8],
        details: bool,
        addresses: Addresses,
    ) -> None:
        count = len(links)
        self.link = links
        self.direction = direction
        self.details = details
        self.addresses = addresses
        self.vlan = np.full(count, -1, np.int16)
        self.inner_vlan = np.full(count, -1, np.int16)
        self.ethertype = np.zeros(count, np.uint16)
        self.ip_version = np.zeros(count, np.uint8)
        self.proto = np.full(count, -1, np.int16)
        self.src = np.zeros(count, np.uint32)
        self.dst = np.zeros(count, np.uint32)
        self.known = np.zeros(count, np.uint8)
        self.sport = np.full(count, -1, np.int32)
        self.dport = np.full(count, -1, np.int32)
        self.seq = np.full(count, -1, np.int64)
        self.ack = np.full(count, -1, np.int64)
        self.tcp_flags = np.full(count, -1, np.int16)
        self.payload_offset = np.full(count, -1, np.int32)
        self.payload_len = np.full(count, -1, np.int32)
        self.tunnel = np.zeros(count, np.uint8)
        if not details:
            return
        self.ttl = np.full(count, -1, np.int16)
        self.ip_id = np.full(count, -1, np.int64)
        self.ip_len = np.zeros(count, np.uint16)
        self.fragment_offset = np.zeros(count, np.uint16)
        self.more_fragments = np.zeros(count, np.bool_)
        self.window = np.full(count, -1, np.int32)
        self.window_scale = np.full(count, -1, np.int8)
        self.data_offset = np.zeros(count, np.uint8)
        self.tunnel_id = np.full(count, -1, np.int64)
        # Of tunnelled packets 1 + the address's number in a table of outer ones (tunnel.py).
        self.outer_src = np.zeros(count, np.uint32)
        self.outer_dst = np.zeros(count, np.uint32)

    def __len__(self) -> int:
        return len(self.link)

    def inside(self, rows: NDArray[Any]) -> Draft:
        """An empty draft for what the tunnels in ``rows`` carry; it knows the VLANs around it."""
        inner = Draft(self.link[rows], self.direction[rows], self.details, self.addresses)
        inner.vlan, inner.inner_vlan = self.vlan[rows], self.inner_vlan[rows]
        return inner

    def replace(self, rows: NDArray[Any], inner: Draft, chosen: NDArray[Any]) -> None:
        """Puts fields of the chosen inner packets in the place of the outer ones'."""
        for name in INNER_DETAILS if self.details else INNER:
            getattr(self, name)[rows] = getattr(inner, name)[chosen]


INNER = (
    "vlan",
    "inner_vlan",
    "ethertype",
    "ip_version",
    "proto",
    "src",
    "dst",
    "known",
    "sport",
    "dport",
    "tcp_flags",
    "seq",
    "ack",
)
INNER_DETAILS = (
    *INNER,
    "ttl",
    "ip_id",
    "ip_len",
    "fragment_offset",
    "more_fragments",
    "window",
    "window_scale",
    "data_offset",
)
