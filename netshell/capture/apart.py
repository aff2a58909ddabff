"""Long filters, compiled in a process of their own.

libpcap's optimizer takes a minute for a thousand hosts, and holds the interpreter meanwhile; here,
Ctrl-C ends it.
"""

from __future__ import annotations

import json
import subprocess
import sys

from netshell.capture.source import Program

_CODE = """
import ctypes, json, sys
if sys.platform == "linux":  # PR_SET_PDEATHSIG, SIGKILL: it ends with whoever asked
    ctypes.CDLL(None).prctl(1, 9)
path, filter, dlt, snaplen, mask, optimize = json.load(sys.stdin)
sys.path[:] = path
import cypcap
try:
    with cypcap.open_dead(dlt, snaplen) as handle:
        made = [list(one) for one in handle.compile(filter, optimize=optimize, netmask=mask)]
except cypcap.Error as error:
    made = str(error.args[-1])
json.dump(made, sys.stdout)
"""


class Refused(Exception):
    """libpcap's words about the filter."""


def compile(filter: str, dlt: int, snaplen: int, mask: int, optimize: bool) -> Program:
    """The filter's program. Raises Refused, OSError, KeyboardInterrupt."""
    asked = json.dumps([sys.path, filter, dlt, snaplen, mask, optimize])
    done = subprocess.run(
        [sys.executable, "-c", _CODE], input=asked, capture_output=True, text=True, check=False
    )
    if done.returncode:
        if "KeyboardInterrupt" in done.stderr:
            raise KeyboardInterrupt
        raise OSError(done.returncode, "the filter's compiler ended")
    made = json.loads(done.stdout)
    if isinstance(made, str):
        raise Refused(made)
    return tuple((code, jt, jf, k) for code, jt, jf, k in made)
