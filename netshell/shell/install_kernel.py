"""``netshell install-kernel``: a kernel for Jupyter with netshell and a profile in it.

What is written is a kernelspec, a folder with kernel.json (Jupyter's "Making kernels for Jupyter"),
in one of the folders that ``jupyter --paths`` lists. Only what netshell has written is replaced or
removed.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from netshell.errors import BadArgument, NotFound, NotPermitted, Unavailable, brief
from netshell.extras import install
from netshell.settings import in_force
from netshell.shell.profile import load
from netshell.view import clean

MODULE = "netshell.shell.kernel"
NAME = "netshell"


def main(argv: list[str]) -> int:
    """Install the kernel, or with ``--remove`` take it away; the exit status.

    Raises Unavailable without the ``notebook`` extra, NotPermitted for a folder that cannot be
    written to, BadArgument for a name that Jupyter does not take or that is another kernel's, and
    NotFound where there is nothing to remove.
    """
    given = _parser().parse_args(argv)
    for module in ("ipykernel", "jupyter_client"):
        if find_spec(module) is None:
            raise Unavailable(
                "cannot install the kernel",
                why=f"{module} is not installed",
                next_step=install("netshell[notebook]"),
            )
    folder = _folder(given) / given.name
    try:
        if given.remove:
            _require_ours(folder, given.name)
            shutil.rmtree(folder)
            sys.stdout.write(f"removed {clean(folder)}\n")
            return 0
        if folder.exists() or folder.is_symlink():
            _require_ours(folder, given.name)
        profile = _profile() if given.profile is None else load(given.profile).name
        _write(folder, specification(profile, given.display_name))
    except OSError as error:
        raise NotPermitted(
            "cannot write the kernel" if not given.remove else "cannot remove the kernel",
            where=str(folder),
            why=error.strerror or str(error),
            next_step="use --user, or --prefix with a folder that is yours",
        ) from error
    sys.stdout.write(
        f"the kernel {given.name} is in {clean(folder)}\n"
        f"jupyter kernelspec list shows it; netshell install-kernel {_again(given)} removes it\n"
    )
    return 0


def specification(profile: str, display_name: str | None) -> dict[str, Any]:
    """What kernel.json says; the kernel is run by the Python that netshell is installed for."""
    argv = [sys.executable, "-P", "-m", MODULE, "-f", "{connection_file}"]
    if profile:
        argv += ["--profile", profile]
    shown = display_name or (f"netshell ({profile})" if profile else "netshell")
    return {
        "argv": argv,
        "display_name": shown,
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {"debugger": True},
    }


def _profile() -> str:
    """The profile that was asked for by name; without one, the kernel takes the user's at its
    start."""
    now = in_force()
    return now.name if now.origins.get("profile") in ("--profile",) else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "netshell install-kernel",
        usage="netshell install-kernel\n"
        "       [--user | --prefix DIR] [--name NAME] [--remove]\n"
        "       [--profile NAME] [--display-name TEXT]",
        description="A kernel for Jupyter: notebooks with the verbs, without an import.",
        allow_abbrev=False,
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--user", action="store_true", help="for this user, in their home")
    where.add_argument("--prefix", metavar="DIR", help="below this folder: share/jupyter/kernels")
    parser.add_argument("--name", default=NAME, help="what Jupyter calls it; default: netshell")
    parser.add_argument("--profile", metavar="NAME", help="its set-up; default: the user's")
    parser.add_argument("--display-name", metavar="TEXT", help="what people see")
    parser.add_argument("--remove", action="store_true", help="take it away again")
    return parser


def _folder(given: argparse.Namespace) -> Path:
    """The folder of kernels: the one that was asked for; in a virtual environment its own, else
    the user's."""
    from jupyter_core.paths import jupyter_data_dir

    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", given.name):
        raise BadArgument(
            "no name for a kernel",
            where=brief(given.name),
            next_step="use letters, digits, - . and _ of ASCII",
        )
    if given.prefix is not None:
        return Path(given.prefix).expanduser().absolute() / "share/jupyter/kernels"
    if not given.user and sys.prefix != sys.base_prefix:
        return Path(sys.prefix) / "share/jupyter/kernels"
    return Path(jupyter_data_dir()) / "kernels"


def _require_ours(folder: Path, name: str) -> None:
    try:
        is_ours = MODULE in json.loads((folder / "kernel.json").read_text("utf-8"))["argv"]
    except FileNotFoundError:
        raise NotFound(
            f"no kernel {name!r}", where=f"in {folder.parent}", next_step="see --user and --prefix"
        ) from None
    except (ValueError, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        raise BadArgument(
            f"kernel {name!r}", where=f"in {folder.parent}", why="it is not netshell's",
            next_step="use another --name",
        )  # fmt: skip


def _write(folder: Path, said: dict[str, Any]) -> None:
    """The folder whole, or as it was before."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".netshell-", dir=folder.parent))
    try:
        made.chmod(0o755)
        (made / "kernel.json").write_text(json.dumps(said, indent=1) + "\n", "utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _again(given: argparse.Namespace) -> str:
    words = ["--user"] if given.user else ["--prefix", given.prefix] if given.prefix else []
    words += ["--name", given.name] if given.name != NAME else []
    return shlex.join([*words, "--remove"])
