"""Who holds a socket: found in /proc, shared ones with all their holders, names as they are."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from pathlib import Path

import pytest

from netshell import conns
from netshell.errors import NotPermitted
from netshell.host.processes import Standing, process_name, read_owners, user_name

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="/proc is Linux's")


def inode(sock: socket.socket) -> int:
    return os.fstat(sock.fileno()).st_ino


def test_finds_our_own_socket() -> None:
    with socket.socket() as sock:
        for owners in (read_owners(), read_owners([os.getpid()])):
            assert owners.by_inode[inode(sock)] == (os.getpid(),)
            assert owners.names[os.getpid()] == process_name(os.getpid())
        number = inode(sock)
    assert number not in read_owners([os.getpid()]).by_inode


def test_a_socket_of_two_processes_has_both() -> None:
    with socket.socket() as sock:
        waits, goes = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(goes)
            os.read(waits, 1)
            os._exit(0)
        os.close(waits)
        try:
            assert read_owners().by_inode[inode(sock)] == tuple(sorted((os.getpid(), child)))
        finally:
            os.close(goes)
            os.waitpid(child, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_hostile_name_is_kept_as_it_is() -> None:
    """It is data here; what draws it cleans it (see tests/commands/test_conns.py)."""
    said, says = os.pipe()
    waits, goes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(goes)
        ctypes.CDLL(None).prctl(15, b"\x1b[2J\xff\n\xe2\x80\xae", 0, 0, 0)  # PR_SET_NAME
        os.write(says, b"x")
        os.read(waits, 1)
        os._exit(0)
    os.close(waits)
    try:
        os.read(said, 1)
        assert process_name(child) == "\x1b[2J\\xff\n\u202e"
    finally:
        for each in (goes, said, says):
            os.close(each)
        os.waitpid(child, 0)


def test_what_is_gone_has_no_name_and_no_sockets() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert process_name(child) == ""
    assert read_owners([child]).by_inode == {}


@pytest.mark.parametrize(
    ("standing", "says"),
    [
        (Standing(1000, 0, False, True), ("it is another user's", "run as root")),
        (Standing(1000, 1000, False, True), ("it is closed even to its own user", "run as root")),
        (Standing(1000, None, False, True), ("/proc hides it", "run as root")),
        (Standing(0, 0, False, True), ("refuses even root here: without CAP_SYS_PTRACE", "give")),
        (Standing(0, 0, True, False), ("refuses even root here: root of a user namespace", "look")),
        (Standing(0, 0, True, True), ("refuses even root here: the process is in another", "look")),
    ],
)
def test_a_refusal_says_what_is_true(standing: Standing, says: tuple[str, str]) -> None:
    why, step = standing.refusal()
    assert says[0] in why
    assert step.startswith(says[1])
    assert ("run as root" in step) == (standing.uid != 0)


def test_this_process_knows_where_it_stands() -> None:
    ours = Standing.towards(os.getpid())
    assert (ours.uid, ours.owner) == (os.geteuid(), os.geteuid())
    assert Standing.towards(2**30).owner is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused as root")
def test_root_that_is_refused_is_not_told_to_become_root() -> None:
    try:
        for each in Path("/proc/1/fd").iterdir():
            each.readlink()
    except PermissionError:
        pass
    else:
        pytest.skip("the kernel lets this root look into process 1")
    with pytest.raises(NotPermitted, match="refuses even root here") as caught:
        conns(pid=1)
    assert "run as root" not in str(caught.value)


def test_users() -> None:
    assert user_name(0) == "root"
    assert user_name(3_999_999_999) == "3999999999"
