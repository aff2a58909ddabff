"""``-d``: a filter's program, as assembler, as C and as numbers (bpf_dump of libpcap).

The instructions are those of the classic BPF machine: bpf(4), linux/filter.h.
"""

from __future__ import annotations

from typing import TextIO

from netshell.capture import bpf
from netshell.capture.source import Program
from netshell.classic.capturing.orders import Orders
from netshell.classic.outcome import Outcome
from netshell.packet.chunk import ETHERNET

_LOADS = {0x00: "ld", 0x08: "ldh", 0x10: "ldb"}
_ALU = {0x00: "add", 0x10: "sub", 0x20: "mul", 0x30: "div", 0x40: "or", 0x50: "and",
        0x60: "lsh", 0x70: "rsh", 0x90: "mod", 0xA0: "xor"}  # fmt: skip
_HEXADECIMAL = {0x40, 0x50, 0xA0}  # of these, numbers are bits
_JUMPS = {0x10: "jeq", 0x20: "jgt", 0x30: "jge", 0x40: "jset"}


def show(orders: Orders, out: TextIO, err: TextIO) -> Outcome:
    """Print the filter's program for the file, the interface, or Ethernet without either.

    Raises BadArgument for the filter, and what opening the file or interface may: what some
    filters ask for is known of an interface only while it is open.
    """
    link, snaplen, iface, netmask = ETHERNET, orders.snaplen, "", None
    if orders.read:
        from netshell.classic.capturing.reading import Reading

        reading = Reading(orders.read)
        reading.close()
        err.write(reading.about.heading(orders.read))
        link, snaplen, _ = reading.about
    elif orders.iface:
        from netshell.classic.capturing.online import link_of

        iface, link, netmask = link_of(orders.iface)
    else:
        err.write("Warning: assuming Ethernet\n")
    err.flush()
    try:
        program = bpf.compile(
            orders.filter, link, snaplen, iface, netmask, optimize=orders.is_optimized
        )
    except OSError as error:
        from netshell.capture.opening import explained

        raise explained(error, iface) from error
    out.write(dumped(program, orders.program))
    out.flush()
    return Outcome()


def dumped(program: Program, times: int = 1) -> str:
    """The text of a program, by how many -d were given.

    >>> print(dumped([(0x28, 0, 0, 12), (0x06, 0, 0, 0)]), end="")
    (000) ldh      [12]
    (001) ret      #0
    """
    if times > 2:
        rows = [f"{code} {jt} {jf} {k}\n" for code, jt, jf, k in program]
        return f"{len(program)}\n{''.join(rows)}"
    if times == 2:
        return "".join(f"{{ 0x{code:x}, {jt}, {jf}, 0x{k:08x} }},\n" for code, jt, jf, k in program)
    return "".join(f"{line(one, at)}\n" for at, one in enumerate(program))


def line(instruction: tuple[int, int, int, int], at: int) -> str:
    """One instruction as assembler; ``at`` is its number.

    >>> line((0x15, 0, 3, 0x800), 1)
    '(001) jeq      #0x800           jt 2\\tjf 5'
    """
    code, jt, jf, k = instruction
    operation, operand = _words(code, k, at)
    begin = f"({at:03d}) {operation:<8} "
    if code & 0x07 == 0x05 and code & 0xF0:
        return f"{begin}{operand:<16} jt {at + 1 + jt}\tjf {at + 1 + jf}"
    return begin + operand


def _words(code: int, k: int, at: int) -> tuple[str, str]:
    """The operation and what it is about."""
    kind, mode, size = code & 0x07, code & 0xE0, code & 0x18
    signed = k - (1 << 32) if k >= 1 << 31 else k
    if kind == 0x00 and size in _LOADS:
        return _load(_LOADS[size], mode, k, signed)
    if kind == 0x01:
        if code == 0xB1:
            return "ldxb", f"4*([{signed}]&0xf)"
        if mode in (0x00, 0x60, 0x80):
            return "ldx", {0x00: f"#0x{k:x}", 0x60: f"M[{signed}]", 0x80: "#pktlen"}[mode]
    if kind in (0x02, 0x03):
        return ("st", "stx")[kind - 2], f"M[{signed}]"
    if kind == 0x04:
        if code & 0xF0 == 0x80:
            return "neg", ""
        operation = _ALU.get(code & 0xF0)
        if operation is not None:
            number = f"#0x{k:x}" if code & 0xF0 in _HEXADECIMAL else f"#{signed}"
            return operation, "x" if code & 0x08 else number
    if kind == 0x05:
        if code & 0xF0 == 0:
            return "ja", str(at + 1 + signed)
        if code & 0xF0 in _JUMPS:
            return _JUMPS[code & 0xF0], "x" if code & 0x08 else f"#0x{k:x}"
    if kind == 0x06:
        return "ret", "" if code & 0x18 == 0x10 else f"#{signed}"
    if kind == 0x07:
        return ("txa" if code & 0xF8 == 0x80 else "tax"), ""
    return "unimp", f"0x{code:x}"


def _load(operation: str, mode: int, k: int, signed: int) -> tuple[str, str]:
    if mode == 0x00:
        return operation, f"#0x{k:x}"
    if mode == 0x20:
        return operation, f"[{_BESIDE[k]}]" if k in _BESIDE else f"[{signed}]"
    if mode == 0x40:
        return operation, f"[x + {signed}]"
    if mode == 0x60:
        return operation, f"M[{signed}]"
    return operation, "#pktlen"


_BESIDE = {0xFFFFF000 + 4 * place: name for place, name in enumerate((
    "proto", "type", "ifidx", "nla", "nlan", "mark", "queue", "hatype", "rxhash", "cpu", "xor_x",
    "vlan_tci", "vlanp", "poff", "random", "vlan_tpid",
))}  # fmt: skip
"""What Linux knows beside a packet (SKF_AD_ of linux/filter.h)."""
