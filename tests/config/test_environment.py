"""Settings that cannot be used stop the start and say which variable it was."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

GOOD = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "x1" * 40,
    "ALLOWED_HOSTS": "slotline.example",
    "DATABASE_URL": "postgresql://nobody@localhost/nothing",
    "REDIS_URL": "redis://localhost:6379",
}


def start(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """Load the production settings in a process with exactly these variables."""
    wanted = {"PATH": os.environ["PATH"], **GOOD, **changes}
    environment = {name: value for name, value in wanted.items() if value is not None}
    program = "from django.conf import settings; settings.DATABASES; print('loaded')"
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.thorough
def test_a_complete_environment_is_taken() -> None:
    assert start().stdout.strip() == "loaded"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://localhost/x"}, "DATABASE_URL"),
        ({"REDIS_URL": None}, "REDIS_URL"),
        ({"LOOPBACK_USER": "editor"}, "LOOPBACK_USER"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL"),
        ({"REGISTRATION_OPEN": "maybe"}, "REGISTRATION_OPEN"),
        ({"PUBLISH_LEASE_SECONDS": "soon"}, "PUBLISH_LEASE_SECONDS"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
    ],
)
def test_a_bad_variable_is_named(changes: dict[str, str | None], word: str) -> None:
    made = start(**changes)
    assert made.returncode != 0
    assert word in made.stderr.splitlines()[-1]
