"""The columns a decoded capture has: what each holds, and when it misleads.

This table is the reference; :class:`netshell.packet.table.Columns` has one array per entry, in
this order. All arrays have length N (``src`` and ``dst``: N x 16).

A value is *missing* where the frame has no such field, where the field was cut off by the
snapshot length, or where an outer header is so broken that the field's place is unknown. A header
cut in the middle keeps the fields that came whole.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One column: ``missing`` is the value that stands for "not there" (None: always there)."""

    name: str
    dtype: str
    unit: str
    missing: int | None
    meaning: str
    misleads: str = ""
    width: int = 1  # values per packet
    group: str = "detail"  # what it is decoded with: "frame", "flow" or "detail"


COLUMNS: tuple[Field, ...] = (
    Field(
        "time_ns",
        "int64",
        "ns since 1970-01-01 UTC",
        None,
        "when the capturing machine saw the frame",
        "frames of one interrupt share nearly one time; steps backwards happen when a clock is "
        "set; a file with microseconds has three zeros at the end",
        group="frame",
    ),
    Field(
        "captured_len", "uint32", "bytes", None, "bytes of the frame that were kept", group="frame"
    ),
    Field(
        "wire_len",
        "uint32",
        "bytes",
        None,
        "bytes the frame had where it was captured",
        "segmentation offload (TSO, GRO) shows one frame of up to 64 KiB and more for many on the "
        "wire (packet.offload tells); the frame check sequence is usually not counted; VLAN tags "
        "that the kernel took off may not be",
        group="frame",
    ),
    Field("iface", "uint16", "", None, "index into the capture's interface names", group="frame"),
    Field(
        "direction",
        "uint8",
        "",
        0,
        "1 received, 2 sent, by the capturing machine; cooked captures say it in their header",
        "0 for most files: Ethernet does not say",
        group="flow",
    ),
    Field(
        "link", "uint16", "", None, "LINKTYPE_ number of the frame's first header", group="frame"
    ),
    Field(
        "vlan",
        "int16",
        "",
        -1,
        "VLAN id of the outermost 802.1Q/802.1ad tag",
        "the kernel or the card may have taken the tag off before the capture; 0 is a priority "
        "tag, no VLAN",
        group="flow",
    ),
    Field("inner_vlan", "int16", "", -1, "VLAN id of the second tag (QinQ)", group="flow"),
    Field(
        "ethertype",
        "uint16",
        "",
        0,
        "what the link layer carries, behind tags, PPPoE and MPLS labels",
        "derived, not read, for raw IP, BSD loopback, MPLS and PPP; 0 for 802.2 LLC without SNAP",
        group="flow",
    ),
    Field(
        "tunnel",
        "uint8",
        "",
        0,
        "the tunnel the packet came in: 1 GRE, 2 IP in IP (4in4, 6in4, 4in6, 6in6), 3 VXLAN "
        "(netshell.packet.tunnel.NAMES). All columns from the IP header on are the inner packet's, "
        "and so is ethertype; VLAN tags in the tunnel follow on those outside",
        "0 where the inside is no IP packet (ARP in VXLAN, PPP in GRE), encrypted, in a later "
        "fragment of the tunnel's packet or cut off before its first byte: the columns are the "
        "outer packet's then; more_fragments and ttl say nothing of the outer packet; "
        "of a tunnel in a tunnel, the first is named and the second not entered; VXLAN is known "
        "by port 4789 alone",
        group="flow",
    ),
    Field(
        "tunnel_id",
        "int64",
        "",
        -1,
        "VXLAN network identifier, or GRE key",
        "NVGRE has its subnet in the key's upper 24 bits",
    ),
    Field(
        "outer_src",
        "uint8",
        "",
        0,
        "source address of the tunnel's own packet; IPv4 as ::ffff:a.b.c.d",
        "the nearest tunnel end, not the sender; all zero where tunnel is 0",
        width=16,
    ),
    Field("outer_dst", "uint8", "", 0, "destination address of the tunnel's own packet", width=16),
    Field("ip_version", "uint8", "", 0, "4 or 6", group="flow"),
    Field(
        "proto",
        "int16",
        "",
        -1,
        "IP protocol number of the payload, behind the IPv6 extension headers",
        "the number of an extension header where the walk stopped at one that is cut or repeated "
        "without end; set in later fragments too, where no such header follows",
        group="flow",
    ),
    Field(
        "src",
        "uint8",
        "",
        0,
        "source address; IPv4 as ::ffff:a.b.c.d",
        "anyone can write it; all zero both for missing and for ::, ip_version tells which",
        width=16,
        group="flow",
    ),
    Field(
        "dst",
        "uint8",
        "",
        0,
        "destination address; IPv4 as ::ffff:a.b.c.d",
        "the next hop, not the last, while an IPv6 routing header has segments left",
        width=16,
        group="flow",
    ),
    Field(
        "sport",
        "int32",
        "",
        -1,
        "source port of TCP, UDP, UDP-Lite, SCTP, DCCP",
        "missing in every fragment but the first",
        group="flow",
    ),
    Field("dport", "int32", "", -1, "destination port, as sport", group="flow"),
    Field(
        "ttl",
        "int16",
        "hops left",
        -1,
        "time to live, or IPv6 hop limit",
        "of sent packets it is the start value; the start value of others is a guess (32, 64, "
        "128, 255)",
    ),
    Field(
        "ip_id",
        "int64",
        "",
        -1,
        "IPv4 identification; IPv6: that of the fragment header",
        "many systems send 0 or random numbers where DF is set; it counts nothing then",
    ),
    Field(
        "ip_len",
        "uint16",
        "bytes",
        0,
        "the header's own length: IPv4 total length; IPv6 payload length",
        "0 in frames not segmented yet (TSO, BIG TCP) and in jumbograms",
    ),
    Field("fragment_offset", "uint16", "bytes", 0, "where this fragment's data belongs"),
    Field(
        "more_fragments",
        "bool",
        "",
        0,
        "more fragments follow",
        "the last fragment has it clear, like a whole packet: look at fragment_offset too",
    ),
    Field(
        "tcp_flags",
        "int16",
        "",
        -1,
        "TCP flags, nine bits: FIN 1 ... CWR 128, AE 256",
        group="flow",
    ),
    Field(
        "seq",
        "int64",
        "",
        -1,
        "TCP sequence number, absolute",
        "wraps at 2^32: compare with packet.seq",
        group="flow",
    ),
    Field(
        "ack",
        "int64",
        "",
        -1,
        "TCP acknowledgment number, absolute",
        "means nothing unless the ACK flag is set",
        group="flow",
    ),
    Field(
        "window",
        "int32",
        "",
        -1,
        "TCP window as written in the header",
        "to be shifted left by the scale that the sender's SYN offered (flow.baseline)",
    ),
    Field(
        "window_scale",
        "int8",
        "",
        -1,
        "the shift that a SYN offers (RFC 7323); -2: a SYN that offers none",
        "-1 too for a SYN whose options were cut off; values over 14 mean 14",
    ),
    Field(
        "data_offset",
        "uint8",
        "bytes",
        0,
        "length of the TCP header with its options",
        "under 20 in a malformed header",
    ),
    Field(
        "payload_offset",
        "int32",
        "bytes from the frame's start",
        -1,
        "where the payload of the innermost decoded header starts: behind TCP and UDP headers, "
        "at the first byte of ICMP and of what is not decoded",
        "may lie beyond captured_len",
        group="flow",
    ),
    Field(
        "payload_len",
        "int32",
        "bytes",
        -1,
        "payload on the wire by the IP and UDP headers, without Ethernet padding",
        "more than was captured where the frame is cut; up to the frame's end where the header "
        "says 0",
        group="flow",
    ),
)
