"""The flow table as it is read: one row a flow, a column of each thing that is counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BY_SYN, BY_SYN_ACK, BY_PORT, BY_FIRST = range(4)
"""How the client is known: it sent a SYN; it was sent a SYN,ACK; the other port is a service's;
it sent the first packet seen."""

NEVER = np.iinfo(np.int64).min
"""The time of what was not seen."""


@dataclass(slots=True, eq=False)
class FlowColumns:
    """N flows as arrays, in the order of their first packets; times are ns, -2^63 if not seen.

    ``out`` is what the client sent, ``back`` what the server sent. ``end`` is the number of the
    first packet of the next flow on the same ports, -1 without one.
    """

    client: NDArray[np.uint8]  # N x 16, IPv4 as ::ffff:a.b.c.d
    client_port: NDArray[np.int32]  # -1: none
    server: NDArray[np.uint8]
    server_port: NDArray[np.int32]
    ip_version: NDArray[np.uint8]
    proto: NDArray[np.int16]  # IP protocol number, -1 where it was cut off
    known_by: NDArray[np.int8]  # BY_SYN ...
    packets_out: NDArray[np.int64]
    packets_back: NDArray[np.int64]
    bytes_out: NDArray[np.int64]  # of frames, on the wire
    bytes_back: NDArray[np.int64]
    first_ns: NDArray[np.int64]
    last_ns: NDArray[np.int64]
    flags_out: NDArray[np.int16]  # TCP flags seen, together
    flags_back: NDArray[np.int16]
    syn_ns: NDArray[np.int64]
    syn_ack_ns: NDArray[np.int64]
    ack_ns: NDArray[np.int64]
    first: NDArray[np.int64]
    end: NDArray[np.int64]
    client_side: NDArray[np.int8]  # the side that is the client, as observers get sides
    base_out: NDArray[np.int64]  # the sequence number that counts as 0, -1 unknown
    base_back: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first)

    @property
    def packets(self) -> NDArray[np.int64]:
        """Both ways."""
        return self.packets_out + self.packets_back
