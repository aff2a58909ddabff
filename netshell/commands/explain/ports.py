"""Well-known ports explained: which service, and what to look at next."""

from __future__ import annotations

from netshell.catalogue import source, text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import sentences

PORTS = {
    7: "echo", 9: "discard", 13: "daytime", 19: "chargen", 20: "ftp-data", 21: "ftp", 22: "ssh",
    23: "telnet", 25: "smtp", 37: "time", 43: "whois", 49: "tacacs", 53: "domain", 67: "bootps",
    68: "bootpc", 69: "tftp", 79: "finger", 80: "http", 88: "kerberos", 110: "pop3",
    111: "sunrpc", 113: "ident", 119: "nntp", 123: "ntp", 135: "epmap", 137: "netbios-ns",
    138: "netbios-dgm", 139: "netbios-ssn", 143: "imap", 161: "snmp", 162: "snmptrap", 179: "bgp",
    194: "irc", 389: "ldap", 443: "https", 445: "microsoft-ds", 464: "kpasswd",
    465: "submissions", 500: "isakmp", 512: "exec", 513: "login", 514: "syslog", 515: "printer",
    520: "rip", 546: "dhcpv6-client", 547: "dhcpv6-server", 554: "rtsp", 587: "submission",
    631: "ipp", 636: "ldaps", 853: "domain-s", 873: "rsync", 989: "ftps-data", 990: "ftps",
    993: "imaps", 995: "pop3s", 1080: "socks", 1194: "openvpn", 1433: "ms-sql-s",
    1434: "ms-sql-m", 1521: "oracle", 1701: "l2tp", 1723: "pptp", 1812: "radius",
    1813: "radius-acct", 1883: "mqtt", 1900: "ssdp", 2049: "nfs", 2181: "zookeeper",
    2375: "docker", 2376: "docker-s", 2379: "etcd-client", 2380: "etcd-server",
    3000: "http-alt-3000", 3128: "squid", 3260: "iscsi", 3268: "globalcat", 3306: "mysql",
    3389: "ms-wbt-server", 3478: "stun", 4222: "nats", 4317: "otlp-grpc", 4500: "ipsec-nat-t",
    4789: "vxlan", 5000: "http-alt-5000", 5060: "sip", 5061: "sips", 5201: "iperf3",
    5222: "xmpp-client", 5353: "mdns", 5355: "llmnr", 5432: "postgresql", 5601: "kibana",
    5671: "amqps", 5672: "amqp", 5900: "vnc", 5985: "winrm", 6379: "redis", 6432: "pgbouncer",
    6443: "kubernetes", 6514: "syslog-tls", 6667: "ircu", 6881: "bittorrent",
    8000: "http-alt-8000", 8080: "http-alt", 8086: "influxdb", 8443: "https-alt", 8500: "consul",
    8883: "secure-mqtt", 8888: "http-alt-8888", 9000: "http-alt-9000", 9042: "cassandra",
    9090: "prometheus", 9092: "kafka", 9100: "jetdirect", 9200: "elasticsearch",
    9300: "elasticsearch-nodes", 10250: "kubelet", 11211: "memcached", 15672: "rabbitmq-web",
    25565: "minecraft", 27017: "mongodb", 33060: "mysqlx", 51820: "wireguard",
}  # fmt: skip
"""Services by port, by IANA's name where there is one, else by what is usually there."""

_WELL_KNOWN, _EPHEMERAL = 1024, 32768


def port_number(said: str) -> int | None:
    """The port that is meant by its number or service ("https"); None for other words."""
    words = said.strip().lower()
    if words.isascii() and words.isdecimal() and len(words) < 6:
        number = int(words)
        return number if 0 < number <= 0xFFFF else None
    return next((number for number, name in PORTS.items() if name == words), None)


def port(number: int) -> Explanation:
    """Any port from 1 to 65535."""
    name = PORTS.get(number)
    who = text("port.line.who", number=number)
    if name is not None:
        what = text(f"port.{number}.what")
        lines = [
            text("port.line.what", number=number, name=name, text=what),
            *sentences(f"port.{number}", "act"),
            who,
        ]
        return Explanation("port", f"port {number}", tuple(lines), source(f"port.{number}"))
    place = "registered"
    if number < _WELL_KNOWN:
        place = "well_known"
    elif number >= _EPHEMERAL:
        place = "ephemeral"
    lines = [text("port.line.unknown", number=number), text(f"port.line.{place}"), who]
    return Explanation("port", f"port {number}", tuple(lines), source("port.line.unknown"))
