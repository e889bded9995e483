"""How the house reads: a smell detector, not a game. `python -m benchmarks.house --names` lists the offenders."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from benchmarks import house

ROOT = Path(settings.BASE_DIR)
# Tables of data, which no split would make clearer.
DATA = {"config/demo_texts.py"}
BUDGETS = {
    "nodes a line": 6.5,
    "own nodes a function, median": 36,
    "own nodes a function, p90": 100,
    "fmt: skip": 0,
    "lines over 100 characters, %": 0.1,
    "function lines, p99": 36,
    "function lines, longest": 60,
    "template lines, p90": 120,
    "template lines, longest": 160,
}


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return house.figures(ROOT)


@pytest.fixture(scope="module")
def sources() -> list[house.Source]:
    return list(house.sources(ROOT))


@pytest.mark.parametrize("what", BUDGETS)
def test_the_house_keeps_its_budgets(figures: dict[str, Any], what: str) -> None:
    assert figures[what] <= BUDGETS[what]


@pytest.mark.thorough
def test_no_file_is_longer_than_five_hundred_lines(sources: list[house.Source]) -> None:
    lengths = {str(source.path): len(source.lines) for source in sources}
    assert [
        name for name, lines in lengths.items() if lines > 500 and name not in DATA
    ] == []


def inner_imports(source: house.Source) -> list[str]:
    """Imports inside functions."""
    return [
        f"{source.path}:{inner.lineno}"
        for function in source.functions
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


# Packages that are not everywhere, or that a process needs only in one of its modes.
OPTIONAL = {
    "cells.py",
    "workbooks.py",
    "valkey.py",
    "single_process.py",
    "child.py",
    "up.py",
    "milp.py",
    "solve.py",
}


@pytest.mark.thorough
def test_imports_stand_at_the_top(sources: list[house.Source]) -> None:
    places = [
        place
        for source in sources
        if source.path.name not in OPTIONAL
        for place in inner_imports(source)
    ]
    assert places == []
