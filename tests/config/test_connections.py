"""The pool of database connections outlives a restart of the server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

import servers
from config.environment import postgres_database

POOLED = 4

pytestmark = pytest.mark.slow


@pytest.fixture
def database(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[BaseDatabaseWrapper]:
    """Connections as a production run has them, to a PostgreSQL of their own."""
    folder = Path(tmp_path_factory.mktemp("pg"))
    with servers.postgresql(folder) as address, django_db_blocker.unblock():
        settings = postgres_database(address)
        # Pools are kept by name: this one must not be that of the tests' own database.
        pooled = ConnectionHandler({"default": settings, "restarted": settings})[
            "restarted"
        ]
        yield pooled
        pooled.close_pool()


def test_after_a_restart_no_dead_connection_is_handed_out(
    database: BaseDatabaseWrapper,
) -> None:
    fill_pool(database)
    end_sessions(database)
    assert [one_request(database) for _ in range(2 * POOLED)] == [1] * 2 * POOLED


def fill_pool(database: BaseDatabaseWrapper) -> None:
    """Let the pool hold several idle connections, as after a busy minute."""
    database.pool.open()
    connections = [database.pool.getconn() for _ in range(POOLED)]
    for connection in connections:
        database.pool.putconn(connection)


def end_sessions(database: BaseDatabaseWrapper) -> None:
    """End every session of the server, this one last, as a restart does."""
    others = (
        "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> "
        "pg_backend_pid()"
    )
    with database.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) {others}")
        assert len(cursor.fetchall()) == POOLED - 1
        with suppress(OperationalError):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    database.close()


def one_request(database: BaseDatabaseWrapper) -> int:
    """What a request does: take a connection, ask, give it back."""
    try:
        with database.cursor() as cursor:
            cursor.execute("SELECT 1")
            return int(cursor.fetchone()[0])
    finally:
        database.close()
