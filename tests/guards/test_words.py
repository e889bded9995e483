"""Words that the house does without."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from benchmarks.house import sources

VAGUE = {"utils", "util", "helpers", "helper", "misc", "signals", "stuff"}


@pytest.mark.thorough
def test_no_file_has_a_vague_name() -> None:
    paths = [source.path for source in sources(Path(settings.BASE_DIR))]
    assert [str(path) for path in paths if {path.stem, path.parent.name} & VAGUE] == []


def test_the_top_level_holds_nothing_unexpected() -> None:
    expected = {
        "manage.py",
        "pyproject.toml",
        "Makefile",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "compose.yaml",
        "Dockerfile",
        "config",
        "scheduling",
        "calendars",
        "templates_ai",
        "fillplanner",
        "workspaces",
        "common",
        "static",
        "templates",
        "tests",
        "docs",
        "benchmarks",
    }
    here = {
        path.name
        for path in Path(settings.BASE_DIR).iterdir()
        if not path.name.startswith(".")
    }
    assert here - expected - {"var", "static-collected", "test-results"} == set()
