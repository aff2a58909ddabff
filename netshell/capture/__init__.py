"""Packets from the wire and from files, as raw bytes, append only."""

import netshell.protocols  # noqa: F401 - offers what payloads say to whatever shows packets
