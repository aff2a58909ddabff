"""The attributes of RADIUS by their numbers: what tcpdump 4.99 calls them and how it writes them.

IANA's RADIUS types; RFC 2865, 2866, 2867, 2868, 2869, 3162, 3580, 4372, 4675, 5090, 5580, 6519.
"""

from __future__ import annotations

from collections.abc import Sequence

# fmt: off
_SERVICES = (
    "", "Login", "Framed", "Callback Login", "Callback Framed", "Outbound", "Administrative",
    "NAS Prompt", "Authenticate Only", "Callback NAS Prompt", "Call Check",
    "Callback Administrative", "Voice", "Fax", "Modem Relay", "IAPP-Register", "IAPP-AP-Check",
    "Authorize Only", "Framed-Management", "Additional-Authorization",
)
_FRAMINGS = (
    "", "PPP", "SLIP", "ARAP", "Gandalf proprietary", "Xylogics IPX/SLIP", "X.75 Synchronous",
    "GPRS PDP Context",
)
_ROUTINGS = (
    "None", "Send", "Listen", "Send&Listen",
)
_COMPRESSIONS = (
    "None", "VJ TCP/IP", "IPX", "Stac-LZS",
)
_LOGINS = (
    "Telnet", "Rlogin", "TCP Clear", "PortMaster(proprietary)", "LAT", "X.25-PAD", "X.25-T3POS",
    "Unassigned", "TCP Clear Quiet",
)
_TERMINATIONS = (
    "Default", "RADIUS-Request",
)
_FILTERS = (
    "", "Enabled", "Disabled",
)
_PORT_TYPES = (
    "Async", "Sync", "ISDN Sync", "ISDN Async V.120", "ISDN Async V.110", "Virtual", "PIAFS",
    "HDLC Clear Channel", "X.25", "X.75", "G.3 Fax", "SDSL", "ADSL-CAP", "ADSL-DMT", "ISDN-DSL",
    "Ethernet", "xDSL", "Cable", "Wireless - Other", "Wireless - IEEE 802.11", "Token-Ring",
    "FDDI", "Wireless - CDMA200", "Wireless - UMTS", "Wireless - 1X-EV", "IAPP", "FTTP",
    "Wireless - IEEE 802.16", "Wireless - IEEE 802.20", "Wireless - IEEE 802.22", "PPPoA",
    "PPPoEoA", "PPPoEoE", "PPPoEoVLAN", "PPPoEoQinQ", "xPON", "Wireless - XGP",
    "WiMAX Pre-Release 8 IWK Function", "WIMAX-WIFI-IWK", "WIMAX-SFF", "WIMAX-HA-LMA",
    "WIMAX-DHCP", "WIMAX-LBS", "WIMAX-WVS",
)
_STATES = (
    "", "Start", "Stop", "Interim-Update", "Unassigned", "Unassigned", "Unassigned",
    "Accounting-On", "Accounting-Off", "Tunnel-Start", "Tunnel-Stop", "Tunnel-Reject",
    "Tunnel-Link-Start", "Tunnel-Link-Stop", "Tunnel-Link-Reject", "Failed",
)
_ORIGINS = (
    "", "RADIUS", "Local", "Remote", "Diameter",
)
_CAUSES = (
    "", "User Request", "Lost Carrier", "Lost Service", "Idle Timeout", "Session Timeout",
    "Admin Reset", "Admin Reboot", "Port Error", "NAS Error", "NAS Request", "NAS Reboot",
    "Port Unneeded", "Port Preempted", "Port Suspended", "Service Unavailable", "Callback",
    "User Error", "Host Request", "Supplicant Restart", "Reauthentication Failure",
    "Port Reinitialized", "Port Administratively Disabled", "Lost Power",
)
_TUNNELS = (
    "", "PPTP", "L2F", "L2TP", "ATMP", "VTP", "AH", "IP-IP", "MIN-IP-IP", "ESP", "GRE", "DVS",
    "IP-in-IP Tunneling", "VLAN",
)
_MEDIA = (
    "", "IPv4", "IPv6", "NSAP", "HDLC", "BBN 1822", "802", "E.163", "E.164", "F.69", "X.121",
    "IPX", "Appletalk", "Decnet IV", "Banyan Vines", "E.164 with NSAP subaddress",
)
_ZONES = (
    "", "Only access to dfl zone", "Use zone filter inc.", "Not used", "Use zone filter exc.",
)
_PROMPTS = (
    "No Echo", "Echo",
)
# fmt: on

ATTRIBUTES: dict[int, tuple[str, str, Sequence[str]]] = {
    1: ("User-Name", "text", ()),
    2: ("User-Password", "", ()),
    3: ("CHAP-Password", "", ()),
    4: ("NAS-IP-Address", "ipv4", ()),
    5: ("NAS-Port", "number", ()),
    6: ("Service-Type", "number", _SERVICES),
    7: ("Framed-Protocol", "number", _FRAMINGS),
    8: ("Framed-IP-Address", "ipv4", ()),
    9: ("Framed-IP-Netmask", "ipv4", ()),
    10: ("Framed-Routing", "number", _ROUTINGS),
    11: ("Filter-Id", "text", ()),
    12: ("Framed-MTU", "number", ()),
    13: ("Framed-Compression", "number", _COMPRESSIONS),
    14: ("Login-IP-Host", "ipv4", ()),
    15: ("Login-Service", "number", _LOGINS),
    16: ("Login-TCP-Port", "number", ()),
    17: ("Unassigned", "", ()),
    18: ("Reply-Message", "text", ()),
    19: ("Callback-Number", "text", ()),
    20: ("Callback-Id", "text", ()),
    21: ("Unassigned", "", ()),
    22: ("Framed-Route", "text", ()),
    23: ("Framed-IPX-Network", "number", ()),
    24: ("State", "text", ()),
    25: ("Class", "text", ()),
    26: ("Vendor-Specific", "vendor", ()),
    27: ("Session-Timeout", "number", ()),
    28: ("Idle-Timeout", "number", ()),
    29: ("Termination-Action", "number", _TERMINATIONS),
    30: ("Called-Station-Id", "text", ()),
    31: ("Calling-Station-Id", "text", ()),
    32: ("NAS-Identifier", "text", ()),
    33: ("Proxy-State", "text", ()),
    34: ("Login-LAT-Service", "text", ()),
    35: ("Login-LAT-Node", "text", ()),
    36: ("Login-LAT-Group", "text", ()),
    37: ("Framed-AppleTalk-Link", "number", ()),
    38: ("Framed-AppleTalk-Network", "number", ()),
    39: ("Framed-AppleTalk-Zone", "text", ()),
    40: ("Acct-Status-Type", "number", _STATES),
    41: ("Acct-Delay-Time", "number", ()),
    42: ("Acct-Input-Octets", "number", ()),
    43: ("Acct-Output-Octets", "number", ()),
    44: ("Acct-Session-Id", "text", ()),
    45: ("Acct-Authentic", "number", _ORIGINS),
    46: ("Acct-Session-Time", "number", ()),
    47: ("Acct-Input-Packets", "number", ()),
    48: ("Acct-Output-Packets", "number", ()),
    49: ("Acct-Terminate-Cause", "number", _CAUSES),
    50: ("Acct-Multi-Session-Id", "text", ()),
    51: ("Acct-Link-Count", "number", ()),
    52: ("Acct-Input-Gigawords", "number", ()),
    53: ("Acct-Output-Gigawords", "number", ()),
    54: ("Unassigned", "", ()),
    55: ("Event-Timestamp", "date", ()),
    56: ("Egress-VLANID", "number", ()),
    57: ("Ingress-Filters", "number", _FILTERS),
    58: ("Egress-VLAN-Name", "text", ()),
    59: ("User-Priority-Table", "", ()),
    60: ("CHAP-Challenge", "text", ()),
    61: ("NAS-Port-Type", "number", _PORT_TYPES),
    62: ("Port-Limit", "number", ()),
    63: ("Login-LAT-Port", "text", ()),
    64: ("Tunnel-Type", "number", _TUNNELS),
    65: ("Tunnel-Medium-Type", "number", _MEDIA),
    66: ("Tunnel-Client-Endpoint", "text", ()),
    67: ("Tunnel-Server-Endpoint", "text", ()),
    68: ("Acct-Tunnel-Connection", "text", ()),
    69: ("Tunnel-Password", "text", ()),
    70: ("ARAP-Password", "special", ()),
    71: ("ARAP-Features", "special", ()),
    72: ("ARAP-Zone-Access", "number", _ZONES),
    73: ("ARAP-Security", "text", ()),
    74: ("ARAP-Security-Data", "text", ()),
    75: ("Password-Retry", "number", ()),
    76: ("Prompt", "number", _PROMPTS),
    77: ("Connect-Info", "text", ()),
    78: ("Configuration-Token", "text", ()),
    79: ("EAP-Message", "text", ()),
    80: ("Message-Authenticator", "text", ()),
    81: ("Tunnel-Private-Group-ID", "text", ()),
    82: ("Tunnel-Assignment-ID", "text", ()),
    83: ("Tunnel-Preference", "number", ()),
    84: ("ARAP-Challenge-Response", "special", ()),
    85: ("Acct-Interim-Interval", "number", ()),
    86: ("Acct-Tunnel-Packets-Lost", "number", ()),
    87: ("NAS-Port-Id", "text", ()),
    88: ("Framed-Pool", "text", ()),
    89: ("CUI", "text", ()),
    90: ("Tunnel-Client-Auth-ID", "text", ()),
    91: ("Tunnel-Server-Auth-ID", "text", ()),
    92: ("NAS-Filter-Rule", "text", ()),
    93: ("Unassigned", "", ()),
    94: ("Originating-Line-Info", "", ()),
    95: ("NAS-IPv6-Address", "ipv6", ()),
    96: ("Framed-Interface-ID", "", ()),
    97: ("Framed-IPv6-Prefix", "network6", ()),
    98: ("Login-IPv6-Host", "ipv6", ()),
    99: ("Framed-IPv6-Route", "text", ()),
    100: ("Framed-IPv6-Pool", "text", ()),
    101: ("Error-Cause", "special", ()),
    102: ("EAP-Key-Name", "", ()),
    103: ("Digest-Response", "text", ()),
    104: ("Digest-Realm", "text", ()),
    105: ("Digest-Nonce", "text", ()),
    106: ("Digest-Response-Auth", "text", ()),
    107: ("Digest-Nextnonce", "text", ()),
    108: ("Digest-Method", "text", ()),
    109: ("Digest-URI", "text", ()),
    110: ("Digest-Qop", "text", ()),
    111: ("Digest-Algorithm", "text", ()),
    112: ("Digest-Entity-Body-Hash", "text", ()),
    113: ("Digest-CNonce", "text", ()),
    114: ("Digest-Nonce-Count", "text", ()),
    115: ("Digest-Username", "text", ()),
    116: ("Digest-Opaque", "text", ()),
    117: ("Digest-Auth-Param", "text", ()),
    118: ("Digest-AKA-Auts", "text", ()),
    119: ("Digest-Domain", "text", ()),
    120: ("Digest-Stale", "text", ()),
    121: ("Digest-HA1", "text", ()),
    122: ("SIP-AOR", "text", ()),
    123: ("Delegated-IPv6-Prefix", "network6", ()),
    124: ("MIP6-Feature-Vector", "features", ()),
    125: ("MIP6-Home-Link-Prefix", "link6", ()),
    126: ("Operator-Name", "operator", ()),
    127: ("Location-Information", "location", ()),
    128: ("Location-Data", "position", ()),
    129: ("Basic-Location-Policy-Rules", "policy", ()),
}
"""Number -> name, the kind of its value (see ``radius``), the names of its values from 0 on."""
