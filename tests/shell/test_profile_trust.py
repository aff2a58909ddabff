"""Whose files are taken: those that nobody else could have written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netshell.errors import BadFile, NotPermitted
from netshell.shell.profile_trust import LARGEST, read_own


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "netshell"
    folder.mkdir(mode=0o755)
    return folder


def put(config: Path, mode: int = 0o644) -> Path:
    path = config / "netshell.toml"
    path.write_text("title = 'x'\n")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o400])
def test_ones_own_file_is_read(config: Path, mode: int) -> None:
    assert read_own(put(config, mode), config) == b"title = 'x'\n"


@pytest.mark.parametrize("mode", [0o646, 0o602, 0o666, 0o777])
def test_one_that_others_may_write_is_refused_in_one_line(config: Path, mode: int) -> None:
    path = put(config, mode)
    with pytest.raises(NotPermitted) as caught:
        read_own(path, config)
    said = f"cannot trust {path}: others may write it; chmod go-w {path}"
    assert str(caught.value) == said
    os.chmod(path, mode & ~0o022)  # noqa: PTH101  what the line says does
    assert read_own(path, config)


def test_a_folder_that_others_may_write_is_refused(config: Path) -> None:
    path = put(config)
    config.chmod(0o777)
    with pytest.raises(NotPermitted) as caught:
        read_own(path, config)
    assert str(caught.value) == (
        f"cannot trust {config}: others may write there; chmod go-w {config}"
    )
    config.chmod(0o1777)  # as /tmp: nobody can put another file in its place
    assert read_own(path, config)


def test_a_folder_above_is_looked_at_through_links(config: Path, tmp_path: Path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    (open_to_all / "netshell.toml").write_text("")
    (open_to_all / "netshell.toml").chmod(0o644)
    link = config / "netshell.toml"
    link.symlink_to(open_to_all / "netshell.toml")
    with pytest.raises(NotPermitted, match=f"cannot trust {open_to_all}: others may write there"):
        read_own(link, config)


def test_a_group_of_ones_own_may_write(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian and Fedora give each user a group of their own, and a umask that lets it write."""
    import grp
    import pwd

    path = put(config, 0o664)
    me = pwd.getpwuid(os.stat(path).st_uid)  # noqa: PTH116
    group = os.stat(path).st_gid  # noqa: PTH116
    mine = pwd.struct_passwd((me.pw_name, "x", me.pw_uid, group, "", "/", ""))
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: mine)
    monkeypatch.setattr(grp, "getgrgid", lambda gid: grp.struct_group((me.pw_name, "x", gid, [])))
    assert read_own(path, config)
    for name, members in (("staff", []), (me.pw_name, ["somebody"])):
        entry = grp.struct_group((name, "x", group, members))
        monkeypatch.setattr(grp, "getgrgid", lambda gid, entry=entry: entry)
        with pytest.raises(NotPermitted, match="others may write it"):
            read_own(path, config)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_file_is_refused(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(config)
    os.chown(path, 65534, 65534)
    with pytest.raises(
        NotPermitted, match="it belongs to another user, nobody; copy it, or: chown"
    ):
        read_own(path, config)
    monkeypatch.setenv("SUDO_UID", "65534")  # who has called sudo is who root works for
    assert read_own(path, config)
    os.chown(path, 0, 0)
    os.chown(config, 65533, 65533)
    with pytest.raises(NotPermitted, match=f"cannot trust {config}: it belongs to another user"):
        read_own(path, config)


def test_what_is_no_file_is_not_waited_for(config: Path) -> None:
    os.mkfifo(config / "netshell.toml", 0o644)
    with pytest.raises(BadFile, match="it is no file"):
        read_own(config / "netshell.toml", config)


def test_a_huge_file_is_not_read(config: Path) -> None:
    path = put(config)
    path.write_bytes(b"#" * (LARGEST + 1))
    with pytest.raises(BadFile, match="it has more than 1,048,576 bytes"):
        read_own(path, config)


def test_a_missing_file_is_one_line(config: Path) -> None:
    with pytest.raises(BadFile, match=r"cannot read the profile .*: No such file or directory"):
        read_own(config / "nothing", config)
