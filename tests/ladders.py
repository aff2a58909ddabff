"""A ladder with everything in it, for the renderers' tests."""

from __future__ import annotations

from netshell.view import Column, End, Ladder, Mark, Rung, Span

COLUMNS = (
    Column(""),
    Column("seq", "right", keep=2),
    Column("ack", "right", keep=3),
    Column("len", "right", keep=1),
    Column("win", "right", keep=4),
)
OPEN = Span("ESTABLISHED", "good")
LOST = Mark("retransmission", "Sent again: nothing acknowledged it.", "warn")

LADDER = Ladder(
    End("client", "10.77.0.1:41234", "client.lab"),
    End("server", "[2001:db8::80]:80"),
    COLUMNS,
    (
        Rung(
            "right",
            (Span("SYN", "key"), "0", "", "", "64240"),
            *("0", "0.000000", "", "SYN_SENT", "SYN_RECEIVED"),
        ),
        Rung(
            "left",
            (Span("SYN,ACK", "key"), "0", "1", "", "65160"),
            *("1", "0.000012", "+12 µs", OPEN),
        ),
        Rung("right", ("ACK", "1", "1", "", "502"), "2", "0.000034", "+22 µs", "", OPEN),
        Rung("right", ("PSH,ACK", "1", "1", "78", "502"), "3", "0.000134", "+100 µs"),
        Rung("left", ("ACK", "1", "79", "1448", "509"), "4", "0.001134", "+1 ms"),
        Rung(
            "both",
            ("14,985 segments", "14,585,400 bytes ◄", "4,995 ACKs ►", "in 0.8 s"),
            *("5-14989", "0.002134", "+1 ms"),
            is_fold=True,
        ),
        Rung(
            "left",
            ("ACK", "14585400", "79", "1448", "509"),
            *("14990", "0.803134", "+1 ms"),
            marks=(LOST,),
        ),
        Rung(
            "left",
            (Span("FIN,ACK", "key"), "14586848", "79", "", "509"),
            *("14991", "15.803134", "+15 s", "CLOSE_WAIT", "FIN_WAIT_1"),
            marks=(LOST, Mark("duplicate_ack", style="quiet")),
            pause="15.0 s",
        ),
        Rung(
            "right",
            (Span("RST", "bad"), "79", "", "", "0"),
            *("14992", "15.803234", "+100 µs", "CLOSED", "CLOSED"),
        ),
    ),
    title="flow 3, tcp 10.77.0.1:41234 > [2001:db8::80]:80, 14,993 packets",
)
