"""Tab behind a dot: fields of records by their types, with nothing called for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from frames import chunk_of, segment
from pty_shell import CTRL_C, TAB, Shell

from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.shell.completion import complete
from netshell.shell.verbs import namespace


@pytest.fixture
def cap() -> Capture:
    capture = Capture(Store(), names=["eth0"])
    capture.add(chunk_of([segment()]))
    return capture


def after(text: str, **names: Any) -> list[str]:
    return [each.text for each in complete(text, namespace() | names).candidates]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cap[0].fl", ["flags"]),
        ("cap[-1].relative_", ["relative_ack", "relative_seq"]),
        ("cap[:3].filter", ["filter_text", "filter"]),
        ("print(cap[:3][0].dp", ["dport"]),
        ("cap.stats.rec", ["received", "records"]),
        ("cap.columns.dp", ["dport"]),
        ("cap.filter('tcp port 80')[0].tt", ["ttl"]),
        ("cap.stop().stats.dropped_", ["dropped_by_interface"]),
        ("cap.filt", ["filter_text", "filter"]),
        ("cap.flows[0].plot('rtt').zo", ["zoom"]),
        ("cap[0].src.startsw", ["startswith"]),
        ("conns()[0].lo", ["local"]),
        ("conns(state='LISTEN', port=(1, 2))[0].local.po", ["port"]),
        ("conns()[0].tcp_info.rtt_m", ["rtt_ms"]),
        ("conns()[:2].to_pol", ["to_polars"]),
        ("x = [dig('x').addr", ["addresses"]),
        ("dig('x')[0].tt", ["ttl"]),
        ("ifaces()[0].mt", ["mtu"]),
        ("ifaces()[0].addresses[0].sc", ["scope"]),
        ("captures()[0].filter_", ["filter_text"]),
        ("sniff('tcp').wa", ["wait"]),
        ("iface_for('x').candidates[0].ga", ["gateway"]),
        ("cap.queries().slow", ["slowest"]),
        ("cap.queries()[0].data", ["database"]),
        ("cap.flows[0].queries().n_", ["n_plus_one"]),
        ("cap.flows[0].queries().grouped().top", ["top"]),
        ("cap.flows[0].queries()[0].norm", ["normalised"]),
        ("cap.flows[0].messages.slow", ["slowest"]),
        ("cap.flows[0].messages[0].answered", ["answered"]),
        ("conns().no_such", []),
        ("conns.", []),
        ("unknown().", []),
        ("cap[0].no_such.", []),
        ("'x'.", []),
    ],
)
def test_members_of_records(text: str, expected: list[str], cap: Capture) -> None:
    assert after(text, cap=cap) == expected


def test_fields_come_first_and_nothing_private(cap: Capture) -> None:
    offered = after("conns()[0].")
    assert offered[:4] == ["proto", "local", "remote", "state"]
    assert not any(
        name.startswith("_") for text in ("cap.", "cap[0].") for name in after(text, cap=cap)
    )


def test_what_draws_a_table_is_not_offered(cap: Capture) -> None:
    offered = after("cap.flows.", cap=cap)
    assert {"where", "top", "sort", "json", "to_pandas"} <= {*offered}
    assert not {"heads", "is_brief", "called", "notes", "row", "with_rows"} & {*offered}


def test_nothing_is_called_or_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Trap:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError("evaluated")

        def __getitem__(self, index: int) -> Any:
            raise AssertionError("evaluated")

    monkeypatch.setattr("netshell.host.list_sockets", Trap())
    assert after("conns()[0].rem") == ["remote"]
    assert after("trap[0].x", trap=Trap()) == []


def test_python_completes_what_is_not_ours() -> None:
    found = complete("text.", {"text": "a string"})
    assert not found.candidates and not found.only


def test_at_the_prompt(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.type("conns()[0].rem" + TAB)
        shell.shows("conns()[0].remote")
        shell.type(CTRL_C)
        shell.until(lambda: shell.at_prompt, "an empty line")
        shell.type("ifaces()[0].coun" + TAB)
        shell.shows("ifaces()[0].counters")
        shell.type(CTRL_C)
        shell.until(lambda: shell.at_prompt, "an empty line")
        shell.run("from netshell.capture.capture import Capture")
        shell.run("from netshell.capture.store import Store; cap = Capture(Store())")
        shell.type('cap.flows.where(finding="ret' + TAB)
        shell.shows('where(finding="retransmission')
        assert "Traceback" not in shell.text
