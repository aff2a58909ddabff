"""TTLs explained: where a packet likely started, and how many routers it passed."""

from __future__ import annotations

from dataclasses import replace

from netshell.catalogue import counted, source, text
from netshell.commands.explain.explanation import Explanation
from netshell.errors import BadArgument

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
    from netshell.packet.flags import Flags

    plain = ttl(number)
    if number and Flags(number) in TOGETHER:
        also = text("ttl.as_flags", value=f"{number:#x}", flags=Flags(number))
        return replace(plain, lines=(*plain.lines, also))
    return plain


def ttl(ttl: int) -> Explanation:
    from netshell.packet.hops import hops

    subject, where = f"TTL {ttl}", source("ttl.value")
    if ttl == 0:
        return Explanation("ttl", subject, (text("ttl.zero"),), where)
    if ttl == 1:
        return Explanation("ttl", subject, (text("ttl.one"), text("ttl.one_meant")), where)
    initial, passed = hops(ttl)
    who = text(f"ttl.starts.{initial}")
    if not passed:
        lines = [text("ttl.near", initial=initial, who=who)]
    else:
        lines = [counted("ttl.passed", passed, initial=initial, who=who)]
    other = {32: 64, 64: 128, 128: 255}.get(initial, 0)
    if passed > FAR:
        lines.append(text("ttl.unsure_far", far=FAR))
    elif initial == 32:
        lines.append(text("ttl.unsure_small", other=other, routers=other - ttl))
    else:
        lines.append(text("ttl.sure", far=FAR))
    lines.append(text("ttl.way"))
    return Explanation("ttl", subject, tuple(lines), where)


def word() -> Explanation:
    """What "TTL" means by itself: of a packet, and of a DNS record."""
    lines = (text("ttl.word.ip"), text("ttl.word.dns"))
    return Explanation("word", "TTL", lines, source("ttl.word"))
