"""Packets from the wire and from files, as raw bytes, append only."""
