"""A classic BPF machine (bpf(4), linux/filter.h) that runs a program over many frames at once.

Each instruction is visited once, by all the frames that reach it: the program's length decides how
long it takes, not the number of packets times that. Only libpcap's ``protochain`` jumps backwards,
from header to header; its frames pass once more for each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netshell.capture.source import Program
from netshell.errors import Unavailable
from netshell.packet.chunk import OUTGOING, UNKNOWN, Chunk

_LD, _LDX, _ST, _STX, _ALU, _JMP, _RET, _MISC = range(8)
_W, _H, _B = 0x00, 0x08, 0x10
_IMM, _ABS, _IND, _MEM, _LEN, _MSH = 0x00, 0x20, 0x40, 0x60, 0x80, 0xA0
_X = 0x08  # the operand is X, not k
_RET_A = 0x10
_TXA = 0x80
_JA = 0x05
_BACKWARDS = 1 << 31  # a jump's distance from here on is negative
_PASSES = 1 << 14  # more headers than a frame of the largest snaplen has, 8 bytes at least each

_ANCILLARY = 0xFFFFF000  # SKF_AD_OFF: below it, what the kernel knows beside the frame
_PKTTYPE = 4

Words = NDArray[np.int64]


@dataclass(slots=True)
class _Machine:
    """Registers of every frame; 32-bit values, kept in 64 bits."""

    chunk: Chunk
    a: Words
    x: Words
    memory: Words


def run(program: Program, chunk: Chunk) -> Words:
    """What the program returns for each frame: how many bytes it wants, 0 to refuse.

    A load beyond the captured bytes refuses the frame, as in the kernel. Raises Unavailable for
    an instruction that asks for what a stored frame does not have.
    """
    count = len(chunk)
    machine = _Machine(
        chunk, np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros((16, count), np.int64)
    )
    result = np.zeros(count, np.int64)
    arriving: list[list[NDArray[np.intp]]] = [[] for _ in range(len(program) + 1)]
    arriving[0].append(np.arange(count))
    for _ in range(_PASSES):
        again = _pass(program, machine, arriving, result)
        if not again:
            break
    return result


def loops(program: Program) -> bool:
    """Whether it jumps backwards, which no kernel accepts."""
    return any(code == _JA and k >= _BACKWARDS for code, _, _, k in program)


def _pass(
    program: Program, machine: _Machine, arriving: list[list[NDArray[np.intp]]], result: Words
) -> bool:
    """Run from the first instruction to the last; whether some frames jumped back."""
    again = False
    for place, (code, jt, jf, k) in enumerate(program):
        if not arriving[place]:
            continue
        rows = np.concatenate(arriving[place])
        arriving[place] = []
        if not len(rows):
            continue
        kind = code & 0x07
        if kind == _RET:
            result[rows] = machine.a[rows] if code & 0x18 == _RET_A else k
        elif kind == _JMP:
            if code & 0xF0 == 0:
                back = k >= _BACKWARDS
                arriving[place + 1 + (k - (1 << 32) if back else k)].append(rows)
                again |= back
            else:
                yes = _holds(machine, code, k, rows)
                arriving[place + 1 + jt].append(rows[yes])
                arriving[place + 1 + jf].append(rows[~yes])
        else:
            arriving[place + 1].append(_step(machine, code, k, rows))
    return again


def _step(machine: _Machine, code: int, k: int, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Carry out what is no jump; the frames that go on."""
    kind = code & 0x07
    if kind in (_LD, _LDX):
        values, inside = _loaded(machine, code, k, rows)
        rows = rows[inside]
        (machine.a if kind == _LD else machine.x)[rows] = values[inside]
    elif kind == _ST:
        machine.memory[k, rows] = machine.a[rows]
    elif kind == _STX:
        machine.memory[k, rows] = machine.x[rows]
    elif kind == _MISC:
        if code & 0xF8 == _TXA:
            machine.a[rows] = machine.x[rows]
        else:
            machine.x[rows] = machine.a[rows]
    else:
        rows = _calculated(machine, code, k, rows)
    return rows


def _loaded(
    machine: _Machine, code: int, k: int, rows: NDArray[np.intp]
) -> tuple[Words, NDArray[np.bool_]]:
    """What a load gives each frame, and whether it was within the captured bytes."""
    everywhere = np.ones(len(rows), bool)
    mode, size = code & 0xE0, code & 0x18
    if mode == _IMM:
        return np.full(len(rows), k, np.int64), everywhere
    if mode == _MEM:
        return machine.memory[k, rows], everywhere
    if mode == _LEN:
        return machine.chunk.wire_len[rows].astype(np.int64), everywhere
    if mode == _ABS and k >= _ANCILLARY:
        return _beside(machine.chunk, k - _ANCILLARY, rows), everywhere
    start = k + (machine.x[rows] if mode == _IND else np.zeros(len(rows), np.int64))
    width = 1 if mode == _MSH else {_W: 4, _H: 2, _B: 1}[size]
    inside = start + width <= machine.chunk.captured_len[rows]
    begin = np.where(inside, machine.chunk.offset[rows] + start, 0)
    values = np.zeros(len(rows), np.int64)
    for i in range(width) if inside.any() else ():
        values = values << 8 | machine.chunk.data[np.where(inside, begin + i, 0)]
    if mode == _MSH:
        values = (values & 0x0F) << 2
    return values, inside


def _beside(chunk: Chunk, which: int, rows: NDArray[np.intp]) -> Words:
    if which == _PKTTYPE:
        if (chunk.direction[rows] == UNKNOWN).any():
            raise Unavailable(
                "cannot filter by inbound or outbound",
                why="these packets do not say which way they went",
                next_step="give the filter to sniff(), or name hosts: src host 192.0.2.1",
            )
        return np.where(chunk.direction[rows] == OUTGOING, 4, 0).astype(np.int64)
    raise Unavailable(
        "cannot filter stored packets by this",
        why="only the kernel knows it, while the packet passes",
        next_step="give the filter to sniff() instead",
    )


def _holds(machine: _Machine, code: int, k: int, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    left = machine.a[rows]
    right = machine.x[rows] if code & _X else k
    match code & 0xF0:
        case 0x10:
            return np.asarray(left == right)
        case 0x20:
            return np.asarray(left > right)
        case 0x30:
            return np.asarray(left >= right)
    return np.asarray(left & right != 0)


def _calculated(machine: _Machine, code: int, k: int, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Arithmetic, modulo 2^32; dividing by nothing refuses the frame."""
    operation = code & 0xF0
    right = machine.x[rows] if code & _X else np.full(len(rows), k, np.int64)
    if operation in (0x30, 0x90):
        rows, right = rows[right != 0], right[right != 0]
    left = machine.a[rows]
    match operation:
        case 0x00:
            value = left + right
        case 0x10:
            value = left - right
        case 0x20:
            value = (left.astype(np.uint64) * right.astype(np.uint64)).astype(np.int64)
        case 0x30:
            value = left // right
        case 0x40:
            value = left | right
        case 0x50:
            value = left & right
        case 0x60:
            value = np.where(right < 32, left << np.minimum(right, 31), 0)
        case 0x70:
            value = np.where(right < 32, left >> np.minimum(right, 31), 0)
        case 0x80:
            value = -left
        case 0x90:
            value = left % right
        case _:
            value = left ^ right
    machine.a[rows] = value & 0xFFFFFFFF
    return rows
