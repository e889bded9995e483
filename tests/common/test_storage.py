from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command


@pytest.mark.thorough
def test_collected_scripts_import_each_other_by_their_hashed_names(
    tmp_path: Path, settings
) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "common.storage.HashedAssets"},
    }
    call_command("collectstatic", "--noinput", verbosity=0)
    [app] = list((tmp_path / "js").glob("app.*.js"))
    imported = re.findall(r'"\./([\w.]+)"', app.read_text())
    assert len(imported) > 5
    assert all(
        re.search(r"\.[0-9a-f]{12}\.js$", name) and (tmp_path / "js" / name).exists()
        for name in imported
    )
