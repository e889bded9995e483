"""How the house reads: density, line lengths, names, contracts, and the queries of the
usual writes.

`python -m benchmarks.house [FOLDER]` measures the product in FOLDER (this checkout
unless told) without importing it, so that an older checkout can be compared; `--writes`
adds the queries of this checkout's writes.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import django

APPS = (
    "calendars",
    "common",
    "config",
    "fillplanner",
    "scheduling",
    "templates_ai",
    "workspaces",
)
# The apps whose folders are features.
BY_FEATURE = ("calendars", "fillplanner", "scheduling")
LONGEST_LINE = 100
Function = ast.FunctionDef | ast.AsyncFunctionDef
DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
# Nodes that stand for no word of the source.
SILENT = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)


@dataclass
class Source:
    """A Python file: its lines and its tree."""

    path: Path
    text: str = field(repr=False)
    tree: ast.Module = field(repr=False)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def code_lines(self) -> list[str]:
        """Lines that are neither blank nor a comment."""
        return [
            line
            for line in self.lines
            if line.strip() and not line.lstrip().startswith("#")
        ]

    @property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]


def sources(root: Path, apps: tuple[str, ...] = APPS) -> Iterator[Source]:
    """The product's own code, without migrations."""
    for app in apps:
        for path in sorted((root / app).rglob("*.py")):
            if "migrations" not in path.parts:
                text = path.read_text()
                yield Source(path.relative_to(root), text, ast.parse(text))


def docstring_of(node: ast.AST) -> ast.Expr | None:
    if not isinstance(node, DOCUMENTED) or not node.body:
        return None
    first = node.body[0]
    is_text = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return first if is_text else None


def own_nodes(function: Function) -> int:
    """Nodes of a function without its docstring, contexts and operators, and "
    "without inner functions and classes."""
    docstring = docstring_of(function)
    count = 0
    waiting: list[ast.AST] = [function]
    while waiting:
        node = waiting.pop()
        if isinstance(node, SILENT) or node is docstring:
            continue
        count += 1
        inner = node is not function and isinstance(
            node, (*Function.__args__, ast.ClassDef)
        )
        if not inner:
            waiting.extend(ast.iter_child_nodes(node))
    return count


def function_lines(function: Function) -> int:
    """Lines of a function, without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    docstring = docstring_of(function)
    if docstring is not None:
        lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return lines


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def nodes_a_line(files: list[Source]) -> float:
    nodes = sum(1 for source in files for _ in ast.walk(source.tree))
    lines = sum(len(source.code_lines) for source in files)
    return nodes / lines


def templates(root: Path) -> list[str]:
    """Every line of every template and e-mail that is not blank."""
    paths = [
        path
        for pattern in ("*.html", "*.txt")
        for path in (root / "templates").rglob(pattern)
    ]
    return [
        line for path in paths for line in path.read_text().splitlines() if line.strip()
    ]


def flat_modules(root: Path, app: str) -> int:
    return sum(1 for path in (root / app).glob("*.py") if path.name != "__init__.py")


def outside_contracts(root: Path) -> list[str]:
    """Modules right under an app that no layer of a contract names."""
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    named: dict[str, set[str]] = {}
    for contract in settings["tool"]["importlinter"]["contracts"]:
        layers = [*contract.get("layers", ()), *contract.get("exhaustive_ignores", ())]
        words = set(re.findall(r"\w+", " ".join(layers)))
        for container in contract.get("containers", ()):
            named.setdefault(container, set()).update(words)
    outside = []
    for app in APPS:
        names = {path.stem for path in (root / app).glob("*.py")} - {"__init__"}
        names |= {path.parent.name for path in (root / app).glob("*/__init__.py")} - {
            "migrations",
            "templatetags",
        }
        outside += [f"{app}.{name}" for name in sorted(names - named.get(app, set()))]
    return outside


def defined_twice(root: Path) -> list[str]:
    """Public class names that an app defines more than once, Django's inner "
    "`Meta` and the like aside."""
    twice = []
    for app in APPS:
        names = Counter(
            node.name
            for source in sources(root, (app,))
            for node in source.tree.body
            if isinstance(node, ast.ClassDef)
            and not node.name.startswith("_")
            and node.name != "Command"
        )
        twice += [
            f"{app}.{name} x{count}"
            for name, count in sorted(names.items())
            if count > 1
        ]
    return twice


def figures(root: Path) -> dict[str, object]:
    files = list(sources(root))
    functions = [function for source in files for function in source.functions]
    nodes = [own_nodes(function) for function in functions]
    lengths = [function_lines(function) for function in functions]
    lines = [line for source in files for line in source.lines]
    template_lines = [len(line) for line in templates(root)]
    file_lengths = {str(source.path): len(source.lines) for source in files}
    long_lines = sum(1 for line in lines if len(line) > LONGEST_LINE)
    return {
        "files": len(files),
        "lines of code": sum(len(source.code_lines) for source in files),
        "own nodes a function, median": median(nodes),
        "own nodes a function, p90": percentile(nodes, 0.9),
        "nodes a line": round(nodes_a_line(files), 2),
        "fmt: skip": sum(source.text.count("fmt: skip") for source in files),
        "lines over 100 characters, %": round(100 * long_lines / len(lines), 2),
        "function lines, p99": percentile(lengths, 0.99),
        "function lines, longest": max(lengths),
        "files over 300 lines": sum(
            1 for count in file_lengths.values() if count > 300
        ),
        "longest file": max(file_lengths.values()),
        "template lines, p90": percentile(template_lines, 0.9),
        "template lines, longest": max(template_lines),
        **{f"flat modules in {app}": flat_modules(root, app) for app in BY_FEATURE},
        "modules outside contracts": len(outside_contracts(root)),
        "class names defined twice": len(defined_twice(root)),
    }


def densest(root: Path, count: int) -> list[tuple[float, str]]:
    """The files with the most nodes a line, of those with twenty lines or more."""
    files = [source for source in sources(root) if len(source.code_lines) >= 20]
    return sorted(
        ((nodes_a_line([source]), str(source.path)) for source in files), reverse=True
    )[:count]


def writes() -> dict[str, object]:
    """Queries of this checkout's usual writes, in a database of its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    from benchmarks import writes as written  # noqa: PLC0415 - it imports models

    return {f"queries, {name}": cost for name, cost in written.measure().items()}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(__file__).resolve().parents[1]
    )
    parser.add_argument(
        "--names",
        action="store_true",
        help="list the densest files, stray modules and double names",
    )
    parser.add_argument(
        "--writes",
        action="store_true",
        help="count the queries of this checkout's writes, too",
    )
    options = parser.parse_args(arguments)
    counted = figures(options.folder) | (writes() if options.writes else {})
    for name, value in counted.items():
        print(json.dumps({"benchmark": "house", "what": name, "value": value}))
    if options.names:
        for density, path in densest(options.folder, 40):
            print(f"{density:5.1f}  {path}")
        print(
            "\n".join(outside_contracts(options.folder) + defined_twice(options.folder))
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
