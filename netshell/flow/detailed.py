"""What flows have beyond counts, as attributes: asked for by name, worked out when asked for."""

from __future__ import annotations

from typing import Any


class Detailed:
    """What flows have beyond counts: worked out when it is asked for, None where it is not known
    or the flow is not TCP. ``client_...`` is of what the client sent or offered.

    :mod:`netshell.flow.details` says what each means, and when it misleads. All raise Unavailable
    for a flow made by hand.
    """

    __slots__ = ()

    handshake_rtt_ms: float | None

    def detail(self, name: str) -> Any:
        """One field by its name."""
        raise NotImplementedError

    @property
    def ended(self) -> str:
        """How it ended: "FIN by client", "RST by server: refused", "no answer", "still open" ...

        Empty without TCP.
        """
        return self.detail("ended") or ""

    @property
    def rtt_ms(self) -> float | None:
        """The round trip: the handshake's, else the least that data took, as far as was seen.

        Of data, both ways from where the capture was made are added; one, if only one is known.
        """
        if self.handshake_rtt_ms is not None:
            return self.handshake_rtt_ms
        ways = [self.client_data_rtt_min_ms, self.server_data_rtt_min_ms]
        known = [way for way in ways if way is not None]
        return sum(known) if known else None

    @property
    def retransmitted_packets(self) -> int | None:
        """Segments that were sent again, both ways."""
        return _both(self.client_retransmitted_packets, self.server_retransmitted_packets)

    @property
    def retransmitted_bytes(self) -> int | None:
        """Payload bytes in segments that were sent again, both ways."""
        return _both(self.client_retransmitted_bytes, self.server_retransmitted_bytes)

    @property
    def completeness(self) -> int | None:
        """Which kinds of segments were seen: SYN 1, SYN,ACK 2, ACK 4, data 8, FIN 16, RST 32."""
        value: int | None = self.detail("completeness")
        return value

    @property
    def finding_count(self) -> int | None:
        """How many findings its packets have."""
        value: int | None = self.detail("finding_count")
        return value

    @property
    def first_byte_ms(self) -> float | None:
        """From the end of what the client sent first to the first byte of the answer."""
        value: float | None = self.detail("first_byte_ms")
        return value

    @property
    def longest_wait_ms(self) -> float | None:
        """The longest time from what the client sent to the server's next byte."""
        value: float | None = self.detail("longest_wait_ms")
        return value

    @property
    def client_mss(self) -> int | None:
        """The largest segment that the client's SYN says it takes."""
        value: int | None = self.detail("client_mss")
        return value

    @property
    def server_mss(self) -> int | None:
        """The largest segment that the server's SYN says it takes."""
        value: int | None = self.detail("server_mss")
        return value

    @property
    def client_window_scale(self) -> int | None:
        """The window scale that the client's SYN offers."""
        value: int | None = self.detail("client_window_scale")
        return value

    @property
    def server_window_scale(self) -> int | None:
        """The window scale that the server's SYN offers."""
        value: int | None = self.detail("server_window_scale")
        return value

    @property
    def client_sack(self) -> bool | None:
        """Whether the client's SYN permits SACK; None if it was not seen."""
        value: bool | None = self.detail("client_sack")
        return value

    @property
    def server_sack(self) -> bool | None:
        """Whether the server's SYN permits SACK; None if it was not seen."""
        value: bool | None = self.detail("server_sack")
        return value

    @property
    def client_ttl(self) -> int | None:
        """The TTL or hop limit of the client's first segment."""
        value: int | None = self.detail("client_ttl")
        return value

    @property
    def server_ttl(self) -> int | None:
        """The TTL or hop limit of the server's first segment."""
        value: int | None = self.detail("server_ttl")
        return value

    @property
    def client_ttl_changes(self) -> int | None:
        """How often the client's TTL changed."""
        value: int | None = self.detail("client_ttl_changes")
        return value

    @property
    def server_ttl_changes(self) -> int | None:
        """How often the server's TTL changed."""
        value: int | None = self.detail("server_ttl_changes")
        return value

    @property
    def client_payload_bytes(self) -> int | None:
        """TCP payload that the client sent, repeated bytes each time."""
        value: int | None = self.detail("client_payload_bytes")
        return value

    @property
    def server_payload_bytes(self) -> int | None:
        """TCP payload that the server sent, repeated bytes each time."""
        value: int | None = self.detail("server_payload_bytes")
        return value

    @property
    def client_unique_bytes(self) -> int | None:
        """TCP payload that the client sent, each byte once."""
        value: int | None = self.detail("client_unique_bytes")
        return value

    @property
    def server_unique_bytes(self) -> int | None:
        """TCP payload that the server sent, each byte once."""
        value: int | None = self.detail("server_unique_bytes")
        return value

    @property
    def client_bytes_per_s(self) -> float | None:
        """The client's unique payload bytes a second, over the flow's duration."""
        value: float | None = self.detail("client_bytes_per_s")
        return value

    @property
    def server_bytes_per_s(self) -> float | None:
        """The server's unique payload bytes a second, over the flow's duration."""
        value: float | None = self.detail("server_bytes_per_s")
        return value

    @property
    def client_retransmitted_packets(self) -> int | None:
        """Segments that the client sent again."""
        value: int | None = self.detail("client_retransmitted_packets")
        return value

    @property
    def server_retransmitted_packets(self) -> int | None:
        """Segments that the server sent again."""
        value: int | None = self.detail("server_retransmitted_packets")
        return value

    @property
    def client_retransmitted_bytes(self) -> int | None:
        """Payload bytes in the segments that the client sent again."""
        value: int | None = self.detail("client_retransmitted_bytes")
        return value

    @property
    def server_retransmitted_bytes(self) -> int | None:
        """Payload bytes in the segments that the server sent again."""
        value: int | None = self.detail("server_retransmitted_bytes")
        return value

    @property
    def client_data_rtt_ms(self) -> float | None:
        """To the client and back, from where the capture was made: the median, for data."""
        value: float | None = self.detail("client_data_rtt_ms")
        return value

    @property
    def server_data_rtt_ms(self) -> float | None:
        """To the server and back, from where the capture was made: the median, for data."""
        value: float | None = self.detail("server_data_rtt_ms")
        return value

    @property
    def client_data_rtt_min_ms(self) -> float | None:
        """The least of these."""
        value: float | None = self.detail("client_data_rtt_min_ms")
        return value

    @property
    def server_data_rtt_min_ms(self) -> float | None:
        """The least of these."""
        value: float | None = self.detail("server_data_rtt_min_ms")
        return value

    @property
    def client_data_rtt_max_ms(self) -> float | None:
        """The greatest of these."""
        value: float | None = self.detail("client_data_rtt_max_ms")
        return value

    @property
    def server_data_rtt_max_ms(self) -> float | None:
        """The greatest of these."""
        value: float | None = self.detail("server_data_rtt_max_ms")
        return value


def _both(client: int | None, server: int | None) -> int | None:
    return None if client is None or server is None else client + server
