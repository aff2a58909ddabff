"""The scenarios of the lab, one file each: what can be played.

:data:`SCENARIOS` is the list, by name; a scenario's file is imported when it is played. To add one:
write ``scenarios/<name>.py`` with a ``SCENARIO``, add its name here, its texts to the catalogue
(``scenario.toml``) and a line to the CHANGELOG. The tests play every one of the list.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from netshell.errors import NotFound

if TYPE_CHECKING:
    from netshell.lab.scenario import Scenario

SCENARIOS: tuple[str, ...] = (
    "handshake",
    "active_close",
    "close_wait",
    "time_wait",
    "half_close",
    "simultaneous_close",
    "refused",
    "filtered",
    "rst_on_close",
    "linger_0",
    "backlog_full",
    "zero_window",
    "keep_alive",
    "lost_segment",
    "fast_retransmit",
    "reordering",
    "duplicate",
    "delayed_ack",
    "mss",
    "black_hole",
    "fast_open",
    "dns_cache",
    "dns_nxdomain",
    "dns_truncated",
    "dns_cname",
    "http_keep_alive",
    "slow_query",
)


def load(name: str) -> Scenario:
    """A scenario by its name.

    Raises NotFound, naming the nearest ones.
    """
    wanted = str(name).strip().lower().replace("-", "_").replace(" ", "_")
    if wanted not in SCENARIOS:
        near = get_close_matches(wanted, SCENARIOS, n=2, cutoff=0.5)
        raise NotFound(
            f"no scenario {str(name)[:40]!r}",
            where="in the lab",
            next_step=f"did you mean {' or '.join(near)}?" if near else "lab lists them",
        )
    found: Scenario = import_module(f"netshell.lab.scenarios.{wanted}").SCENARIO
    return found
