"""What decoders call secret is in nothing that is shown or written as text: in recorded traffic."""

from __future__ import annotations

from pathlib import Path

import pytest

from netshell import read
from netshell.capture.capture import Capture
from netshell.commands.explain import explain
from netshell.errors import BadArgument
from netshell.flow.flow import Flow
from netshell.flow.sides import SIDES
from netshell.protocols.messages import summary
from netshell.protocols.spoken import of_flow
from netshell.render.html import page
from netshell.view import draw

RECORDED = sorted(Path(__file__).parent.glob("*/recorded/*.pcap"))
LEAST = 6
"""Bytes of a secret that are not to be found: shorter ones may stand anywhere."""


def secrets_of(flow: Flow) -> set[bytes]:
    """Secrets of a flow that can be told from other bytes."""
    found = set()
    for side, secrets in zip(SIDES, of_flow(flow), strict=True):
        data = flow.stream(side).data
        found |= {data[begin:end] for begin, end in secrets.within(0, len(data))}
    return {each for each in found if len(each) >= LEAST and len(set(each)) > 3}


def texts(cap: Capture, flow: Flow) -> dict[str, str]:
    """All that a flow is shown as, and is written as."""
    followed, raw = flow.follow(lines=None), flow.follow(raw=True, lines=None)
    return {
        "follow": draw(followed.view()),
        "follow, JSON": followed.json(),
        "follow, page": page(followed),
        "raw": draw(raw.view()),
        "raw, JSON": raw.json(),
        "streams": "".join(str(flow.stream(side)) + flow.stream(side).json() for side in SIDES),
        "messages": str(flow.messages) + flow.messages.json(),
        "each message": "".join(f"{each} {each!r}" for each in flow.messages),
        "show": draw(cap.show("ascii").view()),
        "show, hex": draw(cap.show("hex", fold=False).view()),
        "packets": "".join(draw(packet.view()) for packet in cap[:40]),
        "queries": str(cap.queries()) + cap.queries().json(),
        "records": f"{flow.messages.records()} {cap.queries().records()}",
        "data": f"{list(flow.messages.data())} {list(cap.queries().data() or ())}",
        "groups": str(cap.queries().grouped()) + cap.queries().grouped().json(),
        "explained": "".join(f"{explain(each)}{explain(each).json()}" for each in flow.messages),
        "pages": page(flow.messages) + page(cap.queries()) + page(flow.ladder()),
        "facts": "".join(str(list(each.facts())) for each in flow.messages),
        "said": "".join(str(each.said(side)) for each in flow.messages for side in SIDES),
        "printed": "".join(str(summary(each)) for each in flow.messages),
        "lines": "".join(str(packet.line()) for packet in cap),
        "ladder": str(flow.ladder()) + flow.ladder().json(),
        "findings": str(flow.findings) + flow.findings.json(),
        "hints": str(wanted_of(flow)),
    }


def wanted_of(flow: Flow) -> list[str]:
    """What errors about messages say."""
    found = []
    for given in ({"protocol": "nothing"}, {"kind": 5}, {"by": "nothing"}):
        with pytest.raises(BadArgument) as told:
            flow.messages.top(**given) if "by" in given else flow.messages.where(**given)
        found.append(str(told.value))
    return found


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_secrets_are_in_no_text(path: Path) -> None:
    cap = read(path)[:300]
    for flow in cap.flows.where(proto="tcp"):
        secrets = secrets_of(flow)
        if not secrets:
            continue
        for name, text in texts(cap, flow).items():
            for secret in secrets:
                assert secret.decode("latin-1") not in text, (name, secret)
                assert secret.decode("utf-8", "backslashreplace") not in text, (name, secret)
                assert secret.hex() not in text and secret.hex(" ") not in text, (name, secret)


def test_recorded_traffic_has_secrets() -> None:
    """Else nothing is shown above."""
    with_some = {
        path.parts[-3]
        for path in RECORDED
        for flow in read(path)[:300].flows.where(proto="tcp")
        if secrets_of(flow)
    }
    assert with_some >= {"http1", "mysql", "postgres", "redis"}
