"""Addresses as text, hop guesses and protocol names."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.packet import ip

sparse = st.lists(st.sampled_from([0, 0, 0, 1, 0xABCD, 0xFFFF]), min_size=8, max_size=8).map(
    lambda groups: b"".join(group.to_bytes(2, "big") for group in groups)
)


@given(st.one_of(sparse, st.binary(min_size=16, max_size=16)))
def test_addresses_are_written_as_the_standard_library_does(packed: bytes) -> None:
    address = ipaddress.IPv6Address(packed)
    expected = str(address) if address.ipv4_mapped is None else str(address.ipv4_mapped)
    assert ip.address_text(packed) == expected


def test_endpoints() -> None:
    six, four = bytes(15) + b"\1", bytes(10) + b"\xff\xff\x0a\0\0\1"
    assert ip.endpoint_text(six, 80) == "[::1]:80"
    assert ip.endpoint_text(four, 80) == "10.0.0.1:80"
    assert ip.endpoint_text(six, -1) == "::1"


@pytest.mark.parametrize(
    ("ttl", "initial", "passed", "text"),
    [
        (64, 64, 0, "0 hops"),
        (63, 64, 1, "1 hop"),
        (33, 64, 31, "31 hops"),
        (32, 32, 0, "0 hops"),
        (65, 128, 63, "63 hops"),
        (117, 128, 11, "11 hops"),
        (128, 128, 0, "0 hops"),
        (235, 255, 20, "20 hops"),
        (255, 255, 0, "0 hops"),
        (1, 1, 0, "0 hops"),
        (0, 0, 0, "no hop left"),
    ],
)
def test_hops_from_the_likely_start(ttl: int, initial: int, passed: int, text: str) -> None:
    hops = ip.hops(ttl)
    assert (hops.initial, hops.passed, str(hops)) == (initial, passed, text)


def test_protocol_names() -> None:
    assert [ip.protocol_name(n) for n in (6, 58, 200)] == ["TCP", "ICMPv6", "proto 200"]
