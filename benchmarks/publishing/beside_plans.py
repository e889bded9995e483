"""How late posts go out while every planner computes: in `manage.py up`, on SQLite and
then on PostgreSQL.

Four plans by the exact optimiser, which uses all of its time, are started first;
meanwhile posts come due one after the other on a webhook. The lateness of a post is the
time from its planned instant to its being recorded as published.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from patience import until

import servers
from benchmarks.publishing.programs import HASTE, ROOT, platform_of
from products import Product

# More than a fresh product needs to start on a machine that does other things too.
START_SECONDS = 300


def measure(plan_seconds: int, posts: int) -> None:
    for database in ("sqlite", "postgresql"):
        with ExitStack() as running:
            folder = Path(tempfile.mkdtemp(prefix="sb-", dir="/tmp"))
            running.callback(shutil.rmtree, folder, ignore_errors=True)
            product = Product(folder / "data", "--no-demo")
            product.environment |= {
                "OUTGOING_ALLOW_PRIVATE": "true",
                "LOG_LEVEL": "WARNING",
            }
            if database == "postgresql":
                product.environment["DATABASE_URL"] = running.enter_context(
                    servers.postgresql(folder / "pg", HASTE)
                )
                product.environment["REDIS_URL"] = running.enter_context(
                    servers.valkey_server(folder)
                )
            platform = running.enter_context(platform_of(dict(os.environ)))
            running.enter_context(product.running())
            until(product.serving, "web, beat and a worker", START_SECONDS)
            command = [
                sys.executable,
                "-m",
                "benchmarks.publishing.lateness",
                platform,
                str(plan_seconds),
                str(posts),
            ]
            subprocess.run(
                [*command, database], cwd=ROOT, env=product.environment, check=True
            )
