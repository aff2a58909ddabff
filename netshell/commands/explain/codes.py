"""Error codes of protocols explained: by themselves, as text, and for the messages they are in."""

from __future__ import annotations

import re

from netshell.catalogue import has, source, text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import sentences

REASONS = {
    100: "Continue", 101: "Switching Protocols", 102: "Processing", 103: "Early Hints",
    104: "Upload Resumption Supported", 200: "OK", 201: "Created", 202: "Accepted",
    203: "Non-Authoritative Information", 204: "No Content", 205: "Reset Content",
    206: "Partial Content", 207: "Multi-Status", 208: "Already Reported", 226: "IM Used",
    300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other",
    304: "Not Modified", 305: "Use Proxy", 306: "(Unused)", 307: "Temporary Redirect",
    308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
    407: "Proxy Authentication Required", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
    411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large",
    414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable",
    417: "Expectation Failed", 418: "(Unused)", 421: "Misdirected Request",
    422: "Unprocessable Content", 423: "Locked", 424: "Failed Dependency", 425: "Too Early",
    426: "Upgrade Required", 428: "Precondition Required", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
    499: "Client Closed Request", 500: "Internal Server Error", 501: "Not Implemented",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    505: "HTTP Version Not Supported", 506: "Variant Also Negotiates",
    507: "Insufficient Storage", 508: "Loop Detected", 510: "Not Extended",
    511: "Network Authentication Required",
}  # fmt: skip
"""HTTP's statuses and their names: all of IANA's, and nginx's own 499.

https://www.iana.org/assignments/http-status-codes
"""

REDIS = (
    "ASK", "BUSY", "BUSYGROUP", "BUSYKEY", "CLUSTERDOWN", "CROSSSLOT", "ERR", "EXECABORT",
    "LOADING", "MASTERDOWN", "MISCONF", "MOVED", "NOAUTH", "NOGROUP", "NOPERM", "NOREPLICAS",
    "NOSCRIPT", "OOM", "READONLY", "TRYAGAIN", "UNBLOCKED", "WRONGPASS", "WRONGTYPE",
)  # fmt: skip
"""Redis's errors by their first word."""

ALERTS = (
    "access_denied", "bad_certificate", "bad_record_mac", "certificate_expired",
    "certificate_required", "certificate_revoked", "certificate_unknown", "close_notify",
    "decode_error", "decrypt_error", "handshake_failure", "illegal_parameter",
    "inappropriate_fallback", "insufficient_security", "internal_error",
    "no_application_protocol", "no_renegotiation", "protocol_version", "unexpected_message",
    "unknown_ca", "unknown_psk_identity", "unrecognized_name", "unsupported_certificate",
    "unsupported_extension", "user_canceled",
)  # fmt: skip
"""TLS's alerts (RFC 8446 section 6, RFC 5246 section 7.2)."""

_STATUS = re.compile(r"([1-5]\d\d)")
_STATE = re.compile(r"\[?([0-9a-z]{5})\]?", re.IGNORECASE)
_NUMBER = re.compile(r"([1-9]\d{3})(?:\s*\(\w+\))?")


def status(said: str) -> Explanation | None:
    """A status of HTTP, by its number; None for what is none."""
    found = _STATUS.fullmatch(said)
    return None if found is None else http(int(found[1]))


def named_status(said: str) -> int | None:
    """The status that is called so: "Not Found"; None for other words."""
    words = " ".join(said.lower().split())
    return next((code for code, name in REASONS.items() if name.lower() == words), None)


def http(status: int, reason: str = "") -> Explanation:
    """A status, by itself or by its class."""
    known = status in REASONS
    key = f"http.status.{status}" if known else f"http.class.{status // 100}"
    lines = tuple(sentences(key, "what", "act"))
    named = f"HTTP {status} {reason or REASONS.get(status, '')}".strip()
    if not lines:
        return Explanation("http", named, (text("http.line.none"),), source("http.class.2"))
    return Explanation("http", named, lines, source(key))


def state(said: str) -> Explanation | None:
    """A SQLSTATE, as text; None for what is none."""
    found = _STATE.fullmatch(said)
    return None if found is None else sqlstate(found[1])


def sqlstate(state: str) -> Explanation:
    """A SQLSTATE, by itself or by its class."""
    name = state.upper()
    lines = _first(f"sqlstate.{name}", f"sqlstate.{name[:2]}") or (text("sqlstate.line.none"),)
    return Explanation("sql", f"SQLSTATE {name}", lines, source("sqlstate.all"))


def error(said: str) -> Explanation | None:
    """An error of MySQL, by its number as text; None for what is none."""
    found = _NUMBER.fullmatch(said)
    return None if found is None else mysql(found[1])


def mysql(number: str, state: str = "") -> Explanation:
    """An error number of MySQL or MariaDB; of others, what the class of their SQLSTATE says."""
    lines = _first(f"mysql.{number}", f"sqlstate.{state[:2]}")
    if not lines:
        lines = (text("mysql.line.none"), text("explain.act", text=text("mysql.line.act")))
    named = f"MySQL error {number}" + (f" ({state})" if state else "")
    return Explanation("sql", named, lines, source("mysql.all"))


def redis(error: str) -> Explanation | None:
    """An error of Redis, by its first word."""
    word = error.strip().partition(" ")[0].upper()
    if word not in REDIS:
        return None
    return Explanation("redis", word, _first(f"redis.{word}"), source("redis.all"))


def tls(alert: str) -> Explanation | None:
    """An alert of TLS, by its name."""
    name = alert.strip().lower().replace(" ", "_").replace("-", "_")
    if name not in ALERTS:
        return None
    return Explanation("tls", name, _first(f"tls.{name}"), source("tls.all"))


def _first(*keys: str) -> tuple[str, ...]:
    """What to say by the first of some keys that there is."""
    for key in keys:
        if has(f"{key}.what"):
            return tuple(sentences(key, "what", "act"))
    return ()
