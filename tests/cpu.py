"""What a run of tests costs, with every process that it starts: browsers and databases
leave the one they began in.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections import defaultdict
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Become the parent of whatever is left below this process by its own parent, so
    that nothing goes uncounted.

    Only Linux has it. Those that end stay as zombies, which still tell what they used,
    for as long as this one runs.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def minutes(root: int) -> float:
    """What this process, all below it and their children that have ended have used."""
    if not Path("/proc/self/stat").exists():
        return sum(os.times()[:4]) / 60
    used: dict[int, int] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        pid, parent = int(folder.name), int(fields[1])
        used[pid] = sum(map(int, fields[11:15]))
        children[parent].append(pid)
    return _of_all(root, used, children) / os.sysconf("SC_CLK_TCK") / 60


def _of_all(root: int, used: dict[int, int], children: dict[int, list[int]]) -> int:
    below = sum(_of_all(child, used, children) for child in children[root])
    return used.get(root, 0) + below
