"""Settings that cannot be used stop the start and say which variable it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

GOOD = {
    "SECRET_KEY": "x1" * 40,
    "ALLOWED_HOSTS": "slotline.example",
    "DATABASE_URL": "postgresql://nobody@localhost/nothing",
    "REDIS_URL": "redis://localhost:6379",
}
BAD: list[tuple[str, str | None]] = [
    ("SECRET_KEY", None),
    ("SECRET_KEY", "short"),
    ("ALLOWED_HOSTS", None),
    ("DATABASE_URL", None),
    ("DATABASE_URL", "mysql://localhost/x"),
    ("REDIS_URL", None),
    ("LOOPBACK_USER", "editor"),
    ("REDIS_URL", "localhost:6379"),
    ("REGISTRATION_OPEN", "maybe"),
    ("PUBLISH_LEASE_SECONDS", "soon"),
    ("LOG_FORMAT", "xml"),
    ("LOG_LEVEL", "LOUD"),
]
LOAD = """
import importlib, json, os, sys

for environment in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(environment)
    for name in list(sys.modules):
        if name.startswith(("config.settings", "config.environment")):
            del sys.modules[name]
    try:
        importlib.import_module("config.settings.production")
        print("loaded")
    except Exception as error:
        print(str(error).splitlines()[-1])
"""


def load(*all_changes: dict[str, str | None]) -> list[str]:
    """What comes of loading the production settings with exactly these variables, one
    time after the other in a process of its own.
    """
    environments = [
        {
            name: value
            for name, value in {"PATH": os.environ["PATH"], **GOOD, **changes}.items()
            if value is not None
        }
        for changes in all_changes
    ]
    process = subprocess.run(
        [sys.executable, "-c", LOAD],
        input=json.dumps(environments),
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout.splitlines()


@pytest.mark.thorough
def test_a_bad_variable_is_named_and_a_good_environment_taken() -> None:
    loaded, *complaints = load({}, *({name: value} for name, value in BAD))
    assert loaded == "loaded"
    unnamed = [
        (name, value, complaint)
        for (name, value), complaint in zip(BAD, complaints, strict=True)
        if name not in complaint
    ]
    assert unnamed == []
