"""Right and wrong answers to every lesson, as somebody would type them."""

from __future__ import annotations

RIGHT: dict[str, tuple[str, ...]] = {
    "handshake": ("0", "syn ack", "established", "none", "3"),
}
WRONG: dict[str, tuple[str, ...]] = {
    "handshake": ("1", "RST", "SYN-RECEIVED", "one", "2"),
}
