"""The suite's runner gives a few failed tests that wait for others a second chance,
alone; it must not hide anything by that.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from run import run_pytest
from session import UNSTEADY

TEST = """
from pathlib import Path

import pytest


@pytest.mark.{mark}
@pytest.mark.parametrize("number", range({count}))
def test_passes_the_time(number):
    told = Path(__file__).with_suffix(".runs")
    with told.open("a") as file:
        file.write("x")
    assert len(told.read_text()) >= {passes}
"""
SETTINGS = """
[pytest]
markers = browser
    slow
    quick
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("mark", "count", "passes", "code", "runs"),
    [
        pytest.param(
            "slow", 1, 2, 0, 2, id="one that fails only the first time passes"
        ),
        pytest.param("browser", 1, 2, 0, 2, id="and so does one of a browser"),
        pytest.param("slow", 1, 99, 1, 2, id="one that fails twice fails"),
        pytest.param("slow", 6, 99, 1, 6, id="six are no chance and not tried again"),
        pytest.param("quick", 1, 2, 1, 1, id="what waits for nobody has one try"),
    ],
)
def test_a_failed_test_that_waits_for_others_runs_once_more(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    mark: str,
    count: int,
    passes: int,
    code: int,
    runs: int,
) -> None:
    file = tmp_path / "test_of_time.py"
    file.write_text(TEST.format(mark=mark, count=count, passes=passes))
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "RUN_"))
    }
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    options = ["-q", "-p", "xdist", "-n", "0", "-c", str(tmp_path / "pytest.ini")]
    assert run_pytest([*options, str(file)], environment) == code
    assert len(file.with_suffix(".runs").read_text()) == runs
    unsteady = tmp_path / UNSTEADY
    names = unsteady.read_text().splitlines() if unsteady.exists() else []
    assert len(names) == (1 if code == 0 else 0)
    assert ("unsteady" in capfd.readouterr().out) is (code == 0)
