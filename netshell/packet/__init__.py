"""Bytes to columns: pure decoding, no I/O."""
