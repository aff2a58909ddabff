"""What tshark finds in a capture file, beside what we do."""

from __future__ import annotations

import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from netshell.capture.file import read
from netshell.flow.findings import ANALYSIS

KINDS = tuple(rule.kind for rule in ANALYSIS)


@dataclass
class Comparison:
    """Both tools' findings, packet by packet."""

    segments: int = 0
    agreed: int = 0
    both: Counter[str] = field(default_factory=Counter)
    only_tshark: Counter[str] = field(default_factory=Counter)
    only_ours: Counter[str] = field(default_factory=Counter)
    differences: list[tuple[int, set[str], set[str]]] = field(default_factory=list)

    @property
    def agreement(self) -> float:
        """The share of segments for which both say the same kinds, none included."""
        return self.agreed / max(self.segments, 1)

    def recall(self, kind: str) -> float:
        """The share of tshark's findings of a kind that we have."""
        return self.both[kind] / max(self.both[kind] + self.only_tshark[kind], 1)

    def precision(self, kind: str) -> float:
        """The share of our findings of a kind that tshark has."""
        return self.both[kind] / max(self.both[kind] + self.only_ours[kind], 1)

    def __str__(self) -> str:
        first = "\n".join(
            f"packet {packet}: tshark {sorted(theirs)}, here {sorted(ours)}"
            for packet, theirs, ours in self.differences[:20]
        )
        return f"{self.agreed} of {self.segments} segments agree\n{first}"


def tshark_finds(tshark: Path, path: Path) -> list[set[str] | None]:
    """The kinds of each packet's findings; None for what is no TCP segment."""
    fields = [part for kind in KINDS for part in ("-e", f"tcp.analysis.{kind}")]
    out = subprocess.run(
        [tshark, "-r", path, "-T", "fields", *fields, "-e", "tcp.stream"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found: list[set[str] | None] = []
    for line in out.split("\n")[:-1]:
        *marks, stream = line.split("\t")
        kinds = {kind for kind, mark in zip(KINDS, marks, strict=True) if mark}
        found.append(kinds if stream else None)
    return found


def compare(tshark: Path, path: Path) -> Comparison:
    """Findings of a file, packet by packet."""
    ours: dict[int, set[str]] = {}
    for finding in read(path, "").findings:
        if finding.kind in KINDS:
            ours.setdefault(finding.packet, set()).add(finding.kind)
    made = Comparison()
    for packet, theirs in enumerate(tshark_finds(tshark, path)):
        mine = ours.get(packet, set())
        if theirs is None:
            assert not mine
            continue
        made.segments += 1
        made.agreed += theirs == mine
        made.both.update(theirs & mine)
        made.only_tshark.update(theirs - mine)
        made.only_ours.update(mine - theirs)
        if theirs != mine:
            made.differences.append((packet, theirs, mine))
    return made
