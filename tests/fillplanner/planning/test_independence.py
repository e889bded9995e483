"""The engine runs where no Django is."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
sys.modules["django"] = None
from fillplanner.planning.problem import LineConfig, Lot, Problem
from fillplanner.planning.solve import solve
import fillplanner.planning.intake
print(solve(Problem((Lot("a", "T", 1, 2.0),), LineConfig())).makespan)
"""


@pytest.mark.thorough
def test_the_engine_imports_no_django() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout.strip()) == (0, "26.0"), run.stderr
