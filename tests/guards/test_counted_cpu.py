"""The suite says what it costs; a process whose parent ended before it must not get
lost in that.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from products import ROOT

LEAVE = (
    "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', "
    "'sum(range(10_000_000))']).pid)"
)
PROGRAM = f"""
import os, subprocess, sys
import cpu

cpu.adopt_orphans()
orphan = int(subprocess.check_output([sys.executable, "-c", {LEAVE!r}]))
# It is a child of this process by now.
os.waitid(os.P_PID, orphan, os.WEXITED | os.WNOWAIT)
before = cpu.minutes(os.getpid())
used = os.wait4(orphan, 0)[2].ru_utime / 60
print(before, used, cpu.minutes(os.getpid()))
"""


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans on")
def test_an_orphan_is_counted() -> None:
    command = [sys.executable, "-c", PROGRAM]
    before, used, after = map(
        float, subprocess.check_output(command, cwd=ROOT / "tests", text=True).split()
    )
    assert 0 < used < before < after + used
