"""Only `scheduling/posts/transitions.py` writes a post's state and times."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from benchmarks import house
from scheduling.posts.transitions import OWNED

WRITER = Path("scheduling/posts/transitions.py")
# Other rows have states and bells of their own: these are told apart by what is written.
TELLING = OWNED - {"state", "rung_at"}
WRITES = {
    "update",
    "bulk_update",
    "advance",
    "try_advance",
    "advance_all",
    "advance_any",
}
# Theirs are not a post's: a supervised process, and messages to other programs.
OTHERS = {Path("config/running/child.py"), Path("common/telling.py")}


def writes(source: house.Source) -> list[str]:
    """Where a file sets a post's own columns."""
    places = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and names_post(node):
            places.append(f"{source.path}:{node.lineno}")
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(is_own(target) for target in targets):
                places.append(f"{source.path}:{node.lineno}")
    return places


def is_own(target: ast.expr) -> bool:
    """Whether what is assigned to is one of the columns, maybe one of several."""
    if isinstance(target, ast.Tuple):
        return any(is_own(inner) for inner in target.elts)
    return isinstance(target, ast.Attribute) and target.attr in TELLING


def names_post(call: ast.Call) -> bool:
    """Whether it makes a post with its own columns, or writes them to rows."""
    keywords = {keyword.arg for keyword in call.keywords}
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name == "Post":
        return bool(keywords & OWNED)
    if name == "create" and "Post.objects" in ast.unparse(call.func):
        return bool(keywords & OWNED)
    table = {ast.unparse(argument) for argument in call.args} & {
        "states.POST",
        "posting.POST",
    }
    return name in WRITES and bool(table or keywords & TELLING)


@cache
def sources() -> list[house.Source]:
    root = Path(settings.BASE_DIR)
    return [source for source in house.sources(root) if source.path not in OTHERS]


@pytest.mark.thorough
def test_one_file_writes_a_posts_state_and_times() -> None:
    places = [
        place
        for source in sources()
        if source.path != WRITER
        for place in writes(source)
    ]
    assert places == []


@pytest.mark.thorough
def test_the_guard_sees_the_writer_itself() -> None:
    [writer] = [source for source in sources() if source.path == WRITER]
    assert len(writes(writer)) >= 3
