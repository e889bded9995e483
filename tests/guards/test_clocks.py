"""No test measures time: how fast something is depends on the machine, and limits of
speed are in `benchmarks/`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
# Waiting until something happens, bringing deaths about at their time, and a client's own program.
WAITING = {"patience.py", "faults/test_once.py", "contracts/test_filling_client.py"}
CLOCKS = {"time", "monotonic", "perf_counter", "process_time", "thread_time"}


def looks_at_clocks(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            names = {alias.name for alias in node.names}
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "time"
        ):
            names = {node.attr}
        else:
            continue
        yield from (
            f"line {node.lineno}: {name}"
            for name in names
            if name.removesuffix("_ns") in CLOCKS
        )


@pytest.mark.thorough
def test_no_test_measures_time() -> None:
    files = {str(path.relative_to(TESTS)): path for path in TESTS.rglob("*.py")}
    assert set(files) >= WAITING
    looking = {
        name: list(looks_at_clocks(path))
        for name, path in files.items()
        if name not in WAITING
    }
    assert {name: found for name, found in looking.items() if found} == {}
