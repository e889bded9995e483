"""What the terminal says once the product answers."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from django.conf import settings
from django.db import connection

from common.mappings import JsonObject, Record
from config.running.supervisor import EVERYWHERE
from workspaces.models import Membership, User

WIDTH = 78
HERE = {"127.0.0.1", "::1", *EVERYWHERE}
DEMO = "config.demo"
VENDORS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
QUEUE = "/api/schedule, /api/ai, /api/watcher"


def facts(
    host: str, port: int, processes: Mapping[str, int | None], durable: bool
) -> JsonObject:
    """What runs and where; process ids by name; `durable` is whether queued work
    survives a restart.
    """
    name = "localhost" if host in HERE else host
    return {
        "url": f"http://{name}:{port}/",
        "database": VENDORS.get(connection.vendor, connection.vendor),
        "processes": dict(processes),
        "durable_queue": durable,
        "data_folder": str(settings.DATA_DIR),
        "open_as": open_as(),
    }


def open_as() -> str | None:
    """Who requests from this machine without credentials act as on the queue's routes:
    user @ workspace.
    """
    members = Membership.objects.filter(
        user__username=settings.LOOPBACK_USER, user__is_active=True
    )
    workspace = settings.LOOPBACK_WORKSPACE
    if not members.filter(workspace__slug=workspace).exists():
        return None
    return f"{settings.LOOPBACK_USER} @ {workspace}"


def users() -> dict[str, str]:
    """Passwords by user name of the demo's people who are in this database and still have them."""
    try:
        passwords: dict[str, str] = import_module(DEMO).PASSWORDS
    except ImportError:
        return {}
    people = User.objects.filter(username__in=passwords, is_active=True)
    return {
        who.username: passwords[who.username]
        for who in people
        if who.check_password(passwords[who.username])
    }


def banner(facts: Record, sign_in: Mapping[str, str]) -> str:
    """The facts for people to read."""
    runs = ", ".join(f"{name} {pid}" for name, pid in facts["processes"].items())
    queue = door = people = ""
    if not facts["durable_queue"]:
        queue = "\n  Queue     in memory: work that waits in it is lost when this stops"
    if facts.get("open_as"):
        door = f"\n  Open      {QUEUE} from this machine: {facts['open_as']}"
    for name, password in sign_in.items():
        people += f"\n  Sign in   {name:<8} password {password}"
    return (
        f"{'-' * WIDTH}\n"
        f"  Slotline  {facts['url']}{people}\n"
        f"  Runs      {runs}; {facts['database']}{queue}{door}\n"
        f"  Data      {facts['data_folder']}\n"
        f"  Stop      Ctrl-C\n"
        f"{'-' * WIDTH}"
    )
