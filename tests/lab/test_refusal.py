"""The reasons why a kernel allows no lab, each from the settings that kernels really have."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from netshell.lab.refusal import explain_refusal, explain_wiring


def refused(number: int) -> OSError:
    return OSError(number, f"unshare: {os.strerror(number)}")


@pytest.mark.parametrize(
    ("number", "setting", "value", "cure"),
    [
        (errno.ENOSPC, "user.max_user_namespaces", "0", "user.max_user_namespaces=15000"),
        (errno.EPERM, "kernel.unprivileged_userns_clone", "0", "unprivileged_userns_clone=1"),
        (
            errno.EACCES,
            "kernel.apparmor_restrict_unprivileged_userns",
            "1",
            "kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ],
)
def test_the_setting_is_named_with_its_cure(
    tmp_path: Path, number: int, setting: str, value: str, cure: str
) -> None:
    file = tmp_path / setting.replace(".", "/")
    file.parent.mkdir()
    file.write_text(value + "\n")
    error = explain_refusal(refused(number), tmp_path)
    assert f"{setting} is {value}" in error.why
    assert cure in error.next_step
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.EPERM, "a container or sandbox forbids it"),
        (errno.ENOSPC, "too many are in use, or nested too deep"),
        (errno.EUSERS, "too many are in use, or nested too deep"),
        (errno.EINVAL, "it was built without them"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_other_reasons_are_told_apart(tmp_path: Path, number: int, why: str) -> None:
    assert why in str(explain_refusal(refused(number), tmp_path))


def test_a_wire_that_cannot_be_made(tmp_path: Path) -> None:
    error = OSError(errno.EOPNOTSUPP, "rtnetlink: Operation not supported")
    assert "no IPv6" in str(explain_wiring(error, tmp_path))
    (tmp_path / "if_inet6").touch()
    assert "modprobe veth" in str(explain_wiring(error, tmp_path))
    assert "rtnetlink: Invalid" in str(explain_wiring(OSError(22, "rtnetlink: Invalid"), tmp_path))
