"""What the verbs say of themselves: it fits beside a prompt, and names nobody's hosts."""

from __future__ import annotations

import inspect
import re
from ipaddress import ip_address, ip_network

import pytest

from netshell.commands import VERBS

DOCUMENTED = tuple(
    ip_network(each)
    for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "127.0.0.0/8")  # RFC 5737
)


@pytest.mark.parametrize("verb", VERBS, ids=lambda v: v.name)
def test_a_docstring_fits_and_its_examples_are_documentations(verb: object) -> None:
    text = inspect.getdoc(verb.load())  # type: ignore[attr-defined]
    assert text is not None
    assert ">>>" in text
    assert max(map(len, text.splitlines())) <= 76
    for found in re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text):
        assert any(ip_address(found) in network for network in DOCUMENTED), found
    for name in re.findall(r'"([a-z0-9-]+\.[a-z.]+)"', text):
        assert re.fullmatch(
            r"(.*\.)?example\.(org|com|net)|.*\.(example|test|pcap|pcapng|pcap\.gz)", name
        ), name
