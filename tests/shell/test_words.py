"""A command's line, read as sh reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from netshell.errors import BadArgument
from netshell.shell.words import expand, read, statements


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-nn 'tcp[13] & 2' \"a b\"c d\\ e", ["-nn", "tcp[13] & 2", "a bc", "d e"]),
        ("''  \"\"", ["", ""]),
        (r'"a\"b\\c\d" \'', ['a"b\\c\\d', "'"]),
        ("-# x # a note", ["-#", "x"]),
        ("a#b", ["a#b"]),
        ("$host ${host}x '$host' {host} \"$host\" $nobody {nobody}",
         ["h b", "h bx", "$host", "h b", "h b", "$nobody", "{nobody}"]),
        ("{at.real} {rows[0]}{rows[-1]} {at.nothing} {1} {}",
         ["5", "ab", "{at.nothing}", "{1}", "{}"]),
        ("$HOME/x ~/x '~' x~ ~nobody-at-all", ["/h/x", "/h/x", "~", "x~", "~nobody-at-all"]),
        ("tcp[0] no*where", ["tcp[0]", "no*where"]),
        ("-c2", ["-c2"]),
    ],
)  # fmt: skip
def test_words_are_those_of_sh(
    text: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/h")
    names = {"host": "h b", "at": 5, "rows": ["a", "b"]}
    assert expand(read(text).words, names) == words


def test_files_are_found_as_sh_finds_them(tmp_path: Path) -> None:
    for name in ("b.pcap", "a.pcap", "[x].pcap"):
        (tmp_path / name).touch()
    names = {"folder": tmp_path, "mark": "*"}
    found = expand(read("$folder/?.pcap '*' $mark {folder}/[[]*").words, names)
    assert found == [
        *(str(tmp_path / name) for name in ("a.pcap", "b.pcap")), "*", "*",
        str(tmp_path / "[x].pcap"),
    ]  # fmt: skip


def test_a_value_stays_within_its_word() -> None:
    names = {"name": "x; rm -rf / | sh > y 'z \" `w` $HOME"}
    for text in ("$name", "{name}", '"$name"'):
        line = read(text)
        assert expand(line.words, names) == [names["name"]]
        assert not line.pipe and line.output is None


def test_where_the_text_goes() -> None:
    line = read("-a 2>/dev/null >>x\\ y | grep 'a|b' | wc")
    assert expand(line.words, {}) == ["-a"] and line.pipe == "grep 'a|b' | wc"
    assert line.output and expand([line.output], {}) == ["x y"] and line.appends
    assert line.errors and expand([line.errors], {}) == ["/dev/null"] and not line.errors_append
    assert read("-a 2>&1 | x").together and read("-a |& x").together
    assert statements("a; b 'c;d' \\; e # f; g") == ["a", " b 'c;d' \\; e # f; g"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a && b", "&& is for a command shell"), ("a || b", "|| is"), ("a &", "& is"),
        ("a < b", "< is"), ("a $(b)", "$(...) is"), ("a `b`", "`...` is"), ("a; b", "; is"),
        ("a 'b", "a quote is not closed: 'b"), ("a |", "nothing reads the pipe"),
        ("a >", "no file is named behind >"), ("a > | b", "no file"), ("a >&2", ">&2 is"),
    ],
)  # fmt: skip
def test_what_only_a_command_shell_does_is_told(text: str, said: str) -> None:
    with pytest.raises(BadArgument) as refused:
        read(text)
    assert str(refused.value).startswith(said)
