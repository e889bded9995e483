"""Tests speak to the product as its own modules do: no private name of it is called or
patched, so that what is inside may be written anew.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.house import APPS
from products import ROOT

TESTS = ROOT / "tests"


def trees(folder: Path) -> Iterator[tuple[Path, ast.AST]]:
    for path in folder.rglob("*.py"):
        yield path, ast.parse(path.read_text())


def private_functions() -> set[str]:
    return {
        node.name
        for app in APPS
        for _, tree in trees(ROOT / app)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and is_private(node.name)
    }


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def names_used(tree: ast.AST) -> Iterator[str]:
    """Of attributes, and in strings, as patches take them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.rpartition(".")[2]


@pytest.mark.thorough
def test_no_test_knows_a_private_function() -> None:
    private = private_functions()
    known = {
        str(path.relative_to(TESTS)): private & set(names_used(tree))
        for path, tree in trees(TESTS)
    }
    assert {path: names for path, names in known.items() if names} == {}
    assert len(private) > 50
