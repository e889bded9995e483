"""The suite's runner gives one or two failed tests a second chance, alone; it must not
hide anything by that.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from run import run_pytest

TEST = """
from pathlib import Path

import pytest


@pytest.mark.parametrize("number", range({count}))
def test_passes_the_time(number):
    told = Path(__file__).with_suffix(".runs")
    with told.open("a") as file:
        file.write("x")
    assert len(told.read_text()) >= {passes}
"""


@pytest.mark.parametrize(
    ("count", "passes", "code", "runs"),
    [
        pytest.param(1, 2, 0, 2, id="one that fails only the first time passes"),
        pytest.param(1, 99, 1, 2, id="one that fails twice fails"),
        pytest.param(6, 99, 1, 6, id="six are no chance and not tried again"),
    ],
)
def test_a_failed_test_runs_once_more(
    tmp_path: Path, count: int, passes: int, code: int, runs: int
) -> None:
    file = tmp_path / "test_of_time.py"
    file.write_text(TEST.format(count=count, passes=passes))
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTEST_")
    }
    assert (
        run_pytest(["-q", "-p", "no:django", "-n", "0", str(file)], environment) == code
    )
    assert len(file.with_suffix(".runs").read_text()) == runs
