"""How long functions and files may get: a smell detector, not a game."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from django.conf import settings

APPS = ("calendars", "common", "config", "fillplanner", "scheduling", "templates_ai", "workspaces")
LONGEST_FUNCTION, LONGEST_FILE, USUAL_FILE = 60, 500, 300
# Tables of data, which no split would make clearer.
DATA = {"config/demo_texts.py"}


def sources() -> Iterator[Path]:
    root = Path(settings.BASE_DIR)
    for app in APPS:
        yield from (path for path in (root / app).rglob("*.py") if "migrations" not in path.parts)


def function_lengths() -> dict[str, int]:
    """Lines of code of each function, without its docstring."""
    lengths: dict[str, int] = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[f"{path.relative_to(settings.BASE_DIR)}:{node.lineno} {node.name}"] = code_lines(node)
    return lengths


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    lines = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        assert first.end_lineno is not None
        lines -= first.end_lineno - first.lineno + 1
    return lines


def test_no_function_is_longer_than_sixty_lines() -> None:
    assert [name for name, lines in function_lengths().items() if lines > LONGEST_FUNCTION] == []


def test_most_functions_are_short() -> None:
    lengths = sorted(function_lengths().values())
    assert median(lengths) <= 10
    assert lengths[int(len(lengths) * 0.9)] <= 30


def test_files_stay_readable() -> None:
    lengths = {str(path.relative_to(settings.BASE_DIR)): path.read_text().count("\n") for path in sources()}
    code = {name: lines for name, lines in lengths.items() if name not in DATA}
    assert [name for name, lines in code.items() if lines > LONGEST_FILE] == []
    over = [name for name, lines in code.items() if lines > USUAL_FILE]
    assert len(over) <= len(code) // 20, over


def inner_imports(path: Path) -> list[str]:
    """Imports inside functions."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [
                f"{path.name}:{inner.lineno}"
                for inner in ast.walk(node)
                if isinstance(inner, ast.Import | ast.ImportFrom)
            ]
    return found


# Packages that are not everywhere, or that a process needs only in one of its modes.
OPTIONAL = {"valkey.py", "single_process.py", "child.py", "up.py", "milp.py", "solve.py"}


def test_imports_stand_at_the_top() -> None:
    found = [place for path in sources() if path.name not in OPTIONAL for place in inner_imports(path)]
    assert found == []
