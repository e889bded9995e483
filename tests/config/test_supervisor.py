"""The one-command run with its real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from patience import STARTING_SECONDS, until

from config.running import valkey
from products import (
    QUEUES,
    ROOT,
    UP,
    Product,
    begin_migrated,
    clean_environment,
    gone,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.name != "posix", reason="the supervised run needs Unix processes"
    ),
]
needs_valkey = pytest.mark.skipif(
    valkey.binary() is None, reason="there is no bundled Valkey for this machine"
)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("up") / "data"
    begin_migrated(folder)
    with Product(folder, "--no-demo").running() as product:
        yield product


def run_up(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = clean_environment(**environment)
    return subprocess.run(
        [*UP, *options],
        cwd=ROOT,
        env=settings,
        text=True,
        capture_output=True,
        timeout=STARTING_SECONDS,
        check=False,
    )


def in_database(product: Product, code: str) -> None:
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code]
    subprocess.run(command, cwd=ROOT, env=product.environment, check=True)


@needs_valkey
def test_what_was_started_is_whole(product: Product) -> None:
    found = product.whole()
    assert (found["status"], found["app"], found["database_url_set"]) == (
        "healthy",
        "slotline",
        False,
    )
    assert not any(gone(pid) for pid in product.pids().values())


@needs_valkey
def test_a_killed_worker_comes_back(product: Product) -> None:
    product.whole()
    killed_at = datetime.now(UTC).isoformat()
    os.kill(product.pid("worker"), signal.SIGKILL)
    until(
        lambda: product.health()["workers"]["last_seen"] > killed_at,
        "a sign of life from a new worker",
    )
    assert "worker was ended by SIGKILL, starting it again in 0.5 s" in product.said()


@needs_valkey
def test_the_others_outlive_a_killed_valkey(product: Product) -> None:
    product.whole()
    web, killed_at = product.pid("web"), datetime.now(UTC).isoformat()
    os.kill(product.pid("valkey"), signal.SIGKILL)
    until(
        lambda: "valkey was ended by SIGKILL" in product.said(),
        "the supervisor to notice",
    )
    product.whole()
    until(lambda: product.health()["beat"]["last_tick"] > killed_at, "beat to go on")
    until(
        lambda: product.health()["workers"]["last_seen"] > killed_at,
        "a sign of life from a worker",
    )
    assert not gone(web)


WHILE_PLANNING = """
import random, time
from django.utils import timezone
from fillplanner.models import Plan
from fillplanner.services.plans import PlanRequest, create
from scheduling.models import ChannelAccount, ContentItem, Post
from workspaces.models import User, Workspace

dice = random.Random(1)
rows = [
    {"lot_id": f"L{n}", "lot_type": f"T{n % 9}", "vials": 1000, "fill_hours": round(dice.uniform(2, 70), 3)}
    for n in range(500)
]
owner = User.objects.create_user("planner", "planner@example.org", "secret of nobody")
for number in range(4):
    create(owner, PlanRequest(rows=rows, strategy="milp-opt", config={"milp_time_limit": 600}))
while Plan.objects.filter(state="running").count() < 2:
    time.sleep(0.1)
home = Workspace.objects.create(slug="quick", name="Quick")
channel = ChannelAccount.objects.create(workspace=home, platform="webhook", name="Feed", publisher="outbox")
text = ContentItem.objects.create(workspace=home, title="Five signs", caption="A drip.")
due = timezone.now()
Post.objects.create(workspace=home, account=channel, content=text, state="scheduled", scheduled_at=due, due_at=due)
"""
PLAN_STATES = "SELECT state FROM fillplanner_plan ORDER BY id"
POST_STATE = "SELECT state FROM scheduling_post"
END_PLANS = "UPDATE fillplanner_plan SET state = 'failed'"


@needs_valkey
def test_a_post_goes_out_while_every_planner_is_busy_and_more_plans_wait(
    product: Product,
) -> None:
    product.whole()
    in_database(product, WHILE_PLANNING)
    until(lambda: product.column(POST_STATE) == ["published"], "the post")
    waiting = ["running", "running", "pending", "pending"]
    assert product.column(PLAN_STATES) == waiting
    assert product.healthy(), "a busy planner must not look dead"
    product.rows(END_PLANS)


def test_a_taken_port_is_named_with_a_way_out(product: Product, tmp_path: Path) -> None:
    answer = run_up(PORT=str(product.port), DATA_DIR=str(tmp_path / "other"))
    assert answer.returncode == 1
    assert f"Port {product.port} on 127.0.0.1 is not free" in answer.stderr
    assert "PORT=8123 make run" in answer.stderr


def test_two_products_cannot_share_a_folder(product: Product) -> None:
    answer = run_up("--port", "0", DATA_DIR=str(product.folder))
    assert answer.returncode == 1
    assert (
        f"already runs from {product.folder} (process {product.process.pid})"
        in answer.stderr
    )


KEEP = "from workspaces.models import Workspace; Workspace.objects.create(slug='kept', name='Kept')"
KEPT = "SELECT name FROM workspaces_workspace WHERE slug = 'kept'"


@needs_valkey
@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux ends children with their parent"
)
def test_a_stop_ends_everything_and_a_second_start_finds_the_data(
    product: Product,
) -> None:
    product.whole()
    in_database(product, KEEP)
    assert product.stop(signal.SIGINT) == 0
    assert all(gone(pid) for pid in product.pids().values())
    # What was killed before may have complained.
    assert "Traceback" not in product.said().rpartition("stopping")[2]

    second = Product(product.folder, "--no-demo", "--logs", "json")
    with second.running():
        assert second.column(KEPT) == ["Kept"]
        children = second.greeting()["processes"]
        second.stop(signal.SIGKILL)
        until(
            lambda: all(gone(pid) for pid in children.values()),
            "the children to end with their supervisor",
        )
    assert "preparing the database" not in second.said()
    lines = [line for line in second.said().splitlines() if line]
    assert [
        line for line in lines if not (line.startswith("{") and line.endswith("}"))
    ] == []


def test_one_process_can_be_everything(data: Path) -> None:
    with Product(data, "--single-process").running() as product:
        found = product.whole()
        assert found["workers"]["count"] == len(QUEUES)
        assert "work that waits in it is lost" in product.said()
        assert product.stop(signal.SIGINT) == 0
    assert "Traceback" not in product.said()
