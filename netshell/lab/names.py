"""The names of the lab: what its DNS server is the authority for, as zone files (RFC 1035, 5).

Besides the hosts there are names for what a resolver meets in the wild: an alias, a chain of them,
a TTL of two seconds, an alias that leads nowhere and one that leads in a circle, a name with two
addresses, one with none, an answer too large for UDP, text meant to harm a terminal, and names that
the server fails or never answers.
"""

from __future__ import annotations

import ipaddress

import dns.name
import dns.reversename
import dns.zone

_START = """\
$TTL 3600
@ IN SOA server.lab. hostmaster.lab. 2026010100 3600 900 604800 300
@ IN NS server.lab.
"""

_LAB = """\
@            IN A     10.77.0.2
@            IN AAAA  fd77::2
@            IN MX    10 mail
@            IN MX    20 server
@            IN TXT   "v=spf1 mx -all"
@            IN CAA   0 issue "ca.lab"
@            IN HTTPS 0 www
client       IN A     10.77.0.1
client       IN AAAA  fd77::1
server       IN A     10.77.0.2
server       IN AAAA  fd77::2
server       IN HTTPS 1 . alpn="http/1.1" ipv4hint="10.77.0.2" ipv6hint="fd77::2"
mail     300 IN A     10.77.0.2
mail     300 IN AAAA  fd77::2
www       60 IN CNAME server
_http._tcp   IN SRV   0 5 80 server
both         IN A     10.77.0.1
both         IN A     10.77.0.2
v4           IN A     10.77.0.2
v6           IN AAAA  fd77::2
text         IN TXT   "one string" "and another"
hostile      IN TXT   "\\027[31mred\\027[0m\\007" "\\226\\128\\174gnp.exe"
nowhere      IN CNAME missing
circle       IN CNAME circle2
circle2      IN CNAME circle
outside      IN CNAME www.example.
shop     300 IN CNAME cdn
cdn       60 IN CNAME edge
edge      20 IN A     10.77.0.2
brief      2 IN A     10.77.0.2
"""

# 60 strings of 60 bytes: over UDP only its truncation fits, whatever the client's buffer.
_LARGE = "".join(f'large IN TXT "{number:02d} {"x" * 57}"\n' for number in range(60))

_HOSTS = {"client.lab.": ("10.77.0.1", "fd77::1"), "server.lab.": ("10.77.0.2", "fd77::2")}

# Names under lab. that are no data: the server answers SERVFAIL for one and nothing for the other.
FAILING = dns.name.from_text("servfail.lab.")
SILENT = dns.name.from_text("silent.lab.")

Zones = tuple[dns.zone.Zone, ...]


def load_zones() -> Zones:
    """The zones: lab., 0.77.10.in-addr.arpa. and that of fd77::/64."""
    return (
        _zone(dns.name.from_text("lab."), _LAB + _LARGE),
        _reverse_zone(0, network="10.77.0.0/24"),
        _reverse_zone(1, network="fd77::/64"),
    )


def _reverse_zone(which: int, network: str) -> dns.zone.Zone:
    """The zone of a network's PTR records; `which` of each host's addresses lies in it."""
    own = ipaddress.ip_network(network)
    labels = own.prefixlen // (8 if own.version == 4 else 4)
    reverse = dns.reversename.from_address(str(own.network_address))
    # The labels of the prefix, and the three of "in-addr.arpa." or "ip6.arpa.".
    origin = dns.name.Name(reverse.labels[-labels - 3 :])
    records = (
        f"{dns.reversename.from_address(addresses[which])} IN PTR {name}\n"
        for name, addresses in _HOSTS.items()
    )
    return _zone(origin, "".join(records))


def _zone(origin: dns.name.Name, records: str) -> dns.zone.Zone:
    return dns.zone.from_text(_START + records, origin, relativize=False)
