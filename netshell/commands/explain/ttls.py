"""TTLs explained: where a packet likely started, and how many routers it passed."""

from __future__ import annotations

from dataclasses import replace

from netshell.commands.explain.explanation import Explanation
from netshell.errors import BadArgument

_STARTS = {
    32: "some small and old devices",
    64: "Linux, Android, macOS, iOS, BSD",
    128: "Windows",
    255: "routers, Solaris, and protocols that check for a neighbour (RFC 5082)",
}
FAR = 30
"""More routers than this between two hosts hardly occur."""


def number(number: int) -> Explanation:
    if not 0 <= number <= 255:
        raise BadArgument(
            "cannot explain",
            where=str(number) if abs(number) < 10**9 else "a number this large",
            why="a TTL is from 0 to 255",
            next_step='write flags as text, such as "0x12"',
        )
    from netshell.flow.flags import TOGETHER
    from netshell.packet.tcp import Flags

    plain = ttl(number)
    if number and Flags(number) in TOGETHER:
        also = f'As flags {number:#x} would be {Flags(number)}: explain("{number:#x}").'
        return replace(plain, lines=(*plain.lines, also))
    return plain


def ttl(ttl: int) -> Explanation:
    from netshell.packet.ip import hops

    subject, source = f"TTL {ttl}", "RFC 791 3.2, RFC 1122 3.2.1.7, RFC 8200 3 (hop limit)"
    if ttl == 0:
        line = (
            "Nothing may be sent with it, and a router discards what reaches it: damage, or forged."
        )
        return Explanation("ttl", subject, (line,), source)
    if ttl == 1:
        meant = (
            "Ends here: the next router discards it and reports ICMP time exceeded.",
            "Usually meant so: multicast for this link only, or a probe of traceroute.",
        )
        return Explanation("ttl", subject, meant, source)
    initial, passed = hops(ttl)
    who = f"Likely started at {initial} ({_STARTS[initial]})"
    if not passed:
        lines = [f"{who}: no router passed, the sender is on this link, or is this machine."]
    else:
        lines = [f"{who}: {passed} router{'s' if passed > 1 else ''} passed."]
    other = {32: 64, 64: 128, 128: 255}.get(initial, 0)
    if passed > FAR:
        sure = f"Unsure: more than {FAR} routers are rare, so the sender may start elsewhere."
    elif initial == 32:
        sure = f"Unsure: few start at 32; from {other} it would be {other - ttl} routers."
    else:
        sure = (
            "Fairly sure: common start values are far apart and paths rarely longer than "
            f"{FAR}. The sender can choose another one, and tunnels hide routers."
        )
    lines.append(sure)
    lines.append(
        "It counts the way from the sender to here; the way back may be longer or shorter."
    )
    return Explanation("ttl", subject, tuple(lines), source)
