"""Options of the classic commands: read as getopt_long(3) reads them, refused by name."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path
from types import ModuleType

import pytest

from netshell.classic import TOOLS, Tool, tool
from netshell.classic.options import (
    Given,
    Option,
    described,
    is_long,
    nearest,
    parse,
    refusal,
    unknown,
)
from netshell.errors import BadArgument

ROOT = Path(__file__).parents[2]
TABLE = (
    Option(("-a", "--all"), "all sockets"),
    Option(("-n", "--numeric"), "numbers instead of names"),
    Option(("--numeric-hosts",), "numbers for hosts"),
    Option(("-v", "--verbose"), "more"),
    Option(("-c", "--count"), "end after so many", "COUNT"),
    Option(("-I", "--interfaces"), "interfaces", "[IFACE]"),
    Option(("-C", "--cache"), "the cache", refused="there is none; ask ip route get ADDRESS"),
    Option(("-Z",), "a user", "USER", refused="it runs as who you are; use sudo -u USER"),
)

Read = tuple[list[tuple[str, str | None]], list[str]]


def read(*words: str, mixed: bool = True) -> Read:
    given = parse("tool", TABLE, words, mixed=mixed)
    return [(option.names[0], value) for option, _, value in given.found], given.rest


@pytest.mark.parametrize(
    ("words", "found", "rest"),
    [
        ("", [], []),
        ("-an", [("-a", None), ("-n", None)], []),
        ("-nvvv", [("-n", None), *[("-v", None)] * 3], []),
        ("-c5 -c 6 -vc7", [("-c", "5"), ("-c", "6"), ("-v", None), ("-c", "7")], []),
        ("-c -n", [("-c", "-n")], []),
        ("--count=5 --count 6 --count=", [("-c", "5"), ("-c", "6"), ("-c", "")], []),
        ("--cou 5 --al --verb", [("-c", "5"), ("-a", None), ("-v", None)], []),
        ("--numeric", [("-n", None)], []),  # exact, though another begins so
        ("port -n 80 -v", [("-n", None), ("-v", None)], ["port", "80"]),
        ("-n -- -a --all", [("-n", None)], ["-a", "--all"]),
        ("- -n", [("-n", None)], ["-"]),
        ("-Ieth0 -I eth1 --interfaces=x", [("-I", "eth0"), ("-I", None), ("-I", "x")], ["eth1"]),
    ],
)
def test_it_reads_as_getopt_does(
    words: str, found: list[tuple[str, str | None]], rest: list[str]
) -> None:
    assert read(*words.split()) == (found, rest)


def test_the_first_operand_ends_options_where_a_tool_says_so() -> None:
    assert read("-n", "name", "-a", mixed=False) == ([("-n", None)], ["name", "-a"])


def test_what_was_given_is_asked_by_any_name() -> None:
    given = parse("tool", TABLE, ["-vv", "--verbose", "-c1", "--count=2", "x"])
    assert given.count("-v") == given.count("--verbose") == 3
    assert given.value("-c") == "2" and given.values("--count") == ["1", "2"]
    assert "-v" in given and "-a" not in given and given.value("-I") is None
    with pytest.raises(KeyError):
        given.count("-q")  # a mistake of ours: not in the table


def test_own_parsers_fill_it_themselves() -> None:
    given = Given(TABLE)
    given.add("--count", "3")
    given.rest.append("name")
    assert given.value("-c") == "3" and given.found[0][1] == "--count"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("-x", "tool has no option -x; the nearest is -c (end after so many), --help lists all"),
        ("-nV", "tool has no option -V (in -nV); the nearest is -v (more), --help lists all"),
        ("-numeric", "tool has no option -u (in -numeric); the nearest is --numeric ("),
        ("--verbsoe", "tool has no option --verbsoe; the nearest is --verbose (more)"),
        ("--colour=x", "tool has no option --colour; the nearest is --count"),
        ("--num", "tool has several options --num…; it is one of --numeric, --numeric-hosts"),
        ("-c", "tool -c needs a value; give -c COUNT"),
        ("--count", "tool --count needs a value; give --count COUNT"),
        ("--all=3", "tool --all takes no value (--all=3)"),
        ("-aC", "tool -C is not supported: there is none; ask ip route get ADDRESS"),
        ("--cac", "tool --cache is not supported: there is none"),
        ("-Z root", "tool -Z is not supported: it runs as who you are; use sudo -u USER"),
        ("-é", "tool has no option -é; the nearest is -"),
    ],
)
def test_what_it_does_not_have_is_refused_by_name(words: str, said: str) -> None:
    with pytest.raises(BadArgument) as refused:
        read(*words.split())
    assert str(refused.value).startswith(said) and "\n" not in str(refused.value)


def test_parsers_of_their_own_refuse_in_the_same_words() -> None:
    table = (
        Option(("+short", "+noshort"), "answers only"),
        Option(("+time",), "seconds to wait", "SECONDS"),
        Option(("+mapped",), "mapped addresses", refused="there are none"),
    )
    assert "+shrt; the nearest is +short (answers only)" in str(unknown("dig", table, "+shrt"))
    assert "the nearest is +time (" in str(unknown("dig", table, "+tmie=3"))
    assert str(unknown("dig", table, "+mapped")) == "dig +mapped is not supported: there are none"
    assert str(refusal("dig", table[2], "+mapped")) == str(unknown("dig", table, "+mapped"))
    assert str(unknown("dig", (), "+x")) == "dig has no option +x; --help lists all"


def test_a_neighbouring_key_is_nearer_than_another() -> None:
    table = (Option(("-p",), ""), Option(("-v",), ""), Option(("-q",), ""))
    found = [nearest(table, word) for word in ("-b", "-o", "-w", "-P")]
    assert [each[0] for each in found if each] == ["-v", "-p", "-q", "-p"]


def test_hostile_words_stay_one_clean_line() -> None:
    for word in ("-\x1b[2J", "--\x1b]0;x\x07", "-" + "x" * 5000, "--" + "y" * 5000):
        with pytest.raises(BadArgument) as refused:
            read(word)
        assert str(refused.value).isprintable() and len(str(refused.value)) < 3000


def test_help_has_every_option_in_80_columns() -> None:
    text = described("tool", "[OPTION ...]", "does something", TABLE)
    assert text.startswith("usage: tool [OPTION ...]\n\ndoes something\n\noptions:\n  -a, --all ")
    assert "  -I, --interfaces[=IFACE]  interfaces\n" in text and "not supported:\n" in text
    assert max(map(len, text.splitlines())) < 80


@pytest.mark.parametrize(
    ("names", "value", "shown"),
    [
        ("-n", "", "-n"),
        ("-c", "COUNT", "-c COUNT"),
        ("-c --count", "COUNT", "-c, --count=COUNT"),
        ("-I", "[IFACE]", "-I[IFACE]"),
        ("-b", "ADDRESS[#PORT]", "-b ADDRESS[#PORT]"),
        ("-y", "[HMAC:]NAME:KEY", "-y [HMAC:]NAME:KEY"),
        ("+edns +noedns", "[VERSION]", "+edns[=VERSION], +noedns"),
        ("+subnet +nosubnet", "ADDRESS[/BITS]", "+subnet=ADDRESS[/BITS], +nosubnet"),
        ("-type -querytype", "TYPE", "-type, -querytype=TYPE"),
        ("-timeout -t", "SECONDS", "-timeout, -t=SECONDS"),
    ],
)
def test_a_value_is_shown_as_it_is_given(names: str, value: str, shown: str) -> None:
    assert Option(tuple(names.split()), "does", value).shown == shown


# --- every tool's table ---------------------------------------------------------------------

each_tool = pytest.mark.parametrize("chosen", TOOLS, ids=[each.name for each in TOOLS])


@each_tool
def test_a_table_has_every_option_once_and_said_in_one_line(chosen: Tool) -> None:
    names = [name for option in chosen.options for name in option.names]
    assert len(names) == len(set(names))
    for option in chosen.options:
        assert (option.does or option.refused) and "\n" not in option.does + option.refused
        assert all(name[0] in "-+" and len(name) > 1 for name in option.names)
        for text in (option.does, option.refused):
            assert text.endswith("...") or not text.endswith("."), text


@each_tool
def test_every_tool_prints_its_help(chosen: Tool) -> None:
    out, err = io.StringIO(), io.StringIO()
    assert chosen.run(["-h"], out, err).status == 0
    assert chosen.run(["-n", "--help"], out, err).status == 0
    text = out.getvalue()
    assert text == 2 * chosen.help() and not err.getvalue()
    assert max(map(len, text.splitlines())) < 80
    for option in chosen.options:
        assert all(f"{name}" in text for name in option.names)


@each_tool
def test_a_refused_option_names_its_reason(chosen: Tool) -> None:
    for option in (each for each in chosen.options if each.refused):
        name = option.names[0]
        value = ["x"] if option.value else []
        words = [f"{name}=x"] if option.value and is_long(name) else [name, *value]
        with pytest.raises(BadArgument) as refused:
            chosen.run(words, io.StringIO(), io.StringIO())
        assert option.refused[:40] in str(refused.value), name


@each_tool
def test_an_unknown_option_names_the_nearest(chosen: Tool) -> None:
    with pytest.raises(BadArgument) as refused:
        chosen.run(["--no-such-option"], io.StringIO(), io.StringIO())
    assert "no-such-option" in str(refused.value) and "the nearest is " in str(refused.value)


def test_tools_are_found_by_their_name() -> None:
    assert [each.name for each in TOOLS] == ["netstat", "ifconfig", "dig", "nslookup", "tcpdump"]
    found = tool("dig")
    assert found is not None and found.name == "dig" and tool("ping") is None


def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs/classic.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_what_the_tables_say() -> None:
    written = (ROOT / "docs/classic.rst").read_text("utf-8")
    assert written == reference().pages(), "run: python docs/classic.py"
    assert max(map(len, written.splitlines())) < 100
