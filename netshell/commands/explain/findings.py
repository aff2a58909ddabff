"""Findings explained, and their kinds by name."""

from __future__ import annotations

import numpy as np

from netshell.catalogue import text
from netshell.catalogue.said import again
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.kinds import kind
from netshell.flow.findings.evidence import into_closed
from netshell.flow.findings.finding import Finding
from netshell.flow.findings.out_of_order import is_sent_again


def finding(finding: Finding) -> Explanation:
    """What it is, why it is found here, and what to do."""
    general = kind(finding.kind, _advised(finding))
    here = text(
        "found.here",
        packet=finding.packet,
        frame=finding.packet + 1,
        flow=finding.flow,
        text=again(finding.text),
    )
    lines = (here, *_alike(finding), *general.lines)
    subject = text("found.subject", kind=finding.kind, severity=finding.severity)
    return Explanation("finding", subject, lines, general.source)


def _alike(finding: Finding) -> list[str]:
    """How many of its kind its conversation has, where that can be told."""
    alike = finding.alike
    if alike is None or len(alike) < 2:
        return []
    segments = alike.segments.of(finding.flow)
    share = f"{100 * len(alike) / len(segments):.1f}"
    values = {"count": len(alike), "segments": len(segments), "share": share}
    if alike[0] == finding:
        return [text("found.alike_first", **values)]
    return [text("found.alike", packet=alike[0].packet, **values)]


def _advised(finding: Finding) -> str:
    """The kind whose advice holds here: what was thrown away, or sent again, is not what the name
    says."""
    alike = finding.alike
    if alike is None:
        return finding.kind
    run = alike.running
    rows = np.flatnonzero(run.segments.packet == finding.packet)
    if finding.kind in ("retransmission", "out_of_order") and into_closed(run, rows).any():
        return "zero_window"
    if finding.kind == "out_of_order" and any(is_sent_again(run, int(row)) for row in rows):
        return "retransmission"
    return finding.kind
