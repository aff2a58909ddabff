"""Rows of the flow table as records, each made when it is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from netshell.flow.arrays import proto_name
from netshell.flow.flow import KNOWN_BY, Flow
from netshell.flow.kept import DetailTable
from netshell.flow.key import Endpoint
from netshell.flow.source import Source
from netshell.flow.table import NEVER, FlowColumns
from netshell.packet.ip import address_text
from netshell.packet.tcp import Flags


class FlowRows(Sequence[Flow]):
    """Chosen rows of flow columns as records, each made when it is asked for."""

    def __init__(
        self,
        columns: FlowColumns,
        source: Source,
        chosen: NDArray[np.intp],
        details: DetailTable | None = None,
    ) -> None:
        self.columns = columns
        self.source = source
        self.chosen = chosen
        self.details = details or DetailTable(source)

    def __len__(self) -> int:
        return len(self.chosen)

    def __iter__(self) -> Iterator[Flow]:
        return map(self._flow, self.chosen.tolist())

    @overload
    def __getitem__(self, index: int) -> Flow: ...
    @overload
    def __getitem__(self, index: slice) -> FlowRows: ...
    def __getitem__(self, index: int | slice) -> Flow | FlowRows:
        if isinstance(index, slice):
            return self.taken(self.chosen[index])
        return self._flow(int(self.chosen[index]))

    def taken(self, chosen: NDArray[np.intp]) -> FlowRows:
        """The same columns, other rows of them."""
        return FlowRows(self.columns, self.source, chosen, self.details)

    def prepare(self) -> bool:
        """Work out the details of these flows together; whether they are to be had."""
        if len(self.chosen) and self.details.at_hand:
            self.details.take(self.chosen)
        return self.details.at_hand

    def _flow(self, row: int) -> Flow:
        columns = self.columns
        proto = int(columns.proto[row])
        syn, answer, ack = (
            None if value == NEVER else int(value)
            for value in (columns.syn_ns[row], columns.syn_ack_ns[row], columns.ack_ns[row])
        )
        is_tcp = proto == 6 and columns.client_port[row] >= 0
        start = int(columns.first_ns[row])
        return Flow(
            number=row,
            proto=proto_name(proto),
            client=_endpoint(columns.client[row], columns.client_port[row]),
            server=_endpoint(columns.server[row], columns.server_port[row]),
            known_by=KNOWN_BY[columns.known_by[row]],
            client_packets=int(columns.packets_out[row]),
            server_packets=int(columns.packets_back[row]),
            client_bytes=int(columns.bytes_out[row]),
            server_bytes=int(columns.bytes_back[row]),
            start_ns=start,
            duration_s=(int(columns.last_ns[row]) - start) / 1e9,
            client_flags=Flags(int(columns.flags_out[row])) if is_tcp else None,
            server_flags=Flags(int(columns.flags_back[row])) if is_tcp else None,
            handshake_rtt_ms=_apart_ms(syn, ack),
            server_rtt_ms=_apart_ms(syn, answer),
            client_rtt_ms=_apart_ms(answer, ack),
            source=self.source,
            details=self.details,
        )


def _endpoint(address: NDArray[np.uint8], port: Any) -> Endpoint:
    return Endpoint(address_text(address.tobytes()), max(int(port), 0))


def _apart_ms(earlier: int | None, later: int | None) -> float | None:
    if earlier is None or later is None or later < earlier:  # the last: captured out of order
        return None
    return (later - earlier) / 1e6
