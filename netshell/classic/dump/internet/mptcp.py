"""Multipath TCP, an option of TCP (RFC 6824, RFC 8684)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_SYN, _ACK = 0x02, 0x10
_ECHO = {6: "v0-ip6", 4: "v0-ip4", 1: "v1-echo", 0: "v1"}
_VERSION4 = (8, 10, 16, 18)
_VERSION6 = (20, 22, 28, 30)


def show(after: Scope, size: int, flags: int, settings: Settings) -> bool:
    """Write the option; False where it contradicts itself.

    `after` begins behind kind and length, `size` is the option's length with both.
    """
    after.page.protocol = "mptcp"
    if size < 3:
        return False
    option = after.cut(-2, size)
    subtype = min(option.u8(2) >> 4, len(_SUBTYPES) - 1)
    name, printer = _SUBTYPES[subtype]
    option.write(f" {size} {name}")
    return printer(option, flags, settings)


def _capable(option: Scope, flags: int, settings: Settings) -> bool:
    size = option.length
    if not (size in (4, 12) and flags & _SYN) and not (
        size in (20, 22) and flags & (_SYN | _ACK) == _ACK
    ):
        return False
    version = option.u8(2) & 0x0F
    if version > 1:
        option.write(f" Unknown Version ({version})")
        return True
    option.write(f" v{version}")
    if option.u8(3) & 0x80:
        option.write(" csum")
    if size >= 12:
        option.write(f" {{0x{option.u64(4):x}")
        if size >= 20:
            option.write(f",0x{option.u64(12):x}")
        option.write("}")
    return True


def _join(option: Scope, flags: int, settings: Settings) -> bool:
    size = option.length
    if (
        not (size == 12 and flags & _SYN)
        and not (size == 16 and flags & (_SYN | _ACK) == _SYN | _ACK)
        and not (size == 24 and flags & _ACK)
    ):
        return False
    if size == 24:
        option.write(f" hmac 0x{option.octets(4, 20).hex()}")
        return True
    if option.u8(2) & 1:
        option.write(" backup")
    option.write(f" id {option.u8(3)}")
    if size == 12:
        option.write(f" token 0x{option.u32(4):x} nonce 0x{option.u32(8):x}")
    else:
        option.write(f" hmac 0x{option.u64(4):x} nonce 0x{option.u32(12):x}")
    return True


def _number(option: Scope, offset: int, wide: bool) -> int:
    """Write a number of 4 or 8 bytes; where it ends, or 0 where it does not fit."""
    end = offset + (8 if wide else 4)
    if end > option.length:
        return 0
    option.write(str(option.u64(offset) if wide else option.u32(offset)))
    return end


def _signal(option: Scope, flags: int, settings: Settings) -> bool:
    """Data sequence signal."""
    size = option.length
    if size < 4 or flags & _SYN:
        return False
    has = option.u8(3)
    if has & 0x10:
        option.write(" fin")
    offset = 4
    if has & 0x01:
        option.write(" ack ")
        offset = _number(option, offset, bool(has & 0x02))
        if not offset:
            return False
    if has & 0x04:
        option.write(" seq ")
        offset = _number(option, offset, bool(has & 0x08))
        if not offset or offset + 4 > size:
            return False
        option.write(f" subseq {option.u32(offset)}")
        if offset + 6 > size:
            return False
        option.write(f" len {option.u16(offset + 4)}")
        offset += 6
        if offset + 2 <= size:
            option.write(f" csum 0x{option.u16(offset):x}")
            offset += 2
    return offset == size


def _add_address(option: Scope, flags: int, settings: Settings) -> bool:
    size = option.length
    if size not in _VERSION4 + _VERSION6:
        return False
    option.write(f" {named(_ECHO, option.u8(2) & 0x0F, '[bad version/echo]')} id {option.u8(3)}")
    width = 4 if size in _VERSION4 else 16
    option.write(f" {settings.host(option.octets(4, width))}")
    extra = size - 4 - width
    if extra in (2, 10):
        option.write(f":{option.u16(4 + width)}")
    if extra >= 8:
        option.write(f" hmac 0x{option.u64(size - 8):x}")
    return True


def _remove_address(option: Scope, flags: int, settings: Settings) -> bool:
    if option.length < 4:
        return False
    option.write(" id")
    for offset in range(3, option.length):
        option.write(f" {option.u8(offset)}")
    return True


def _priority(option: Scope, flags: int, settings: Settings) -> bool:
    if option.length not in (3, 4):
        return False
    option.write(" backup" if option.u8(2) & 1 else " non-backup")
    if option.length == 4:
        option.write(f" id {option.u8(3)}")
    return True


def _fail(option: Scope, flags: int, settings: Settings) -> bool:
    if option.length != 12:
        return False
    option.write(f" seq {option.u64(4)}")
    return True


def _fast_close(option: Scope, flags: int, settings: Settings) -> bool:
    if option.length != 12:
        return False
    option.write(f" key 0x{option.u64(4):x}")
    return True


def _unknown(option: Scope, flags: int, settings: Settings) -> bool:
    return True


_SUBTYPES: tuple[tuple[str, Callable[[Scope, int, Settings], bool]], ...] = (
    ("capable", _capable),
    ("join", _join),
    ("dss", _signal),
    ("add-addr", _add_address),
    ("rem-addr", _remove_address),
    ("prio", _priority),
    ("fail", _fail),
    ("fast-close", _fast_close),
    ("unknown", _unknown),
)
