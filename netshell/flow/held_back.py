"""How long receivers hold an acknowledgment back: RFC 9293 section 3.8.6.3, RFC 5681 4.2."""

from __future__ import annotations

HELD_NS = 30_000_000, 250_000_000
"""What an acknowledgment comes later by that was held back: Linux does for 40 ms at least, others
for up to 200 ms."""
