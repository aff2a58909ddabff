"""Content codings undone: gzip, deflate, br and zstd (RFC 9110 section 8.4, RFC 8878).

Only the beginning is shown, so only that much is kept; the rest is counted, and no further than
COUNTED: a few kilobytes can be made to decode to gigabytes. Brotli and Zstandard need their
libraries (extra ``compress``); without them the reason says so.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, NamedTuple

from netshell.extras import install

KEPT = 1 << 16
COUNTED = 1 << 23
_PIECE = 1 << 16
_WINDOW = 1 << 23  # bytes that a zstd frame may have kept for it (RFC 9659)
_DEEPEST = 4  # codings one over the other


class Decoded(NamedTuple):
    """A body without its codings."""

    data: bytes  # its beginning, KEPT bytes at most
    size: int  # bytes in all, as far as they were counted
    is_whole: bool  # whether that is all of it
    reason: str = ""  # why there is no more


class _Stopped(Exception):
    """Why it is not decoded any further."""


def decode(data: bytes, codings: Iterable[str], is_whole: bool = True) -> Decoded:
    """The beginning of a body, and its size. ``codings`` are in the order they were applied;
    ``is_whole``: ``data`` is all of it. Never raises.

    >>> decode(b"abc", ["identity"])
    Decoded(data=b'abc', size=3, is_whole=True, reason='')
    """
    applied = [each for each in codings if each not in ("", "identity", "chunked")]
    if not applied:
        return Decoded(data[:KEPT], len(data), is_whole)
    if len(applied) > _DEEPEST:
        return Decoded(b"", 0, False, f"{len(applied)} codings over each other")
    stream: Iterator[bytes] = iter((data,))
    for coding in reversed(applied):
        stream = _undone(coding, stream)
    kept, size = bytearray(), 0
    try:
        for piece in stream:
            size += len(piece)
            if len(kept) < KEPT:
                kept += piece[: KEPT - len(kept)]
            if size > COUNTED:
                return Decoded(bytes(kept), size, False, f"more than {COUNTED:,} bytes")
    except _Stopped as stopped:
        reason = str(stopped) if is_whole or not size else ""
        return Decoded(bytes(kept), size, False, reason)
    return Decoded(bytes(kept), size, is_whole)


def _undone(coding: str, stream: Iterator[bytes]) -> Iterator[bytes]:
    if coding in ("gzip", "x-gzip"):
        return _inflated(stream, 31, "gzip")
    if coding == "deflate":
        return _deflated(stream)
    if coding == "br":
        return _brotli(stream)
    if coding == "zstd":
        return _zstd(stream)
    return _unknown(coding)


def _unknown(coding: str) -> Iterator[bytes]:
    yield b""
    raise _Stopped(f"the coding {coding[:40]!r} is not known")


def _inflated(stream: Iterator[bytes], window: int, name: str) -> Iterator[bytes]:
    made = zlib.decompressobj(window)
    for piece in stream:
        left = piece
        while left:
            if made.eof:  # gzip may have several members; what is no member is left out
                if window != 31 or not left.startswith(b"\x1f\x8b"):
                    return
                made = zlib.decompressobj(window)
            try:
                decoded = made.decompress(left, _PIECE)
            except zlib.error as error:
                raise _Stopped(f"damaged {name}: {error}") from error
            left = made.unconsumed_tail or made.unused_data
            if decoded:
                yield decoded
            while not made.eof and not left and len(decoded) == _PIECE:
                decoded = made.decompress(b"", _PIECE)
                yield decoded
    if not made.eof:
        raise _Stopped(f"{name} is cut")


def _deflated(stream: Iterator[bytes]) -> Iterator[bytes]:
    """With zlib's head, as the specification has it, or without, as some servers send it."""
    first = next(stream, b"")
    while len(first) < 2:
        piece = next(stream, b"")
        if not piece:
            break
        first += piece
    has_head = len(first) > 1 and first[0] & 15 == 8 and int.from_bytes(first[:2], "big") % 31 == 0
    yield from _inflated(_again(first, stream), 15 if has_head else -15, "deflate")


def _again(first: bytes, stream: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from stream


def _brotli(stream: Iterator[bytes]) -> Iterator[bytes]:
    library = _library("brotli")
    made = library.Decompressor()
    for piece in stream:
        left = piece
        while True:
            try:
                decoded = made.process(left, output_buffer_limit=_PIECE)
            except TypeError:
                raise _Stopped(
                    f"brotli before 1.2 decodes without a bound: {install('netshell[compress]')}"
                ) from None
            except library.error as error:
                raise _Stopped(f"damaged br: {error}") from error
            left = b""
            if decoded:
                yield decoded
            if made.is_finished():
                return
            if not decoded:
                break
    if not made.is_finished():
        raise _Stopped("br is cut")


class _Pulled(io.RawIOBase):
    """A stream of pieces as a file."""

    def __init__(self, stream: Iterator[bytes]) -> None:
        self._stream, self._left = stream, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = next(self._stream, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def _zstd(stream: Iterator[bytes]) -> Iterator[bytes]:
    library = _library("zstandard")
    made = library.ZstdDecompressor(max_window_size=_WINDOW)
    try:
        with made.stream_reader(_Pulled(stream), read_across_frames=True) as reader:
            while decoded := reader.read(_PIECE):
                yield decoded
    except library.ZstdError as error:
        raise _Stopped(f"damaged zstd: {error}") from error


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise _Stopped(f"{name} is not installed: {install('netshell[compress]')}") from None
