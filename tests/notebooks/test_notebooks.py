"""The notebooks, run from top to bottom: in the lab, and where the kernel allows no namespaces."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import missing
from running import CAPTURES, NOTEBOOKS, Shown, can_run, run

from netshell.errors import Unavailable
from netshell.lab.scenarios import load
from netshell.lab.wire import Wire

Runs = Callable[[str], Shown]


@pytest.fixture(scope="module")
def in_the_lab(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """Each with a kernel of its own, on a wire of its own."""
    try:
        Wire.open().close()
    except Unavailable as error:
        missing(str(error))
    return run("each", tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """All with one kernel, where no namespace may be made."""
    return run("one", tmp_path_factory.mktemp("recorded"), "user.max_user_namespaces=0")


@pytest.fixture(params=["in_the_lab", "recorded"])
def ran(request: pytest.FixtureRequest) -> Runs:
    """A notebook by its number, with its outputs."""
    found: dict[str, Shown] = request.getfixturevalue(request.param)

    def numbered(number: str) -> Shown:
        if number not in found:
            pytest.skip("needs netshell[frames]")
        return found[number]

    return numbered


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_stripped(path: Path) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    assert (found["nbformat"], found["nbformat_minor"]) == (4, 5)
    how = f"jupyter nbconvert --clear-output --inplace notebooks/{path.name}"
    for cell in found["cells"]:
        assert re.fullmatch(r"[\w-]+", cell["id"]) and cell["metadata"] == {}, how
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None, how
    names = [cell["id"] for cell in found["cells"]]
    assert len(names) == len(set(names))
    assert set(found["metadata"]) == {"kernelspec", "language_info"}, "no traces of a machine"


def test_what_each_notebook_links_to_is_there() -> None:
    for path in NOTEBOOKS:
        for link in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), (path.name, link)


def test_there_is_no_capture_that_no_notebook_uses() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in NOTEBOOKS)
    unused = [path.name for path in CAPTURES.iterdir() if path.name.split(".")[0] not in source]
    assert not unused


@pytest.mark.parametrize("path", sorted(CAPTURES.glob("*.json")), ids=lambda path: path.stem)
def test_recordings_have_the_scenarios_steps(path: Path) -> None:
    steps = [step["step"] for step in json.loads(path.read_text(encoding="utf-8"))]
    record = f"record it anew: python notebooks/record.py, {path.stem} has other steps now"
    assert steps == [step.name for step in load(path.stem).steps], record


@pytest.mark.parametrize("number", [path.stem[:2] for path in NOTEBOOKS])
def test_nothing_goes_wrong(ran: Runs, number: str) -> None:
    for code, outputs in ran(number).cells:
        for output in outputs:
            assert output["output_type"] != "error", (code, output)
            assert output.get("name") != "stderr", (code, output)
        if "check(" in code:
            assert "Your turn" in "".join(outputs[-1]["data"]["text/plain"])


@pytest.mark.parametrize("path", NOTEBOOKS[:8], ids=lambda path: path.stem)
def test_where_it_runs_is_said_in_a_line(
    in_the_lab: dict[str, Shown], recorded: dict[str, Shown], path: Path
) -> None:
    live, kept = (found[path.stem[:2]].text("%load_ext") for found in (in_the_lab, recorded))
    assert live.startswith("In the lab: ") and live.endswith("the internet.")
    assert re.match(r"From a recorded capture, [\w.-]+, because the kernel refuses a name", kept)


def test_tour(ran: Runs) -> None:
    tour = ran("00")
    assert "www.lab. 60" in tour.text("client.dig(") and "<table>" in tour.html("client.dig(")
    assert "10.77.0.2 eth0 10.77.0.1" in tour.text("client.iface_for(")
    assert "SYN,ACK seq 0 ack 1" in tour.text("cap.stop()")
    ladder = tour.html("flow.ladder()")
    assert ladder.count("<svg ") == 1 and ladder.count('class="sent-line"') >= 5
    for piece in ("SYN_SENT", "SYN,ACK", "ESTABLISHED", "FIN,ACK", "TIME_WAIT", "server www.lab"):
        assert piece in tour.text("flow.ladder()")
    assert "GET /missing → 404 Not Found" in tour.text("cap.messages")
    assert "FIN by client" in tour.text("explain(flow)")
    assert "TIME_WAIT 10.77.0.1:" in tour.text("client.conns(")
    assert "LISTEN 0.0.0.0:80" in tour.text("server.conns(")


def test_sockets_and_interfaces(ran: Runs) -> None:
    sockets = ran("01")
    assert "127.0.0.1/8" in sockets.text("client.ifaces()")
    assert "10.77.0.1 lo 10.77.0.1" in sockets.text("client.iface_for(client")
    assert "0.0.0.0:80" in sockets.text("server.listeners()")
    assert sockets.text("client.hold()").count("ESTABLISHED 10.77.0.1:") == 2
    assert sockets.text("server.conns(").count("ESTABLISHED 10.77.0.2:80 10.77.0.1:") == 2
    assert sockets.text("client.let_go()").count("TIME_WAIT") == 2
    assert sockets.html("cap.flows").count("<tr>") == 3


def test_names_and_ttls(ran: Runs) -> None:
    names = ran("02")
    assert "CNAME server.lab." in names.text('client.dig("www.lab")')
    cache = names.text('perform("dns_cache")')
    assert "NOERROR: 10.77.0.2, TTL 300" in cache and "No packet" in cache
    assert "MX 10 mail.lab." in names.text('"MX"')
    assert "PTR server.lab." in names.text('"10.77.0.2"')
    assert "NXDOMAIN" in names.text("missing.lab") and "300 s" in names.text("missing.lab")
    assert "NODATA" in names.text("v4.lab")
    assert names.html("cap.messages").count("<tr>") >= 8
    assert "TTL 64" in names.text("explain(cap[0].ttl)")


def test_handshake(ran: Runs) -> None:
    handshake = ran("03")
    listen, connect, accept = (
        outputs for code, outputs in handshake.cells if code == "play.step()"
    )
    said = ["".join(outputs[0]["data"]["text/plain"]) for outputs in (listen, connect, accept)]
    assert "LISTEN" in said[0] and "No packet" in said[0]
    assert all(flags in said[1] for flags in ("SYN ", "SYN,ACK", "ESTABLISHED", "waiting 1 of 8"))
    assert "No packet" in said[2] and "waiting" not in said[2]
    assert "<svg " in handshake.html("play.rest()")
    assert "PSH,ACK" in handshake.text("play.rest()")
    assert "mss 1460" in handshake.text("play.capture[0]")
    assert "complete in" in handshake.text("flow.handshake")
    assert "SYN_SENT SYN_RECEIVED" in handshake.text("flow.states")
    assert "RST,ACK" in handshake.text("refusal.step()")
    assert "connection_refused" in handshake.text("explain(refusal")


def test_teardown(ran: Runs) -> None:
    teardown = ran("04")
    steps = [outputs for code, outputs in teardown.cells if code == "play.step()"]
    last = "".join(steps[-1][0]["data"]["text/plain"])
    assert last.count("FIN,ACK") == 2 and "TIME_WAIT" in last and "LAST_ACK" in last
    assert "closed first client" in teardown.text("flow.teardown")
    assert "TIME_WAIT 10.77.0.1:" in teardown.text("conns(port=8000)")
    assert "60 s" in teardown.text("explain(")
    again = teardown.text('perform("time_wait")')
    assert "EADDRINUSE" in again and "SO_REUSEADDR" in again
    assert teardown.html('perform("time_wait")').count("<svg ") == 5


def test_close_wait(ran: Runs) -> None:
    leak = ran("05")
    looks = [outputs for code, outputs in leak.cells if "conns(state=" in code]
    held = ["".join(one[0]["data"]["text/plain"]).count("CLOSE_WAIT") for one in looks]
    assert held == [1, 2]
    assert "has not closed" in leak.text('explain("CLOSE_WAIT")')
    steps = [
        "".join(out[0]["data"]["text/plain"]) for code, out in leak.cells if code == "play.step()"
    ]
    assert len(steps) == 6 and "RST" in steps[4] and "EPIPE" in steps[5]
    assert "close_wait" in leak.text("cap.findings")
    assert "client closed" not in leak.text("cap.flows[0].teardown")
    assert "server CLOSE_WAIT" in leak.text("cap.flows[0].teardown")


def test_loss(ran: Runs) -> None:
    loss = ran("06")
    alone, *_ = (outputs for code, outputs in loss.cells if "play.rest()" in code)
    assert "".join(alone[0]["data"]["text/plain"]).count("! retransmission") >= 2
    assert "! fast_retransmission" in "".join(
        "".join(out[0]["data"]["text/plain"]) for code, out in loss.cells if "fast.rest()" in code
    )
    findings = [outputs for code, outputs in loss.cells if code == "cap.findings"]
    assert "retransmission" in "".join(findings[0][0]["data"]["text/plain"])
    plots = [outputs[0]["data"] for code, outputs in loss.cells if ".plot(" in code]
    assert len(plots) == 2
    for picture in plots:
        assert "image/png" in picture or "<svg " in "".join(picture["text/html"])
        assert "R retransmitted" in "".join(picture["text/plain"])


def test_http(ran: Runs) -> None:
    http = ran("07")
    assert http.html("cap.flows").count("<tr>") == 5
    messages = http.text("cap.messages")
    assert messages.count("GET /bytes/20000 → 200 OK, text/plain, 20,000 bytes") == 2
    assert messages.count("404 Not Found") == 2
    assert "Content-Length: 20000" in http.text("follow(")
    assert "http://www.lab/bytes/20000" in http.text("cap.messages[1]")
    assert "FIN,ACK" in http.text("ladder()") and "<svg " in http.html("ladder()")


def test_sql(ran: Runs) -> None:
    sql = ran("08")
    page = sql.html("cap.queries()")
    assert page.count("<tr>") == 21 and "correct horse" not in page
    masked = sql.text('statement="password")[0]')
    assert "***" in masked and "correct horse" not in masked
    assert "pg_sleep" in sql.text("queries.slowest(3)")
    assert "12 round trips" in sql.text("n_plus_one()")
    assert "JOIN customers" in sql.text('statement="JOIN"')
    assert "COMMIT" in sql.text("transactions()")
    assert '42703 column "naem" does not exist' in sql.text("queries.errors")


def test_data_frames(ran: Runs) -> None:
    frames = ran("09")
    assert "SYN,ACK 30" in frames.text("group by flags")
    assert "10.77.0.1 80 366" in frames.text("order by bytes")
    assert "<table" in frames.html("packets.select(") and "payload_len" in frames.text(".select(")
    assert "RST by server: refused 3" in frames.text("cap.flows.sql(")
    assert "connection_refused" in frames.text("cap.flows[refused].ladder()")
    assert "404" in frames.text("cap.messages")


def test_what_is_not_installed_is_said() -> None:
    short = [path.stem for path in NOTEBOOKS if not can_run(path)]
    if short:
        pytest.skip(f"needs netshell[frames]: {', '.join(short)}")
