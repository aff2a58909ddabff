"""The text tcpdump prints: bytes and settings in, lines out; one file a protocol."""
