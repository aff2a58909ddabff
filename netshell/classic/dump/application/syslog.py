"""syslog over UDP (RFC 3164): facility and severity; with -v the message."""

from __future__ import annotations

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, Truncated, named

_SEVERITIES = dict(
    enumerate(("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"))
)
# fmt: off
_FACILITIES = dict(enumerate((
    "kernel", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
    "authpriv", "ftp", "ntp", "security", "console", "cron", "local0", "local1", "local2",
    "local3", "local4", "local5", "local6", "local7",
)))
# fmt: on
_MOST_DIGITS = 3


def show(scope: Scope, settings: Settings, state: State) -> None:
    """``<priority>`` and the message."""
    scope.enter("syslog")
    if scope.u8(0) != ord("<"):
        scope.invalid()
        return
    at, priority = 1, 0
    while at <= _MOST_DIGITS and ord("0") <= scope.u8(at) <= ord("9"):
        priority = priority * 10 + scope.u8(at) - ord("0")
        at += 1
    if scope.u8(at) != ord(">"):
        scope.invalid()
        return
    at += 1
    facility, severity = priority >> 3 & 0x7F, priority & 7
    area = named(_FACILITIES, facility, "unknown (%u)")
    level = named(_SEVERITIES, severity, "unknown (%u)")
    if not settings.verbose:
        scope.write(f"SYSLOG {area}.{level}, length: {scope.length}")
        return
    scope.write(
        f"SYSLOG, length: {scope.length}"
        f"\n\tFacility {area} ({facility}), Severity {level} ({severity})\n\tMsg: "
    )
    if scope.length > at and not scope.printable(at, scope.length - at):
        raise Truncated
    if settings.verbose > 1:
        scope.unknown("\n\t", 0, scope.length)
