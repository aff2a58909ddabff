"""Hostile payloads in a capture never become markup in a notebook: parsed, and in a real browser.

The notebooks are run over their own captures in which a name, a page, a header and a table were
replaced by markup and escape sequences of the same length.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import missing
from running import CAPTURES, NOTEBOOKS, Shown, pages, run, words

HOSTILE = {
    "00": {b"text/html": b"<script>\x1b"},
    "02": {b"\x07missing": b"\x07<img\x1b/>"},
    "07": {
        b"/missing": b"/<b>\x1b[5m",
        b"netshell-lab": b"</script>//\x9b",
        b"0123456": b"<script",
    },
    "08": {b"customers": b"<script>x", b"customer ": b"</td><b>\x1b"},
}
"""For each notebook, what is replaced in its capture by what."""
SHOWN = {"00": "<script>", "02": "<img", "07": "</script>//", "08": "</td><b>"}
"""And what of it must be there to read."""
TAGS = {
    *("div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "pre", "p"),
    *("svg", "title", "desc", "style", "rect", "g", "line", "path", "polygon", "text"),
}
NEEDED = re.compile(r"\bon\w+|href|src|srcdoc|action|data", re.I)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """Those notebooks with their outputs."""
    captures = tmp_path_factory.mktemp("captures")
    for path in CAPTURES.iterdir():
        data = path.read_bytes()
        is_packed = path.suffix == ".gz"
        plain = gzip.decompress(data) if is_packed else data
        for old, new in HOSTILE.get(path.name[:2], {}).items():
            assert len(old) == len(new) and old in plain, (path, old, new)
            plain = plain.replace(old, new)
        (captures / path.name).write_bytes(gzip.compress(plain) if is_packed else plain)
    wanted = [path for path in NOTEBOOKS if path.stem[:2] in HOSTILE]
    folder = tmp_path_factory.mktemp("hostile")
    refused = "user.max_user_namespaces=0"
    return run("one", folder, refused, notebooks=wanted, captures=captures)


def tags_and_attributes(page: str) -> tuple[set[str], set[str]]:
    tags: set[str] = set()
    attributes: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            attributes.update(name for name, _ in attrs)

    Reader().feed(page)
    return tags, attributes


@pytest.mark.parametrize("number", HOSTILE)
def test_nothing_of_it_is_markup(hostile: dict[str, Shown], number: str) -> None:
    outputs = hostile[number].outputs()
    page = pages(outputs)
    tags, attributes = tags_and_attributes(page)
    assert tags <= TAGS
    assert not [name for name in attributes if NEEDED.fullmatch(name)]
    assert SHOWN[number] in words(page)


@pytest.mark.parametrize("number", HOSTILE)
def test_no_output_has_an_escape_sequence(hostile: dict[str, Shown], number: str) -> None:
    for output in hostile[number].outputs():
        if output["output_type"] != "error":  # a traceback's colours are IPython's own
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", _texts(output)), output


def _texts(output: dict[str, object]) -> str:
    data = output.get("data", {"text/plain": output.get("text", "")})
    assert isinstance(data, dict)
    return "".join("".join(part) for kind, part in data.items() if kind.startswith("text/"))


def test_pictures_are_well_formed(hostile: dict[str, Shown]) -> None:
    pictures = [
        picture
        for shown in hostile.values()
        for picture in re.findall(r"<svg .*?</svg>", pages(shown.outputs()), re.S)
    ]
    assert len(pictures) >= 2
    for picture in pictures:
        ElementTree.fromstring(picture)


# --- in a browser ---------------------------------------------------------------------------

_LOOK = """
const inside = (box, room) => box.left >= room.left - 1 && box.right <= room.right + 1
  && box.top >= room.top - 1 && box.bottom <= room.bottom + 1;
document.title = JSON.stringify({
  scripts: document.scripts.length,
  strange: document.querySelectorAll("img, iframe, object, embed, b, a, link").length,
  pictures: document.querySelectorAll("svg").length,
  arrows: document.querySelectorAll("svg polygon").length,
  cut: [...document.querySelectorAll("svg")].flatMap((picture) => {
    const room = picture.getBoundingClientRect();
    return [...picture.querySelectorAll("text")]
      .filter((text) => !inside(text.getBoundingClientRect(), room))
      .map((text) => text.textContent);
  }),
  tables: document.querySelectorAll("table").length,
  wide: [...document.querySelectorAll("table")]
    .filter((table) => table.scrollWidth > 1150).map((table) => table.textContent.slice(0, 80)),
  pale: [...document.querySelectorAll("span[style*=color]")].filter((one) => {
    const part = (text) => text.match(/\\d+/g).slice(0, 3).map((each) => {
      const share = each / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    const bright = (rgb) => 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2] + 0.05;
    const [ink, paper] = [one, document.body].map(
      (each, at) => bright(part(at ? getComputedStyle(each).backgroundColor
                                   : getComputedStyle(each).color)));
    return Math.max(ink, paper) / Math.min(ink, paper) < 4;
  }).map((one) => one.textContent),
});
"""


@pytest.mark.parametrize("paper", ["#ffffff", "#111111"])
def test_in_a_browser(hostile: dict[str, Shown], tmp_path: Path, paper: str) -> None:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        missing("Chromium is not installed")
    ink = "#111111" if paper == "#ffffff" else "#eeeeee"
    page = tmp_path / "page.html"
    body = "".join(pages(shown.outputs()) for shown in hostile.values())
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><title></title><body style="width:1150px;'
        f'background:{paper};color:{ink};font:13px sans-serif">{body}<script>{_LOOK}</script>',
        encoding="utf-8",
    )
    done = subprocess.run(
        [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking", f"--user-data-dir={tmp_path}/own",
            "--window-size=1200,900", "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.S)
    assert title is not None, done.stderr
    seen = json.loads(unescape(title.group(1)))
    assert seen["scripts"] == 1 and seen["strange"] == 0  # the test's own script
    assert seen["pictures"] >= 2 and seen["arrows"] >= 20 and seen["tables"] >= 20
    assert seen["cut"] == [] and seen["wide"] == [] and seen["pale"] == []
