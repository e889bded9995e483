"""The ladders of apps and rungs, proven by import-linter."""

from __future__ import annotations

from django.conf import settings
from importlinter.application.use_cases import read_user_options
from importlinter.cli import lint_imports


def test_imports_point_down(monkeypatch) -> None:
    monkeypatch.chdir(settings.BASE_DIR)
    assert len(read_user_options().contracts_options) >= 6
    assert lint_imports(no_cache=True) == 0
