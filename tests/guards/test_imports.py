"""The orders of apps, features and rungs, proven by import-linter."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# An import that each contract forbids, by the file that it is written into.
FORBIDDEN = {
    "Apps import downwards only": ("common/zones.py", "import workspaces.models"),
    "Features of scheduling": (
        "scheduling/posts/held.py",
        "import scheduling.calendar.grid",
    ),
    "The filling planner, from its doors down to its computation": (
        "fillplanner/selectors.py",
        "import fillplanner.tasks",
    ),
    "Rungs of the prompt templates": (
        "templates_ai/rendering.py",
        "import templates_ai.generation",
    ),
    "Features of the calendars": (
        "calendars/advice/recommend.py",
        "import calendars.trials.watch",
    ),
    "Rungs of the workspaces": ("workspaces/roles.py", "import workspaces.audit"),
    "Rungs of the composition": ("config/menu.py", "import config.home"),
    "Rungs of the common tools": ("common/zones.py", "import common.pages"),
    "Within a feature: doors, services, workers": (
        "scheduling/imports/worker.py",
        "import scheduling.imports.services",
    ),
    "Computation knows no framework": ("scheduling/domain/hours.py", "import celery"),
}


def contracts() -> list[str]:
    text = (ROOT / "pyproject.toml").read_text()
    linter = tomllib.loads(text)["tool"]["importlinter"]
    return [contract["name"] for contract in linter["contracts"]]


def lint(folder: Path) -> dict[str, str]:
    """KEPT or BROKEN by contract."""
    script = "from importlinter.cli import lint_imports; lint_imports(no_cache=True)"
    answer = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return dict(re.findall(r"^(.+) (KEPT|BROKEN)$", answer.stdout, re.MULTILINE))


@pytest.mark.thorough
def test_imports_point_down() -> None:
    assert lint(ROOT) == dict.fromkeys(contracts(), "KEPT")


@pytest.mark.thorough
def test_each_contract_sees_what_breaks_it(tmp_path: Path) -> None:
    assert list(FORBIDDEN) == contracts()
    text = (ROOT / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(text)
    for app in tomllib.loads(text)["tool"]["importlinter"]["root_packages"]:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / app, tmp_path / app, ignore=ignored)
    for path, line in FORBIDDEN.values():
        with (tmp_path / path).open("a") as file:
            file.write(f"\n{line}\n")
    # A module that no contract names breaks the order of its app, too.
    assert lint(tmp_path) == dict.fromkeys(contracts(), "BROKEN")


@pytest.mark.thorough
def test_a_module_that_no_contract_names_is_seen(tmp_path: Path) -> None:
    text = (ROOT / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(text)
    for app in tomllib.loads(text)["tool"]["importlinter"]["root_packages"]:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / app, tmp_path / app, ignore=ignored)
    (tmp_path / "scheduling" / "stray.py").write_text("")
    assert lint(tmp_path)["Features of scheduling"] == "BROKEN"
