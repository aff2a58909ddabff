"""Findings explained, and their kinds by name."""

from __future__ import annotations

from netshell.commands.explain.explanation import Explanation
from netshell.flow.findings import FINDINGS
from netshell.flow.findings.finding import Finding
from netshell.flow.findings.meanings import MEANINGS


def finding(finding: Finding) -> Explanation:
    """What it is, why it is found here, and what to do."""
    general = kind(finding.kind)
    here = f"Here, packet {finding.packet} of flow {finding.flow}: {finding.text}"
    return Explanation(
        "finding", f"{finding.kind} ({finding.severity})", (here, *general.lines), general.source
    )


def kind(name: str) -> Explanation:
    """A kind of finding, by its name."""
    meaning = MEANINGS[name]
    severity = next((rule.severity for rule in FINDINGS if rule.kind == name), "")
    lines = [meaning.what, f"To do: {meaning.act}"]
    if meaning.misleads:
        lines.append(f"May mislead: {meaning.misleads}")
    subject = f"{name} ({severity})" if severity else name
    return Explanation("finding", subject, tuple(lines), meaning.source)
