"""Compressed files, known by their first bytes: gzip, zstd and lz4.

``FORMATS`` is the one registry. What is decompressed comes in pieces of a bounded size, however
much a few bytes claim to become.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import IO, Any, NamedTuple, Protocol

from netshell.capture.inframes import Frames, lz4_parts, zstd_parts
from netshell.capture.inframes import Spoiled as Spoiled
from netshell.errors import Unavailable
from netshell.extras import install


class Stream(Protocol):
    """Something to read from."""

    def read(self, size: int = -1, /) -> bytes: ...


class Compression(NamedTuple):
    """A format: the bytes it begins with, and what reads it."""

    name: str
    magic: bytes
    open: Callable[[IO[bytes]], Stream]


def recognised(start: bytes) -> Compression | None:
    """The format of a file that begins so, or None."""
    return next((format for format in FORMATS if start.startswith(format.magic)), None)


class _Pieces:
    """Reads with one call of the library at a time, so that damage costs nothing read before."""

    def __init__(self, read: Callable[[int], bytes], errors: tuple[type[Exception], ...]) -> None:
        self._read, self._errors = read, errors

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._read(size)
        except self._errors as error:
            raise Spoiled(str(error).strip().rstrip(".").lower()) from error


def _gzip(file: IO[bytes]) -> Stream:
    return _Pieces(gzip.GzipFile(fileobj=file).read1, (EOFError, gzip.BadGzipFile, zlib.error))


def _zstd(file: IO[bytes]) -> Stream:
    library = _library("zstandard", "zstd")
    fresh = library.ZstdDecompressor().decompressobj
    return Frames(file, zstd_parts, _ZSTD, fresh, library.ZstdError)


def _lz4(file: IO[bytes]) -> Stream:
    library = _library("lz4.frame", "lz4")
    return Frames(file, lz4_parts, _LZ4, library.LZ4FrameDecompressor, RuntimeError)


_ZSTD = b"\x28\xb5\x2f\xfd"
_LZ4 = b"\x04\x22\x4d\x18"

FORMATS: tuple[Compression, ...] = (
    Compression("gzip", b"\x1f\x8b", _gzip),
    Compression("zstd", _ZSTD, _zstd),
    Compression("lz4", _LZ4, _lz4),
)


def _library(module: str, name: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise Unavailable(
            f"cannot read {name}",
            why=f"the library for it ({module.partition('.')[0]}) is not installed",
            next_step=install("netshell[compress]"),
        ) from error
