"""What IEEE 802.1 and 802.3 add to LLDP: VLANs, link aggregation, speeds, power.

The fields of data center bridging are named and dumped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.text import bits

if TYPE_CHECKING:
    from netshell.classic.dump.text import Scope

BRIDGING, ETHERNET = 0x0080C2, 0x00120F
_BRIDGING_KINDS = {
    1: "Port VLAN Id",
    2: "Port and Protocol VLAN ID",
    3: "VLAN name",
    4: "Protocol Identity",
    7: "Link aggregation",
    8: "Congestion Notification",
    9: "ETS Configuration",
    10: "ETS Recommendation",
    11: "Priority Flow Control Configuration",
    12: "Application Priority",
    13: "EVB",
    14: "CDCP",
}
_ETHERNET_KINDS = {
    1: "MAC/PHY configuration/status",
    2: "Power via MDI",
    3: "Link aggregation",
    4: "Max frame size",
}
_NEGOTIATIONS = {
    1: "supported",
    2: "enabled",
}
_CAPABILITIES = {
    0x4000: "10BASE-T hdx",
    0x2000: "10BASE-T fdx",
    0x1000: "100BASE-T4",
    0x0800: "100BASE-TX hdx",
    0x0400: "100BASE-TX fdx",
    0x0200: "100BASE-T2 hdx",
    0x0100: "100BASE-T2 fdx",
    0x0080: "Pause for fdx links",
    0x0040: "Asym PAUSE for fdx",
    0x0020: "Sym PAUSE for fdx",
    0x0010: "Asym and Sym PAUSE for fdx",
    0x0008: "1000BASE-{X LX SX CX} hdx",
    0x0004: "1000BASE-{X LX SX CX} fdx",
    0x0002: "1000BASE-T hdx",
    0x0001: "1000BASE-T fdx",
}
_MEDIA = {
    0: "Unknown",
    1: "AUI",
    2: "10BASE_5",
    3: "FOIRL",
    4: "10BASE2",
    5: "10BASET duplex mode unknown",
    6: "10BASEFP",
    7: "10BASEFB",
    8: "10BASEFL duplex mode unknown",
    9: "10BROAD36",
    10: "10BASET hdx",
    11: "10BASET fdx",
    12: "10BASEFL hdx",
    13: "10BASEFL fdx",
    14: "100BASET4",
    15: "100BASETX hdx",
    16: "100BASETX fdx",
    17: "100BASEFX hdx",
    18: "100BASEFX fdx",
    19: "100BASET2 hdx",
    20: "100BASET2 fdx",
    21: "1000BASEX hdx",
    22: "1000BASEX fdx",
    23: "1000BASELX hdx",
    24: "1000BASELX fdx",
    25: "1000BASESX hdx",
    26: "1000BASESX fdx",
    27: "1000BASECX hdx",
    28: "1000BASECX fdx",
    29: "1000BASET hdx",
    30: "1000BASET fdx",
    31: "10GBASEX",
    32: "10GBASELX4",
    33: "10GBASER",
    34: "10GBASEER",
    35: "10GBASELR",
    36: "10GBASESR",
    37: "10GBASEW",
    38: "10GBASEEW",
    39: "10GBASELW",
    40: "10GBASESW",
}
_AGGREGATIONS = {1: "supported", 2: "enabled"}
_PROTOCOL_VLANS = {2: "supported", 4: "enabled"}
_POWERS = {1: "PSE", 2: "supported", 4: "enabled", 8: "can be controlled"}
_PAIRS = {1: "signal", 2: "spare"}


def show(field: Scope, vendor: int) -> bool:
    """Write a field behind its vendor; False where its bytes are to be dumped."""
    if field.length < 4:
        return True
    kind = field.u8(3)
    kinds = _BRIDGING_KINDS if vendor == BRIDGING else _ETHERNET_KINDS
    field.write(f"\n\t  {kinds.get(kind, 'unknown')} Subtype ({kind})")
    if kind not in kinds:
        return False
    return _bridging(field, kind) if vendor == BRIDGING else _ethernet(field, kind)


def _aggregation(field: Scope) -> None:
    if field.length >= 9:
        status = bits(_AGGREGATIONS, field.u8(4), "none")
        number = field.u32(5)
        field.write(f"\n\t    aggregation status [{status}], aggregation port ID {number}")


def _bridging(field: Scope, kind: int) -> bool:
    write, length = field.write, field.length
    if kind == 1:
        if length >= 6:
            write(f"\n\t    port vlan id (PVID): {field.u16(4)}")
    elif kind == 2:
        if length >= 7:
            flags = field.u8(4)
            write(f"\n\t    port and protocol vlan id (PPVID): {field.u16(5)}")
            write(f", flags [{bits(_PROTOCOL_VLANS, flags, 'none')}] (0x{flags:02x})")
    elif kind == 3:
        if length >= 6:
            write(f"\n\t    vlan id (VID): {field.u16(4)}")
        if length >= 7 and length >= 7 + field.u8(6):
            write("\n\t    vlan name: ")
            field.string(7, field.u8(6))
    elif kind == 4:
        if length >= 5 and length >= 5 + field.u8(4):
            write("\n\t    protocol identity: ")
            field.string(5, field.u8(4))
    elif kind == 7:
        _aggregation(field)
    else:
        return False
    return True


def _ethernet(field: Scope, kind: int) -> bool:
    write, length = field.write, field.length
    if kind == 1 and length >= 9:
        flags, able, media = field.u8(4), field.u16(5), field.u16(7)
        write(f"\n\t    autonegotiation [{bits(_NEGOTIATIONS, flags, 'none')}] (0x{flags:02x})")
        names = bits(_CAPABILITIES, able, "unknown")
        write(f"\n\t    PMD autoneg capability [{names}] (0x{able:04x})")
        write(f"\n\t    MAU type {_MEDIA.get(media, 'unknown')} (0x{media:04x})")
    elif kind == 2 and length >= 7:
        power, pair, level = field.u8(4), field.u8(5), field.u8(6)
        write(f"\n\t    MDI power support [{bits(_POWERS, power, 'none')}]")
        write(f", power pair {_PAIRS.get(pair, 'unknown')}")
        write(f", power class {f'class{level - 1}' if 1 <= level <= 5 else 'unknown'}")
    elif kind == 3:
        _aggregation(field)
    elif kind == 4 and length >= 6:
        write(f"\n\t    MTU size {field.u16(4)}")
    return True
