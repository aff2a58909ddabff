"""IPsec headers: authentication (RFC 4302), encryption (RFC 4303), compression (RFC 3173)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope


def show_ah(scope: Scope, settings: Settings) -> int:
    """Write an authentication header; its length."""
    scope.page.protocol = "ah"
    write = scope.write
    write("AH")
    units = scope.u8(1)
    size = (units + 2) * 4
    write("(")
    if settings.verbose:
        write(f"length={units}({size}-bytes),")
    reserved = scope.u16(2)
    if reserved:
        write(f"reserved=0x{reserved:x}[MustBeZero],")
    write(f"spi=0x{scope.u32(4):08x},")
    write(f"seq=0x{scope.u32(8):x},")
    write("icv=0x")
    write(scope.rest(12, size - 12).hex())
    scope.need(12, max(size - 12, 0))
    write("): ")
    return size


def show_esp(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write that the rest is encrypted."""
    scope.page.protocol = "esp"
    if scope.left() <= 8:
        scope.truncated()
        return
    scope.write(f"ESP(spi=0x{scope.u32(0):08x},seq=0x{scope.u32(4):x}), length {scope.length}")


def show_compressed(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write that the rest is compressed."""
    scope.page.protocol = "ipcomp"
    scope.write(f"IPComp(cpi=0x{scope.u16(2):04x})")
