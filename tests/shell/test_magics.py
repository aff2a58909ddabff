"""Classic commands at the prompt: which lines are theirs, where their text goes, what is kept."""

from __future__ import annotations

import ast
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pty_shell import CTRL_C, ENTER, TAB, Shell, environment

from netshell.errors import BadArgument
from netshell.shell.completion import complete
from netshell.shell.plain import rewritten
from netshell.shell.tool_options import complete_command
from netshell.shell.verbs import namespace
from netshell.shell.words import expand, read, statements

# --- which lines are commands -----------------------------------------------------------------


def run(tool: str, text: str) -> str:
    return f"get_ipython().run_tool({tool!r}, {text!r})"


def told(cell: str, **names: object) -> str:
    """A cell as Python gets it, in a namespace that has the verbs and these names."""
    return "".join(rewritten(cell.splitlines(keepends=True), {**namespace(), **names}))


@pytest.mark.parametrize(
    "line",
    [
        "netstat -ant", "netstat -a -n", "netstat --tcp -4", "netstat", "ifconfig", "ifconfig -a",
        "ifconfig eth0", "netstat\t-rn", "dig naver.com", "dig -x", "dig -x 192.0.2.1",
        "dig +short",
        "dig -4", "dig @192.0.2.1 naver.com MX +noall", "dig @localhost", "dig .", "dig . NS",
        "dig . NS +short", "dig --help", "dig *.example.org", "dig _dmarc.example.org",
        "dig müller.de", "dig +all", "dig -f /tmp/names",
        "tcpdump -r /tmp/x | head", "tcpdump -w - -r /tmp/x > y", "dig $host",
        "dig {host}", 'dig "a b"', "nslookup ::1", "nslookup naver.com ::1",
        "tcpdump -i en0 -lA -s1500 -nn tcp and port 80", "tcpdump -#",
        "tcpdump -D", "tcpdump not tcp", "tcpdump tcp or udp", "tcpdump ! port 22",
        "tcpdump -nn 'tcp[13] & 2 != 0'", "tcpdump -r /tmp/x.pcap", "tcpdump -w - -r x.pcap",
        "tcpdump -nn (tcp or udp)", "tcpdump -nn (tcp or udp) and port 80",
        r"tcpdump \(tcp or udp\)",
        "tcpdump 'x", "netstat -ant | grep 80", "netstat -an | wc -l", "ifconfig | less",
        "netstat -an > file", "netstat > file", "netstat -ant # all of them",
    ],
)  # fmt: skip
def test_a_command_as_in_a_command_shell(line: str) -> None:
    tool, _, rest = line.replace("\t", " ").partition(" ")
    assert told(line).rstrip("\n") == run(tool, rest)
    ast.parse(told(line))
    assert told(f"%{line}") == told(line)  # with the percent sign, too
    assert told(f"y = 1\n{line}\nprint(y)\n") == f"y = 1\n{told(line)}print(y)\n"


@pytest.mark.parametrize(
    "cell",
    [
        'dig("x")', 'dig ("x")', "dig = 3", "dig - x", "dig", "dig;", "dig.x", "dig . __name__",
        "tcpdump in x", "tcpdump not in x", "dig is None", "dig if x else y", "dig and x",
        "dig or x", "dig == 3", "dig != 3", "dig += 1", "dig -= x", "dig @ x", "dig @= x",
        "dig + short", "dig -1",
        "dig -(x)", "dig -f(x)", "dig [1]", "dig[1]", "netstat -a in x", "netstat -a / b | c",
        "dig: int = 3", "dig : int", "dig, x = 1, 2", "dig , x",
        "dig # a note", "dig -x - y", "dig -x if y else z", "dig | x", "dig > x", "dig -read",
        "netstat - n", "netstat = 3", "netstat >= 3", "netstat |= x", "netstat -ant if x else y",
        "netstat -n in x", "tcpdump -n and x", "digest -x", "dig_ -x", "import netstat", "del dig",
        "for dig in x: pass", "print(netstat -ant)", "x = netstat -ant", "return_ = dig -x",
        "lambda: netstat -ant", "netstat?", "dig?", "dig??", "?dig", "!netstat -ant", "x = !dig -x",
        "x = %netstat -ant", "get_ipython().run_line_magic('netstat', '-ant')",
        # no Python yet, and no command either
        "dig (1,", "dig {", "dig if x else (", "dig +=", "dig =", "dig -", "dig -(", "dig in",
    ],
)  # fmt: skip
def test_python_stays_python(cell: str) -> None:
    assert told(cell) == cell


@pytest.mark.parametrize(
    "cell",
    [
        "def f():\n    netstat -ant\n    dig naver.com\n",
        "if x:\n    dig -x\n",
        "async def f():\n    netstat\n",
        '"""\nnetstat -ant\ndig naver.com\n"""\n',
        "x = '''\nnetstat -ant\n'''\n",
        "f(\nnetstat -ant\n)\n",
        "x = [\ndig -x,\ndig\n]\n",
        "x = 1 + \\\nnetstat -a\n",
        "dig(\n-x)\n",
        "dig = 3\ndig -x\n",
        "for netstat in range(3):\n    pass\nnetstat -ant\n",
        "import dig\ndig -x\n",
        "x = 5\ndig -x\n",
        "%%bash\nnetstat -ant\n",
        "%%writefile x\ndig naver.com\n",
    ],
)
def test_what_stands_in_something_else_stays(cell: str) -> None:
    assert told(cell) == cell


def test_what_the_users_names_are_decides() -> None:
    assert told("dig -x", x=5) == "dig -x"  # x is somebody's: Python says what is wrong
    assert told("dig -f /tmp/x", f=5, tmp=5, x=5) == "dig -f /tmp/x"
    assert told("dig -f /tmp/x", f=5) == run("dig", "-f /tmp/x") + "\n"  # tmp is nobody's
    assert told("dig -x", dig=3) == "dig -x" and told("dig", dig=3) == "dig"
    assert told("netstat -n", netstat=5) == "netstat -n"
    assert told("netstat", netstat=5) == "netstat"
    # nobody's name cannot be subtracted from, whatever n is
    assert told("netstat -n", n=5) == run("netstat", "-n") + "\n"
    assert told("dig naver.com", dig=3) == run("dig", "naver.com") + "\n"  # never Python
    def_ = "def f():\n    netstat = 3\n"  # a name within a function is not the cell's
    assert told(f"{def_}netstat -ant\n") == f"{def_}{run('netstat', '-ant')}\n"
    assert told("netstat -ant\nnetstat = 3\n") == f"{run('netstat', '-ant')}\nnetstat = 3\n"


def test_sudo_says_how_it_is_done(tmp_path: Path) -> None:
    assert told("sudo tcpdump -i lo").rstrip() == (
        "get_ipython().run_tool('tcpdump', '-i lo', as_root=True)"
    )
    assert told("sudo -u me tcpdump") == "sudo -u me tcpdump" and told("sudo - x") == "sudo - x"
    out = cells(tmp_path, "import os; os.geteuid = lambda: 1000", "sudo netstat -rn")
    assert out.startswith("sudo is not done here: the shell stays who it is; !sudo /")
    assert out.endswith(" -m netshell netstat -rn\n")
    assert "routing table" in cells(
        tmp_path, "import os; os.geteuid = lambda: 0", "sudo netstat -rn"
    )


def test_several_in_a_line_and_one_over_several() -> None:
    assert told("netstat -ant;") == run("netstat", "-ant") + "\n"
    both = told("netstat -a; dig naver.com; x = 3").rstrip()
    assert both == f"{run('netstat', '-a')}; {run('dig', 'naver.com')}; x = 3"
    assert told("dig 'a;b'; 5").rstrip() == f"{run('dig', repr('a;b'))}; 5"
    long = told("tcpdump -nn \\\n  port 80\nx\n").split("\n")
    assert long == [run("tcpdump", "-nn   port 80"), "", "x", ""]  # lines keep their numbers


# --- the words of a line ------------------------------------------------------------------------


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


PARTS = st.sampled_from(
    ["netstat", "dig", "%tcpdump", " ", "\n", "-ant", "-i", "+short", "@x", "'", '"', "#", ";", "|",
     ">", "2>", "&", "(", ")", "{", "}", "$x", "{x[0]}", "~", "*", "[", "]", "\\", "\\\n", "if",
     "in",
     "=", ".", ":", "x", "'''", "\0", "\ud800", "\x1b", "$(", "`", "<", "!", "    ", "def f():\n"]
)  # fmt: skip
TEXTS = st.lists(PARTS | st.text(max_size=3), max_size=12).map("".join)


def parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


@given(TEXTS)
def test_any_text_is_read_without_an_accident(text: str) -> None:
    names = {**namespace(), "x": ["-a b"]}
    lines = text.splitlines(keepends=True)
    done = rewritten(lines, names)
    if done != lines and (tree := parsed("".join(lines))):  # Python: then only of expressions
        kept = {ast.dump(each) for each in tree.body if not isinstance(each, ast.Expr)}
        assert kept <= {ast.dump(each) for each in ast.parse("".join(done)).body}
    complete(text, names)
    try:
        expand(read(text).words, names)
    except BadArgument as error:
        assert str(error).isprintable()


# --- in a shell ----------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A capture of two UDP datagrams."""
    data = struct.pack("!IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for port in (5000, 5001):
        udp = struct.pack("!HHHH", 4000, port, 8, 0)
        ip = struct.pack("!BBHHHBBH4s4s", 69, 0, 28, 1, 0, 64, 17, 0, b"\xc0\0\2\1", b"\xc0\0\2\2")
        frame = bytes(12) + b"\x08\0" + ip + udp
        data += struct.pack("!IIII", 1, 0, len(frame), len(frame)) + frame
    path = tmp_path / "two.pcap"
    path.write_bytes(data)
    return path


def cells(home: Path, *lines: str) -> str:
    """What IPython prints for these cells, run without a terminal."""
    code = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(colors='nocolor')\n"
        "shell.run_cell('%load_ext netshell.shell.extension')\n"
        f"for line in {lines!r}:\n"
        "    shell.run_cell(line, store_history=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", "-c", code], cwd=home,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
        env=environment(home), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_records_stay_without_being_displayed(tmp_path: Path, saved: Path) -> None:
    out = cells(tmp_path, f"tcpdump -nn -r {saved} 2>/dev/null", "len(_), len(Out[1]), len(_1)")
    first, second, answer, *_ = out.splitlines()
    assert "192.0.2.1.4000 > 192.0.2.2.5000: UDP" in first and "5001" in second
    assert answer == "Out[2]: (2, 2, 2)"


def test_with_a_name_the_records_are_its_value(tmp_path: Path, saved: Path) -> None:
    out = cells(
        tmp_path,
        f"where = {str(saved)!r}",
        "x = %tcpdump -nn -r $where | grep -c 5000",
        "len(x), 2 in Out",
        "def f(path):\n    y = %tcpdump -nn -c1 -r {path} >/dev/null\n    return len(y)",
        "f(where)",
        "for i in range(2):\n    %tcpdump -nn -r $where port 5001 2>/dev/null | wc -l",
    )
    lines = [line.strip() for line in out.splitlines() if not line.startswith("reading from")]
    assert lines == ["1", "Out[3]: (2, False)", "Out[5]: 1", "1", "1"]


def test_pipes_files_and_statuses(tmp_path: Path, saved: Path) -> None:
    out = cells(
        tmp_path,
        f"tcpdump -nn -r {saved} > out.txt 2>&1; tcpdump -nn -r {saved} 2>/dev/null | head -n 1",
        "len(open('out.txt').read().splitlines()), _exit_code",
        f"tcpdump -nn -r {saved} 2>> out.txt | grep -q nothing",
        "len(open('out.txt').read().splitlines()), _exit_code",
        "word = 'x; echo no'",
        f'tcpdump -nn -r {saved} 2>/dev/null | (cat >/dev/null; echo "<$word>")',
        f"tcpdump -nn -r {saved} > {tmp_path}/no/where",
    )
    head, *rest = out.splitlines()
    assert "5000: UDP" in head
    assert rest == [
        "Out[2]: (3, 0)", "Out[4]: (4, 1)", "<x; echo no>",
        f"cannot write to {tmp_path}/no/where: no such directory",
    ]  # fmt: skip


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    out = cells(
        tmp_path,
        "netstat --listning",
        "tcpdump -Z root",
        "netstat -a && ls",
        "tcpdump -r nowhere.pcap",
    )
    assert "Traceback" not in out and len(out.splitlines()) == 4
    assert "netstat has no option --listning; the nearest is --listening" in out
    assert "tcpdump -Z is not supported" in out and "&& is for a command shell" in out


def test_automagic_leaves_python_alone(tmp_path: Path) -> None:
    out = cells(tmp_path, "tcpdump in x", "tcpdump - x", "netstat = 3", "netstat -1", "netstat")
    assert out.count("NameError: name 'tcpdump' is not defined") == 2
    assert "Out[4]: 2" in out and "Out[5]: 3" in out


def test_unloaded_it_is_gone(tmp_path: Path) -> None:
    out = cells(
        tmp_path,
        "%reload_ext netshell.shell.extension",
        "len([f for f in get_ipython().input_transformers_cleanup if 'netshell' in f.__module__])",
        "%unload_ext netshell.shell.extension",
        "netstat -ant",
        "%netstat -ant",
    )
    assert "Out[2]: 1" in out and "name 'netstat' is not defined" in out
    assert "`%netstat` not found" in out


def test_in_a_terminal(tmp_path: Path, saved: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.run(f"tcpdump -nn -r {saved}")
        shell.shows("192.0.2.1.4000 > 192.0.2.2.5001: UDP, length 0")
        assert "Out[1]" not in shell.text
        shell.run("len(_), len(Out[1])")
        shell.shows("Out[2]: (2, 2)")
        shell.run("ifconfig lo")
        shell.shows("inet 127.0.0.1")
        shell.run("netstat -ant | head -n 1; 5")
        shell.shows("Active Internet connections (servers and established)")
        shell.shows("Out[4]: 5")
        shell.run("dig - x")
        shell.shows("NameError: name 'x' is not defined")
        shell.run("tcpdump --cuont")
        shell.shows("the nearest is --count")
        shell.run("dig")
        shell.shows("dig() runs it")


def test_tab_lists_the_options(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.type("netstat -" + TAB)
        shell.shows("only sockets that wait for peers")
        shell.type(CTRL_C + CTRL_C)  # the first one closes the list
        shell.until(lambda: shell.at_prompt, "an empty line")
        shell.type("tcpdump --imm" + TAB)
        shell.shows("tcpdump --immediate-mode")
        shell.type(CTRL_C + "%netstat?" + ENTER)
        shell.shows("usage: netstat")


def test_nothing_is_loaded_for_the_first_prompt(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.ready()
        shell.run("import sys; [m for m in sys.modules if m.startswith('netshell.classic.')]")
        shell.shows("Out[1]: []")


# --- Tab ----------------------------------------------------------------------------------------


def offered(text: str, **names: object) -> tuple[str, list[str]]:
    found = complete(text, {**namespace(), **names})
    return found.fragment, [each.text for each in found.candidates]


def test_options_come_with_what_they_do() -> None:
    found = complete("netstat -", namespace())
    about = {each.text: each.about for each in found.candidates}
    assert found.only and "routing table" in about["-r"] and "--route" not in about
    assert offered("netstat --rou") == ("--rou", ["--route"])
    fragment, clusters = offered("netstat -an")
    assert (
        fragment == "-an" and "-ant" in clusters and "-anr" in clusters and "-ana" not in clusters
    )
    assert "-Z" not in offered("tcpdump -")[1]  # refused
    assert offered("dig +sho") == ("+sho", ["+short", "+showsearch"])
    assert offered("dig example.org +nosho")[1] == ["+noshort", "+noshowsearch"]
    assert offered("dig +tim")[1] == ["+timeout="] and offered("dig +edn")[1][0] == "+edns"
    assert not [each for each in offered("dig +")[1] if each.startswith("+no")]


def test_values_come_from_what_this_machine_has(saved: Path) -> None:
    for line in (
        "tcpdump -i ",
        "%tcpdump -nni ",
        "tcpdump --interface=",
        "ifconfig ",
        "tcpdump -i",
    ):
        assert "lo" in offered(line)[1] or line == "tcpdump -i", line
    assert offered("tcpdump -il") == ("l", ["lo"])
    assert offered(f"tcpdump -r {saved.parent}/tw") == ("tw", ["two.pcap"])
    assert offered(f"x = %tcpdump -nn -w {saved.parent}/tw") == ("tw", ["two.pcap"])
    assert offered(f"netstat -a > {saved.parent}/tw") == ("tw", ["two.pcap"])
    assert "host" in offered("tcpdump -nn port 80 and ho")[1]
    assert "localhost" in offered("tcpdump -c 3 host localh")[1]
    assert offered("netstat -a | gre") == ("", [])
    assert "localhost" in offered("dig localh")[1] and "localhost" in offered("nslookup localh")[1]
    assert "MX" in offered("dig example.org ")[1] and "MX" in offered("dig -t M")[1]
    assert "localhost" in offered("dig @localh")[1]


def test_where_no_command_is_typed_python_is_completed() -> None:
    assert complete_command("dig = -", {}) is None
    assert complete_command("def f():\n    netstat -", {}) is None
    assert complete_command('x = """\nnetstat -', {}) is None
    assert complete_command("netstat -", {"netstat": 3}) is None
    assert offered("netst") == ("netst", ["netstat"])
    assert offered("x = netst") == ("netst", []) and offered("netst", netstat=3)[1] == []
