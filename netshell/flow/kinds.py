"""The kinds of findings by name, and the spellings that they are known by.

What each means stands in the catalogue (finding), its exact definition in docs/findings.rst.
"""

from __future__ import annotations

KINDS = {
    "retransmission": "note",
    "fast_retransmission": "note",
    "spurious_retransmission": "note",
    "out_of_order": "warn",
    "lost_segment": "warn",
    "ack_lost_segment": "warn",
    "duplicate_ack": "note",
    "zero_window": "warn",
    "zero_window_probe": "note",
    "zero_window_probe_ack": "note",
    "window_full": "warn",
    "window_update": "chat",
    "keep_alive": "note",
    "keep_alive_ack": "note",
    "reused_ports": "note",
    "syn_unanswered": "warn",
    "connection_refused": "warn",
    "connection_reset": "warn",
    "slow_server": "note",
    "slow_network": "note",
    "nagle_delayed_ack": "note",
    "mtu_black_hole": "warn",
    "close_wait": "warn",
    "ttl_changed": "note",
    "checksum_wrong": "error",
    "offloaded": "chat",
}
"""All of netshell.flow.findings.FINDINGS and how severe each is; numpy is not needed."""


def kind_of(text: str) -> str | None:
    """The kind that is meant: "Duplicate ACK", "tcp.analysis.duplicate_ack" and the like.

    >>> kind_of("Zero-Window"), kind_of("zerowindow"), kind_of("nothing")
    ('zero_window', 'zero_window', None)
    """
    bare = text.strip().lower().removeprefix("tcp.analysis.")
    name = "_".join(bare.replace("-", " ").replace("_", " ").split())
    for candidate in (name, name.removesuffix("s")):
        if candidate in KINDS:
            return candidate
    return _ALSO.get(name) or _JOINED.get(name.replace("_", ""))


def near(text: str) -> str | None:
    """The kind whose name is nearest to a text, if one is near enough to be meant.

    >>> near("retransmision"), near("hello")
    ('retransmission', None)
    """
    from difflib import get_close_matches

    name = "_".join(text.strip().lower().replace("-", " ").replace("_", " ").split())
    found = get_close_matches(name, KINDS, 1, 0.8)
    return found[0] if found else None


_ALSO = {
    "dup_ack": "duplicate_ack",
    "reset": "connection_reset",
    "dupack": "duplicate_ack",
    "reused_port": "reused_ports",
    "previous_segment_not_captured": "lost_segment",
    "black_hole": "mtu_black_hole",
    "nagle": "nagle_delayed_ack",
    "delayed_ack": "nagle_delayed_ack",
}
_JOINED = {name.replace("_", ""): name for name in KINDS}
