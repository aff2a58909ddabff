"""Choosing among findings: what cannot be meant is told."""

from __future__ import annotations

from typing import Any

import pytest
from frames import chunk_of, segment

from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.errors import BadArgument


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"flow": 99}, "there is no flow 99 here; they are numbered from 0 to 1"),
        ({"flow": "x"}, "flow 'x'; use its number, 0 or more"),
        ({"packet": -1}, "packet -1; use its number, 0 or more"),
    ],
)
def test_what_cannot_be_meant_is_told(wrong: dict[str, Any], says: str) -> None:
    cap = Capture(Store(), names=["eth0"])
    cap.add(chunk_of([segment(sport=5000), segment(sport=5001)]))
    assert not cap.findings.where(flow=1)
    with pytest.raises(BadArgument, match=f"^{says}$"):
        cap.findings.where(**wrong)
