"""The user's own files, read only if nobody else could have written them.

A profile decides what is captured and its ``startup.py`` runs as the user: who may write them, or
a folder above them, may do what the user may. As sshd does (sshd(8), StrictModes), the file and
every folder above it are looked at. A folder with the sticky bit (/tmp) lets nobody replace what is
another's.
"""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

from netshell.errors import BadFile, NetshellError, NotPermitted

LARGEST = 1 << 20
"""Bytes of a profile or a startup.py; nobody writes more by hand."""


def read_own(path: Path, below: Path) -> bytes:
    """What a file of the user's holds; ``below`` is the folder that is theirs altogether.

    Raises NotPermitted for what others may write, BadFile for what cannot be read.
    """
    try:
        # A named pipe would be waited for, a link to a terminal be taken over.
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            about = os.fstat(file)
            if not stat.S_ISREG(about.st_mode):
                raise BadFile("cannot use the profile", where=str(path), why="it is no file")
            _check(path, about, is_ours=True)
            for folder in _above(path):
                _check(folder, folder.stat(), is_ours=folder.is_relative_to(below))
            with os.fdopen(os.dup(file), "rb") as opened:
                data = opened.read(LARGEST + 1)
        finally:
            os.close(file)
    except NetshellError:
        raise
    except OSError as error:
        why = error.strerror or str(error)
        raise BadFile("cannot read the profile", where=str(path), why=why) from error
    if len(data) > LARGEST:
        why = f"it has more than {LARGEST:,} bytes"
        raise BadFile("cannot use the profile", where=str(path), why=why)
    return data


def _above(path: Path) -> list[Path]:
    """The folders that lead to a file, by its name and, through links, by where it is."""
    return list(dict.fromkeys([*path.absolute().parents, *path.resolve().parents]))


def _check(path: Path, about: os.stat_result, is_ours: bool) -> None:
    if is_ours and about.st_uid not in _trusted():
        raise NotPermitted(
            "cannot trust",
            where=str(path),
            why=f"it belongs to another user, {_name(about.st_uid)}",
            next_step=f"copy it, or: chown {_name(os.geteuid())} {shlex.quote(str(path))}",
        )
    is_sticky = stat.S_ISDIR(about.st_mode) and about.st_mode & stat.S_ISVTX
    if not is_sticky and _others_write(about):
        raise NotPermitted(
            "cannot trust",
            where=str(path),
            why="others may write there" if stat.S_ISDIR(about.st_mode) else "others may write it",
            next_step=f"chmod go-w {shlex.quote(str(path))}",
        )


def _trusted() -> set[int]:
    """Whose files are taken: one's own, root's, and under sudo those of who called it."""
    user = os.geteuid()
    caller = os.environ.get("SUDO_UID", "") if user == 0 else ""
    return {0, user, *([int(caller)] if caller.isascii() and caller.isdecimal() else ())}


def _others_write(about: os.stat_result) -> bool:
    if about.st_mode & stat.S_IWOTH:
        return True
    return bool(about.st_mode & stat.S_IWGRP) and not _is_private(about.st_gid, about.st_uid)


def _is_private(group: int, user: int) -> bool:
    """Whether a group is the user's alone, as Debian and Fedora make one for each user."""
    import grp
    import pwd

    try:
        entry, owner = grp.getgrgid(group), pwd.getpwuid(user)
    except KeyError:
        return False
    members = {name for name in entry.gr_mem if name != owner.pw_name}
    return entry.gr_name == owner.pw_name and owner.pw_gid == group and not members


def _name(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
