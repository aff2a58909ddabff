"""Which lines at the prompt are commands, and which are Python."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.errors import BadArgument
from netshell.shell.completion import complete
from netshell.shell.plain import rewritten
from netshell.shell.verbs import namespace
from netshell.shell.words import expand, read


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


def test_several_in_a_line_and_one_over_several() -> None:
    assert told("netstat -ant;") == run("netstat", "-ant") + "\n"
    both = told("netstat -a; dig naver.com; x = 3").rstrip()
    assert both == f"{run('netstat', '-a')}; {run('dig', 'naver.com')}; x = 3"
    assert told("dig 'a;b'; 5").rstrip() == f"{run('dig', repr('a;b'))}; 5"
    with_others = told("netstat -a; !ls; %pwd\ndig -x\nnetstat = 3\n").splitlines()
    own = [run("netstat", "-a"), "!ls", "%pwd", run("dig", "-x"), "netstat = 3"]
    assert with_others == own
    long = told("tcpdump -nn \\\n  port 80\nx\n").split("\n")
    assert long == [run("tcpdump", "-nn   port 80"), "", "x", ""]  # lines keep their numbers


def test_sudo_is_not_done_silently() -> None:
    code = "get_ipython().run_tool('tcpdump', '-i lo', as_root=True)"
    assert told("sudo tcpdump -i lo") == f"{code}\n"
    assert told("sudo -u me tcpdump") == "sudo -u me tcpdump" and told("sudo - x") == "sudo - x"


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
