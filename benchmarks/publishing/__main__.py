"""`python -m benchmarks.publishing [posts] [seconds of the steady part]
[--while-planning]`, on servers of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import servers  # noqa: E402 - found where the line above says
from benchmarks.publishing import beside_plans  # noqa: E402
from benchmarks.publishing.programs import HASTE, platform_of, program  # noqa: E402

WORKER = (
    *(
        "-m",
        "celery",
        "--quiet",
        "-A",
        "benchmarks.publishing.worker",
        "worker",
        "--concurrency",
        "2",
    ),
    *(
        "--loglevel",
        "ERROR",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ),
)


def main(posts: int, steady_seconds: int) -> None:
    with ExitStack() as running:
        folder = Path(tempfile.mkdtemp(prefix="sb-", dir="/tmp"))
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        environment = os.environ | {
            "DATABASE_URL": running.enter_context(
                servers.postgresql(folder / "pg", HASTE)
            ),
            "REDIS_URL": running.enter_context(servers.valkey_server(folder)),
            "DJANGO_SETTINGS_MODULE": "benchmarks.publishing.settings",
            "LOG_LEVEL": "WARNING",
            "TEST_DATA_DIR": str(folder / "data"),
        }
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env=environment,
            check=True,
        )
        platform = running.enter_context(platform_of(environment))
        running.enter_context(program(environment, *WORKER))
        asked = [
            sys.executable,
            "-m",
            "benchmarks.publishing.measuring",
            platform,
            str(posts),
            str(steady_seconds),
        ]
        subprocess.run(asked, cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "posts", nargs="?", type=int, default=5000, help="how many come due at once"
    )
    parser.add_argument(
        "seconds", nargs="?", type=int, default=30, help="of the steady part"
    )
    parser.add_argument(
        "--while-planning",
        action="store_true",
        help="how late posts are beside four exact plans",
    )
    parser.add_argument(
        "--plan-seconds", type=int, default=45, help="time limit of each of those plans"
    )
    asked = parser.parse_args()
    if asked.while_planning:
        beside_plans.measure(asked.plan_seconds, posts=20)
    else:
        main(asked.posts, asked.seconds)
