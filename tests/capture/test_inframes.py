"""Compressed frames: all that can be decompressed is, and what is missing is said."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest

from netshell.capture.inflate import recognised
from netshell.capture.inframes import Spoiled

DATA = np.random.default_rng(1).integers(0, 4, 600_000, np.uint8).tobytes()


def packed(name: str, data: bytes, *, checksum: bool = True) -> bytes:
    if name == "zstd":
        zstd: Any = pytest.importorskip("zstandard")
        return bytes(zstd.ZstdCompressor(write_checksum=checksum).compress(data))
    lz4: Any = pytest.importorskip("lz4.frame")
    return bytes(lz4.compress(data, content_checksum=checksum, block_size=lz4.BLOCKSIZE_MAX64KB))


def unpacked(octets: bytes) -> tuple[bytes, str]:
    """What a file gives, and why no more."""
    format = recognised(octets)
    assert format is not None
    stream = format.open(BytesIO(octets))
    found = b""
    try:
        while piece := stream.read(10_000):
            assert len(piece) <= 10_000
            found += piece
    except Spoiled as spoiled:
        return found, str(spoiled)
    return found, ""


@pytest.mark.parametrize("name", ["zstd", "lz4"])
class TestFrames:
    @pytest.mark.parametrize("checksum", [True, False])
    def test_whole(self, name: str, checksum: bool) -> None:
        for data in (b"", b"x", b"\0" * 500_000, DATA):
            assert unpacked(packed(name, data, checksum=checksum)) == (data, "")

    def test_several_with_others_between(self, name: str) -> None:
        other = (0x184D2A53).to_bytes(4, "little") + (5).to_bytes(4, "little") + b"aside"
        octets = packed(name, DATA) + other + packed(name, b"more")
        assert unpacked(octets) == (DATA + b"more", "")

    def test_every_cut_is_told(self, name: str) -> None:
        octets = packed(name, DATA)
        for cut in [*range(1, 12), 1000, len(octets) // 2, len(octets) - 10]:
            found, why = unpacked(octets[:-cut])
            assert DATA.startswith(found)
            assert why == "it ends within a frame"
        # Only the checksum misses, or a part of it.
        assert unpacked(octets[:-1])[0] == unpacked(octets[:-4])[0] == DATA

    def test_a_wrong_checksum_costs_nothing(self, name: str) -> None:
        octets = bytearray(packed(name, DATA))
        octets[-1] ^= 1
        found, why = unpacked(bytes(octets))
        assert found == DATA
        assert why

    def test_bytes_behind_cost_nothing(self, name: str) -> None:
        for extra in (b"x", bytes(16), b"some text behind"):
            assert unpacked(packed(name, DATA) + extra) == (DATA, "what follows is no frame")


def test_a_frame_without_an_end_is_not_whole() -> None:
    zstd: Any = pytest.importorskip("zstandard")
    compressor = zstd.ZstdCompressor().compressobj()
    octets = compressor.compress(DATA) + compressor.flush(zstd.COMPRESSOBJ_FLUSH_BLOCK)
    assert unpacked(octets) == (DATA, "it ends within a frame")
