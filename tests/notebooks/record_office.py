"""Record the capture of the notebook about data frames anew: a busy minute in the lab's office.

    PYTHONPATH=notebooks python tests/notebooks/record_office.py

Names that are there and names that are not, pages of all sizes, kept and closed connections, one
download over a bad line, and a port where nobody listens. Needs no root.
"""

from __future__ import annotations

import contextlib
import random

from classroom import CAPTURES, enter


def main() -> None:
    """Do it all, and keep what passed."""
    chance = random.Random(9)
    room = enter("09")
    client = room.client
    capture = room.server.sniff()
    for round_ in range(12):
        client.dig(chance.choice(["www.lab", "mail.lab", "missing.lab", "v6.lab"]))
        pages = [f"/bytes/{int(chance.lognormvariate(7, 2)) % 60_000}" for _ in range(4)]
        client.browse("/", *pages, keep=round_ % 3 != 0)
        if round_ % 4 == 1:
            with contextlib.suppress(ConnectionRefusedError):
                client.hold(port=8080 + round_)
    client.browse("/missing", "/bytes/90000")
    client.download(200_000, lose=25)
    capture.stop().save(CAPTURES / "09-capture-as-data-frame.pcap")


if __name__ == "__main__":
    main()
