"""Scapy's warnings, said through today's stderr instead of the one it found when imported.

Scapy's own handler keeps the stream of its import, which bypasses the prompt's redrawing (and a
test's capture), and colours text that may come from the wire.
"""

from __future__ import annotations

import logging
import sys

from netshell.capture import scapynames
from netshell.view import clean


class CurrentStderr(logging.Handler):
    """Writes each record as one cleaned line to whatever ``sys.stderr`` is at that time."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"scapy: {clean(record.getMessage())}\n")
        except (OSError, ValueError):
            self.handleError(record)


def replace_handlers() -> None:
    """Put ours in the place of Scapy's, before the rest of Scapy is imported and may warn."""
    import scapy.error

    scapynames.guard()
    logger = scapy.error.log_scapy
    if [type(handler) for handler in logger.handlers] != [CurrentStderr]:
        logger.handlers[:] = [CurrentStderr()]
