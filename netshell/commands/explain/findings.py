"""Findings explained, and their kinds by name."""

from __future__ import annotations

from netshell.commands.explain.explanation import Explanation
from netshell.flow.findings import FINDINGS
from netshell.flow.findings.finding import Finding
from netshell.flow.findings.meanings import MEANINGS


def finding(finding: Finding) -> Explanation:
    """What it is, why it is found here, and what to do."""
    general = kind(finding.kind)
    here = (
        f"Here, packet {finding.packet} (Wireshark's frame {finding.packet + 1}) of flow "
        f"{finding.flow}: {finding.text}"
    )
    lines = (here, *_alike(finding), *general.lines)
    return Explanation("finding", f"{finding.kind} ({finding.severity})", lines, general.source)


def _alike(finding: Finding) -> list[str]:
    """How many of its kind its conversation has, where that can be told."""
    alike = finding.alike
    if alike is None or len(alike) < 2:
        return []
    segments = alike.segments.of(finding.flow)
    share = f"{100 * len(alike) / len(segments):.1f}"
    first = f"; the first is packet {alike[0].packet}" if alike[0] != finding else ", and the first"
    return [
        f"It is one of {len(alike):,} of its kind among the {len(segments):,} segments of that "
        f"conversation ({share} %){first}."
    ]


def kind(name: str) -> Explanation:
    """A kind of finding, by its name."""
    meaning = MEANINGS[name]
    severity = next((rule.severity for rule in FINDINGS if rule.kind == name), "")
    lines = [meaning.what, f"To do: {meaning.act}"]
    if meaning.misleads:
        lines.append(f"May mislead: {meaning.misleads}")
    subject = f"{name} ({severity})" if severity else name
    return Explanation("finding", subject, tuple(lines), meaning.source)
