"""Each kind of work has a queue, and every way to run the product serves all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from config.celery import app
from config.running.recipes import worker_recipes
from config.running.single_process import WORKER_THREADS

ROOT = Path(settings.BASE_DIR)
QUEUES = {"publishing", "plans", "default"}


def queue_of(task: str) -> str:
    return str(app.amqp.router.route({}, task)["queue"].name)


def served_by(command: list[str]) -> set[str]:
    """The queues that a worker's command line names; all of them where it names none."""
    return {command[command.index("--queues") + 1]} if "--queues" in command else QUEUES


def own_tasks() -> set[str]:
    app.loader.import_default_modules()
    return {
        name for name in app.tasks if not name.startswith(("celery.", "benchmarks."))
    }


def test_what_sends_posts_is_kept_apart_from_what_computes_for_long() -> None:
    by_queue = {
        queue: {task for task in own_tasks() if queue_of(task) == queue}
        for queue in QUEUES
    }
    assert by_queue["publishing"] == {
        "scheduling.find_due",
        "scheduling.publish_post",
        "scheduling.publish_posts",
        "scheduling.resolve_post",
    }
    assert by_queue["plans"] == {"fillplanner.run_plan", "calendars.optimise_times"}
    # What finds plans that nobody works on must not wait behind them.
    assert "config.find_unheard" in by_queue["default"]
    assert set.union(*by_queue.values()) == own_tasks()


def test_every_queue_is_served_by_the_one_command_run(tmp_path: Path) -> None:
    commands = [list(recipe.command) for recipe in worker_recipes({}, tmp_path)]
    assert sorted(
        queue for command in commands for queue in served_by(command)
    ) == sorted(QUEUES)
    assert set(WORKER_THREADS) == QUEUES


def test_every_queue_is_served_by_compose_and_each_worker_is_looked_after() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    workers = [
        service
        for service in services.values()
        if "worker" in service.get("command", ())
    ]
    served = [served_by(service["command"]) for service in workers]
    assert sorted(queue for queues in served for queue in queues) == sorted(QUEUES)
    for queues, service in zip(served, workers, strict=True):
        assert {service["healthcheck"]["test"][-1]} == queues


@pytest.mark.parametrize("queue", sorted(QUEUES))
def test_every_queue_is_served_by_the_readme_s_commands(queue: str) -> None:
    commands = re.findall(
        r"celery -A config worker --queues (\w+)", (ROOT / "README.md").read_text()
    )
    assert queue in commands
