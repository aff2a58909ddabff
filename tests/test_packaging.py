"""The wheel holds what a user needs, and the layers hold in what it holds."""

from __future__ import annotations

import configparser
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    # A copy of the tracked folders: building in the checkout leaves build/ and egg-info behind.
    source = tmp_path_factory.mktemp("source")
    for name in ("setup.cfg", "pyproject.toml", "README.rst", "LICENSE", "netshell", "profiles"):
        subprocess.run(["cp", "-R", str(ROOT / name), str(source / name)], check=True)
    target = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(target), "."],
        cwd=source,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = target.glob("netshell-*.whl")
    return zipfile.ZipFile(path)


def test_every_module_of_the_tree_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    missing = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "netshell").rglob("*.py")
        if path.relative_to(ROOT).as_posix() not in names
    ]
    assert not missing


def test_profiles_ship_inside_the_package(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    expected = {
        f"netshell/profiles/{path.relative_to(ROOT / 'profiles').as_posix()}"
        for path in (ROOT / "profiles").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "netshell/profiles/default/profile.toml" in expected
    assert expected <= names


def test_data_files_ship_with_their_packages(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert "netshell/py.typed" in names
    assert any(name.startswith("netshell/lab/") and name.endswith(".pcap") for name in names)


def test_metadata_names_the_script_the_licence_and_the_extras(wheel: zipfile.ZipFile) -> None:
    (info,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = wheel.read(info).decode()
    assert "License-Expression: GPL-2.0-or-later" in metadata
    for extra in ("notebook", "frames", "crypto", "test", "docs", "cluster"):
        assert f"Provides-Extra: {extra}" in metadata
    points = configparser.ConfigParser()
    points.read_string(wheel.read(info.replace("METADATA", "entry_points.txt")).decode())
    assert points["console_scripts"]["netshell"] == "netshell.cli:main"


def test_nothing_but_the_package_is_installed(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"netshell"}
