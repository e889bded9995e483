"""The product as its users start it: `manage.py up` in processes of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from patience import SECONDS, until

ROOT = Path(__file__).resolve().parents[1]
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "DJANGO_SETTINGS_MODULE",
    "PORT",
    "DATA_DIR",
    "TMPDIR",
)
UP = (sys.executable, "manage.py", "up")

PROCESSES = ("valkey", "web", "publisher", "planner", "worker", "beat")
QUEUES = {"publishing", "plans", "default"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gone(pid: int) -> bool:
    """Whether the process has ended; one that its parent has not taken note of yet has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z"


def clean_environment(**more: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name not in OURS},
        **more,
    }


class Product:
    """One `up` with its data in `folder`; what it prints is in `log`."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        command: Sequence[str] = UP,
        where: Path = ROOT,
    ) -> None:
        self.folder, self.port = folder, free_port()
        self.log = folder.parent / f"{folder.name}-{self.port}.log"
        self.command, self.where = [*command, *options], where
        self.environment = clean_environment(PORT=str(self.port), DATA_DIR=str(folder))

    @contextmanager
    def running(self) -> Iterator[Product]:
        """Started and answering; ended at the end if it still runs."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.where,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            until(lambda: self.has_greeted() or self.ended(), "the greeting")
            assert not self.ended(), self.said()
            yield self
        finally:
            if not self.ended():
                self.stop()

    def has_greeted(self) -> bool:
        """For people or, where its logs are for machines, for those."""
        return any(word in self.said() for word in ("Ctrl-C", '"durable_queue"'))

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def ended(self) -> bool:
        return self.process.poll() is not None

    def stop(self, number: int = signal.SIGTERM, pid: int | None = None) -> int:
        """The exit code after this signal to the supervisor."""
        os.kill(pid or self.process.pid, number)
        return self.process.wait(SECONDS)

    def greeting(self) -> dict[str, Any]:
        """What it says once it answers, where machines read its logs."""
        lines = [line for line in self.said().splitlines() if '"durable_queue"' in line]
        found: dict[str, Any] = json.loads(lines[0])
        return found

    def pid(self, name: str) -> int:
        """The first process of that name that it greeted with."""
        match = re.search(rf"\b{re.escape(name)} (\d+)", self.said())
        assert match, self.said()
        return int(match[1])

    def child(self, word: str) -> int:
        """The living process with that word in its command that the supervisor started,
        perhaps not as the first.
        """
        for found in Path("/proc").glob("[0-9]*"):
            try:
                parent = (found / "stat").read_text().rpartition(")")[2].split()[1]
                command = (found / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if int(parent) == self.process.pid and word.encode() in command:
                return int(found.name)
        raise AssertionError(f"no {word} runs")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What its SQLite answers, or does."""
        address = self.folder / "slotline.sqlite3"
        with closing(sqlite3.connect(address)) as database, database:
            return database.execute(query).fetchall()

    def column(self, query: str) -> list[Any]:
        """The first value of each row."""
        return [row[0] for row in self.rows(query)]

    def pids(self) -> dict[str, int]:
        return {name: self.pid(name) for name in PROCESSES}

    def health(self) -> dict[str, Any]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            line.request("GET", "/health")
            found: dict[str, Any] = json.load(line.getresponse())
            return found
        finally:
            line.close()

    def serving(self) -> bool:
        """Whether web, beat and a worker answer; what else there is may differ from
        version to version.
        """
        report = self.health()
        return bool(report["beat"]["ok"] and report["workers"]["count"])

    def whole(self) -> dict[str, Any]:
        """The report once everything in it is as it should be."""
        return until(self.healthy, "every part to be well")

    def healthy(self) -> dict[str, Any] | None:
        """The report, if everything in it is as it should be."""
        found = self.health()
        parts = (found["database"], found["broker"], found["channel_layer"])
        whole = (
            set(parts) == {"ok"}
            and found["beat"]["ok"]
            and set(found["workers"]["queues"]) == QUEUES
        )
        return found if whole else None


@pytest.fixture(scope="session")
def loaded_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start prepares it, made once for all products of a run."""
    import fcntl  # only where there are products to start: see `test_supervisor`

    root = tmp_path_factory.getbasetemp()
    # The processes of one run have folders side by side.
    shared = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    folder = shared / "demo-data"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            prepare(folder)
    return folder


def prepare(folder: Path) -> None:
    """Migrate and load the demo; the folder is there once all of it is."""
    unfinished = folder.with_suffix(".unfinished")
    begin_migrated(unfinished)
    manage("demo_data", unfinished)
    unfinished.rename(folder)


def begin_migrated(folder: Path) -> None:
    """A data folder with a database that is ready and empty."""
    if migrated := os.environ.get("RUN_MIGRATED_FILE"):
        folder.mkdir(mode=0o700)
        shutil.copyfile(migrated, folder / "slotline.sqlite3")
    else:
        manage("migrate", folder)


def manage(command: str, folder: Path) -> None:
    environment = clean_environment(DATA_DIR=str(folder), LOG_LEVEL="WARNING")
    line = [sys.executable, "manage.py", command, "--verbosity", "0"]
    subprocess.run(line, cwd=ROOT, env=environment, check=True)


@pytest.fixture
def data(loaded_demo: Path, tmp_path: Path) -> Path:
    """A data folder with demo data, for one product."""
    return Path(shutil.copytree(loaded_demo, tmp_path / "data"))
