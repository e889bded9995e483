"""One session of pytest as the runner starts it.

A test that waits for a browser or for processes (marked `browser` or `slow`) may miss
its time on a busy machine, so the runner tries it once more. One that passes then is
unsteady: its name is written down and printed, for somebody has to find out why.

RUN_FAILED=file [RUN_AGAIN=1] python tests/session.py [arguments for pytest]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

MAY_BE_UNSTEADY = {"browser", "slow"}
UNSTEADY = Path("test-results") / "unsteady.txt"


class Session:
    """What the controlling process hears of its tests, whichever process ran them.

    `failed` gets the names of tests that failed and are no case for a second try.
    """

    def __init__(self, failed: Path, *, again: bool) -> None:
        self.failed, self.again = failed, again

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not MAY_BE_UNSTEADY & set(report.keywords):
            append(self.failed, [report.nodeid])

    def pytest_terminal_summary(self, terminalreporter: Any, config: Any) -> None:
        names = config.rootpath / UNSTEADY
        steady_now = passed(terminalreporter.stats) if self.again else []
        if steady_now:
            names.parent.mkdir(exist_ok=True)
            append(names, steady_now)
        if names.exists():
            terminalreporter.section("failed once and passed alone: unsteady")
            terminalreporter.write_line(names.read_text().rstrip())


def passed(stats: dict[str, list[pytest.TestReport]]) -> list[str]:
    """The names of tests of which no part failed."""
    broken = {
        report.nodeid for kind in ("failed", "error") for report in stats.get(kind, [])
    }
    names = [report.nodeid for report in stats.get("passed", [])]
    return [name for name in names if name not in broken]


def append(file: Path, names: list[str]) -> None:
    with file.open("a") as lines:
        lines.writelines(f"{name}\n" for name in names)


if __name__ == "__main__":
    session = Session(
        Path(os.environ["RUN_FAILED"]), again=os.environ.get("RUN_AGAIN") == "1"
    )
    sys.exit(pytest.main(sys.argv[1:], plugins=[session]))
