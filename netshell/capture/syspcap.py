"""The system's libpcap through Scapy's binding, for where cypcap has no wheel (aarch64, musl)."""

from __future__ import annotations

import ctypes
import os
from typing import Any

from netshell.capture.source import Program


class Missing(Exception):
    """There is no libpcap on this machine."""


class Refused(Exception):
    """What libpcap said to the filter or the interface."""


class NotOpened(Exception):
    """The interface did not open: libpcap's error code, and its words."""


def compile(filter: str, dlt: int, snaplen: int, live: str, netmask: int) -> Program:
    """The program for frames of a DLT_, or for those of a handle on the interface ``live``.

    Raises Missing, Refused, NotOpened.
    """
    try:
        from scapy.libs import winpcapy as libpcap
    except (ImportError, OSError, AttributeError) as error:  # AttributeError: one too old
        raise Missing from error
    handle = _open(libpcap, dlt, snaplen, live)
    program = libpcap.bpf_program()
    try:
        text = filter.encode("utf-8", "surrogateescape")
        if libpcap.pcap_compile(handle, ctypes.byref(program), text, 1, netmask) != 0:
            raise Refused(_words(libpcap, handle))
        try:
            return tuple(
                (one.code, one.jt, one.jf, one.k & 0xFFFFFFFF)
                for one in program.bf_insns[: program.bf_len]
            )
        finally:
            libpcap.pcap_freecode(ctypes.byref(program))
    finally:
        libpcap.pcap_close(handle)


def _open(libpcap: Any, dlt: int, snaplen: int, live: str) -> Any:
    if not live:
        return libpcap.pcap_open_dead(dlt, snaplen)
    trouble = ctypes.create_string_buffer(256)
    handle = libpcap.pcap_create(os.fsencode(live), trouble)
    if not handle:
        raise NotOpened(-1, trouble.value.decode(errors="replace"))
    libpcap.pcap_set_snaplen(handle, snaplen)
    code = libpcap.pcap_activate(handle)
    if code < 0:
        words = _words(libpcap, handle)
        libpcap.pcap_close(handle)
        raise NotOpened(code, words)
    return handle


def _words(libpcap: Any, handle: Any) -> str:
    said = libpcap.pcap_geterr(handle)
    text: str = (bytes(said) if isinstance(said, bytes) else said.raw).decode(errors="replace")
    return text
