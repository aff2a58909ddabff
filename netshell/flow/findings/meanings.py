"""What each kind of finding means in plain words: what happened, what to do, what may mislead.

docs/findings.rst has the exact definitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Meaning:
    """One kind: sentences, and where the matter is specified."""

    what: str
    act: str
    misleads: str
    source: str


_MEANINGS = {
    "retransmission": Meaning(
        "A segment was sent again: it, or the acknowledgment for it, was lost, or late, or the "
        "receiver's full buffer threw it away.",
        "Few are normal. Over 1 %: look for loss on the way (Wi-Fi, a full link, a bad cable), "
        "with captures at both ends to see on which side of the way it is.",
        "A packet that was captured twice looks like one.",
        "RFC 9293 3.8.1, RFC 6298",
    ),
    "fast_retransmission": Meaning(
        "A segment was sent again at once, because repeated acknowledgments asked for it.",
        "Nothing: TCP repaired a loss in about a round trip. Many of them slow the sender down.",
        "Captured beside the receiver of a long path, it shows as a plain retransmission.",
        "RFC 5681 3.2",
    ),
    "spurious_retransmission": Meaning(
        "A segment was sent again although it had been acknowledged already.",
        "Look whether acknowledgments are lost or late on the way back; else the sender's timer "
        "was too short for this path.",
        "Where the capture was made before the acknowledgment was lost, the sender never saw it.",
        "RFC 5682, RFC 6298",
    ),
    "out_of_order": Meaning(
        "A segment came behind later ones, within a round trip: overtaken on the way, or sent "
        "again very soon. Each one's own sentence says which, where the capture shows it.",
        "Sent again: see retransmission. Overtaken: look for packets that take several ways at "
        "once, over links bundled packet by packet, or Wi-Fi.",
        "A quick retransmission of what was lost before the capture looks like one overtaken.",
        "RFC 4737, RFC 5681 3.2",
    ),
    "lost_segment": Meaning(
        "A gap: what comes before this segment is not in the capture.",
        "If the other side acknowledges it, the capture missed it: look at cap.stats for drops. "
        "Else it was lost before the capture's place, and will be sent again.",
        "A filter, or a capture of one of two ways, makes gaps too.",
        "RFC 9293 3.4",
    ),
    "ack_lost_segment": Meaning(
        "It acknowledges data that is not in the capture: the capture missed it, not the network.",
        "Look at cap.stats for drops, and whether the filter or the place sees both directions.",
        "Findings near it (gaps, retransmissions) say more of the capture than of the network.",
        "RFC 9293 3.4",
    ),
    "duplicate_ack": Meaning(
        "The same acknowledgment again: something arrived, but not what is waited for.",
        "Look at the gap or the retransmission that belongs to it; three of them ask for the "
        "segment.",
        "A window that is full, a repeated segment, or a copied packet draws them too.",
        "RFC 5681 2",
    ),
    "zero_window": Meaning(
        "The side takes nothing more: its receive buffer is full, its program reads too slowly.",
        "Look at that program and its host (CPU, disk), not at the network. conns() shows recv-q.",
        "For a few milliseconds it is usual under load; what counts is how long it lasts.",
        "RFC 9293 3.8.6, RFC 1122 4.2.2.17",
    ),
    "zero_window_probe": Meaning(
        "One byte, to learn whether the other side's window is still closed.",
        "As for zero_window: the other side's program does not read.",
        "Linux probes without data, which shows as keep_alive.",
        "RFC 9293 3.8.6.1",
    ),
    "zero_window_probe_ack": Meaning(
        "The answer to a window probe: the window is still closed.",
        "As for zero_window: the program of its sender does not read.",
        "",
        "RFC 9293 3.8.6.1",
    ),
    "window_full": Meaning(
        "The sender has used up the window that the other side offered, and must wait.",
        "If it comes often, the receiver's buffer limits the speed: window size divided by "
        "round trip time is the most that can go. Raise its buffer (tcp_rmem), or see why it "
        "reads slowly.",
        "Acknowledgments on their way may have opened the window already.",
        "RFC 9293 3.8.6, RFC 7323 2",
    ),
    "window_update": Meaning(
        "The side takes more, or less, than it said before; nothing new is acknowledged.",
        "Nothing: a program reads what had come.",
        "",
        "RFC 9293 3.8.6",
    ),
    "keep_alive": Meaning(
        "The side asks whether the other one is still there; it carries nothing new.",
        "Nothing, as long as it is answered. It also keeps firewalls from forgetting the "
        "connection.",
        "Linux probes a closed window in the same form.",
        "RFC 9293 3.8.4",
    ),
    "keep_alive_ack": Meaning(
        "The answer to a keep-alive: the connection lives.",
        "Nothing.",
        "The kernel answers, even if the program hangs.",
        "RFC 9293 3.8.4",
    ),
    "reused_ports": Meaning(
        "A new connection on the addresses and ports of an earlier one.",
        "Nothing, unless it fails: a firewall, or a TIME_WAIT on the other side, may still "
        "think of the old one. A client that opens very many connections runs out of ports.",
        "Hosts behind one NAT address and load balancers do it quickly and rightly.",
        "RFC 9293 3.4.1, RFC 6191",
    ),
    "syn_unanswered": Meaning(
        "A SYN to which nothing comes back: a firewall drops it, or the host is down or elsewhere.",
        "Check address and port, then capture at the server: does the SYN arrive? Does an "
        "answer leave? What is missing is between the two places.",
        "A capture that sees one direction only, or ends soon, has no answers either.",
        "RFC 9293 3.8.1, RFC 6298 2",
    ),
    "connection_refused": Meaning(
        "A RST answers the SYN: the host is up, and nothing listens on that port.",
        "Is the service running, and bound to this address and not to 127.0.0.1 only? conns() "
        "there lists what listens.",
        "A firewall can send such a RST; one that comes sooner than the usual round trip, or "
        "with another TTL, is not the host's.",
        "RFC 9293 3.10.7.1",
    ),
    "connection_reset": Meaning(
        "A RST ends the connection in place of FINs: what was under way, or not yet read, is lost.",
        "explain(flow.teardown) says whether the sender aborted or only answered. Look for errors "
        "and timeouts in the program's log there; many at one age point to a firewall.",
        "Some programs and browsers close so on purpose, once they have all they wanted.",
        "RFC 9293 3.5.2, RFC 1122 4.2.2.13",
    ),
    "slow_server": Meaning(
        "An answer took 200 ms or more, and most of that passed at the server, not on the way.",
        "Look at the server: its program, database, disk, and the services it waits for itself.",
        "Waiting may be meant so (long polling, a push without request), or the person's who "
        "types. A proxy counts as the server.",
        "RFC 9293 3.8.6.3 (acknowledgments)",
    ),
    "slow_network": Meaning(
        "An answer took 200 ms or more, and most of that passed on the way.",
        "Look at the round trip (distance, full queues) and at retransmissions; fewer round "
        "trips help where distance is the reason.",
        "The time of a lost answer at the server counts as network; a queue of 30 to 250 ms on "
        "the way looks like a delayed acknowledgment, and counts as the server's.",
        "RFC 6298",
    ),
    "nagle_delayed_ack": Meaning(
        "Both sides wait: one holds small data until an acknowledgment, the other holds that back.",
        "Have the program write a message in one piece (writev), or set TCP_NODELAY.",
        "A program that pauses for 40 ms by itself, just until an acknowledgment comes, looks "
        "the same.",
        "RFC 9293 3.7.4 and 3.8.6.3, RFC 896",
    ),
    "mtu_black_hole": Meaning(
        "Large segments are lost again and again, small ones arrive: something on the way "
        "cannot pass on large packets, and does not say so.",
        'Let ICMP "fragmentation needed" and "packet too big" through the firewalls, or lower '
        "the MSS (MSS clamping at the tunnel) or the MTU; ping -M do -s 1472 finds the limit.",
        "A link that damages long packets more often does the same.",
        "RFC 2923 2.1, RFC 1191, RFC 8201, RFC 4821",
    ),
    "close_wait": Meaning(
        "The other side has closed, this one's program has not: its socket stays in CLOSE_WAIT.",
        'Find the program on that host (conns(state="CLOSE_WAIT")) that does not call close(); '
        "each one costs a file descriptor, and no timeout ends it.",
        "A program may rightly work on after the other side's end (half-close) before it answers.",
        "RFC 9293 3.6, 3.3.2",
    ),
    "ttl_changed": Meaning(
        "A segment has another TTL (hop limit) than the side's others: it came another way, or "
        "something on the way sent it in the side's name.",
        "For a RST or FIN: compare with a capture at the host itself; if it did not send it, a "
        "firewall or censor did. Else ask who changed routes.",
        "Routes change, and load is shared over several; some hosts send RSTs with another TTL.",
        "RFC 791 3.2, RFC 3360",
    ),
    "checksum_wrong": Meaning(
        "Data arrived damaged, though its frame's own checksum was right: the receiver drops it.",
        "Look for faulty memory or hardware on the way: a switch, a router, a network card.",
        "Only looked at where the capture says that the packet was received; what is sent from "
        "here has no checksum yet, which is no fault.",
        "RFC 9293 3.1, RFC 1071",
    ),
    "offloaded": Meaning(
        "Larger than what was on the wire: the network card cuts such segments, or the kernel "
        "put together what came.",
        "Nothing: it saves work. To see the wire's packets, capture on another machine, or turn "
        "off tso, gso and gro (ethtool -K).",
        "Sizes, counts and times of packets are not those of the wire then.",
        "Linux Documentation/networking/segmentation-offloads",
    ),
}

MEANINGS: Mapping[str, Meaning] = MappingProxyType(_MEANINGS)
"""By kind, all of netshell.flow.findings.FINDINGS."""


def kind_of(text: str) -> str | None:
    """The kind that is meant: "Duplicate ACK", "tcp.analysis.duplicate_ack" and the like.

    >>> kind_of("Zero-Window"), kind_of("zerowindow"), kind_of("nothing")
    ('zero_window', 'zero_window', None)
    """
    bare = text.strip().lower().removeprefix("tcp.analysis.")
    name = "_".join(bare.replace("-", " ").replace("_", " ").split())
    for candidate in (name, name.removesuffix("s")):
        if candidate in _MEANINGS:
            return candidate
    return _ALSO.get(name) or _JOINED.get(name.replace("_", ""))


def near(text: str) -> str | None:
    """The kind whose name is nearest to a text, if one is near enough to be meant.

    >>> near("retransmision"), near("hello")
    ('retransmission', None)
    """
    from difflib import get_close_matches

    name = "_".join(text.strip().lower().replace("-", " ").replace("_", " ").split())
    found = get_close_matches(name, _MEANINGS, 1, 0.8)
    return found[0] if found else None


_ALSO = {
    "dup_ack": "duplicate_ack",
    "reset": "connection_reset",
    "dupack": "duplicate_ack",
    "reused_port": "reused_ports",
    "previous_segment_not_captured": "lost_segment",
    "black_hole": "mtu_black_hole",
    "nagle": "nagle_delayed_ack",
    "delayed_ack": "nagle_delayed_ack",
}
_JOINED = {name.replace("_", ""): name for name in _MEANINGS}
