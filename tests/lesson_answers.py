"""Right and wrong answers to every lesson, as somebody would type them."""

from __future__ import annotations

RIGHT: dict[str, tuple[str, ...]] = {
    "handshake": ("0", "syn ack", "established", "none", "3"),
    "teardown": ("FIN-ACK", "close-wait", "4", "client", "1", "y"),
    "close_wait": ("CLOSE_WAIT", "closed", "closewait", "2", "rst", "epipe"),
    "half_close": ("fin wait 2", "yes", "500 bytes", "two", "the client"),
    "refused_or_filtered": ("3", "refused", "SYN-SENT", "syn", "0", "timedout"),
    "retransmission": ("0", "1", "longer", "101", "1", "2"),
    "zero_window": ("0", "n", "client", "server"),
    "keep_alive": ("0", "ack", "ETIMEDOUT", "estab"),
    "nagle": ("2 segments", "server", "2", "no"),
    "dns": ("2", "none", "lower", "yes", "noerror", "refused", "tcp"),
    "http_keep_alive": ("0", "client", "2", "2", "2"),
    "slow_query": ("yes", "1", "no", "server"),
}
WRONG: dict[str, tuple[str, ...]] = {
    "handshake": ("1", "RST", "SYN-RECEIVED", "one", "2"),
    "teardown": ("RST", "TIME_WAIT", "3", "server", "4", "n"),
    "close_wait": ("LAST_ACK", "FIN_WAIT_2", "CLOSED", "1", "ack", "nothing"),
    "half_close": ("CLOSED", "no", "0", "1", "server"),
    "refused_or_filtered": ("nothing", "timedout", "CLOSED", "rst", "1", "1"),
    "retransmission": ("1", "no", "same", "100", "101", "timer"),
    "zero_window": ("65,535", "yes", "server", "client"),
    "keep_alive": ("1", "nothing", "reset", "closed"),
    "nagle": ("1", "client", "1", "yes"),
    "dns": ("1", "2", "same", "no", "nxdomain", "servfail", "udp"),
    "http_keep_alive": ("1", "server", "client", "client", "3"),
    "slow_query": ("no", "answer", "yes", "1"),
}
