"""What ``netstat -s`` says of each counter: net-tools 2.10's sentences, by section and counter.

A mark stands before a sentence where it is not simply printed: ``?`` only if it counted anything,
``>`` and ``<`` a line of the histogram of ICMP messages received or sent, ``-`` never printed.
A counter that has no sentence is printed by its name if it counted anything, where the last line
left off. The sentences are those that the program prints when it is given each counter alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netshell.host.procnet import Section

_INDENT, _HISTOGRAM_INDENT = 4, 8
_HISTOGRAMS = {">": "ICMP input histogram:", "<": "ICMP output histogram:"}

_OF_OPTION = {
    "raw": ("Ip", "Icmp", "Ip6", "Icmp6"),
    "tcp": ("Tcp", "TcpExt", "Tcp6"),
    "udp": ("Udp", "Udp6"),
}
"""The sections that -w, -t and -u choose; all others are always shown."""


def sections(found: Iterable[Section], wanted: Iterable[str]) -> Iterator[str]:
    """The lines of ``netstat -s``: ``wanted`` is some of "raw", "tcp" and "udp"."""
    shown = {name for option in wanted for name in _OF_OPTION[option]}
    chosen = {name for names in _OF_OPTION.values() for name in names}
    state = ""  # the histogram that the last line belonged to
    for section in found:
        known = SENTENCES.get(section.name, {})
        if section.name in chosen:
            state = ""
            if section.name not in shown:
                continue
        yield f"{section.name}:"
        for name, count in section.counters:
            sentence = known.get(name)
            if sentence is None:
                if count:
                    yield f"{' ' * _indent(state)}{name}: {count}"
                continue
            mark = sentence[0] if sentence[0] in "?<>-" else ""
            if mark == "-":
                continue
            if mark in _HISTOGRAMS:
                if state != mark:
                    yield f"{' ' * _indent(state)}{_HISTOGRAMS[mark]}"
                state = mark
                if not count:
                    continue
            else:
                state = ""
                if mark and not count:
                    continue
            text = sentence.removeprefix(mark).format(count % 2**64)
            yield f"{' ' * _indent(state)}{text}"


def _indent(state: str) -> int:
    return _HISTOGRAM_INDENT if state else _INDENT


# fmt: off
SENTENCES: dict[str, dict[str, str]] = {
    "Ip": {
        "DefaultTTL": "-",
        "InReceives": "{} total packets received",
        "InHdrErrors": "?{} with invalid headers",
        "InAddrErrors": "?{} with invalid addresses",
        "ForwDatagrams": "{} forwarded",
        "InUnknownProtos": "?{} with unknown protocol",
        "InDiscards": "{} incoming packets discarded",
        "InDelivers": "{} incoming packets delivered",
        "OutRequests": "{} requests sent out",
        "OutDiscards": "?{} outgoing packets dropped",
        "OutNoRoutes": "?{} dropped because of missing route",
        "ReasmTimeout": "?{} fragments dropped after timeout",
        "ReasmReqds": "?{} reassemblies required",
        "ReasmOKs": "?{} packets reassembled ok",
        "ReasmFails": "?{} packet reassemblies failed",
        "FragOKs": "?{} outgoing packets fragmented ok",
        "FragFails": "?{} outgoing packets failed fragmentation",
        "FragCreates": "?{} fragments created",
    },
    "Icmp": {
        "InMsgs": "{} ICMP messages received",
        "InErrors": "{} input ICMP message failed",
        "InDestUnreachs": ">destination unreachable: {}",
        "InTimeExcds": ">timeout in transit: {}",
        "InParmProbs": ">wrong parameters: {}",
        "InSrcQuenchs": ">source quenches: {}",
        "InRedirects": ">redirects: {}",
        "InEchos": ">echo requests: {}",
        "InEchoReps": ">echo replies: {}",
        "InTimestamps": ">timestamp request: {}",
        "InTimestampReps": ">timestamp reply: {}",
        "InAddrMasks": ">address mask request: {}",
        "InAddrMaskReps": ">address mask replies: {}",
        "OutMsgs": "{} ICMP messages sent",
        "OutErrors": "{} ICMP messages failed",
        "OutDestUnreachs": "<destination unreachable: {}",
        "OutTimeExcds": "<time exceeded: {}",
        "OutParmProbs": "<wrong parameters: {}",
        "OutSrcQuenchs": "<source quench: {}",
        "OutRedirects": "<redirect: {}",
        "OutEchos": "<echo requests: {}",
        "OutEchoReps": "<echo replies: {}",
        "OutTimestamps": "<timestamp requests: {}",
        "OutTimestampReps": "<timestamp replies: {}",
        "OutAddrMasks": "<address mask requests: {}",
        "OutAddrMaskReps": "<address mask replies: {}",
    },
    "Tcp": {
        "RtoAlgorithm": "-",
        "RtoMin": "-",
        "RtoMax": "-",
        "MaxConn": "-",
        "ActiveOpens": "{} active connection openings",
        "PassiveOpens": "{} passive connection openings",
        "AttemptFails": "{} failed connection attempts",
        "EstabResets": "{} connection resets received",
        "CurrEstab": "{} connections established",
        "InSegs": "{} segments received",
        "OutSegs": "{} segments sent out",
        "RetransSegs": "{} segments retransmitted",
        "InErrs": "{} bad segments received",
        "OutRsts": "{} resets sent",
    },
    "Udp": {
        "InDatagrams": "{} packets received",
        "NoPorts": "{} packets to unknown port received",
        "InErrors": "{} packet receive errors",
        "OutDatagrams": "{} packets sent",
        "RcvbufErrors": "{} receive buffer errors",
        "SndbufErrors": "{} send buffer errors",
    },
    "TcpExt": {
        "SyncookiesSent": "?{} SYN cookies sent",
        "SyncookiesRecv": "?{} SYN cookies received",
        "SyncookiesFailed": "?{} invalid SYN cookies received",
        "EmbryonicRsts": "?{} resets received for embryonic SYN_RECV sockets",
        "PruneCalled": "?{} packets pruned from receive queue because of socket buffer overrun",
        "RcvPruned": "?{} packets pruned from receive queue",
        "OfoPruned": "?{} packets dropped from out-of-order queue because of socket buffer overrun",
        "OutOfWindowIcmps": "?{} ICMP packets dropped because they were out-of-window",
        "LockDroppedIcmps": "?{} ICMP packets dropped because socket was locked",
        "TW": "?{} TCP sockets finished time wait in fast timer",
        "TWRecycled": "?{} time wait sockets recycled by time stamp",
        "PAWSActive": "?{} active connections rejected because of time stamp",
        "PAWSEstab": "?{} packets rejected in established connections because of timestamp",
        "DelayedACKs": "?{} delayed acks sent",
        "DelayedACKLocked": "?{} delayed acks further delayed because of locked socket",
        "DelayedACKLost": "?Quick ack mode was activated {} times",
        "ListenOverflows": "?{} times the listen queue of a socket overflowed",
        "ListenDrops": "?{} SYNs to LISTEN sockets dropped",
        "TCPHPHits": "{} packet headers predicted",
        "TCPPureAcks": "?{} acknowledgments not containing data payload received",
        "TCPHPAcks": "?{} predicted acknowledgments",
        "TCPRenoRecovery": "?{} times recovered from packet loss due to fast retransmit",
        "TCPSACKReorder": "?Detected reordering {} times using SACK",
        "TCPRenoReorder": "?Detected reordering {} times using reno fast retransmit",
        "TCPTSReorder": "?Detected reordering {} times using time stamp",
        "TCPFullUndo": "?{} congestion windows fully recovered without slow start",
        "TCPPartialUndo": "?{} congestion windows partially recovered using Hoe heuristic",
        "TCPLossUndo": "?{} congestion windows recovered without slow start after partial ack",
        "TCPRenoFailures": "?{} timeouts after reno fast retransmit",
        "TCPLossFailures": "?{} timeouts in loss state",
        "TCPFastRetrans": "?{} fast retransmits",
        "TCPSlowStartRetrans": "?{} retransmits in slow start",
        "TCPRcvCollapsed": "?{} packets collapsed in receive queue due to low socket buffer",
        "TCPAbortOnData": "?{} connections reset due to unexpected data",
        "TCPAbortOnClose": "?{} connections reset due to early user close",
        "TCPAbortOnMemory": "?{} connections aborted due to memory pressure",
        "TCPAbortOnTimeout": "?{} connections aborted due to timeout",
        "TCPAbortOnLinger": "?{} connections aborted after user close in linger timeout",
        "TCPAbortFailed": "?{} times unable to send RST due to no memory",
        "TCPMemoryPressures": "?TCP ran low on memory {} times",
        "PAWSPassive": "?{} passive connections rejected because of time stamp",
        "SockMallocOOM": "?Ran {} times out of system memory during packet sending",
        "TCPAbortOnSyn": "?{} connections reset due to unexpected SYN",
        "TCPDirectCopyFromBacklog": "?{} bytes directly in process context from backlog",
        "TCPFACKReorder": "?Detected reordering {} times using FACK",
        "TCPForwardRetrans": "?{} forward retransmits",
        "TCPHPHitsToUser": "?{} packet headers predicted and directly queued to user",
        "TCPLostRetransmits": "?{} retransmits lost",
        "TCPPrequeued": "?{} packets directly queued to recvmsg prequeue",
        "TCPSchedulerFailed": "?{} times receiver scheduled too late for direct processing",
    },
    "Ip6": {
        "Ip6InReceives": "{} total packets received",
        "Ip6InHdrErrors": "?{} with invalid headers",
        "Ip6InTooBigErrors": "?{} with packets too big",
        "Ip6InNoRoutes": "?{} incoming packets with no route",
        "Ip6InAddrErrors": "?{} with invalid addresses",
        "Ip6InUnknownProtos": "?{} with unknown protocol",
        "Ip6InTruncatedPkts": "?{} with truncated packets",
        "Ip6InDiscards": "{} incoming packets discarded",
        "Ip6InDelivers": "{} incoming packets delivered",
        "Ip6OutForwDatagrams": "{} forwarded",
        "Ip6OutRequests": "{} requests sent out",
        "Ip6OutDiscards": "?{} outgoing packets dropped",
        "Ip6OutNoRoutes": "?{} dropped because of missing route",
        "Ip6ReasmTimeout": "?{} fragments dropped after timeout",
        "Ip6ReasmReqds": "?{} reassemblies required",
        "Ip6ReasmOKs": "?{} packets reassembled ok",
        "Ip6ReasmFails": "?{} packet reassemblies failed",
        "Ip6FragOKs": "?{} outgoing packets fragmented ok",
        "Ip6FragFails": "?{} outgoing packets failed fragmentation",
        "Ip6FragCreates": "?{} fragments created",
        "Ip6InMcastPkts": "?{} incoming multicast packets",
        "Ip6OutMcastPkts": "?{} outgoing multicast packets",
    },
    "Icmp6": {
        "Icmp6InMsgs": "{} ICMP messages received",
        "Icmp6InErrors": "{} input ICMP message failed",
        "Icmp6OutMsgs": "{} ICMP messages sent",
        "Icmp6InDestUnreachs": ">destination unreachable: {}",
        "Icmp6InPktTooBigs": ">packets too big: {}",
        "Icmp6InTimeExcds": ">received ICMPv6 time exceeded: {}",
        "Icmp6InParmProblems": ">parameter problem: {}",
        "Icmp6InEchos": ">echo requests: {}",
        "Icmp6InEchoReplies": ">echo replies: {}",
        "Icmp6InGroupMembQueries": ">group member queries: {}",
        "Icmp6InGroupMembResponses": ">group member responses: {}",
        "Icmp6InGroupMembReductions": ">group member reductions: {}",
        "Icmp6InRouterSolicits": ">router solicits: {}",
        "Icmp6InRouterAdvertisements": ">router advertisement: {}",
        "Icmp6InNeighborSolicits": ">neighbour solicits: {}",
        "Icmp6InNeighborAdvertisements": ">neighbour advertisement: {}",
        "Icmp6InRedirects": ">redirects: {}",
        "Icmp6OutDestUnreachs": "<destination unreachable: {}",
        "Icmp6OutPktTooBigs": "<packets too big: {}",
        "Icmp6OutTimeExcds": "<sent ICMPv6 time exceeded: {}",
        "Icmp6OutParmProblems": "<parameter problem: {}",
        "Icmp6OutEchos": "<echo requests: {}",
        "Icmp6OutEchoReplies": "<echo replies: {}",
        "Icmp6OutGroupMembQueries": "<group member queries: {}",
        "Icmp6OutGroupMembResponses": "<group member responses: {}",
        "Icmp6OutGroupMembReductions": "<group member reductions: {}",
        "Icmp6OutRouterSolicits": "<router solicits: {}",
        "Icmp6OutNeighborSolicits": "<neighbor solicits: {}",
        "Icmp6OutNeighborAdvertisements": "<neighbor advertisements: {}",
        "Icmp6OutRedirects": "<redirects: {}",
    },
    "Udp6": {
        "Udp6InDatagrams": "{} packets received",
        "Udp6NoPorts": "{} packets to unknown port received",
        "Udp6InErrors": "{} packet receive errors",
        "Udp6OutDatagrams": "{} packets sent",
    },
}
# fmt: on
