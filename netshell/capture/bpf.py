"""Filter expressions (pcap-filter(7)) to classic BPF programs, by libpcap's own compiler.

cypcap's wheels carry libpcap; where there is no wheel, the system's libpcap is asked through
Scapy's binding. Errors are libpcap's words with the place it means.
"""

from __future__ import annotations

import errno
import functools
import re

import numpy as np
from numpy.typing import NDArray

from netshell.capture import apart, cbpf, syspcap
from netshell.capture.source import Program
from netshell.errors import BadArgument, Unavailable
from netshell.packet.chunk import ETHERNET, RAW, Chunk
from netshell.view import clean

SNAPLEN = 262_144
NETMASK_UNKNOWN = 0xFFFFFFFF
_DLTS = {RAW: 12}  # the DLT_ numbers, which compilers want, that are not the LINKTYPE_ ones
_SHOWN = 200  # characters of a filter in an error line
_LONG = 1500  # characters from which on compiling takes so long that Ctrl-C must get through
_SEARCHED = 200  # words of a filter in which the wrong one is looked for

_LIVE_WORDS = re.compile(r"(?<![\w.-])(vlan|ifindex|inbound|outbound)(?![\w.-])")
_TOKEN = re.compile(r"&&|\|\||[<>!=]=|<<|>>|[()\[\]!&|=<>+*/%^:]|-(?=\s)|[^\s()\[\]!&|=<>+*/%^]+")

# Ways in which the beginning of a correct filter may go on; with none of them, it is not one.
_ENDINGS = (
    "", "1", "1.2.3.4", "::1", "0:0:0:0:0:0", "tcp", "host 1.2.3.4", "net 1.0.0.0/8", "= 1",
    "1 = 1", "[0]", "mask 255.0.0.0", "1-2", "multicast", "type mgt", "ack", "mgt",
    "tods", "pass", "match", "proto 1", "dst 1.2.3.4", "src 1.2.3.4",
)  # fmt: skip


def compile(
    filter: str,
    link: int,
    snaplen: int = SNAPLEN,
    iface: str = "",
    netmask: int | None = None,
    *,
    optimize: bool = True,
) -> Program:
    """The program for a filter over frames of a LINKTYPE_; an empty filter takes every frame.

    With ``iface``, the program is for the kernel's socket filter on that interface, where VLAN
    tags are beside the frame and not in it. Needs the permission to capture then, if the filter
    asks for what only a live handle knows. ``netmask`` is what "ip broadcast" is judged by.

    Of hundreds of hosts, ``optimize`` takes seconds (100: half a second, 300: fifteen). The kernel
    cannot do without: it takes 4,096 instructions, which are 130 hosts as they are written, and a
    thousand when they are optimized. Networks ("net 10.1.0.0/16") are as good as one host.

    >>> len(compile("tcp port 80", 1))
    20

    Raises BadArgument with libpcap's words and the place, Unavailable without any libpcap, OSError
    if the live handle does not open.
    """
    if not filter.strip():
        return ((0x06, 0, 0, snaplen),)
    if "\0" in filter:
        raise BadArgument(f"filter {filter!r}", why="it has a NUL character in it")
    live = iface if iface and _LIVE_WORDS.search(filter) else ""
    try:
        return _compile(filter, link, snaplen, live, netmask, optimize)
    except CompileError as error:
        raise _explained(filter, error.words, link) from None


def cooked(program: Program) -> Program:
    """A program for frames with an SLL header, for a socket that gives them without it.

    Such a socket (SOCK_DGRAM, packet(7)) begins at the network layer; of the header, the kernel
    knows the packet's type and protocol. Raises BadArgument for what it does not know.
    """
    return tuple((code, jt, jf, _without_header(code, k)) for code, jt, jf, k in program)


def _without_header(code: int, k: int) -> int:
    is_load = code & 0x07 in (0, 1) and code & 0xE0 in (0x20, 0x40, 0xA0)
    if not is_load or k >= _BESIDE:
        return k
    if k >= _SLL_BYTES:
        return k - _SLL_BYTES
    if k in _SLL_KNOWN and code & 0xE0 == 0x20:
        return _BESIDE + _SLL_KNOWN[k]
    raise BadArgument(
        "cannot filter by the link header",
        why="this interface has none",
        next_step="filter by network addresses and ports",
    )


_BESIDE = 0xFFFFF000  # SKF_AD_OFF, linux/filter.h
_SLL_BYTES = 16
_SLL_KNOWN = {0: 4, 14: 0}  # packet type: SKF_AD_PKTTYPE; protocol: SKF_AD_PROTOCOL


def matches(filter: str, chunk: Chunk) -> NDArray[np.bool_]:
    """Which frames of a chunk the filter takes: one bool each.

    Raises BadArgument with libpcap's words, Unavailable without any libpcap.
    """
    taken = np.zeros(len(chunk), bool)
    for link in np.unique(chunk.link).tolist() or [ETHERNET]:
        rows = np.flatnonzero(chunk.link == link)
        # Unlike the kernel, we take a program of any length: optimizing a long one costs more.
        program = compile(filter, link, optimize=len(filter) <= _LONG)
        taken[rows] = cbpf.run(program, chunk[rows]) > 0
    return taken


class CompileError(Exception):
    """What libpcap said to a filter."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def _compile(
    filter: str,
    link: int,
    snaplen: int,
    live: str,
    netmask: int | None = None,
    optimize: bool = True,
) -> Program:
    mask = NETMASK_UNKNOWN if netmask is None else netmask
    # A live handle's answer depends on its interface of this moment.
    how = _compile_now if live else _compile_once
    return how(filter, link, snaplen, live, mask, optimize)


def _compile_now(
    filter: str, link: int, snaplen: int, live: str, mask: int, optimize: bool = True
) -> Program:
    try:
        import cypcap

        live.encode()  # cypcap takes no other name of an interface
    except (ImportError, UnicodeEncodeError):
        return _compile_by_system(filter, link, snaplen, live, mask)
    try:
        if live:
            handle = cypcap.create(live)
            try:
                handle.set_pre_config(snaplen=snaplen, buffer_size=1 << 16)
                try:
                    handle.activate()
                except cypcap.Error as error:
                    raise as_oserror(error) from error
                return tuple(handle.compile(filter, optimize=optimize, netmask=mask))
            finally:
                handle.close()
        dlt = _DLTS.get(link, link)
        if len(filter) > _LONG:
            return apart.compile(filter, dlt, snaplen, mask, optimize)
        with cypcap.open_dead(dlt, snaplen) as handle:
            return tuple(handle.compile(filter, optimize=optimize, netmask=mask))
    except apart.Refused as error:
        raise CompileError(str(error)) from None
    except cypcap.Error as error:
        raise CompileError(str(error.args[-1])) from None
    except UnicodeEncodeError:
        raise CompileError("it has characters that are no text") from None


# The same filter is asked for again: to say what is wrong, for each interface and each stretch.
_compile_once = functools.lru_cache(maxsize=256)(_compile_now)


def _compile_by_system(filter: str, link: int, snaplen: int, live: str, mask: int) -> Program:
    try:
        return syspcap.compile(filter, _DLTS.get(link, link), snaplen, live, mask)
    except syspcap.Missing:
        raise Unavailable(
            "cannot compile the filter",
            where=repr(filter),
            why="neither cypcap nor the system's libpcap is here",
            next_step="install libpcap (Debian: apt install libpcap0.8), or capture without filter",
        ) from None
    except syspcap.NotOpened as error:
        raise as_oserror(error) from error
    except syspcap.Refused as error:
        raise CompileError(str(error)) from None


_ERRORS = {-4: errno.EBUSY, -5: errno.ENODEV, -8: errno.EPERM, -9: errno.ENETDOWN, -11: errno.EPERM}


def as_oserror(error: Exception) -> OSError:
    """libpcap's refusal to open something (its PCAP_ERROR_ code, its words) as the system's."""
    code, words = int(error.args[0]), str(error.args[-1])
    return OSError(_ERRORS.get(code, errno.EIO), words)


def _explained(filter: str, words: str, link: int) -> BadArgument:
    """libpcap's words, and the place they are about where the words do not name it already."""
    bare = words.removeprefix("can't parse filter expression: ")
    shown = clean(filter if len(filter) <= _SHOWN else f"{filter[: _SHOWN - 1]}…")
    if not bare.startswith("syntax error"):
        return BadArgument(f'filter "{shown}"', why=clean(bare))
    if len(_TOKEN.findall(filter)) > _SEARCHED:
        return BadArgument(f'filter "{shown}"', why="syntax error")
    culprit = _culprit(filter, link)
    place = "at its end"
    if culprit:
        word = culprit.group()
        place = f'at "{clean(word)}"'
        if filter.count(word) > 1:
            place += f" (character {culprit.start() + 1})"
    return BadArgument(f'filter "{shown}"', why=f"syntax error {place}")


def _culprit(filter: str, link: int) -> re.Match[str] | None:
    """The first word that no correct filter has there; None if the filter only ends too soon.

    libpcap does not say where it stumbled, so its compiler is asked about growing beginnings.
    """
    written = ""
    at = 0
    words: list[str] = []
    for found in _TOKEN.finditer(filter):
        word = found.group()
        words.append(word)
        written += filter[at : found.start()] + _without_lookup(words)
        at = found.end()
        if not _can_go_on(written, words, link):
            return found
    return None


def _without_lookup(words: list[str]) -> str:
    """A word as it is, but an address for a host name, so that nobody waits for DNS again."""
    word = words[-1]
    before = words[-2] if len(words) > 1 else ""
    is_name = re.fullmatch(r"[A-Za-z_][\w-]*(\.[\w-]+)+\.?", word)
    is_host = before == "host" and re.fullmatch(r"[A-Za-z_][\w-]*", word)
    return "1.2.3.4" if is_name or is_host else word


def _can_go_on(written: str, words: list[str], link: int) -> bool:
    closing = ""
    for word in words:  # what is open, to be closed in its order
        if word in ("(", "["):
            closing = (")" if word == "(" else "]") + closing
        elif word in (")", "]"):
            closing = closing[1:]
    return any(
        _is_correct(f"{written} {ending} {closing} {rest}", link)
        for rest in ("", "= 1")
        for ending in _ENDINGS
    )


def _is_correct(text: str, link: int) -> bool:
    try:
        _compile(text, link, SNAPLEN, "")
    except CompileError as error:
        # What can match nothing, or asks for another link type, is written correctly all the same.
        return "syntax error" not in error.words
    return True
