"""Flows as arrays: what data frames, files and queries get, without a record for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netshell.flow.flow import KNOWN_BY
from netshell.flow.table import NEVER, FlowColumns
from netshell.packet.ip import address_text, protocol_name
from netshell.packet.tcp import flags_text
from netshell.results import Data

if TYPE_CHECKING:
    from netshell.flow.flow_rows import FlowRows


def fields(rows: FlowRows) -> dict[str, Data]:
    """The fields of :class:`Flow` as arrays; without details where only single flows have them."""
    columns, chosen = rows.columns, rows.chosen
    found = {name: getattr(columns, name)[chosen] for name in FlowColumns.__slots__}
    no_flags = (found["proto"] != 6) | (found["client_port"] < 0)

    def coded(values: NDArray[Any], text: Callable[[int], str], missing: Any = None) -> Data:
        kinds, codes = np.unique(values, return_inverse=True)
        return Data(codes.astype(np.int32), missing, [text(kind) for kind in kinds.tolist()])

    def addresses(values: NDArray[np.uint8]) -> Data:
        packed = np.ascontiguousarray(values).view("V16").ravel()
        return coded(packed, lambda value: address_text(bytes(value)))

    def apart(earlier: str, later: str) -> Data:
        missing = (found[earlier] == NEVER) | (found[later] == NEVER)
        missing |= found[later] < found[earlier]  # captured out of order: nobody knows
        return Data(np.where(missing, 0, found[later] - found[earlier]) / 1e6, missing)

    return {
        "number": Data(chosen),
        "proto": coded(found["proto"], proto_name),
        "client_address": addresses(found["client"]),
        "client_port": Data(np.maximum(found["client_port"], 0)),
        "server_address": addresses(found["server"]),
        "server_port": Data(np.maximum(found["server_port"], 0)),
        "known_by": Data(found["known_by"].astype(np.int32), texts=KNOWN_BY),
        "client_packets": Data(found["packets_out"]),
        "server_packets": Data(found["packets_back"]),
        "client_bytes": Data(found["bytes_out"]),
        "server_bytes": Data(found["bytes_back"]),
        "start": Data(found["first_ns"], is_time=True),
        "duration_s": Data((found["last_ns"] - found["first_ns"]) / 1e9),
        "client_flags": coded(found["flags_out"], flags_text, no_flags),
        "server_flags": coded(found["flags_back"], flags_text, no_flags),
        "handshake_rtt_ms": apart("syn_ns", "ack_ns"),
        "server_rtt_ms": apart("syn_ns", "syn_ack_ns"),
        "client_rtt_ms": apart("syn_ack_ns", "ack_ns"),
        **(rows.details.take(chosen) if rows.details.at_hand else {}),
    }


def proto_name(number: int) -> str:
    """What a flow's protocol is called."""
    return protocol_name(number).lower() if number >= 0 else "ip"
