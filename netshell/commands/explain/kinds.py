"""Kinds of findings explained by their names; needs no capture, and no numpy."""

from __future__ import annotations

from netshell.catalogue import source, text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import sentences
from netshell.flow.kinds import KINDS


def kind(name: str, advised: str = "") -> Explanation:
    """A kind of finding, by its name; what to do may be another one's."""
    lines = (
        *sentences(f"finding.{name}", "what"),
        *sentences(f"finding.{advised or name}", "act"),
        *sentences(f"finding.{name}", "misleads"),
    )
    subject = text("found.subject", kind=name, severity=KINDS[name])
    return Explanation("finding", subject, lines, source(f"finding.{name}"))
