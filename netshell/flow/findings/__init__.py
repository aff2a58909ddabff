"""Findings: what is remarkable about TCP segments, each kind in a file of its own.

:data:`FINDINGS` is the list of them. :func:`find` looks for all over all segments of a capture or a
flow at once; which it is makes no difference. Kinds, precedence and meaning of :data:`ANALYSIS` are
those of tshark's ``tcp.analysis.*`` (docs/findings.rst has every difference); :data:`BEYOND` are
those that it does not have.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netshell.flow.findings import (
    ack_lost_segment,
    checksum_wrong,
    close_wait,
    connection_refused,
    connection_reset,
    duplicate_ack,
    fast_retransmission,
    keep_alive,
    keep_alive_ack,
    lost_segment,
    mtu_black_hole,
    nagle_delayed_ack,
    offloaded,
    out_of_order,
    retransmission,
    reused_ports,
    slow_network,
    slow_server,
    spurious_retransmission,
    syn_unanswered,
    ttl_changed,
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

__all__ = ["ANALYSIS", "BEYOND", "FINDINGS", "SEVERITIES", "Finding", "Findings", "Rule", "find"]

ANALYSIS: tuple[Rule, ...] = (
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
"""The kinds that tshark has as ``tcp.analysis.<kind>``."""

BEYOND: tuple[Rule, ...] = (
    syn_unanswered.RULE,
    connection_refused.RULE,
    connection_reset.RULE,
    slow_server.RULE,
    slow_network.RULE,
    nagle_delayed_ack.RULE,
    mtu_black_hole.RULE,
    close_wait.RULE,
    ttl_changed.RULE,
    checksum_wrong.RULE,
    offloaded.RULE,
)
"""The kinds that it does not have."""

FINDINGS: tuple[Rule, ...] = ANALYSIS + BEYOND
"""Every kind of finding, in the order in which those of one packet are listed."""


def find(segments: Segments, rules: Sequence[Rule] = FINDINGS) -> Findings:
    """Everything remarkable about some segments, in the order of their packets; raises nothing.

    >>> find(cap.flows[0].segments)                                    # doctest: +SKIP
    """
    return Findings(rows_of(segments, rules))


def rows_of(segments: Segments, rules: Sequence[Rule] = FINDINGS) -> FindingRows:
    """The same as arrays."""
    running = Running(segments)
    found = [running.rows(rule.find) for rule in rules]
    rule = np.repeat(np.arange(len(rules), dtype=np.int8), [len(rows) for rows in found])
    row = np.concatenate(found)
    order = np.lexsort((rule, segments.packet[row]))
    return FindingRows(rules, running, rule[order], row[order])
