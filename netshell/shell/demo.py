"""``netshell demo``: the whole walk, from a name to its packets, on a real connection.

Two hosts on a private wire, real TCP stacks, a real HTTP and a real DNS server; the same verbs as
at the prompt. Where the kernel allows no namespaces it says so, and walks through a capture of the
same connection. The exit status is 0 only if every step really happened.
"""

from __future__ import annotations

import time
from typing import Any

from netshell.errors import BadArgument, Unavailable
from netshell.flow.state import State
from netshell.shell.verbs import namespace
from netshell.shell.walk import Step, Walk, note

_PATIENCE_S = 5.0  # for a teardown on a busy machine; it usually takes a millisecond


def main(argv: list[str]) -> int:
    """Run the demo; the exit status."""
    if argv:
        raise BadArgument("netshell demo", why=f"takes no {argv[0]!r}", next_step="run it alone")
    from netshell.lab.wire import Wire
    from netshell.settings import Profile, in_force, use

    # What it shows is the same for everybody; only how it looks is the user's.
    now = in_force()
    use(Profile(colors=now.colors, lang=now.lang, origins=now.origins))
    try:
        wire = Wire.open()
    except Unavailable as error:
        from netshell.shell.recorded import walk_recorded

        note(str(error), "warn")
        return walk_recorded()
    with wire:
        return _walk_live(wire)


def _walk_live(wire: Any) -> int:
    from netshell.lab.servers import start_dns, start_http

    start_dns(wire.server)
    start_http(wire.server, closes="client")
    wire.client.enter()
    walk = Walk(namespace())
    walk.title(
        "From a name to its packets: a real connection on a private wire",
        f"This prompt is on the client, {wire.client.ipv4}. The server, {wire.server.ipv4}, has",
        "a web page, and answers for the names of .lab.",
    )
    for step in steps(wire):
        walk.take(step)
    return walk.closing()


def evaluate(code: str) -> Any:
    """The value of an expression over the verbs; the other host runs it for the walk."""
    return eval(code, namespace())


def settled() -> bool:
    """Wait until the kernel shows the teardown's end; False if it does not."""
    from netshell.commands.conns import conns

    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if any(socket.state is State.TIME_WAIT for socket in conns(port=80)):
            return True
    return False


def steps(wire: Any) -> list[Step]:
    """The walk, on an open wire whose client this process has entered."""
    server_ip = wire.server.ipv4

    def on_server(code: str) -> Any:
        return wire.server.call(evaluate, code)

    return [
        Step(
            'dig("www.lab")',
            lambda answer: (
                f"The name leads to {answer.addresses[0]}; {answer.server.address} says so, and "
                f"caches may believe it for {min(record.ttl for record in answer)} s."
            ),
            lambda answer: answer.status == "NOERROR" and server_ip in answer.addresses,
        ),
        Step(
            'iface_for("www.lab")',
            lambda route: f"Packets to it leave through {route}: the kernel's own answer.",
            lambda route: str(route) == "eth0",
        ),
        Step(
            "listeners()",
            lambda sockets: (
                "On the server: port 80 is in LISTEN. The kernel completes handshakes for it, "
                "even before the application calls accept()."
            ),
            lambda sockets: any(s.state is State.LISTEN and s.local.port == 80 for s in sockets),
            where="server eth0",
            run=on_server,
        ),
        Step(
            'cap = sniff_host("www.lab", 80)',
            lambda cap: (
                f"Capturing on {', '.join(cap.ifaces)} what matches {cap.filter_text!r}: "
                "interface and filter come from the two answers above. It returns at once."
            ),
            lambda cap: cap.running,
        ),
        Step(
            'from http.client import HTTPConnection; web = HTTPConnection(dig("www.lab")[-1].data)',
            lambda web: f"An ordinary HTTP client, for the address that dig gave: {web.host}.",
            lambda web: web.host == server_ip,
        ),
        Step(
            'web.request("GET", "/"); web.getresponse().read()',
            lambda body: f"The page: {len(body)} bytes. The connection stays open for the next.",
            lambda body: b"It works" in body,
        ),
        Step(
            "conns(port=80)",
            lambda sockets: (
                f"{sockets[0].state} on {sockets[0].iface}, held by this process "
                f"(pid {sockets[0].pid})."
            ),
            lambda sockets: [s.state for s in sockets] == [State.ESTABLISHED],
        ),
        Step(
            "web.close()",
            lambda _: "The client closes first: its FIN leaves now.",
            lambda _: settled(),
        ),
        Step(
            "cap.stop().stats",
            lambda stats: (
                f"{stats.received} packets arrived and {stats.dropped} were dropped: nothing is "
                "missing from this picture."
            ),
            lambda stats: stats.received >= 8 and stats.dropped == 0,
        ),
        *packet_steps(wire.client.ipv4, server_ip),
        *time_wait_steps(),
        Step(
            "conns(port=80)",
            lambda _: "The server, which closed second, has only its listener left.",
            lambda sockets: all(s.state is State.LISTEN for s in sockets) and len(sockets) > 0,
            where="server eth0",
            run=on_server,
        ),
    ]


def packet_steps(client: str, server: str) -> list[Step]:
    """What the capture ``cap`` of one connection tells: handshake, payload, teardown."""
    return [
        Step(
            "cap[:3]",
            lambda opening: (
                "The handshake: SYN, SYN,ACK, ACK. TTL 64 with 0 hops: nothing between the two "
                "hosts decremented it."
            ),
            lambda opening: [str(p.flags) for p in opening] == ["SYN", "SYN,ACK", "ACK"],
        ),
        Step(
            'cap.filter(lambda packet: packet.payload).show(payload="ascii")',
            lambda _: "The request and the response, byte for byte as they crossed the wire.",
            lambda shown: "GET / HTTP/1.1" in str(shown) and "It works" in str(shown),
        ),
        Step(
            'cap.filter("tcp[tcpflags] & tcp-fin != 0")',
            lambda ends: (
                f"The teardown: {ends[0].src} sent the first FIN, so it closed first; "
                f"{ends[1].src} closed its own direction after that."
            ),
            lambda ends: [packet.src for packet in ends] == [client, server],
        ),
        Step(
            "cap.flows[0].ladder()",
            lambda ladder: (
                "The same connection as a conversation: an arrow for each packet, and the state of "
                "both ends where it changes. What went wrong would stand beside it."
            ),
            lambda ladder: ladder.flow.ended.startswith("FIN by client"),
        ),
        Step(
            "explain(cap.flows[0])",
            lambda _: "Where its time went, and whether anything went wrong, in words.",
            lambda told: "FIN by client" in " ".join(str(told).split()),
        ),
    ]


def time_wait_steps() -> list[Step]:
    """What the connection leaves behind on the side that closed first."""
    return [
        Step(
            "conns(port=80)",
            lambda _: (
                "TIME_WAIT, on the side that closed first: it waits (60 s on Linux) so that late "
                "segments cannot reach a new connection with the same ports."
            ),
            lambda sockets: [s.state for s in sockets] == [State.TIME_WAIT],
        ),
        Step(
            'explain("TIME_WAIT")',
            lambda _: "And now the same with your own hosts: netshell",
            lambda text: "active closer" in str(text),
        ),
    ]
