"""Profiles: those that ship, the user's own over them key by key, and where each value is from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from netshell import columns
from netshell.capture import bpf
from netshell.errors import BadArgument, BadFile, NotFound
from netshell.settings import BUILT_IN, COLUMNS, KEYS, Profile, in_force, use
from netshell.shell.profile import available, load, start
from netshell.shell.profile_file import read_settings

LINK_ETHERNET = 1
SHIPPED = ["default", "dns", "incident", "sql", "teach", "web"]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of settings; nothing of the machine's own is in the environment."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETSHELL_PROFILE", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    folder = tmp_path / "netshell"
    folder.mkdir(mode=0o755)
    return folder


@pytest.fixture(autouse=True)
def none_in_force() -> Iterator[None]:
    yield
    use(None)


def put(config: Path, name: str, text: str, file: str = "profile.toml") -> Path:
    """A file of the user's own profile; of no profile, the general one."""
    path = config / "profiles" / name / file if name else config / "netshell.toml"
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o644)
    return path


# --- those that ship ------------------------------------------------------------------------


def test_all_of_them_ship(config: Path) -> None:
    assert sorted(available()) == SHIPPED


def test_the_default_is_what_its_file_says(config: Path) -> None:
    assert load() == load("default")._replace(origins={}) == Profile()
    config.rmdir()
    assert load() == load("default")._replace(origins={}) == Profile()
    assert not (available()["default"][0] / "startup.py").exists()  # it would not be run
    text = (available()["default"][0] / "profile.toml").read_text("utf-8")
    given = read_settings(text, "it")
    assert {each.key.name for each in given} == {key.name for key in KEYS}
    for each in given:
        assert each.value == Profile().value(each.key), each.key.name


@pytest.mark.parametrize("name", SHIPPED)
def test_one_that_ships_can_be_used(config: Path, name: str) -> None:
    profile = load(name)
    assert profile.name == name and profile.title
    if profile.filter:
        bpf.compile(profile.filter, LINK_ETHERNET)
    for line in profile.tips:
        assert len(line) < 80, line


@pytest.mark.parametrize("name", [each for each in SHIPPED if each != "default"])
def test_each_changes_what_the_shell_does(config: Path, name: str) -> None:
    profile, default = load(name), load("default")
    changed = {key.name for key in KEYS if profile.value(key) != default.value(key)}
    assert changed > {"title", "banner.tips", "banner.verbs", "columns.conns", "columns.flows"}
    shipped = f"profiles/{name}/profile.toml, line "
    assert all(profile.origins[key].startswith(shipped) for key in changed)


def test_what_they_are_for(config: Path) -> None:
    teach = load("teach")
    assert teach.payload == "ascii" and teach.explain
    assert teach.lines_per_s < load("default").lines_per_s
    assert "5432" in load("sql").filter and "port 53" in load("dns").filter
    assert load("incident").interface == "any" and load("incident").show == "none"


def test_the_old_name_is_answered_with_the_new_one(config: Path) -> None:
    with pytest.raises(NotFound, match=r"no such profile 'teaching'; did you mean teach\? there"):
        load("teaching")


# --- the user's own -------------------------------------------------------------------------


def test_one_of_their_own(config: Path) -> None:
    put(config, "mine", 'title = "Mine"\n\n[capture]\nkeep = 5_000\n')
    mine = load("mine")
    assert (mine.name, mine.title, mine.keep, mine.rows) == ("mine", "Mine", 5000, 500)
    assert mine.origins["capture.keep"] == "~/netshell/profiles/mine/profile.toml, line 4"


def test_theirs_overrides_by_key_and_the_rest_stays(config: Path) -> None:
    put(config, "sql", '[packets]\nshow = "hex"\n')
    put(config, "", 'lang = "ko"\n[packets]\nshow = "none"\nlines_per_second = 7\n')
    sql = load("sql")
    assert (sql.show, sql.lines_per_s, sql.lang, sql.keep) == ("hex", 7, "ko", "500 MB")
    origins = [sql.origins[key] for key in ("packets.show", "packets.lines_per_second", "lang")]
    assert origins == [
        "~/netshell/profiles/sql/profile.toml, line 2",
        "~/netshell/netshell.toml, line 4",
        "~/netshell/netshell.toml, line 1",
    ]
    assert sql.origins["capture.keep"].startswith("profiles/sql/profile.toml, line ")
    put(config, "default", 'title = "Ours"\n')
    assert (load().title, load().show, load().origins["title"]) == (
        "Ours", "none", "~/netshell/profiles/default/profile.toml, line 1",
    )  # fmt: skip


def test_who_names_the_profile(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "profile" not in load().origins
    put(config, "", 'profile = "web"\n')
    assert (load().name, load().origins["profile"]) == ("web", "~/netshell/netshell.toml, line 1")
    monkeypatch.setenv("NETSHELL_PROFILE", "dns")
    assert (load().name, load().origins["profile"]) == (
        "dns",
        "NETSHELL_PROFILE in the environment",
    )
    assert (load("sql").name, load("sql").origins["profile"]) == ("sql", "--profile")
    monkeypatch.setenv("NETSHELL_PROFILE", "nosuch")
    with pytest.raises(NotFound, match="'nosuch': named by NETSHELL_PROFILE in the environment; "):
        load()


def test_the_command_line_has_the_last_word(config: Path) -> None:
    put(config, "", "[screen]\nrows = 7\n")
    profile = load("sql", ["screen.rows=9", 'capture.filter="port 1"', "screen.colors = light",
                           "capture.keep=100", 'columns.flows=["#", "ended"]'])  # fmt: skip
    assert (profile.rows, profile.filter, profile.colors, profile.keep) == (
        9, "port 1", "light", 100,
    )  # fmt: skip
    assert profile.columns["flows"] == ("#", "ended")
    assert profile.origins["screen.rows"] == "--set"


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("rows", "--set 'rows'; write it as screen.colors="),
        ("rows=1", "unknown key rows; did you mean screen.rows?"),
        ("screen.rows=many", "screen.rows is 'many'; it takes a number from 0"),
        ("screen.colors=lihgt", "screen.colors has 'lihgt'; did you mean light? there are auto"),
    ],
)
def test_a_wrong_setting_of_the_command_line(config: Path, setting: str, said: str) -> None:
    with pytest.raises(BadArgument) as caught:
        load(None, [setting])
    assert str(caught.value).startswith(said)


def test_their_startup_takes_the_place(config: Path) -> None:
    assert load("sql").startup is None
    path = put(config, "sql", "x = 1\n", "startup.py")
    startup = load("sql").startup
    assert startup is not None and (startup.path, startup.source) == (str(path), b"x = 1\n")


def test_it_holds_from_then_on_and_says_its_language(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netshell import catalogue

    assert in_force() == Profile()
    try:
        assert start("dns", ["lang=ko"]) is in_force()
        assert catalogue.language() == "ko"
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        start("dns")
        assert catalogue.language() == "en"  # what the environment says, again
        assert columns.asked("messages") and not columns.asked("queries")
    finally:
        catalogue.speak(None)


def test_an_unknown_one_names_those_there_are(config: Path) -> None:
    put(config, "mine", "")
    with pytest.raises(NotFound) as caught:
        load("../mine")
    listed = ", ".join(sorted([*SHIPPED, "mine"]))
    assert str(caught.value) == (
        f"no such profile '../mine'; did you mean mine? there are {listed}"
    )


# --- what is wrong with a file --------------------------------------------------------------

WRONG = [
    ("title = \n", "line 1, column 9", "Invalid value"),
    ("[columns]\nflows = [\n'#'\n", "line 4, column 1", "Unclosed array"),
    ('\n\nextra = "x"\n', "line 3", "unknown key extra; there are title, lang"),
    ('lang = "en"\nfilter = "port 53"\n', "line 2", "key filter; did you mean capture.filter"),
    ('[capture]\nfliter = "x"\n', "line 2", "capture.fliter; did you mean capture.filter"),
    ('[capture]\npayload = "hex"\n', "line 2", "capture.payload; did you mean packets.payload?"),
    ('[packet]\npayload = "hex"\n', "line 2", "packet.payload; did you mean packets.payload?"),
    ('[packets]\npayload = "all"\n', "line 2", "packets.payload has 'all'; there are none, ascii"),
    ('[screen]\ncolors = "drak"\n', "line 2", "screen.colors has 'drak'; did you mean dark?"),
    ("[packets]\n\nexplain = 1\n", "line 3", "packets.explain is 1; it takes true or false"),
    ("[packets]\nlines_per_second = true\n", "line 2", "is true; it takes a number from 0"),
    ("[screen]\nrows = -1\n", "line 2", "screen.rows is -1; it takes a number from 0"),
    ("[capture]\nsnaplen = 0\n", "line 2", "snaplen is 0; it takes a number from 1 to 262144"),
    ('[capture]\nkeep = "much"\n', "line 2", "keep is 'much'; it takes a number of packets, or"),
    ("[capture]\nkeep = 1.5\n", "line 2", "keep is 1.5; it takes a number of packets, or"),
    ('[columns]\nflows = "ended"\n', "line 2", "flows is 'ended'; it takes a list of texts"),
    (
        '[columns]\nflows = [\n  "#",\n  "server", "cleint",\n]\nconns = 3\n',
        "line 2",
        "columns.flows has 'cleint'; did you mean client? there are #, proto, client",
    ),
    ('[columns]\nflow = ["#"]\n', "line 2", "columns.flow; did you mean columns.flows?"),
    ('[banner]\nverbs = ["dog"]\n', "line 2", "banner.verbs has 'dog'; did you mean dig?"),
    ("[screen.rows]\nx = 1\n", "line 1", "screen.rows is {'x': 1}; it takes a number"),
    ("[screen.deep]\nx = 1\n", "line 1", "unknown key screen.deep"),
    ("[[capture]]\nfilter = 'x'\n", "line 1", "capture is a section: write [capture]"),
    ("screen = 3\n", "line 1", "unknown key screen; screen is a section"),
    ('profile = "sql"\n', "line 1", "unknown key profile"),
    ('tips = """\ntitle = 3\n"""\ntitle = 4\n', "line 1", "tips; did you mean banner.tips"),
    ("lang = 'e\x1b[2Jn'\n", "line 1, column 10", "character"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "why"), WRONG)
def test_a_wrong_file_is_one_line_with_the_place(
    config: Path, text: str, place: str, why: str
) -> None:
    path = put(config, "mine", text)
    with pytest.raises(BadFile) as caught:
        load("mine")
    said = str(caught.value)
    assert said.startswith(f"cannot use the profile {path}, {place}: ")
    assert why in said and said.isprintable()


def test_the_general_file_is_checked_alike(config: Path) -> None:
    path = put(config, "", "\n[packets]\nshwo = 'hex'\n")
    with pytest.raises(BadFile) as caught:
        load()
    assert str(caught.value) == (
        f"cannot use the profile {path}, line 3: unknown key packets.shwo; "
        "did you mean packets.show?"
    )


def test_one_that_cannot_be_read(config: Path) -> None:
    path = put(config, "mine", "")
    path.write_bytes(b'title = "\xff"\n')
    with pytest.raises(BadFile, match="cannot read the profile"):
        load("mine")


def test_one_that_is_nested_too_deeply(config: Path) -> None:
    put(config, "mine", "x = " + "[" * 5000)
    with pytest.raises(BadFile, match="nested too deeply"):
        load("mine")


def test_lines_of_keys_however_they_are_written(config: Path) -> None:
    put(config, "mine", '# one\ncapture.keep = 7\n"title" = """\n\n"""\n'
        'screen = {rows = 3, colors = "none"}\n[banner]  # two\n\n\'tips\' = [\n"[columns]",\n'
        '"x = 1",\n]\n"verbs" = []\n')  # fmt: skip
    origins = load("mine").origins
    at = {key: int(origins[key].rpartition(" ")[2]) for key in origins if key != "profile"}
    assert at == {
        "capture.keep": 2, "title": 3, "screen.rows": 6, "screen.colors": 6, "banner.tips": 9,
        "banner.verbs": 13,
    }  # fmt: skip


def test_amounts_to_keep_are_those_that_sniff_takes() -> None:
    from netshell.capture.amount import parse_keep
    from netshell.shell.profile_file import KEEP

    for text in ("200 MB", "1.5GiB", "100 b", "7 packets", "1 packet", "1_000 KB", " 3 tb "):
        assert KEEP.fullmatch(text) and parse_keep(text) is not None, text
    for text in ("200", "MB", "-3 MB", "1 h", "3 XB", "x", "1.5 packets"):
        assert not KEEP.fullmatch(text), text
        with pytest.raises(BadArgument):
            parse_keep(text)


def test_names_of_columns_are_those_of_the_tables() -> None:
    from netshell.commands.conns import Listeners, Sockets
    from netshell.flow.flows import Flows
    from netshell.protocols.messages import Messages
    from netshell.protocols.queries import Queries

    tables = {"conns": Sockets, "listeners": Listeners, "flows": Flows, "messages": Messages,
              "queries": Queries}  # fmt: skip
    assert {
        name: tuple(head.name for head in table.heads) for name, table in tables.items()
    } == COLUMNS


def test_what_nobody_set_is_built_in() -> None:
    from netshell import profile

    shown = {each.key: each for each in profile()}
    assert list(shown) == ["profile", *(key.name for key in KEYS)]
    assert shown["capture.snaplen"].value == 262_144
    assert {shown[key].origin for key in shown if key not in ("lang", "screen.colors")} == {
        BUILT_IN
    }


def test_every_setting_is_described() -> None:
    text = (Path(__file__).parents[2] / "docs" / "profiles.rst").read_text("utf-8")
    for key in KEYS:
        assert f"``{key.name}``" in text or key.name.startswith("columns."), key.name
    for name in SHIPPED:
        assert f"\n``{name}`` " in text, name
    for table in COLUMNS:
        assert f"{table}" in text, table
