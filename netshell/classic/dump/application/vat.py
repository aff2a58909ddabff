"""vat's and vt's audio, of the multicast backbone: a stream's counters."""

from __future__ import annotations

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A packet of either, told apart by bits that vat's do not have."""
    write, length = scope.enter("vat").write, scope.length
    if length < 2:
        write(f"udp/va/vat, length {length} < 2")
        return
    stamp = scope.u16(0)
    if stamp & 0xF060:
        write(f"udp/vt {length} {stamp & 0x3FF} / {stamp >> 10}")
        return
    if length < 8:
        write(f"udp/vat, length {length} < 8")
        return
    first, second = scope.u32(0), scope.u32(4)
    write(f"udp/vat {length - 8} c{first & 0xFFFF} {second}{'*' if first & 0x800000 else ''}")
    if first & 0x1F0000:
        write(f" f{first >> 16 & 0x1F}")
    if first & 0x3F000000:
        write(f" s{first >> 24 & 0x3F}")
