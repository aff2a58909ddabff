"""TCP's options explained, by any name or number that they are shown with."""

from __future__ import annotations

from netshell.catalogue import source
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import sentences

NUMBERS = {
    0: "eol", 1: "nop", 2: "mss", 3: "wscale", 4: "sackOK", 5: "sack", 6: "echo", 7: "echoreply",
    8: "ts", 11: "cc", 12: "ccnew", 13: "ccecho", 19: "md5", 20: "scps", 28: "uto", 29: "ao",
    30: "mptcp", 34: "tfo", 69: "eno", 172: "accecn", 174: "accecn", 253: "exp", 254: "exp",
}  # fmt: skip
"""Options by kind, as tcpdump calls them (https://www.iana.org/assignments/tcp-parameters)."""

_ALSO = {
    "window scale": "wscale", "windowscale": "wscale", "ws": "wscale", "wsopt": "wscale",
    "sack permitted": "sackOK", "sackpermitted": "sackOK", "sackperm": "sackOK",
    "selective acknowledgement": "sack", "timestamp": "ts", "timestamps": "ts", "tsval": "ts",
    "tsecr": "ts", "ts val": "ts", "ts ecr": "ts", "ecr": "ts", "fast open": "tfo",
    "fastopen": "tfo", "tcp fast open": "tfo", "multipath tcp": "mptcp", "tcp-ao": "ao",
    "user timeout": "uto", "maximum segment size": "mss", "no operation": "nop",
    "end of options": "eol", "md5 signature": "md5", "tcp-md5": "md5", "tcp-eno": "eno",
    "maxseg": "mss", "sackok": "sackOK",
}  # fmt: skip
"""Other spellings: Scapy's, Wireshark's, the RFCs'."""


def option_name(said: str) -> str:
    """The option that is meant by a name, by "kind 19" or "19"; "" for other words."""
    words = " ".join(said.lower().replace("_", " ").split())
    if words in _ALSO:
        return _ALSO[words]
    number = words.removeprefix("kind ")
    if number.isascii() and number.isdecimal() and len(number) < 4:
        return NUMBERS.get(int(number), "")
    return next((name for name in NUMBERS.values() if name.lower() == words), "")


def option(name: str) -> Explanation:
    """An option that option_name() gave."""
    numbers = ", ".join(str(kind) for kind, each in NUMBERS.items() if each == name)
    lines = tuple(sentences(f"option.{name}", "what", "why", "act"))
    return Explanation("option", f"{name} (TCP option {numbers})", lines, source(f"option.{name}"))
