"""The two ways of the embedded run, from an empty data folder to the last process's end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from config.celery import app
from config.running import banner, preparation, recipes, single_process, valkey
from config.running.child import Recipe
from config.running.console import Console
from config.running.folder import FolderLock
from config.running.supervisor import Supervisor

SHORT = Path("/tmp")  # noqa: S108  # the folder in it is made by mkdtemp


@dataclass(frozen=True)
class Way:
    """What both ways are told. `demo` is whether an empty database gets demo data."""

    console: Console
    lock: FolderLock
    host: str
    port: int
    demo: bool

    def run_supervised(self, program: Path | None) -> None:
        """Web, workers and beat as children, and Valkey's program too unless REDIS_URL
        names a server (None).
        """
        supervisor = Supervisor(self.console, self.host, self.port)
        supervisor.listen_to_signals()
        with runtime_folder() as runtime:
            address = runtime / "valkey.sock"
            try:
                environment = self._environment(address if program else None)
                if program:
                    self._start_valkey(supervisor, program, address)
                self._prepare(environment)
                for recipe in self.recipes_to_run(environment, runtime):
                    supervisor.start(recipe)
                supervisor.watch(lambda processes: self._greet(processes, durable=True))
            finally:
                supervisor.stop()

    def run_in_one_process(self) -> None:
        """Web, workers and beat as threads of this process."""
        self.console.say("one process for everything: no bundled Valkey is used")
        preparation.prepare_database(self.console)
        if self.demo and preparation.wants_demo_data():
            self.console.say("loading demo data (once)")
            call_command(preparation.DEMO, verbosity=0)
        processes = {"web+workers+beat": os.getpid()}
        durable = not app.conf.broker_url.startswith("memory:")
        single_process.run(
            self.host, self.port, lambda: self._greet(processes, durable)
        )
        self.console.say("stopped")

    def _start_valkey(
        self, supervisor: Supervisor, program: Path, address: Path
    ) -> None:
        folder = settings.DATA_DIR / "valkey"
        recipe = recipes.valkey_recipe(program, address, folder, self.lock.fd)
        child = supervisor.start(recipe)
        if not valkey.wait_for(address, child.runs):
            raise preparation.NotReady(
                "The bundled Valkey did not start. Without it: manage.py up --single-process"
            )

    def _prepare(self, environment: Mapping[str, str]) -> None:
        preparation.prepare_database(self.console)
        if self.demo and preparation.wants_demo_data():
            preparation.load_demo_data(self.console, environment, settings.BASE_DIR)
        preparation.let_go_of_database()

    def recipes_to_run(
        self, environment: Mapping[str, str], runtime: Path
    ) -> list[Recipe]:
        """All processes but the broker.

        runtime: a folder for files that end with the run.
        """
        all_recipes = [
            recipes.web_recipe(
                self.host, self.port, environment, settings.BASE_DIR, runtime
            ),
            *recipes.worker_recipes(environment, settings.BASE_DIR),
            recipes.beat_recipe(environment, settings.BASE_DIR),
        ]
        # Without a folder of one's own beat's look every ten seconds is enough.
        if os.environ.get("WATCH_ROOT"):
            all_recipes.append(recipes.watcher_recipe(environment, settings.BASE_DIR))
        return all_recipes

    def _environment(self, address: Path | None) -> dict[str, str]:
        """What children get on top of this process's own environment."""
        log_format = os.environ.get("LOG_FORMAT", "console")
        added = {
            "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            "DATA_DIR": str(settings.DATA_DIR),
            "LOG_FORMAT": "json" if self.console.json else log_format,
            "PYTHONUNBUFFERED": "1",
        }
        if address:
            added["REDIS_URL"] = f"unix://{address}"
        return {**os.environ, **added}

    def _greet(self, processes: Mapping[str, int | None], durable: bool) -> None:
        facts = banner.facts(self.host, self.port, processes, durable)
        self.console.show(banner.banner(facts, banner.users()), **facts)
        preparation.let_go_of_database()


@contextmanager
def runtime_folder() -> Iterator[Path]:
    """A short-named folder for sockets; a Unix socket's path must stay under about 107 bytes."""
    folder = Path(
        tempfile.mkdtemp(prefix="slotline-", dir=SHORT if SHORT.is_dir() else None)
    )
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
