"""Columns to conversations: pure, no I/O."""
