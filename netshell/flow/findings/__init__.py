"""Findings: what is remarkable about TCP segments, each kind in a file of its own.

:data:`FINDINGS` is the list of them. :func:`find` looks for all over all segments of a capture or a
flow at once; which it is makes no difference. Kinds, precedence and meaning are those of tshark's
``tcp.analysis.*`` (docs/findings.rst has every difference).
"""

from __future__ import annotations

import numpy as np

from netshell.flow.findings import (
    ack_lost_segment,
    duplicate_ack,
    fast_retransmission,
    keep_alive,
    keep_alive_ack,
    lost_segment,
    out_of_order,
    retransmission,
    reused_ports,
    spurious_retransmission,
    window_full,
    window_update,
    zero_window,
    zero_window_probe,
    zero_window_probe_ack,
)
from netshell.flow.findings.finding import Finding, FindingRows, Findings
from netshell.flow.findings.rule import SEVERITIES, Rule
from netshell.flow.findings.running import Running
from netshell.flow.segments import Segments

__all__ = ["FINDINGS", "SEVERITIES", "Finding", "Findings", "Rule", "find"]

FINDINGS: tuple[Rule, ...] = (
    reused_ports.RULE,
    fast_retransmission.RULE,
    spurious_retransmission.RULE,
    retransmission.RULE,
    out_of_order.RULE,
    lost_segment.RULE,
    ack_lost_segment.RULE,
    duplicate_ack.RULE,
    zero_window.RULE,
    zero_window_probe.RULE,
    zero_window_probe_ack.RULE,
    window_full.RULE,
    window_update.RULE,
    keep_alive.RULE,
    keep_alive_ack.RULE,
)
"""Every kind of finding, in the order in which those of one packet are listed."""


def find(segments: Segments) -> Findings:
    """Everything remarkable about some segments, in the order of their packets; raises nothing.

    >>> find(cap.flows[0].segments)                                    # doctest: +SKIP
    """
    return Findings(rows_of(segments))


def rows_of(segments: Segments) -> FindingRows:
    """The same as arrays."""
    running = Running(segments)
    found = [running.rows(rule.find) for rule in FINDINGS]
    rule = np.repeat(np.arange(len(FINDINGS), dtype=np.int8), [len(rows) for rows in found])
    row = np.concatenate(found)
    order = np.lexsort((rule, segments.packet[row]))
    return FindingRows(FINDINGS, running, rule[order], row[order])
