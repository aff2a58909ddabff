"""What tshark's follow,tcp,raw says of the streams in a file, to compare with."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

MISSING = re.compile(rb"\[\d+ bytes missing in capture file\]\0?")
Followed = dict[str, bytes]
"""By node ("address:port"): the bytes, without what tshark says about those that lack."""


def followed(tshark: Path | str, file: Path | str, streams: int) -> list[Followed]:
    """The TCP streams 0 to ``streams`` of a file, in tshark's order: by first packet."""
    asked = [word for number in range(streams) for word in ("-z", f"follow,tcp,raw,{number}")]
    printed = subprocess.run(
        [str(tshark), "-q", "-r", str(file), *asked],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ).stdout.decode("ascii", "replace")  # fmt: skip
    found = {}
    for part in printed.split("Follow: tcp,raw\n")[1:]:
        head, *lines = part.split("\n")
        number = int(head.split("tcp.stream eq ")[1])
        nodes = [line.split(": ", 1)[1] for line in lines[:2]]
        made: list[list[bytes]] = [[], []]
        for line in lines[2:]:
            if line.startswith("==="):
                break
            made[line.startswith("\t")].append(bytes.fromhex(line.strip()))
        found[number] = {
            node: MISSING.sub(b"", b"".join(pieces))
            for node, pieces in zip(nodes, made, strict=True)
        }
    return [found[number] for number in range(streams)]
