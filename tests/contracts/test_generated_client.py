"""A client that is made of the API document: the program of docs/how-to/api-clients.md
passes mypy and runs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workspaces.models import User
from workspaces.services import users

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "how-to" / "api-clients.md"
DOCUMENT = ROOT / "tests" / "guards" / "openapi.json"
# Enumerations as literals, and no formatter of the generated code.
SETTINGS = "literal_enums: true\npost_hooks: []\n"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The guide's program, with a client made of the document beside it."""
    settings = tmp_path / "settings.yml"
    settings.write_text(SETTINGS)
    options = ("--meta", "none", "--config", str(settings), "--path", str(DOCUMENT))
    target = ("--output-path", str(tmp_path / "slotline_client"))
    run(tmp_path, "openapi_python_client", "generate", *options, *target)
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    program = tmp_path / "program.py"
    program.write_text(code)
    return program


def run(where: Path, *command: str, **more: str) -> str:
    """What a module of Python prints; the test fails where it does."""
    ended = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=where,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_a_client_made_of_the_document_is_typed_and_works(
    program: Path, live_server: Any, editor: User
) -> None:
    # What is generated is not ours to check; what we say of it is.
    run(program.parent, "mypy", "--strict", "--follow-imports=silent", program.name)
    wrong = program.with_name("wrong.py")
    wrong.write_text(program.read_text().replace("plan.status", "plan.state"))
    with pytest.raises(AssertionError, match='has no attribute "state"'):
        run(program.parent, "mypy", "--strict", "--follow-imports=silent", wrong.name)

    printed = run(
        program.parent,
        "program",
        SLOTLINE_URL=live_server.url,
        SLOTLINE_TOKEN=users.access_token(editor),
    )
    assert "hours, at least" in printed
    assert "Spring: 1 item, pending" in printed
