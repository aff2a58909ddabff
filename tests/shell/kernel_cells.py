"""Cells run by a real kernel, as Jupyter runs them, and what it answers.

    python kernel_cells.py KERNEL < REQUESTS

Each request is a JSON list: ["run", code], ["interrupt", code] (which is interrupted once it has
written "waiting"), ["complete", text] or ["inspect", text]. The answers are a JSON list of them.
The kernel talks over Unix sockets: nothing else on the machine can reach it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

DEADLINE_S = 60


class Cell:
    """What a cell wrote and gave: streams, results by MIME type, and its error's lines."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.out: str = answer["stdout"]
        self.err: str = answer["stderr"]
        self.results: list[dict[str, str]] = answer["results"]
        self.error: list[str] = answer["error"]
        self.pages: list[str] = answer["pages"]
        self.strays: int = answer["strays"]

    @property
    def text(self) -> str:
        """The last result as plain text."""
        return self.results[-1]["text/plain"]

    @property
    def html(self) -> str:
        return self.results[-1]["text/html"]


def ask(kernel: str, env: dict[str, str], *requests: Sequence[str], run: Any = None) -> list[Any]:
    """A kernel's answers; ``run`` runs a command (as subprocess.run does) where the kernel is to
    be."""
    command = [sys.executable, "-W", "ignore", __file__, kernel, json.dumps(requests)]
    if run is None:
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=240, check=False
        )
    else:
        done = run(command, env=env, timeout_s=240)
    assert done.returncode == 0, done.stdout + done.stderr
    answers = json.loads(done.stdout.splitlines()[-1])
    return [Cell(each) if isinstance(each, dict) and "strays" in each else each for each in answers]


def main(kernel: str, requests: str) -> None:
    from jupyter_client.manager import KernelManager

    with tempfile.TemporaryDirectory(prefix="nk") as sockets:  # a socket's path is short
        manager = KernelManager(kernel_name=kernel, transport="ipc", ip=f"{sockets}/k")
        manager.start_kernel(cwd=str(Path.cwd()))
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=DEADLINE_S)
            answers = [answer(manager, client, *each) for each in json.loads(requests)]
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    print(json.dumps(answers))


def answer(manager: Any, client: Any, kind: str, text: str) -> Any:
    if kind == "complete":
        return client.complete(text, reply=True, timeout=DEADLINE_S)["content"]["matches"]
    if kind == "inspect":
        return client.inspect(text, reply=True, timeout=DEADLINE_S)["content"]["data"]
    got: dict[str, Any] = {"stdout": "", "stderr": "", "results": [], "error": [], "strays": 0}

    def take(message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            got[content["name"]] += content["text"]
            if kind == "interrupt" and "waiting" in content["text"]:
                manager.interrupt_kernel()
        elif message["msg_type"] in ("execute_result", "display_data"):
            got["results"].append(content["data"])
        elif message["msg_type"] == "error":
            got["error"] += content["traceback"]

    # What has come since the last cell was done is no cell's: nobody would see where it is from.
    while client.iopub_channel.msg_ready():
        got["strays"] += client.get_iopub_msg(timeout=1)["msg_type"] == "stream"
    reply = client.execute_interactive(text, output_hook=take, timeout=DEADLINE_S)["content"]
    got["pages"] = [each["data"]["text/plain"] for each in reply.get("payload", ())
                    if each["source"] == "page"]  # fmt: skip
    return got


if __name__ == "__main__":
    main(*sys.argv[1:])
