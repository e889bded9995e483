"""What has to be right before the first process starts: the address, the database, the
demo data.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from django.core.management import call_command, get_commands
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from config.running.console import Console
from workspaces.models import Workspace

DEMO = "demo_data"


class NotReady(Exception):
    """Something stands in the way of a start; the text says what and what to do."""


def check_address(host: str, port: int) -> None:
    """Raises NotReady when another program listens there, or when the host is not one
    of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # Connections that ended a moment ago must not look like somebody who listens.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise NotReady(
                f"Port {port} on {host} is not free ({error.strerror}). "
                f"Choose another one, for example: PORT={other_port(port)} make run"
            ) from error


def other_port(port: int) -> int:
    """A port to suggest instead of one that is not free."""
    return 8123 if port != 8123 else 8124


def prepare_database(console: Console) -> None:
    """Apply the migrations that are missing."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        console.say("preparing the database (only after an install or an update)")
        call_command("migrate", interactive=False, verbosity=0)


def wants_demo_data() -> bool:
    """Whether there is demo data to load and nobody's work that it could mix with."""
    return DEMO in get_commands() and not Workspace.objects.exists()


def load_demo_data(
    console: Console, environment: Mapping[str, str], folder: Path
) -> None:
    """Load it in a process of its own, whose tasks reach the broker that the workers
    listen to. Raises NotReady.
    """
    console.say("loading demo data (once)")
    command = [sys.executable, "-m", "django", DEMO]
    # Its posts went out days ago: nobody has to wait for them now.
    quiet = {**environment, "LOG_LEVEL": "WARNING", "OUTBOX_SECONDS": "0"}
    done = subprocess.run(
        command, env=quiet, cwd=folder, text=True, capture_output=True, check=False
    )
    if done.returncode:
        for line in (done.stdout + done.stderr).splitlines():
            console.relay("demo", line)
        raise NotReady(
            "The demo data could not be loaded; start without it: python manage.py up --no-demo"
        )


def let_go_of_database() -> None:
    """The supervisor needs no connection while it watches, and its children must not
    inherit one.
    """
    for each in connections.all(initialized_only=True):
        each.close()
        close_pool = getattr(each, "close_pool", None)
        if close_pool:
            close_pool()
